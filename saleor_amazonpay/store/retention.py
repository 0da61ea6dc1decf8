"""What is kept for a while only, and how old it may become. Never the ledger, the cap's months or what was settled.

What still waits for something (`due_at`) is kept however old it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import deliveries, notices, order_events, problems, reports, routes

BATCH = 500  # rows that one unit of work deletes, so that no webhook waits for it
_DAY_MS = 24 * 3600_000


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of one table, deleted when they are older than `days`."""

    name: str
    days: int
    forget: Statement[tuple[Any, ...]]


def _kept(table: sa.Table, age: sa.Column[int], days: int, *settled: sa.ColumnElement[bool]) -> Kept:
    columns = list(table.primary_key)
    key = sa.tuple_(*columns) if len(columns) > 1 else columns[0]
    old = sa.select(*columns).where(age < sa.bindparam("before"), *settled).limit(BATCH)
    return Kept(table.name, days, command(sa.delete(table).where(key.in_(old))))


RETENTION = (
    _kept(deliveries, deliveries.c.received_at, 1),  # money.md §1
    # Beside the operations they are what a payment's timeline shows: longer than a buyer can dispute it.
    _kept(notices, notices.c.received_at, 400, notices.c.due_at == 0),
    _kept(reports, reports.c.created_at, 400, reports.c.due_at == 0),
    _kept(order_events, order_events.c.received_at, 90, order_events.c.due_at == 0),
    _kept(routes, routes.c.chosen_at, 90),  # a purchase that is paid later is routed anew
    _kept(problems, problems.c.cleared_at, 90, problems.c.open == 0, problems.c.due_at == 0),
)


def forget(tx: Tx, kept: Kept, now: int) -> int:
    """Delete at most a batch of what is too old; returns how many rows."""
    return tx.run(kept.forget, before=now - kept.days * _DAY_MS)
