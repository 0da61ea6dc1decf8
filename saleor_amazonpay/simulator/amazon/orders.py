"""Order references: one-time ones, those made for an agreement, and those that AuthorizeOnBillingAgreement makes.

In come what sellers do, out come changed records or refusals (contracts §1.9, §6.2). A canceled order takes its
authorizations with it; a closed one leaves open authorizations capturable.
"""

from __future__ import annotations

from decimal import Decimal

from saleor_amazonpay.simulator.amazon.agreements import asked_for, common_constraints, described, merge
from saleor_amazonpay.simulator.amazon.clock import HOUR
from saleor_amazonpay.simulator.amazon.core import Core
from saleor_amazonpay.simulator.amazon.entities import (
    Address,
    Agreement,
    Attributes,
    Authorization,
    Buyer,
    Card,
    Confirmation,
    Merchant,
    OrderReference,
    Status,
)
from saleor_amazonpay.simulator.amazon.errors import MwsError
from saleor_amazonpay.simulator.amazon.life import (
    DRAFT_LIFE,
    FINAL_AGREEMENT,
    FINAL_ORDER,
    ORDER_LIFE,
    max_authorizations,
)
from saleor_amazonpay.simulator.amazon.money import Money

_LIVE_CAPTURES = frozenset({"Pending", "Completed", "Closed"})


class Orders:
    """The rules of order references."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def open(
        self, merchant: Merchant, buyer: Buyer, card: Card | None, address: Address | None, *, needs_address: bool
    ) -> OrderReference:
        """A one-time Draft, as the widgets make."""
        order = self._made(merchant, buyer, card, address, needs_address=needs_address)
        self._plan_life(order)
        return order

    def for_agreement(self, agreement: Agreement, *, inherit_address: bool) -> OrderReference:
        """A Draft that belongs to an agreement. A Draft agreement may have one only."""
        if agreement.status.state in FINAL_AGREEMENT or agreement.status.state == "Suspended":
            raise MwsError(
                "InvalidBillingAgreementStatus",
                f"BillingAgreement {agreement.agreement_id} is in state {agreement.status.state}",
            )
        if agreement.status.state == "Draft" and agreement.orders:
            raise MwsError(
                "OrderReferenceCountExceeded",
                f"Only one order reference can be created for the draft {agreement.agreement_id}",
            )
        order = self._of(agreement, inherit_address=inherit_address)
        self._plan_life(order)
        return order

    def automatic(
        self, agreement: Agreement, total: Money, attributes: Attributes, *, inherit_address: bool
    ) -> OrderReference:
        """The Open order reference of one AuthorizeOnBillingAgreement."""
        order = self._of(agreement, inherit_address=inherit_address)
        order.automatic = True
        order.total = total
        order.attributes = attributes
        order.status = Status("Open", order.created_at)
        return order

    def find(self, merchant: Merchant, order_id: str) -> OrderReference:
        """A merchant's own order reference. Raises InvalidOrderReferenceId."""
        order = self._core.books.orders.get(order_id)
        if order is None or order.merchant is not merchant:
            raise MwsError("InvalidOrderReferenceId", f"The OrderReferenceId {order_id} is invalid.")
        return order

    def constraints(self, order: OrderReference) -> list[tuple[str, str]]:
        """Why it cannot be confirmed: names and descriptions."""
        names = common_constraints(order)
        if order.total is None:
            names.append("AmountNotSet")
        return [described(name) for name in names]

    def set_details(
        self, order: OrderReference, total: Money | None, attributes: Attributes, simulated_constraint: str | None
    ) -> None:
        """Write total and attributes, in a Draft only. None for a constraint: no note was sent."""
        if order.status.state != "Draft" or order.authentication:
            raise not_modifiable(order)
        in_ledger_currency(order.merchant, total)
        order.total = total or order.total
        merge(order.attributes, attributes)
        if simulated_constraint is not None:
            order.simulated_constraint = simulated_constraint

    def add_attributes(self, order: OrderReference, total: Money | None, attributes: Attributes) -> None:
        """SetOrderAttributes: anything in a Draft; later only what is still missing, and no amount (contracts §1.8)."""
        in_ledger_currency(order.merchant, total)
        if order.status.state != "Draft" or order.authentication:
            here = order.attributes
            changed = any(
                getattr(attributes, each) and getattr(here, each) and getattr(attributes, each) != getattr(here, each)
                for each in Attributes.__slots__
            )
            if changed or total is not None or order.status.state in FINAL_ORDER:
                raise not_modifiable(order)
        order.total = total or order.total
        merge(order.attributes, attributes)

    def confirm(
        self,
        order: OrderReference,
        confirmation: Confirmation | None = None,
        *,
        expect_authorization: bool = False,
    ) -> None:
        """Draft or Suspended becomes Open; an Open one stays so. Refused while constraints exist.

        With a `confirmation` it becomes Open only when the buyer has passed Amazon's page. With
        `expect_authorization` Amazon closes it if none is asked for within an hour.
        """
        if order.status.state in FINAL_ORDER:
            raise wrong_state(order)
        found = [name for name, _text in self.constraints(order)]
        if found:
            raise constraints_exist(order.order_id, found)
        if order.method_failed:
            raise MwsError(
                "PaymentMethodNotUpdated", f"The buyer has not updated the payment method of {order.order_id}"
            )
        if order.status.state != "Open":
            if asked_for(order, confirmation):
                return
            self._core.move(order, Status("Open", self._core.now()))
        self._expect(order, expected=expect_authorization)

    def pass_confirmation(self, order: OrderReference, *, expect_authorization: bool) -> None:
        """The buyer passed Amazon's page. Raises InvalidOrderReferenceStatus if the order ended meanwhile."""
        if order.status.state in FINAL_ORDER:
            raise wrong_state(order)
        order.authentication = ""
        self._core.move(order, Status("Open", self._core.now()))
        self._expect(order, expected=expect_authorization)

    def close(self, order: OrderReference, reason: str, description: str = "") -> None:
        """No further authorizations. Repeatable."""
        if order.status.state == "Closed" and order.status.reason == reason:
            return
        if order.status.state not in {"Open", "Suspended"}:
            raise MwsError("InvalidCloseAttempt", f"OrderReference {order.order_id} is in state {order.status.state}")
        self.end(order, self._core.now(), reason, description)

    def end(self, order: OrderReference, at: float, reason: str, description: str = "") -> None:
        """Closed for a reason of Amazon's or the seller's, if it is not over yet."""
        if order.status.state not in FINAL_ORDER:
            self._core.move(order, Status("Closed", at, reason, description))

    def cancel(self, order: OrderReference, description: str) -> None:
        """Canceled by the seller, with its authorizations; refused once money was or may be taken."""
        if order.status.state == "Canceled" and order.status.reason == "SellerCanceled":
            return
        taken = any(
            capture.status.state in _LIVE_CAPTURES for each in order.authorizations for capture in each.captures
        )
        if taken or order.status.state in FINAL_ORDER:
            raise MwsError("InvalidCancelAttempt", f"OrderReference {order.order_id} cannot be canceled")
        self.undo(order, self._core.now(), "SellerCanceled", description)

    def undo(self, order: OrderReference, at: float, reason: str, description: str = "") -> None:
        """Canceled, with every authorization that is not over."""
        self._core.move(order, Status("Canceled", at, reason, description))
        for each in order.authorizations:
            if each.status.state in {"Pending", "Open"}:
                self._core.move(each, Status("Closed", at, "OrderReferenceCanceled"))

    def admit(self, order: OrderReference, money: Money) -> None:
        """Whether another authorization fits. Raises InvalidOrderReferenceStatus, Transaction*Exceeded."""
        if order.status.state != "Open":
            raise wrong_state(order)
        total = order.total
        if total is None or money.currency != total.currency:
            raise MwsError("CurrencyMismatch", f"{order.order_id} is not charged in {money.currency}")
        most = max_authorizations(order.merchant)
        if len(order.authorizations) >= most:
            raise MwsError("TransactionCountExceeded", f"{order.order_id} has {most} authorizations")
        held = sum((held_by(each) for each in order.authorizations), Decimal(0))
        if held + money.amount > total.amount:
            raise MwsError(
                "TransactionAmountExceeded",
                f"OrderReference {order.order_id} has already been authorized for amount {total.of(held).text} "
                f"{total.currency}. A new Authorization cannot be accepted as the total Authorization amount "
                f"cannot exceed {total.text} {total.currency}.",
            )

    def charged(self, order: OrderReference, at: float) -> None:
        """Something was captured: the order ends with its total, or with the last authorization it may have."""
        if order.automatic or order.total is None:
            return
        taken = [each.captured.amount for each in order.authorizations]
        if sum(taken, Decimal(0)) >= order.total.amount:
            self.end(order, at, "MaxAmountCharged")
        elif sum(map(bool, taken)) >= max_authorizations(order.merchant):
            self.end(order, at, "MaxAuthorizationsCaptured")

    def cancel_all(self, agreement: Agreement, at: float) -> None:
        """Amazon canceled the agreement: nothing reserved under it can be captured any more."""
        for order in agreement.orders:
            if order.status.state not in FINAL_ORDER:
                self.undo(order, at, "AmazonCanceled")
            for each in order.authorizations:
                if each.status.state in {"Pending", "Open"}:
                    self._core.move(each, Status("Closed", at, "AmazonClosed"))

    def _of(self, agreement: Agreement, *, inherit_address: bool) -> OrderReference:
        order = self._made(
            agreement.merchant,
            agreement.buyer,
            agreement.card,
            agreement.address if inherit_address else None,
            needs_address=inherit_address,
        )
        order.agreement = agreement
        agreement.orders.append(order)
        return order

    def _made(
        self, merchant: Merchant, buyer: Buyer, card: Card | None, address: Address | None, *, needs_address: bool
    ) -> OrderReference:
        core = self._core
        now = core.now()
        order_id = core.ids.order(merchant.region, core.books.orders, sandbox=merchant.sandbox)
        order = OrderReference(
            merchant, buyer, now, Status("Draft", now), card, address, needs_address, order_id=order_id
        )
        core.books.orders[order_id] = order
        return order

    def _plan_life(self, order: OrderReference) -> None:
        agenda = self._core.agenda
        agenda.at(order.created_at + DRAFT_LIFE, lambda at: self._stale(order, at))
        agenda.at(order.created_at + ORDER_LIFE, lambda at: self.end(order, at, "Expired"))

    def _expect(self, order: OrderReference, *, expected: bool) -> None:
        if expected:
            self._core.agenda.at(self._core.now() + HOUR, lambda at: self._unused(order, at))

    def _unused(self, order: OrderReference, at: float) -> None:
        if not order.authorizations:
            self.end(order, at, "AmazonClosed")

    def _stale(self, order: OrderReference, at: float) -> None:
        if order.status.state == "Draft":
            self._core.move(order, Status("Canceled", at, "Stale"))


def in_ledger_currency(merchant: Merchant, total: Money | None) -> None:
    """Orders are charged in the account's own currency. Raises CurrencyMismatch."""
    if total is not None and total.currency != merchant.currency:
        raise MwsError("CurrencyMismatch", f"This account is charged in {merchant.currency}")


def held_by(authorization: Authorization) -> Decimal:
    """What an authorization takes of its order's total: all of it while it may be captured, then what was taken."""
    if authorization.status.state in {"Pending", "Open"}:
        return authorization.amount.amount
    return authorization.captured.amount


def not_modifiable(order: OrderReference) -> MwsError:
    """What a buyer confirmed, or is asked to, stays as it is."""
    return MwsError(
        "OrderReferenceNotModifiable",
        f"OrderReference {order.order_id} is not in draft state and cannot be modified with the request",
    )


def wrong_state(order: OrderReference) -> MwsError:
    """The order's state does not allow it."""
    return MwsError("InvalidOrderReferenceStatus", f"OrderReference {order.order_id} is in state {order.status.state}")


def constraints_exist(what: str, names: list[str]) -> MwsError:
    """It cannot be confirmed."""
    return MwsError("ConstraintsExist", f"{what} has constraints and cannot be confirmed: {', '.join(names)}")
