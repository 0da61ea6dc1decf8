"""Counts what went wrong, from outside: Amazon's books, Saleor's books, and what shoppers and staff did and saw.

The app's ledger is never asked, and nothing of the app is imported: what it believes cannot excuse it.
Amazon's objects are found through what the shopper chose there (an agreement, a checkout session), not through
anything the app wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any, Self

from saleor_amazonpay.simulator.amazon import AmazonWorld
from saleor_amazonpay.simulator.amazon.entities import Authorization
from saleor_amazonpay.simulator.amazon.v2.entities import Charge
from saleor_amazonpay.simulator.shop import Shop
from saleor_amazonpay.simulator.shop.amounts import Amounts

ZERO = Decimal(0)
# What v1 calls an authorization is a charge of the same number to a profile that has moved to Checkout v2.
_SINCE_THE_MOVE = re.compile(r"-A(?=[0-9]{6}\Z)")
_GIVEN = frozenset({"Completed", "Pending", "Refunded", "RefundInitiated"})
_UNDER_WAY = frozenset({"Pending", "RefundInitiated"})


@dataclass
class Sale:
    """One payment as people know it: amounts in major units.

    `agreement` is what the shopper chose at Amazon. `asked` holds each wish of staff once, however often they had to
    press; `refused` those of them that were shown a failure to the last. `shown` is what people saw. `misled` is by how
    much more than the truth somebody else has told Saleor to be refunded: that stays, whatever the app does.
    """

    transaction: str
    agreement: str
    purchase: str
    total: Decimal
    flow: str
    data: Any = None
    asked: list[tuple[str, Decimal]] = field(default_factory=list)
    refused: list[tuple[str, Decimal]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    known: frozenset[str] | None = None  # Amazon's objects when the shopper had paid another way
    gave_up_at: float = 0.0
    misled: Decimal = ZERO

    def wanted(self, action: str) -> Decimal:
        return sum((amount for word, amount in self.asked if word == action), ZERO)

    def owed(self, action: str) -> Decimal:
        """What has to have been done: wishes, less those whose last answer was a failure."""
        return self.wanted(action) - sum((amount for word, amount in self.refused if word == action), ZERO)

    @property
    def failed(self) -> bool:
        """Whether the last thing people saw was a failure."""
        return self.shown[-1].endswith("FAILURE")

    def gave_up(self, amazon: AmazonWorld) -> None:
        """The shopper was shown a failure and has paid otherwise: from now on nothing new may be taken for this."""
        self.gave_up_at = amazon.now()
        pieces = _pieces(amazon, self)
        # What Amazon was still thinking about then, it will decide by itself.
        self.known = frozenset({*_objects(amazon, self), *(f"{each.id} taken" for each in pieces if each.waiting)})


@dataclass
class Count:
    """What must all be zero."""

    double_charges: int = 0
    double_refunds: int = 0
    charged_after_failure: int = 0
    lost_payments: int = 0
    unfinished: int = 0
    cents: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not any(self.numbers().values())

    def numbers(self) -> dict[str, int]:
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "notes"}

    def add(self, name: str, sale: Sale, why: str, by: int = 1) -> None:
        setattr(self, name, getattr(self, name) + by)
        self.notes.append(f"{name}: {why} (transaction {sale.transaction}, shown {sale.shown})")

    def __iadd__(self, other: Count) -> Self:
        for name, number in other.numbers().items():
            setattr(self, name, getattr(self, name) + number)
        self.notes += other.notes
        return self


def check(saleor: Shop, amazon: AmazonWorld, sales: Iterable[Sale]) -> Count:
    """Hold every sale against both books. To be called when the storm is over."""
    count = Count()
    sales = list(sales)
    for sale in sales:
        _check_sale(count, saleor, amazon, sale)
    for purchase in {sale.purchase for sale in sales}:
        mine = [sale for sale in sales if sale.purchase == purchase]
        if mine[-1].shown[-1].endswith(("SUCCESS", "REQUEST")) and not _covered(amazon, mine):
            count.add("unfinished", mine[-1], "a shopper who was told that she has paid has not paid")
    found = {piece.id for sale in sales for piece in _pieces(amazon, sale)}
    found |= {_SINCE_THE_MOVE.sub("-C", each) for each in found}
    for stray in sorted({*amazon.books.authorizations, *amazon.pay.books.charges} - found):
        count.add("double_charges", sales[-1], f"{stray} was made for nobody")
    counted = [sale for sale in sales if any(sale.transaction in note for note in count.notes)]
    for purchase in dict.fromkeys(sale.purchase for sale in counted):
        count.notes += _history(saleor, amazon, [sale for sale in sales if sale.purchase == purchase])
    return count


def taken(amazon: AmazonWorld, sale: Sale) -> Decimal:
    """What Amazon took for a sale, before refunds."""
    return sum((piece.captured for piece in _pieces(amazon, sale)), ZERO)


def _history(saleor: Shop, amazon: AmazonWorld, sales: Iterable[Sale]) -> Iterable[str]:
    """What happened to a purchase, as both books have it: for whoever has to find out why it was counted."""
    for sale in sales:
        yield f"  {sale.flow} of {sale.total}, transaction {sale.transaction}, shown {sale.shown}, asked {sale.asked}"
        lines = [
            (event.created_at.timestamp(), f"Saleor {event.type} {event.value} {event.psp_reference} {event.message}")
            for event in saleor.books()[sale.transaction].events
        ]
        lines += [(piece.created_at, f"Amazon {piece}") for piece in _pieces(amazon, sale)]
        if sale.known is not None:
            lines.append((sale.gave_up_at, "the shopper had paid otherwise"))
        yield from (f"    {at:.3f} {line}" for at, line in sorted(lines))


@dataclass(frozen=True)
class Piece:
    """One authorization or charge at Amazon, whichever wire made it; amounts in major units.

    `waiting`: Amazon has not decided. `made`: it was not declined. `refunds`: amount and Amazon's state of each.
    """

    id: str
    created_at: float
    amount: Decimal
    captured: Decimal
    reserved: Decimal
    waiting: bool
    made: bool
    refunds: tuple[tuple[Decimal, str], ...]
    charged_back: Decimal = ZERO


@dataclass(frozen=True)
class _Facts:
    """One sale as Amazon has it, and as Saleor shows it."""

    captured: Decimal
    reserved: Decimal
    given: Decimal  # refunds, also those that are under way
    refund_open: bool
    charged_back: Decimal
    saleor: Amounts

    @property
    def charged(self) -> Decimal:
        return self.captured - self.given - self.charged_back


def _check_sale(count: Count, saleor: Shop, amazon: AmazonWorld, sale: Sale) -> None:
    pieces = _pieces(amazon, sale)
    refunds = [refund for piece in pieces for refund in piece.refunds]
    facts = _Facts(
        captured=sum((piece.captured for piece in pieces), ZERO),
        reserved=sum((piece.reserved for piece in pieces), ZERO),
        given=sum((amount for amount, state in refunds if state in _GIVEN), ZERO),
        refund_open=any(state in _UNDER_WAY for _amount, state in refunds),
        charged_back=sum((piece.charged_back for piece in pieces), ZERO),
        saleor=saleor.books()[sale.transaction].amounts,
    )
    _twice(count, sale, facts)
    # What staff take of a reservation that was there before, they know of: Saleor shows them both payments.
    if sale.known is not None and not sale.asked and (new := _objects(amazon, sale) - sale.known):
        count.add("charged_after_failure", sale, f"{sorted(new)} came after the shopper had paid otherwise")
    _difference(count, sale, facts)
    _unfinished(count, sale, facts)
    for granted in saleor.world.granted_refunds.values():
        # Saleor lets nobody ask again for what it shows as refunded: a lost answer to the last refund stays a failure
        # of the grant (only of the grant: the refund itself was reported, and is counted above).
        possible = facts.saleor.charged >= granted.value
        if granted.transaction.id == sale.transaction and granted.status != "SUCCESS" and possible:
            count.add("unfinished", sale, f"the granted refund is {granted.status}")


def _twice(count: Count, sale: Sale, facts: _Facts) -> None:
    wanted = sale.total if sale.flow == "CHARGE" else sale.wanted("CHARGE")
    if facts.captured > wanted or facts.captured + facts.reserved > sale.total:
        count.add("double_charges", sale, f"captured {facts.captured}, reserved {facts.reserved}, asked {wanted}")
    if facts.given > sale.wanted("REFUND"):
        count.add("double_refunds", sale, f"refunded {facts.given}, asked {sale.wanted('REFUND')}")


def _difference(count: Count, sale: Sale, facts: _Facts) -> None:
    books = facts.saleor
    charged, given = facts.charged - sale.misled, facts.given + sale.misled
    if books.charged + books.refund_pending != charged:  # a refund under way is counted as unfinished
        count.add("lost_payments", sale, f"Amazon took {charged}, Saleor shows {books.charged}")
    differences = [books.charged - charged, books.refunded - given]
    if facts.reserved or sale.wanted("CANCEL"):  # else Saleor's rest is what may still be asked of the agreement
        differences.append(books.authorized - facts.reserved)
    cents = int(sum(abs(each) for each in differences) * 100)
    if cents:
        count.add("cents", sale, f"Saleor's charged, refunded and authorized differ by {differences}", cents)


def _unfinished(count: Count, sale: Sale, facts: _Facts) -> None:
    books = facts.saleor
    waiting = books.authorize_pending + books.charge_pending + books.refund_pending + books.cancel_pending
    if waiting:
        count.add("unfinished", sale, f"Saleor still waits for {waiting}")
    if facts.refund_open:
        count.add("unfinished", sale, "a refund is still pending at Amazon")
    # Staff who were shown a failure may have asked for all of it again, and it was one refund.
    owed = {"CHARGE": sale.owed("CHARGE"), "REFUND": min(sale.owed("REFUND"), facts.captured)}
    for action, done in (("CHARGE", facts.captured), ("REFUND", facts.given)):
        if done < owed[action]:
            count.add("unfinished", sale, f"{action}: {done} of the {owed[action]} that staff asked for")
    if sale.owed("CANCEL") and facts.reserved:
        count.add("unfinished", sale, f"{facts.reserved} is still reserved though staff released it")


def _pieces(amazon: AmazonWorld, sale: Sale) -> list[Piece]:
    session = amazon.pay.books.sessions.get(sale.agreement)
    if session is not None:
        return [_of_charge(amazon, charge) for charge in session.permission.charges] if session.permission else []
    orders = amazon.books.agreements[sale.agreement].orders
    return [_of_authorization(amazon, each) for order in orders for each in order.authorizations]


def _of_authorization(amazon: AmazonWorld, each: Authorization) -> Piece:
    back = [one.amount.amount for one in amazon.books.chargebacks.values() if one.capture in each.captures]
    return Piece(
        id=each.authorization_id,
        created_at=each.created_at,
        amount=each.amount.amount,
        captured=each.captured.amount,
        reserved=each.amount.amount if each.status.state == "Open" else ZERO,
        waiting=each.status.state == "Pending" or any(one.status.state == "Pending" for one in each.captures),
        made=each.status.state != "Declined",
        refunds=tuple(
            (refund.amount.amount, refund.status.state) for capture in each.captures for refund in capture.refunds
        ),
        charged_back=sum(back, ZERO),
    )


def _of_charge(amazon: AmazonWorld, each: Charge) -> Piece:
    disputes = [one for one in amazon.pay.books.disputes.values() if one.charge is each]
    back = [one.amount.amount for one in disputes if one.resolution != "MerchantWon"]
    return Piece(
        id=each.charge_id,
        created_at=each.created_at,
        amount=each.amount.amount,
        captured=each.captured.amount if each.captured is not None else ZERO,
        reserved=each.amount.amount if each.state.name == "Authorized" else ZERO,
        waiting=each.state.name in {"AuthorizationInitiated", "CaptureInitiated"},
        made=each.state.name != "Declined",
        refunds=tuple((refund.amount.amount, refund.state.name) for refund in each.refunds),
        charged_back=sum(back, ZERO),
    )


def _covered(amazon: AmazonWorld, sales: Iterable[Sale]) -> bool:
    """Whether Amazon holds or has taken a purchase's total; a reservation that lapsed or was released was one."""
    sales = list(sales)
    covered = ZERO
    for sale in sales:
        pieces = _pieces(amazon, sale)
        if sale.flow == "CHARGE":
            covered += sum((piece.captured for piece in pieces), ZERO)
        else:
            covered += max((piece.amount for piece in pieces if piece.made), default=ZERO)
    return covered >= sales[-1].total


def _objects(amazon: AmazonWorld, sale: Sale) -> set[str]:
    """Everything that takes or holds money of this sale: an object, and the same object with its money taken."""
    made = [piece for piece in _pieces(amazon, sale) if piece.made]
    return {piece.id for piece in made} | {f"{piece.id} taken" for piece in made if piece.captured}
