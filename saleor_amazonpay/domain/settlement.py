"""What Amazon settled: the movements it paid out or took, with the fee it kept of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SettledLine:
    """One movement that Amazon has settled. Minor units with Amazon's sign: a refund and a fee it keeps are negative.

    `message` is a notice that says to read the object, for one that the ledger has never heard of.
    """

    object_id: str
    kind: str  # capture, refund, chargeback
    posted_at: int  # milliseconds UTC
    currency: str
    amount: int
    fee: int
    message: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """One settlement report; `unreadable` counts the lines of it that are no amounts of their currency."""

    settlement_id: str
    lines: tuple[SettledLine, ...]
    unreadable: int = 0
