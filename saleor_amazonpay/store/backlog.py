"""How much stands in each queue, and how long: counts for somebody who looks for what is stuck, and nothing else.

Every table is read whole. Nobody waits for it, and nothing is locked.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from saleor_amazonpay.store.sql import Statement, Tx
from saleor_amazonpay.store.tables import notices, operations, order_events, problems, reports, second_looks


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows of one queue in one state: how many there are, and of how many something is still to come.

    Of those that wait: when the oldest began, when the first is due (ms UTC, 0 if none waits), and the most tries.
    """

    queue: str
    state: str
    rows: int
    waiting: int
    oldest_at: int
    next_due_at: int
    most_tries: int


def _text(constant: str) -> sa.ColumnElement[str]:
    # Written into the statement: PostgreSQL does not know of what type a parameter is that it only gives back.
    return sa.literal_column(f"'{constant}'")


def _queue(name: str, state: sa.ColumnElement[str], began: sa.Column[int], due: sa.Column[int]) -> Statement[Backlog]:
    waits, tries = due > sa.literal_column("0"), began.table.c.tries
    named: sa.ColumnElement[str] = sa.literal_column("in_state")

    def of_waiting(column: sa.Column[int]) -> sa.ColumnElement[int]:
        return sa.case((waits, column))

    return Statement(
        sa.select(
            _text(name), state.label("in_state"), sa.func.count(), sa.func.count(of_waiting(due)),
            sa.func.min(of_waiting(began)), sa.func.min(of_waiting(due)), sa.func.max(of_waiting(tries)),
        ).group_by(named).order_by(named),
        lambda queue, in_state, *counts: Backlog(queue, in_state, *(int(count or 0) for count in counts)),
    )  # fmt: skip


def _or_result(table: sa.Table) -> sa.ColumnElement[str]:
    """Whether a row waits, or what came of it; why Saleor refused a report stays out."""
    first = sa.func.substr(table.c.result, sa.literal_column("1"), sa.literal_column("7"))
    return sa.case(
        (table.c.due_at > sa.literal_column("0"), _text("waiting")),
        (first == _text("refused"), _text("refused")),
        else_=table.c.result,
    )


_QUEUES = (
    _queue("operations", operations.c.phase, operations.c.created_at, operations.c.due_at),
    _queue("reports to Saleor", _or_result(reports), reports.c.created_at, reports.c.due_at),
    _queue("notices of Amazon", _or_result(notices), notices.c.received_at, notices.c.due_at),
    _queue("order events of Saleor", _or_result(order_events), order_events.c.received_at, order_events.c.due_at),
    _queue(
        "App Problems",
        sa.case((problems.c.open == sa.literal_column("1"), _text("open")), else_=_text("over")),
        problems.c.raised_at,
        problems.c.due_at,
    ),
    _queue("second looks", _text("planned"), second_looks.c.due_at, second_looks.c.due_at),
)


def backlogs(tx: Tx) -> list[Backlog]:
    """Every queue of this database in every state it is in, over all shops."""
    return [found for queue in _QUEUES for found in tx.all(queue)]
