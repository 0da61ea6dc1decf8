"""Captures: money taken (contracts §1.5, §1.9, §6.4).

In come authorizations and amounts, out come captures. There is one capture per authorization: once it is taken, the
rest of what was reserved is free. A declined capture leaves the authorization Open.
"""

from __future__ import annotations

from saleor_amazonpay.simulator.amazon.core import Core
from saleor_amazonpay.simulator.amazon.entities import Authorization, Behaviour, Capture, Merchant, Status
from saleor_amazonpay.simulator.amazon.errors import MwsError
from saleor_amazonpay.simulator.amazon.ids import order_id_of
from saleor_amazonpay.simulator.amazon.life import IMMEDIATE_CAPTURE
from saleor_amazonpay.simulator.amazon.money import Money
from saleor_amazonpay.simulator.amazon.orders import Orders
from saleor_amazonpay.simulator.amazon.simulations import CAPTURE, simulation

ATYPICAL_REASON = "StopShipmentAtypicalAuth"  # Amazon is still looking; nothing should be shipped


class Captures:
    """The rules of captures."""

    def __init__(self, core: Core, orders: Orders) -> None:
        self._core = core
        self._orders = orders

    def find(self, merchant: Merchant, capture_id: str) -> Capture:
        """A merchant's own capture. Raises InvalidTransactionId."""
        found = self._core.books.captures.get(capture_id)
        if found is None or found.authorization.order.merchant is not merchant:
            raise MwsError("InvalidTransactionId", f"Transaction with Id {capture_id} not found.")
        return found

    def take_now(self, authorization: Authorization, at: float) -> Capture:
        """CaptureNow: captured in the same breath, under the authorization's own reference id."""
        capture = self._made(authorization, authorization.reference_id, authorization.amount, "", "", at)
        capture.status = Status("Completed", at)
        self._close(authorization, at)
        self._core.announce(capture)
        return capture

    def capture(
        self, authorization: Authorization, reference_id: str, money: Money, note: str, soft_descriptor: str
    ) -> Capture:
        """Take money of an Open authorization, once; Pending if it is older than seven days or looks odd to Amazon."""
        self._admit(authorization, money)
        wanted = simulation(note, CAPTURE, sandbox=authorization.order.merchant.sandbox)
        now = self._core.now()
        capture = self._made(authorization, reference_id, money, note, soft_descriptor, now)
        if wanted is not None and wanted.state != "Pending":
            self.settle(capture, wanted.state, wanted.reason, now)
        elif wanted is not None or now - authorization.created_at > IMMEDIATE_CAPTURE or _atypical(authorization):
            if wanted is None and _atypical(authorization):
                self._core.move(capture, Status("Pending", now, ATYPICAL_REASON))
            self._core.agenda.at(now + self._core.capture_delay, lambda at: self.settle(capture, "Completed", "", at))
        else:
            self.settle(capture, "Completed", "", now)
        return capture

    def settle(self, capture: Capture, state: str, reason: str, at: float) -> None:
        """Decide a Pending capture: Completed or Closed is taken, Declined leaves the authorization Open."""
        if capture.status.state != "Pending":
            return
        self._core.move(capture, Status(state, at, reason))
        if state != "Declined":
            self._close(capture.authorization, at)

    def close(self, capture: Capture) -> None:
        """Amazon ends a Completed capture: nothing can be refunded any more. Raises InvalidCloseAttempt."""
        if capture.status.state != "Completed":
            raise MwsError("InvalidCloseAttempt", f"{capture.capture_id} is in state {capture.status.state}")
        self._core.move(capture, Status("Closed", self._core.now(), "AmazonClosed"))

    def _admit(self, authorization: Authorization, money: Money) -> None:
        if authorization.status.state != "Open":
            raise MwsError(
                "InvalidAuthorizationStatus",
                f"Authorization {authorization.authorization_id} is in state {authorization.status.state}",
            )
        if money.currency != authorization.amount.currency:
            raise MwsError("CurrencyMismatch", f"The authorization is in {authorization.amount.currency}")
        if any(each.status.state == "Pending" for each in authorization.captures):
            raise MwsError("TransactionCountExceeded", f"{authorization.authorization_id} has a capture already")
        if money.amount > authorization.amount.amount:
            raise MwsError(
                "TransactionAmountExceeded",
                f"Authorization {authorization.authorization_id} is for {authorization.amount.text}; "
                f"a capture of {money.text} cannot be accepted",
            )

    def _made(
        self, authorization: Authorization, reference_id: str, money: Money, note: str, descriptor: str, at: float
    ) -> Capture:
        books = self._core.books
        # The first capture has its authorization's digits, as Amazon's ids have.
        capture_id = authorization.authorization_id.replace("-A", "-C")
        if capture_id in books.captures:
            order_id = order_id_of(capture_id)
            capture_id = self._core.ids.transaction(order_id, "C", books.captures)
        capture = Capture(
            capture_id,
            reference_id,
            authorization,
            money,
            note,
            f"AMZ*{descriptor}" if descriptor else authorization.soft_descriptor,
            at,
            Status("Pending", at),
        )
        authorization.captures.append(capture)
        books.captures[capture_id] = capture
        return capture

    def _close(self, authorization: Authorization, at: float) -> None:
        self._core.move(authorization, Status("Closed", at, "MaxCapturesProcessed"))
        self._orders.charged(authorization.order, at)


def _atypical(authorization: Authorization) -> bool:
    return authorization.card is not None and authorization.card.behaviour is Behaviour.ATYPICAL
