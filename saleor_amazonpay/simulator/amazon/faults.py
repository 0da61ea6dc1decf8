"""Faults to order: what a network or Amazon may do to a call, by operation and count.

In come rules and the names of arriving operations, out comes the fault to play, if any. Rules are tried in the
order they were added; each is used up after its `times`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from saleor_amazonpay.simulator.amazon.errors import CODES
from saleor_amazonpay.simulator.amazon.v2.errors import CODES as PAY_CODES

FaultKind = Literal["delay", "late", "error", "refuse", "drop", "throttle", "garbage", "gone", "host_gone"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule.

    Kinds: `delay` waits `seconds`, then acts and answers; `late` acts first, then waits and answers; `error` answers
    `status` with a text that is no XML, before acting; `refuse` answers Amazon's error document with `code`, before
    acting; `drop` acts and closes the connection; `throttle` answers as a full bucket does; `garbage` acts and answers
    200 with something that is no XML; `gone` answers 410 and `host_gone` closes the connection, both before acting.

    Raises ValueError for a `refuse` without a code of Amazon's.
    """

    kind: FaultKind
    action: str = "*"  # an operation, `tokeninfo`, `profile`, or all of them
    after: int = 0  # how many matching calls pass unharmed first
    times: int = 1  # how many are hit; 0: all
    seconds: float = 0.0  # real seconds; any kind may wait first
    status: int = 500
    code: str = ""  # what `refuse` says

    def __post_init__(self) -> None:
        if self.kind == "refuse" and self.code not in CODES | PAY_CODES:
            raise ValueError(f"{self.code!r} is no error code of Amazon's")


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put a rule in force."""
        self.rules.append(fault)

    def clear(self) -> None:
        """Let everything pass again."""
        self.rules.clear()

    def take(self, action: str) -> Fault | None:
        """The fault this call meets; counts it."""
        for place, rule in enumerate(self.rules):
            if rule.action not in {"*", action}:
                continue
            if rule.after:
                self.rules[place] = replace(rule, after=rule.after - 1)
                continue
            if rule.times == 1:
                del self.rules[place]
            elif rule.times:
                self.rules[place] = replace(rule, times=rule.times - 1)
            return rule
        return None
