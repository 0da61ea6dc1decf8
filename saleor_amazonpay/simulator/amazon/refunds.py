"""Refunds and chargebacks: money that goes back (contracts §1.5, §6.4).

In come captures and amounts, out come refunds, always Pending first, and chargebacks. No more is ever promised than
the capture plus the lesser of 15 % and 75, in at most ten refunds.
"""

from __future__ import annotations

from saleor_amazonpay.simulator.amazon.core import Core
from saleor_amazonpay.simulator.amazon.entities import Capture, Chargeback, Merchant, Refund, Status
from saleor_amazonpay.simulator.amazon.errors import MwsError
from saleor_amazonpay.simulator.amazon.life import MAX_REFUNDS
from saleor_amazonpay.simulator.amazon.money import Money, overage
from saleor_amazonpay.simulator.amazon.simulations import REFUND, simulation


class Refunds:
    """The rules of refunds."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def find(self, merchant: Merchant, refund_id: str) -> Refund:
        """A merchant's own refund. Raises InvalidTransactionId."""
        found = self._core.books.refunds.get(refund_id)
        if found is None or found.capture.authorization.order.merchant is not merchant:
            raise MwsError("InvalidTransactionId", f"Transaction with Id {refund_id} not found.")
        return found

    def refund(
        self,
        capture: Capture,
        reference_id: str,
        money: Money,
        note: str = "",
        soft_descriptor: str = "",
        type_: str = "SellerInitiated",
    ) -> Refund:
        """Promise money back; it really goes, or does not, after `refund_delay`."""
        self._admit(capture, money)
        core = self._core
        merchant = capture.authorization.order.merchant
        wanted = simulation(note, REFUND, sandbox=merchant.sandbox)
        now = core.now()
        refund = Refund(
            refund_id=core.ids.transaction(capture.authorization.order.order_id, "R", core.books.refunds),
            reference_id=reference_id,
            capture=capture,
            amount=money,
            note=note,
            soft_descriptor=f"AMZ*{soft_descriptor}" if soft_descriptor else capture.soft_descriptor,
            type=type_,
            created_at=now,
            status=Status("Pending", now),
        )
        capture.refunds.append(refund)
        core.books.refunds[refund.refund_id] = refund
        state, reason = (wanted.state, wanted.reason) if wanted else ("Completed", "")
        core.agenda.at(now + core.refund_delay, lambda at: self.settle(refund, state, reason, at))
        return refund

    def settle(self, refund: Refund, state: str, reason: str, at: float) -> None:
        """Decide a Pending refund; one that is decided stays as it is."""
        if refund.status.state != "Pending":
            return
        self._core.move(refund, Status(state, at, reason))
        capture = refund.capture
        if state != "Completed" or capture.status.state != "Completed":
            return
        if capture.refunded.amount >= capture.amount.amount:
            self._core.move(capture, Status("Closed", at, "MaxAmountRefunded"))
        elif _counted(capture) >= MAX_REFUNDS and capture.promised == capture.refunded:
            self._core.move(capture, Status("Closed", at, "MaxRefundsProcessed"))

    def charge_back(self, capture: Capture, money: Money, reason: str) -> Chargeback:
        """The buyer's bank took the money back; only a notification tells."""
        core = self._core
        made = Chargeback(core.ids.text(), capture, money, reason, core.now())
        core.books.chargebacks[made.chargeback_id] = made
        core.announce(made)
        return made

    def _admit(self, capture: Capture, money: Money) -> None:
        if capture.status.state != "Completed":
            raise MwsError("CaptureNotRefundable", f"Capture {capture.capture_id} is in state {capture.status.state}")
        if money.currency != capture.amount.currency:
            raise MwsError("CurrencyMismatch", f"The capture is in {capture.amount.currency}")
        if _counted(capture) >= MAX_REFUNDS:
            raise MwsError("TransactionCountExceeded", f"{capture.capture_id} has {MAX_REFUNDS} refunds")
        most = capture.amount.amount + overage(capture.amount)
        if capture.promised.amount + money.amount > most:
            raise MwsError(
                "TransactionAmountExceeded",
                f"Capture {capture.capture_id} has already been refunded for amount {capture.promised.text}. "
                f"A new refund with amount {money.text} cannot be accepted as the total refund amount cannot "
                f"exceed {capture.amount.of(most).text}.",
            )


def _counted(capture: Capture) -> int:
    return sum(each.status.state != "Declined" for each in capture.refunds)
