"""Authorizations: asked for, decided at once or later, captured, given up or expired (contracts §1.8, §6.3).

In come orders and amounts, out come authorizations. Whether money moves is decided in one place, `_decide`: by the
sandbox simulation in the note, else by the card. A decline is a result, not an error.
"""

from __future__ import annotations

from dataclasses import dataclass

from saleor_amazonpay.simulator.amazon.agreements import Agreements
from saleor_amazonpay.simulator.amazon.captures import ATYPICAL_REASON, Captures
from saleor_amazonpay.simulator.amazon.clock import MINUTE
from saleor_amazonpay.simulator.amazon.core import Core
from saleor_amazonpay.simulator.amazon.entities import (
    Agreement,
    Attributes,
    Authorization,
    Behaviour,
    Merchant,
    OrderReference,
    Status,
)
from saleor_amazonpay.simulator.amazon.errors import MwsError
from saleor_amazonpay.simulator.amazon.life import authorization_life
from saleor_amazonpay.simulator.amazon.money import Money
from saleor_amazonpay.simulator.amazon.orders import Orders, constraints_exist
from saleor_amazonpay.simulator.amazon.simulations import AUTHORIZE, Simulation, simulation

_OVER = frozenset({"Declined", "Closed"})
_DECLINES = {
    Behaviour.DECLINE_HARD: ("InvalidPaymentMethod", "false"),
    Behaviour.DECLINE_SOFT: ("InvalidPaymentMethod", "true"),
    Behaviour.REJECTED: ("AmazonRejected", ""),
    Behaviour.PROCESSING_FAILURE: ("ProcessingFailure", ""),
    Behaviour.TIMED_OUT: ("TransactionTimedOut", ""),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """What an authorization is asked with. `timeout` in minutes: 0 is decided before the answer."""

    reference_id: str
    money: Money
    note: str
    soft_descriptor: str
    capture_now: bool
    timeout: int


class Authorizations:
    """The rules of authorizations."""

    def __init__(self, core: Core, agreements: Agreements, orders: Orders, captures: Captures) -> None:
        self._core = core
        self._agreements = agreements
        self._orders = orders
        self._captures = captures

    def on_agreement(
        self, agreement: Agreement, ask: Ask, attributes: Attributes, *, inherit_address: bool
    ) -> Authorization:
        """AuthorizeOnBillingAgreement: an order reference, its authorization, and the end of the order."""
        self._agreements.must_be_open(agreement)
        wanted = simulation(ask.note, AUTHORIZE, sandbox=agreement.merchant.sandbox)
        if inherit_address and agreement.address is None:
            # Amazon cannot inherit what is not there: digital goods have to say InheritShippingAddress=false.
            raise constraints_exist(agreement.agreement_id, ["ShippingAddressNotSet"])
        month = self._agreements.reserve(agreement, ask.money)
        order = self._orders.automatic(agreement, ask.money, attributes, inherit_address=inherit_address)
        return self._authorize(order, ask, wanted, month)

    def on_order(self, order: OrderReference, ask: Ask) -> Authorization:
        """Authorize; on an agreement's order the agreement's month counts too."""
        self._orders.admit(order, ask.money)
        wanted = simulation(ask.note, AUTHORIZE, sandbox=order.merchant.sandbox)
        month = self._agreements.reserve(order.agreement, ask.money) if order.agreement else ""
        return self._authorize(order, ask, wanted, month)

    def _authorize(self, order: OrderReference, ask: Ask, wanted: Simulation | None, month: str) -> Authorization:
        core = self._core
        now = core.now()
        made = Authorization(
            authorization_id=core.ids.transaction(order.order_id, "A", core.books.authorizations),
            reference_id=ask.reference_id,
            order=order,
            amount=ask.money,
            note=ask.note,
            soft_descriptor=f"AMZ*{ask.soft_descriptor or f'{order.merchant.name} amzn.com/pmts WA'}",
            capture_now=ask.capture_now,
            created_at=now,
            expires_at=now + authorization_life(order.merchant),
            status=Status("Pending", now),
            card=order.card,
            counted_in=month,
        )
        order.authorizations.append(made)
        core.books.authorizations[made.authorization_id] = made
        if ask.timeout:
            if wanted is None and order.card is not None and order.card.behaviour is Behaviour.ATYPICAL:
                core.move(made, Status("Pending", now, ATYPICAL_REASON))
            later = now + core.authorization_delay
            core.agenda.at(later, lambda at: self._decide(made, wanted, at, patient=True))
        else:
            self._decide(made, wanted, now, patient=False)
        return made

    def find(self, merchant: Merchant, authorization_id: str) -> Authorization:
        """A merchant's own authorization. Raises InvalidTransactionId."""
        found = self._core.books.authorizations.get(authorization_id)
        if found is None or found.order.merchant is not merchant:
            raise MwsError("InvalidTransactionId", f"Transaction with Id {authorization_id} not found.")
        return found

    def close(self, authorization: Authorization, description: str) -> None:
        """Given up by the seller; repeatable. A paid or declined one cannot be."""
        status = authorization.status
        if status.state == "Closed" and status.reason == "SellerClosed":
            return
        if status.state in _OVER:
            raise MwsError("InvalidCloseAttempt", f"{authorization.authorization_id} is in state {status.state}")
        self._core.move(authorization, Status("Closed", self._core.now(), "SellerClosed", description))
        self._finish_order(authorization, self._core.now())

    def _decide(self, made: Authorization, wanted: Simulation | None, at: float, *, patient: bool) -> None:
        if made.status.state != "Pending":
            return  # closed or canceled while Amazon was thinking
        if wanted is not None:
            self._simulate(made, wanted, at, patient=patient)
            return
        behaviour = made.card.behaviour if made.card else Behaviour.DECLINE_HARD
        if behaviour in {Behaviour.OK, Behaviour.ATYPICAL} or (patient and behaviour is Behaviour.TIMED_OUT):
            self._reserve(made, at)
            return
        reason, soft = _DECLINES[behaviour]
        self._decline(made, reason, soft, at)

    def _simulate(self, made: Authorization, wanted: Simulation, at: float, *, patient: bool) -> None:
        if wanted.state == "Declined":
            self._decline(made, wanted.reason, wanted.soft_decline, at)
            if patient and wanted.update_minutes:
                later = at + wanted.update_minutes * MINUTE
                self._core.agenda.at(later, lambda then: self._method_updated(made.order, then))
            return
        if wanted.reason == "AmazonClosed":
            self._core.move(made, Status("Closed", at, "AmazonClosed"))
        else:
            made.expires_at = at + wanted.expiration_minutes * MINUTE
            self._open(made, at)
        self._finish_order(made, at)

    def _reserve(self, made: Authorization, at: float) -> None:
        if made.capture_now:
            self._captures.take_now(made, at)
        else:
            self._open(made, at)
        self._finish_order(made, at)

    def _open(self, made: Authorization, at: float) -> None:
        self._core.move(made, Status("Open", at))
        self._core.agenda.at(made.expires_at, lambda then: self._expire(made, then))

    def _expire(self, made: Authorization, at: float) -> None:
        if made.status.state == "Open":
            self._core.move(made, Status("Closed", at, "ExpiredUnused"))

    def _decline(self, made: Authorization, reason: str, soft: str, at: float) -> None:
        made.soft_decline = soft
        order, agreement = made.order, made.order.agreement
        if agreement is not None and made.counted_in:
            self._agreements.give_back(agreement, made.counted_in, made.amount)
        self._core.move(made, Status("Declined", at, reason))
        hard = reason == "InvalidPaymentMethod" and soft != "true"
        if hard and agreement is not None:
            self._agreements.suspend(agreement, at)
        if hard and not order.automatic:
            order.method_failed = True
            self._core.move(order, Status("Suspended", at, "InvalidPaymentMethod"))
        elif reason == "AmazonRejected":
            self._orders.end(order, at, "AmazonClosed")
        self._finish_order(made, at)

    def _method_updated(self, order: OrderReference, at: float) -> None:
        agreement = order.agreement
        if agreement is not None:
            self._agreements.change_method(agreement, agreement.card, at, on_amazon=True)
        if order.status.state == "Suspended":
            order.method_failed = False
            self._core.move(order, Status("Open", at))

    def _finish_order(self, made: Authorization, at: float) -> None:
        """AuthorizeOnBillingAgreement closes its own order reference as soon as it is decided."""
        if made.order.automatic:
            self._orders.end(made.order, at, "MaxAuthorizationsProcessed")
