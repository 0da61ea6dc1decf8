"""Saleor's books beside Amazon's, payment by payment, to the cent. Our own ledger is not asked.

A payment's objects at Amazon are found through the ids that Saleor was told (psp references): all ids of a payment
begin with its order reference, or its one-time charge permission. Where Saleor was told our reference id instead,
Amazon's object carries that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from saleor_amazonpay.simulator.amazon import AmazonWorld
from saleor_amazonpay.simulator.amazon.entities import Authorization, Chargeback
from saleor_amazonpay.simulator.amazon.v2.entities import Charge, Dispute
from saleor_amazonpay.simulator.shop import Books, Shop

_ORDER_REFERENCE = 19
_ZERO = Decimal(0)
UNKNOWN = "unknown to Saleor"
_TAKEN = frozenset({"Completed", "Closed"})
_MAY_COLLECT = frozenset({"Open", "Suspended", "Chargeable", "NonChargeable"})  # agreements and orders; permissions


@dataclass(frozen=True, slots=True)
class Amounts:
    """What one side says of one payment, in major units.

    `authorized` is what may still be collected without the buyer: reserved by Amazon, or agreed to and not reserved.
    """

    authorized: Decimal = _ZERO
    charged: Decimal = _ZERO
    refunded: Decimal = _ZERO
    released: Decimal = _ZERO
    pending: Decimal = _ZERO

    def __add__(self, other: Amounts) -> Amounts:
        """Both together."""
        return Amounts(
            self.authorized + other.authorized,
            self.charged + other.charged,
            self.refunded + other.refunded,
            self.released + other.released,
            self.pending + other.pending,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One payment in both books."""

    transaction_id: str
    events: tuple[str, ...]
    saleor: Amounts
    amazon: Amounts

    @property
    def agree(self) -> bool:
        """Whether the two sides are equal to the cent."""
        return self.saleor == self.amazon


def compare(saleor: Shop, amazon: AmazonWorld) -> list[Line]:
    """All payments of the shop, in the order they were made; and one line for money that only Amazon knows."""
    return compare_books(saleor.books().values(), amazon)


def compare_books(saleor: Iterable[Books], amazon: AmazonWorld) -> list[Line]:
    """The same with Saleor's books from anywhere."""
    known: set[str] = set()
    lines = []
    charges = [each for each in amazon.pay.books.charges.values() if each.old is None]  # the others are v1's own
    lost, disputes = list(amazon.books.chargebacks.values()), list(amazon.pay.books.disputes.values())
    for books in saleor:
        told = {event.psp_reference for event in books.events}
        orders = {reference[:_ORDER_REFERENCE] for reference in told}
        mine = [
            each
            for each in amazon.books.authorizations.values()
            if each.order.order_id in orders or each.reference_id in told
        ]
        paid = [
            each
            for each in charges
            if each.charge_id[:_ORDER_REFERENCE] in orders or each.metadata.get("merchantReferenceId") in told
        ]
        known.update(each.authorization_id for each in mine)
        known.update(each.charge_id for each in paid)
        kinds = tuple(event.type for event in books.events if event.psp_reference)
        of_saleor, of_amazon = _of_saleor(books), _of_amazon(mine, lost) + _of_charges(paid, disputes)
        pieces = [_piece(each) for each in mine] + [_piece_of_charge(each) for each in paid]
        lines.append(Line(books.transaction_id, kinds, of_saleor, _with_rest(books, pieces, of_saleor, of_amazon)))
    strangers = [each for key, each in amazon.books.authorizations.items() if key not in known]
    others = [each for each in charges if each.charge_id not in known]
    unknown = _of_amazon(strangers, lost) + _of_charges(others, disputes)
    if unknown != Amounts():
        lines.append(Line(UNKNOWN, (), Amounts(), unknown))
    return lines


@dataclass(frozen=True, slots=True)
class _Piece:
    """One reservation or charge at Amazon, whichever wire made it, as far as it bears on the rest."""

    ids: frozenset[str]
    amount: Decimal
    taken: Decimal  # captured, or being captured
    may_collect: bool  # whether another could follow without the buyer


def _with_rest(books: Books, mine: Sequence[_Piece], of_saleor: Amounts, of_amazon: Amounts) -> Amounts:
    """Amazon's side with the rest that the buyer agreed to and Amazon does not reserve.

    Amazon's objects say how much that is: what was granted, less what was taken, is still reserved, or was released
    there. On an agreement that has ended nobody can collect it, so all of it must be released; on one that has not, it
    may still be collected, unless the shop gave it up, of which Amazon knows nothing: that part is Saleor's word.
    """
    granted = {event.psp_reference for event in books.events if event.type == "AUTHORIZATION_SUCCESS"}
    agreed = [each for each in mine if granted & each.ids]
    if not agreed:
        return of_amazon
    rest = sum((each.amount for each in agreed), _ZERO) - sum((each.taken for each in mine), _ZERO)
    rest -= of_amazon.authorized + of_amazon.released
    given_up = rest
    if all(each.may_collect for each in agreed):
        given_up = min(rest, max(of_saleor.released - of_amazon.released, _ZERO))
    return replace(
        of_amazon,
        authorized=of_amazon.authorized + rest - given_up,
        released=of_amazon.released + given_up,
    )


def _piece(authorization: Authorization) -> _Piece:
    order = authorization.order
    subject = order.agreement if order.automatic and order.agreement is not None else order
    return _Piece(
        frozenset({authorization.authorization_id, authorization.reference_id}),
        authorization.amount.amount,
        authorization.captured.amount + _waiting(authorization),
        subject.status.state in _MAY_COLLECT,
    )


def _piece_of_charge(charge: Charge) -> _Piece:
    taken = charge.amount.amount if charge.state.name == "CaptureInitiated" else _ZERO
    return _Piece(
        frozenset({charge.charge_id, str(charge.metadata.get("merchantReferenceId", ""))}),
        charge.amount.amount,
        charge.captured.amount if charge.captured is not None else taken,
        charge.permission.state.name in _MAY_COLLECT,
    )


def _waiting(authorization: Authorization) -> Decimal:
    """What is being taken: a capture that Amazon has not decided."""
    return sum((one.amount.amount for one in authorization.captures if one.status.state == "Pending"), _ZERO)


def _of_saleor(books: Books) -> Amounts:
    amounts = books.amounts
    return Amounts(
        authorized=amounts.authorized,
        charged=amounts.charged,
        refunded=amounts.refunded,
        released=amounts.canceled,
        pending=amounts.authorize_pending + amounts.charge_pending + amounts.refund_pending + amounts.cancel_pending,
    )


def _of_amazon(authorizations: Iterable[Authorization], chargebacks: Iterable[Chargeback]) -> Amounts:
    authorized = charged = refunded = released = pending = _ZERO
    for each in authorizations:
        captures = [capture for capture in each.captures if capture.status.state in _TAKEN]
        refunds = [refund for capture in captures for refund in capture.refunds]
        done = sum((refund.amount.amount for refund in refunds if refund.status.state == "Completed"), _ZERO)
        waiting = sum((refund.amount.amount for refund in refunds if refund.status.state == "Pending"), _ZERO)
        taken_back = [lost.amount.amount for lost in chargebacks if lost.capture in captures and not lost.won]
        charged += sum((capture.amount.amount for capture in captures), _ZERO) - done - waiting - sum(taken_back, _ZERO)
        refunded += done
        pending += waiting
        if _waiting(each):
            pending += _waiting(each)
        elif each.status.state == "Open":
            authorized += each.amount.amount
        elif each.status.reason == "SellerClosed" and not captures:
            released += each.amount.amount
    return Amounts(authorized, charged, refunded, released, pending)


def _of_charges(charges: Iterable[Charge], disputes: Iterable[Dispute]) -> Amounts:
    """The same of Checkout v2, where one object is reserved and taken."""
    total = Amounts()
    for each in charges:
        amount, waiting = each.amount.amount, each.promised.amount - each.refunded.amount
        match each.state.name:
            case "Authorized":
                total += Amounts(authorized=amount)
            case "AuthorizationInitiated":
                total += Amounts(pending=amount)
            case "CaptureInitiated":  # a part may be taken; nothing else stays reserved
                total += Amounts(pending=amount if each.captured is None else each.captured.amount)
            case "Captured" if each.captured is not None:
                lost = [one.amount.amount for one in disputes if one.charge is each and one.resolution != "MerchantWon"]
                left = each.captured.amount - each.promised.amount - sum(lost, _ZERO)
                total += Amounts(charged=left, refunded=each.refunded.amount, pending=waiting)
            case "Canceled" if each.state.reason == "MerchantCanceled":
                total += Amounts(released=amount)
    return total
