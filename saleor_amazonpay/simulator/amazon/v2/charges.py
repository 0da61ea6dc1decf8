"""Charges: asked for, decided at once or later, captured, given up or expired (contracts §5.4, §5.6, §6.4).

In come permissions and amounts, out come charges. Whether money moves is decided in one place, `_decide`: by the
simulation code, else by the card. Asked synchronously, a decline is an error with its reason code and leaves no charge;
asked to take its time, Amazon answers AuthorizationInitiated and decides later, and captures nothing by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from saleor_amazonpay.simulator.amazon.clock import DAY
from saleor_amazonpay.simulator.amazon.entities import Behaviour
from saleor_amazonpay.simulator.amazon.life import IMMEDIATE_CAPTURE
from saleor_amazonpay.simulator.amazon.money import Money
from saleor_amazonpay.simulator.amazon.v2.core import PayCore
from saleor_amazonpay.simulator.amazon.v2.entities import Charge, Json, Permission, State
from saleor_amazonpay.simulator.amazon.v2.errors import PayError
from saleor_amazonpay.simulator.amazon.v2.permissions import Permissions, behaviour_of

CHARGE_LIFE = 30 * DAY
_DECLINES = {
    Behaviour.DECLINE_HARD: "HardDeclined",
    Behaviour.DECLINE_SOFT: "SoftDeclined",
    Behaviour.REJECTED: "AmazonRejected",
    Behaviour.PROCESSING_FAILURE: "ProcessingFailure",
    Behaviour.TIMED_OUT: "TransactionTimedOut",
}
_SLOW = frozenset({Behaviour.TIMED_OUT, Behaviour.ATYPICAL})
# The codes of the header x-amz-pay-simulation-code, by the call they are for (contracts §5.7).
CHARGE_CODES = frozenset(
    {"SoftDeclined", "HardDeclined", "AmazonRejected", "TransactionTimedOut", "ProcessingFailure",
     "CaptureInitiated", "AuthorizationInitiated"}
)  # fmt: skip
CAPTURE_CODES = frozenset({"CaptureInitiated", "AmazonRejected", "ProcessingFailure"})


@dataclass(frozen=True, slots=True)
class Ask:
    """What a charge is asked with."""

    money: Money
    capture_now: bool = False
    may_pend: bool = False
    soft_descriptor: str = ""
    metadata: Json = field(default_factory=dict)
    code: str = ""  # the simulation


class Charges:
    """The rules of charges."""

    def __init__(self, core: PayCore, permissions: Permissions) -> None:
        self._core = core
        self._permissions = permissions

    def create(self, permission: Permission, ask: Ask) -> Charge:
        """CreateCharge. Raises PayError, a decline included."""
        month = self._permissions.admit(permission, ask.money)
        decline = self._decline_of(permission, ask)
        if decline and not ask.may_pend:
            self._consequences(permission, decline, self._core.now())
            raise PayError(decline, f"The charge was declined: {decline}")
        made = self._made(permission, ask)
        self._permissions.count(made, month)
        if ask.may_pend and (decline or self._slow(permission, ask)):
            self._core.announce(made)
            later = self._core.now() + self._core.core.authorization_delay
            self._core.core.agenda.at(later, lambda at: self._decide(made, decline, at))
        else:
            self._authorized(made, ask, self._core.now())
        return made

    def capture(self, charge: Charge, money: Money, descriptor: str, code: str) -> Charge:
        """Take money that is reserved, once; CaptureInitiated if the charge is older than seven days."""
        self._admit_capture(charge, money)
        now = self._core.now()
        if code in {"AmazonRejected", "ProcessingFailure"}:
            raise PayError(code, f"The capture was declined: {code}")
        charge.soft_descriptor = descriptor or charge.soft_descriptor
        slow = now - charge.created_at > IMMEDIATE_CAPTURE or behaviour_of(charge.card) is Behaviour.ATYPICAL
        if code == "CaptureInitiated" or slow:
            self._capture_later(charge, money, now)
        else:
            self._captured(charge, money, now)
        return charge

    def cancel(self, charge: Charge, reason: str) -> Charge:
        """Given up by the seller; repeatable. Raises InvalidChargeStatus for what is taken or over."""
        if charge.state.name == "Canceled" and charge.state.reason == "MerchantCanceled":
            return charge
        if charge.state.name not in {"Authorized", "AuthorizationInitiated"}:
            raise _wrong_state(charge)
        self.end(charge, "MerchantCanceled", self._core.now(), reason)
        return charge

    def end(self, charge: Charge, reason: str, at: float, description: str = "") -> None:
        """Canceled: what it reserved is free again."""
        if charge.state.name in {"Authorized", "AuthorizationInitiated"}:
            self._core.move(charge, State("Canceled", at, (reason,), description))

    def settle_capture(self, charge: Charge, state: str, reason: str, at: float) -> None:
        """Decide a capture that is under way; one that is decided stays as it is."""
        if charge.state.name != "CaptureInitiated" or charge.captured is None:
            return
        if state == "Captured":
            self._captured(charge, charge.captured, at)
            return
        charge.captured = None
        self._core.move(charge, State("Declined", at, (reason,)))

    def _decline_of(self, permission: Permission, ask: Ask) -> str:
        if ask.code in {*_DECLINES.values()}:
            return ask.code
        if ask.code:
            return ""
        behaviour = behaviour_of(permission.card)
        if behaviour is Behaviour.TIMED_OUT and ask.may_pend:
            return ""  # given time, it authorizes
        return _DECLINES.get(behaviour, "")

    def _slow(self, permission: Permission, ask: Ask) -> bool:
        return ask.code == "AuthorizationInitiated" or behaviour_of(permission.card) in _SLOW

    def _decide(self, charge: Charge, decline: str, at: float) -> None:
        if charge.state.name != "AuthorizationInitiated":
            return  # canceled while Amazon was thinking
        if not decline:
            self._open(charge, at)
            return
        self._core.move(charge, State("Declined", at, (decline,)))
        if charge.counted_in:
            self._permissions.count(charge, charge.counted_in, -1)
        self._consequences(charge.permission, decline, at)

    def _consequences(self, permission: Permission, decline: str, at: float) -> None:
        if decline == "HardDeclined":
            self._permissions.method_failed(permission, at)
        elif decline == "AmazonRejected":
            self._permissions.rejected(permission, at)

    def _made(self, permission: Permission, ask: Ask) -> Charge:
        core, now = self._core, self._core.now()
        order = permission.permission_id
        if permission.kind == "Recurring":  # a charge on one has an order of its own, as in v1
            merchant = permission.merchant
            taken = {each[:19] for each in core.books.charges} | set(core.core.books.orders)
            order = core.core.ids.order(merchant.region, taken, sandbox=merchant.sandbox)
        made = Charge(
            charge_id=core.core.ids.transaction(order, "C", {**core.books.charges, **core.core.books.captures}),
            permission=permission,
            amount=ask.money,
            capture_now=ask.capture_now,
            may_pend=ask.may_pend,
            created_at=now,
            expires_at=now + CHARGE_LIFE,
            state=State("AuthorizationInitiated", now),
            card=permission.card,
            soft_descriptor=ask.soft_descriptor,
            metadata=dict(ask.metadata),
        )
        permission.charges.append(made)
        core.books.charges[made.charge_id] = made
        return made

    def _authorized(self, charge: Charge, ask: Ask, at: float) -> None:
        if not ask.capture_now:
            self._open(charge, at)
            return
        if ask.code == "CaptureInitiated" or behaviour_of(charge.card) is Behaviour.ATYPICAL:
            self._capture_later(charge, charge.amount, at)
        else:
            self._captured(charge, charge.amount, at)

    def _open(self, charge: Charge, at: float) -> None:
        self._core.move(charge, State("Authorized", at))
        self._core.core.agenda.at(charge.expires_at, lambda then: self.end(charge, "ExpiredUnused", then))

    def _capture_later(self, charge: Charge, money: Money, at: float) -> None:
        charge.captured = money
        self._core.move(charge, State("CaptureInitiated", at))
        later = at + self._core.core.capture_delay
        self._core.core.agenda.at(later, lambda then: self.settle_capture(charge, "Captured", "", then))

    def _captured(self, charge: Charge, money: Money, at: float) -> None:
        charge.captured = money
        self._core.move(charge, State("Captured", at))
        self._permissions.charged(charge.permission, at)

    def _admit_capture(self, charge: Charge, money: Money) -> None:
        if charge.state.name != "Authorized":
            raise _wrong_state(charge)
        if money.currency != charge.amount.currency:
            raise PayError("CurrencyMismatch", f"The charge is in {charge.amount.currency}")
        if money.amount > charge.amount.amount:
            raise PayError("TransactionAmountExceeded", f"{charge.charge_id} is for {charge.amount.text}")


def _wrong_state(charge: Charge) -> PayError:
    return PayError("InvalidChargeStatus", f"{charge.charge_id} is in state {charge.state.name}")
