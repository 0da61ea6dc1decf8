"""What a Saleor transaction still holds, computed from its operations; and what staff may do with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from saleor_amazonpay.domain.operation import Kind, Operation, Phase

_TAKES = frozenset({Kind.CHARGE, Kind.CAPTURE, Kind.CANCEL})
_MAYBE_OUT = frozenset({Phase.CALLING, Phase.PENDING})


@dataclass(frozen=True, slots=True)
class Balance:
    """Minor units of one transaction. What is under way counts as gone already: it may yet succeed."""

    authorized: int  # reserved for the shop and not yet taken, released or under way: the rest
    captured: int  # taken from the buyer, before refunds
    refundable: int  # taken, and neither given back, nor being given back, nor taken back by the buyer's bank
    charged_back: int  # taken back by the buyer's bank, and not won
    busy: bool  # a capture or release is under way, so that the rest may change at any moment


def captures(operations: Iterable[Operation]) -> list[Operation]:
    """The operations that took money, newest first."""
    return [operation for operation in reversed(list(operations)) if operation.paid]


def charged_back(operations: Sequence[Operation]) -> list[Operation]:
    """The chargebacks that stand: a won one has given its money back to the shop."""
    won = {operation.parent_id for operation in operations if operation.kind is Kind.CHARGEBACK_WON}
    return [operation for operation in operations if operation.kind is Kind.CHARGEBACK and operation.id not in won]


def refundable(capture: Operation, operations: Sequence[Operation]) -> int:
    """What may still be given back of one capture: never more than was taken, although Amazon allows more."""
    return max(0, capture.amount - _gone(capture, operations))


def surplus(capture: Operation, operations: Sequence[Operation]) -> int:
    """What went back above what was taken: only somebody at Amazon can have given it."""
    return max(0, _gone(capture, operations) - capture.amount)


def _gone(capture: Operation, operations: Sequence[Operation]) -> int:
    refunds = [operation for operation in operations if operation.kind is Kind.REFUND and not operation.failed]
    return sum(one.amount for one in (*refunds, *charged_back(operations)) if one.parent_id == capture.id)


def granted(operations: Iterable[Operation]) -> Operation | None:
    """The session that gave the shop money to collect; a transaction has at most one."""
    return next((operation for operation in operations if operation.granted), None)


def open_authorizations(operations: Sequence[Operation]) -> list[Operation]:
    """The reservations Amazon still holds, oldest first: not captured (one capture each), nothing under way on them."""
    used = {
        operation.parent_id
        for operation in operations
        if operation.kind in {Kind.CAPTURE, Kind.CANCEL} and not operation.failed
    }
    return [operation for operation in operations if operation.reserved and operation.id not in used]


def open_authorization(operations: Sequence[Operation]) -> Operation | None:
    """The newest reservation Amazon still holds."""
    held = open_authorizations(operations)
    return held[-1] if held else None


def unreserved(operations: Sequence[Operation]) -> int:
    """The part of the rest that Amazon does not reserve: collectable only while the agreement may be charged."""
    held = sum(operation.amount for operation in open_authorizations(operations))
    return max(0, balance(operations).authorized - held)


def _counts_against(operation: Operation) -> bool:
    """Whether it took, released, or may yet take or release a part of what was granted."""
    if not operation.parent_id or operation.failed or operation.kind not in _TAKES:
        return False
    # A charge on the rest that Amazon only reserved took nothing, also when Amazon has given that up since.
    return operation.effect not in {"authorized", "lapsed"}


def balance(operations: Sequence[Operation]) -> Balance:
    """Add up a transaction."""
    total = sum(operation.amount for operation in operations if operation.granted)
    against = [operation for operation in operations if _counts_against(operation)]
    taken = captures(operations)
    return Balance(
        authorized=max(0, total - sum(operation.amount for operation in against)),
        captured=sum(operation.amount for operation in taken),
        refundable=sum(refundable(capture, operations) for capture in taken),
        charged_back=sum(operation.amount for operation in charged_back(operations)),
        busy=any(operation.phase in _MAYBE_OUT for operation in against),
    )


def available_actions(operations: Sequence[Operation]) -> tuple[str, ...]:
    """The buttons Saleor may show: CHARGE and CANCEL while a rest is there, REFUND while something was taken."""
    present = balance(operations)
    actions: list[str] = []
    if present.authorized > 0 and not present.busy:
        actions += ["CHARGE", "CANCEL"]
    if present.refundable > 0:
        actions.append("REFUND")
    return tuple(actions)
