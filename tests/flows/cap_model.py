"""What the cap's books must say, over amounts and months alone: the yardstick of test_cap_machine.py.

It knows payments, the parts of what may still be collected of each and the month each part counts in, and what was
taken. It knows no table, no operation and no wire. Amounts are minor units, months `2026-11`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


@dataclass
class Purse:
    """One profile: its cap (-1 unlimited), and what counts in each month."""

    name: str
    zone: str
    cap: int
    gives_back: bool
    booked: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def month(self, now: int) -> str:
        return datetime.fromtimestamp(now / 1000, UTC).astimezone(ZoneInfo(self.zone)).strftime("%Y-%m")

    def attempt(self, month: str, amount: int) -> bool:
        if self.cap != -1 and self.booked[month] + amount > self.cap:
            return False
        self.booked[month] += amount
        return True


@dataclass
class Part:
    """Of the rest: what may still be collected. `held` by Amazon, so that it can be captured as it stands."""

    month: str
    amount: int
    held: bool


@dataclass
class Take:
    """What was taken from the buyer, and the month it counts in."""

    month: str
    amount: int
    asked_back: int = 0  # refunds, also those that are not decided yet

    @property
    def left(self) -> int:
        return self.amount - self.asked_back


@dataclass
class Payment:
    """One transaction of one buyer."""

    number: int
    purse: Purse
    parts: list[Part] = field(default_factory=list)  # in the order in which they came about
    takes: list[Take] = field(default_factory=list)
    busy: bool = False
    ended: bool = False

    @property
    def rest(self) -> int:
        return sum(part.amount for part in self.parts)

    @property
    def held(self) -> Part | None:
        """The newest part that Amazon holds."""
        return next((part for part in reversed(self.parts) if part.held), None)

    @property
    def collectable(self) -> bool:
        """Whether a part of the rest has to be collected on the agreement."""
        return not self.busy and self.rest > (self.held.amount if self.held else 0)

    @property
    def refundable(self) -> Take | None:
        """The newest that has something left."""
        return next((take for take in reversed(self.takes) if take.left), None)

    def gain(self, month: str, amount: int, *, taken: bool) -> None:
        """The buyer's money was taken, or is reserved for the shop."""
        if taken:
            self.takes.append(Take(month, amount))
        else:
            self.parts.append(Part(month, amount, held=True))

    def capture(self, part: Part, amount: int) -> Callable[[], None]:
        """Take from what Amazon holds: one capture each, and the month stays. Returns what undoes it."""
        part.amount, part.held = part.amount - amount, False

        def undo() -> None:
            part.amount, part.held = part.amount + amount, True

        return undo

    def collect(self, month: str, amount: int, *, covered: int | None = None, moved: bool = False) -> Collected | None:
        """Take over parts of the rest in `month`; None: the cap has no room for what is new there."""
        took, missing = [], amount if covered is None else covered
        for part in sorted(self.parts, key=lambda part: (part.held, part.month != month, part.month)):
            share = min(part.amount, missing)
            missing -= share
            if share:
                took.append((part, share))
        fresh = amount - sum(share for part, share in took if part.month == month)
        if moved:
            self.purse.booked[month] += fresh
        elif fresh and not self.purse.attempt(month, fresh):
            return None
        for part, share in took:
            part.amount -= share
            if part.month != month:
                self.purse.booked[part.month] -= share
        return Collected(self, month, fresh, took)

    def release(self, amount: int) -> None:
        """Nobody will collect so much of the rest: its months get it back."""
        for part in sorted(self.parts, key=lambda part: (part.held, part.month)):
            share = min(part.amount, amount)
            part.amount -= share
            amount -= share
            self.purse.booked[part.month] -= share

    def tidy(self) -> None:
        """With the agreement ended, nobody can collect what Amazon does not hold."""
        if self.ended and not self.busy:
            self.release(sum(part.amount for part in self.parts if not part.held))

    def give_back(self, take: Take, amount: int, now: int) -> None:
        """A refund is final."""
        if self.purse.gives_back and self.purse.month(now) == take.month:
            self.purse.booked[take.month] -= amount


@dataclass
class Collected:
    """A collection under way."""

    payment: Payment
    month: str
    fresh: int
    took: list[tuple[Part, int]]

    @property
    def amount(self) -> int:
        return self.fresh + sum(share for part, share in self.took if part.month == self.month)

    def undo(self) -> None:
        """Declined: everything stands where it stood."""
        self.payment.purse.booked[self.month] -= self.fresh
        for part, share in self.took:
            part.amount += share
            if part.month != self.month:
                self.payment.purse.booked[part.month] += share
