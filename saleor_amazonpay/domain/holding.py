"""Whose reservations stand for the rest of a transaction, and which of them a collection takes over (money.md §7).

Every amount that was attempted stands in one month, on one operation: the session that was granted it, or a
collection on the agreement that took it over. An authorization that Amazon captures keeps its month; collecting a
rest on the agreement is a new attempt and counts in its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from saleor_amazonpay.domain.operation import Kind, Operation, Phase

_HELD = frozenset({"authorized", "lapsed"})


@dataclass(frozen=True, slots=True)
class Part:
    """Minor units of one operation's reservation. `month` is the one they stand in.

    `held`: Amazon holds an authorization for it, so that a capture may take it.
    """

    operation_id: str
    month: str
    amount: int
    held: bool = False


@dataclass(frozen=True, slots=True)
class Takeover:
    """What a collection of `amount` in `month` takes over; `fresh` minor units of it are new in that month."""

    month: str
    amount: int
    parts: tuple[Part, ...]

    @property
    def fresh(self) -> int:
        """What needs room under the cap; nothing where the rest stands in this month already."""
        return self.amount - sum(part.amount for part in self.parts if part.month == self.month)

    def on(self, operation: Operation) -> Operation:
        """The collection with what it takes over, as it stands in the ledger; without anything, as it is."""
        taken = ",".join(f"{part.operation_id}:{part.amount}" for part in self.parts)
        if not self.amount:
            return operation
        return replace(operation, cap_month=self.month, cap_booked=self.amount, cap_from=taken)


def idle(operations: Sequence[Operation]) -> list[Part]:
    """What stands for the rest: reserved on the cap, and neither captured nor being captured. Oldest first."""
    taken: dict[str, int] = {}
    for operation in operations:
        if operation.kind is Kind.CAPTURE and not operation.failed:
            taken[operation.parent_id] = taken.get(operation.parent_id, 0) + operation.amount
    granted = (one for one in operations if one.phase is Phase.DONE and one.effect in _HELD)
    parts = (
        Part(one.id, one.cap_month, one.cap_booked - taken.get(one.id, 0), one.reserved and one.id not in taken)
        for one in granted
    )
    return [part for part in parts if part.amount > 0]


def standing(held: Operation, operations: Sequence[Operation]) -> int:
    """How much of an authorization may be captured: a later collection may have taken over what stood for it."""
    if not held.cap_month:
        return held.amount
    return next((part.amount for part in idle(operations) if part.operation_id == held.id), 0)


def takeover(operations: Sequence[Operation], amount: int, month: str) -> Takeover:
    """What a collection takes over: of its own month first, since that needs no room, then the oldest.

    What Amazon still holds an authorization for comes last, so that it stays there for its capture.
    """
    parts = sorted(idle(operations), key=lambda part: (part.held, part.month != month, part.month))
    return Takeover(month, amount, tuple(_first(parts, amount)))


def moved(row: Operation, operations: Sequence[Operation], month: str) -> Takeover:
    """What money takes over that moved without being asked for: what was of the rest, and all else is new in `month`.

    Where it is the capture of a reservation, its month stays; new is only what the reservation does not stand for.
    """
    parent = next((one for one in operations if one.id == row.parent_id), None)
    if parent is None:
        return Takeover(month, row.amount, ())
    if row.kind is Kind.CAPTURE:
        return Takeover(month, max(0, row.amount - standing(parent, operations)), ())
    return takeover(operations, row.amount, month)


def given_up(operations: Sequence[Operation], amount: int) -> list[Part]:
    """What goes when `amount` of the rest is released: first what Amazon does not hold, and of that the oldest.

    So what stays stands in the month in which it is likeliest to be collected without needing room again.
    """
    return _first(sorted(idle(operations), key=lambda part: (part.held, part.month)), amount)


def _first(parts: Iterable[Part], amount: int) -> list[Part]:
    """The first `amount` minor units of some parts."""
    taken = []
    for part in parts:
        took = min(part.amount, amount)
        if took:
            taken.append(replace(part, amount=took))
            amount -= took
    return taken


def taken_over(operation: Operation) -> list[tuple[str, int]]:
    """(operation id, minor units) of the reservations that a collection took over."""
    pairs = (entry.rsplit(":", 1) for entry in operation.cap_from.split(",") if entry)
    return [(key, int(amount)) for key, amount in pairs]


def holder(capture: Operation, operations: Iterable[Operation]) -> Operation | None:
    """The operation whose reservation stands for captured money; None if it was never reserved."""
    if capture.cap_month:
        return capture
    return next((one for one in operations if one.id == capture.parent_id and one.cap_month), None)
