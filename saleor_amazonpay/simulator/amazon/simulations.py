"""Amazon's sandbox simulation strings, written into note fields (contracts §2).

In comes a note, out comes the wanted outcome or None for a note that is just a note. A wrong combination, or any
simulation outside the sandbox, is refused with InvalidSandboxSimulationSpecified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from saleor_amazonpay.simulator.amazon.errors import MwsError

MARK = "SandboxSimulation"

# The most minutes a simulated expiry or method update may be away; Amazon publishes none, 1 to 5 were seen.
_MAX_MINUTES = 240

# Where a simulation may stand, and which (state, reason) pairs mean something there.
AUTHORIZE = frozenset(
    {
        ("Declined", "InvalidPaymentMethod"),
        ("Declined", "AmazonRejected"),
        ("Declined", "TransactionTimedOut"),
        ("Closed", "ExpiredUnused"),
        ("Closed", "AmazonClosed"),
    }
)
CAPTURE = frozenset({("Pending", ""), ("Declined", "AmazonRejected"), ("Closed", "AmazonClosed")})
REFUND = frozenset({("Declined", "AmazonRejected")})
CLOSE = frozenset({("Closed", "AmazonClosed")})
_CONSTRAINTS = frozenset({"PaymentMethodNotAllowed"})


@dataclass(frozen=True, slots=True)
class Simulation:
    """A wanted outcome. Minutes are 0 where none were given."""

    state: str
    reason: str
    soft_decline: str = ""
    update_minutes: int = 0
    expiration_minutes: int = 0


def simulation(note: str, allowed: frozenset[tuple[str, str]], *, sandbox: bool) -> Simulation | None:
    """What a note asks to happen. Raises MwsError InvalidSandboxSimulationSpecified."""
    wanted = _wanted(note, sandbox=sandbox)
    if wanted is None:
        return None
    state, reason = str(wanted.pop("State", "")), str(wanted.pop("ReasonCode", ""))
    if (state, reason) not in allowed:
        raise _refused(f"{state} {reason}".strip())
    hard = (state, reason) == ("Declined", "InvalidPaymentMethod")
    found = Simulation(
        state=state,
        reason=reason,
        soft_decline=_flag(wanted) if hard else "",
        update_minutes=_minutes(wanted, "PaymentMethodUpdateTimeInMins") if hard else 0,
        expiration_minutes=_minutes(wanted, "ExpirationTimeInMins") if reason == "ExpiredUnused" else 0,
    )
    _nothing_left(wanted)
    return found


def constraint(note: str, *, sandbox: bool) -> str:
    """The constraint a SellerNote asks for, or nothing. Raises MwsError InvalidSandboxSimulationSpecified."""
    wanted = _wanted(note, sandbox=sandbox)
    if wanted is None:
        return ""
    name = str(wanted.pop("Constraint", ""))
    if name not in _CONSTRAINTS:
        raise _refused(name)
    _nothing_left(wanted)
    return name


def _wanted(note: str, *, sandbox: bool) -> dict[str, object] | None:
    if MARK not in note:
        return None
    if not sandbox:
        raise _refused("simulations work in the sandbox only")
    try:
        wanted = msgspec.json.decode(note, type=dict[str, dict[str, object]])[MARK]
    except (msgspec.DecodeError, KeyError) as error:
        raise _refused(note) from error
    return dict(wanted)


def _flag(wanted: dict[str, object]) -> str:
    value = wanted.pop("SoftDecline", "")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if text not in {"", "true", "false"}:
        raise _refused(f"SoftDecline {text}")
    return text


def _minutes(wanted: dict[str, object], name: str) -> int:
    text = str(wanted.pop(name, "0"))
    if not text.isdecimal() or int(text) > _MAX_MINUTES:
        raise _refused(f"{name} {text}")
    return int(text)


def _nothing_left(wanted: Mapping[str, object]) -> None:
    if wanted:
        raise _refused(", ".join(sorted(wanted)))


def _refused(what: str) -> MwsError:
    return MwsError("InvalidSandboxSimulationSpecified", f"The sandbox simulation you specified is not valid: {what}")
