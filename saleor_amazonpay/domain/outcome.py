"""What Amazon's answer means: an outcome in neutral words, and what Saleor is told of it.

Each wire has one table (kind, object, state, reason) → Verdict in its own room, because the states are the wire's.
Here is what all of them translate into, and the second table: (phase, kind, session or action) → Saleor's result.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import FINAL, Kind, Phase


class Retry(StrEnum):
    """What may follow a decline. A retry is always a new attempt with a new reference id."""

    NEVER = "never"
    CHANGE_METHOD = "change_method"  # after the buyer has chosen another payment method
    NEW_ATTEMPT = "new_attempt"  # at once, as it is
    AFTER_PAUSE = "after_pause"  # as it is, after a pause
    ASYNCHRONOUSLY = "asynchronously"  # at once, letting Amazon take its time
    NEW_AGREEMENT = "new_agreement"  # on another agreement: this one has ended


class Effect(StrEnum):
    """What a final success did to the money."""

    NONE = "none"
    AUTHORIZED = "authorized"
    LAPSED = "lapsed"  # was authorized, and Amazon reserves it no longer; the agreement may still be charged
    CAPTURED = "captured"
    REFUNDED = "refunded"
    RELEASED = "released"
    CHARGED_BACK = "charged_back"
    RETURNED = "returned"  # a won chargeback: the money is the shop's again


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of a wire's table: what a state and reason of an object mean for the operation."""

    phase: Phase
    code: str  # our code: ok, pending, payment_method, amazon_rejected, processing_failure, timed_out, expired ...
    retry: Retry = Retry.NEVER
    effect: Effect = Effect.NONE


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict with the object it was read from. Times are milliseconds since the epoch, UTC."""

    verdict: Verdict
    object_id: str = ""  # Amazon's id of the object that was made or read (authorization, capture, refund)
    settled_id: str = ""  # Amazon's id of the object that says the money moved (capture id of a CaptureNow)
    order_reference: str = ""  # v1: the order reference all ids of this payment start with
    amount: Money | None = None  # what the object says was authorized, captured or refunded
    state: str = ""  # Amazon's words, for the timeline
    reason: str = ""
    message: str = ""  # Amazon's own description, for staff
    updated_at: int | None = None
    request_id: str = ""
    agreement_id: str = ""  # v2: the charge permission a completed session became
    agreement_state: AgreementState | None = None  # where the agreement was found to stand, if it was read
    reference_id: str = ""  # ours, where Amazon repeats it on the object

    @property
    def phase(self) -> Phase:
        """The verdict's phase."""
        return self.verdict.phase

    @property
    def code(self) -> str:
        """The verdict's code."""
        return self.verdict.code


# The second table: what a session event is answered. AUTHORIZE and CHARGE differ in the word in front.
_SESSION = {
    Phase.CALLING: "REQUEST",
    Phase.PENDING: "REQUEST",
    Phase.DONE: "SUCCESS",
    Phase.REPAIRABLE: "ACTION_REQUIRED",
    Phase.DECLINED: "FAILURE",
    Phase.GONE: "FAILURE",
}
_SESSION_WORD = {Kind.AUTHORIZE: "AUTHORIZATION", Kind.AGREEMENT: "AUTHORIZATION", Kind.CHARGE: "CHARGE"}
_DONE_WORD = {Effect.AUTHORIZED: "AUTHORIZATION", Effect.LAPSED: "AUTHORIZATION", Effect.CAPTURED: "CHARGE"}
# What nobody asked for has one event only: it happened.
_EVENTS = {Kind.CHARGEBACK: "CHARGE_BACK", Kind.CHARGEBACK_WON: "CHARGE_SUCCESS"}
_ACTION_WORD = {Kind.CHARGE: "CHARGE", Kind.CAPTURE: "CHARGE", Kind.REFUND: "REFUND", Kind.CANCEL: "CANCEL"}


def session_result(kind: Kind, phase: Phase, effect: str, *, told: str, may_repair: bool) -> str:
    """Saleor's result for a session event, e.g. `CHARGE_SUCCESS` (money.md §3).

    A charge of which Amazon only reserved the money is an authorization. Once `*_REQUEST` was told, Saleor never asks
    again, so that a later decline can only be a failure.
    """
    word = _DONE_WORD.get(Effect(effect), _SESSION_WORD[kind]) if phase is Phase.DONE else _SESSION_WORD[kind]
    ending = _SESSION[phase]
    if ending == "ACTION_REQUIRED" and (told == "pending" or not may_repair):
        ending = "FAILURE"
    return f"{word}_{ending}"


def action_result(kind: Kind, phase: Phase, effect: str) -> str | None:
    """Saleor's result for a charge, refund or cancel, or its event for a chargeback; None while it is pending.

    A charge on the rest that Amazon only reserved took nothing. It is a failure: Saleor takes one authorization per
    transaction and has it already, so the rest stays as it is.
    """
    if phase not in FINAL:
        return None
    if kind in _EVENTS:
        return _EVENTS[kind]
    taken = phase is Phase.DONE and not (kind is Kind.CHARGE and effect != Effect.CAPTURED)
    return f"{_ACTION_WORD[kind]}_{'SUCCESS' if taken else 'FAILURE'}"
