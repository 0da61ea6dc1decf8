"""Money that moved without being asked for counts on the cap all the same, even past it (money.md §7).

What it takes of a rest was counted when that was reserved. Within the same month it stays there; from another month it
moves to the one in which the money moved.
"""

from __future__ import annotations

from dataclasses import replace

from saleor_amazonpay.domain.operation import Operation
from saleor_amazonpay.store import caps, operations
from saleor_amazonpay.store.sql import Tx


def counted(row: Operation, month: str, session: Operation | None, covered: int) -> Operation:
    """The row as it counts in a month: `covered` minor units of it are a rest that stands on `session`."""
    before = covered if session is not None and session.cap_month == month else 0
    return replace(row, cap_month=month, cap_booked=row.amount - before)


def count(tx: Tx, row: Operation, session: Operation | None, covered: int) -> None:
    """Book what a counted row stands for, once, after it was written."""
    caps.book(tx, row.profile_id, row.cap_month, row.cap_booked)
    if session is None or session.cap_month == row.cap_month:
        return
    back = min(covered, session.cap_booked)
    if back:
        caps.release(tx, session.profile_id, session.cap_month, back)
        operations.unbook(tx, session.id, back)
