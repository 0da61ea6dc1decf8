"""Refunds and disputes (contracts §5.4, §6.4).

In come captured charges and amounts, out come promises that Amazon keeps, or does not, a while later.
"""

from __future__ import annotations

from saleor_amazonpay.simulator.amazon.money import Money, overage
from saleor_amazonpay.simulator.amazon.v2.core import PayCore
from saleor_amazonpay.simulator.amazon.v2.entities import Charge, Dispute, Refund, State
from saleor_amazonpay.simulator.amazon.v2.errors import PayError

MAX_REFUNDS = 10
REFUND_CODES = frozenset({"AmazonRejected", "ProcessingFailure"})


class Refunds:
    """The rules of refunds and disputes."""

    def __init__(self, core: PayCore) -> None:
        self._core = core

    def create(self, charge: Charge, money: Money, descriptor: str, code: str) -> Refund:
        """RefundInitiated; it is decided after `refund_delay`. Raises PayError."""
        self._admit(charge, money)
        core, now = self._core, self._core.now()
        made = Refund(
            refund_id=core.core.ids.transaction(
                charge.charge_id[:19], "R", {**core.books.refunds, **core.core.books.refunds}
            ),
            charge=charge,
            amount=money,
            soft_descriptor=descriptor or charge.soft_descriptor,
            created_at=now,
            state=State("RefundInitiated", now),
        )
        charge.refunds.append(made)
        core.books.refunds[made.refund_id] = made
        core.announce(made)
        state, reason = ("Declined", code) if code else ("Refunded", "")
        core.core.agenda.at(now + core.core.refund_delay, lambda at: self.settle(made, state, reason, at))
        return made

    def settle(self, refund: Refund, state: str, reason: str, at: float) -> None:
        """Decide a refund; one that is decided stays as it is."""
        if refund.state.name == "RefundInitiated":
            self._core.move(refund, State(state, at, (reason,) if reason else ()))

    def dispute(self, charge: Charge, money: Money, reason: str) -> Dispute:
        """The buyer, or the buyer's bank, wants the money back."""
        core = self._core
        made = Dispute(core.core.ids.text(), charge, money, reason, core.now(), State("UnderReview", core.now()))
        core.books.disputes[made.dispute_id] = made
        core.announce(made)
        return made

    def resolve(self, dispute: Dispute, resolution: str) -> None:
        """Amazon has decided."""
        dispute.resolution = resolution
        dispute.state = State("Resolved", self._core.now())
        self._core.announce(dispute)

    def _admit(self, charge: Charge, money: Money) -> None:
        if charge.state.name != "Captured" or charge.captured is None:
            raise PayError("InvalidChargeStatus", f"{charge.charge_id} is in state {charge.state.name}")
        if money.currency != charge.amount.currency:
            raise PayError("CurrencyMismatch", f"The charge is in {charge.amount.currency}")
        if sum(each.state.name != "Declined" for each in charge.refunds) >= MAX_REFUNDS:
            raise PayError("TransactionCountExceeded", f"{charge.charge_id} has {MAX_REFUNDS} refunds")
        most = charge.captured.amount + overage(charge.captured)
        if charge.promised.amount + money.amount > most:
            raise PayError(
                "TransactionAmountExceeded",
                f"{charge.charge_id}: {charge.promised.text} were refunded, and no more than "
                f"{charge.amount.of(most).text} may be",
            )
