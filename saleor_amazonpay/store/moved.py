"""What money moved on a profile in a span of time, added up from the ledger."""

from __future__ import annotations

import sqlalchemy as sa

from saleor_amazonpay.domain.operation import Kind, Phase
from saleor_amazonpay.domain.outcome import Effect
from saleor_amazonpay.store.sql import Statement, Tx
from saleor_amazonpay.store.tables import operations as table

_amount = sa.case((table.c.moved > 0, table.c.moved), else_=table.c.amount)
_taken = sa.and_(table.c.effect == Effect.CAPTURED.value, table.c.kind != Kind.REFUND.value)
# A split refund's parts carry the money; the whole repeats their sum.
_given_back = sa.and_(
    table.c.kind == Kind.REFUND.value, table.c.effect == Effect.REFUNDED.value, table.c.parent_id != ""
)
_BETWEEN: Statement[tuple[int, int, int]] = Statement(
    sa.select(
        sa.func.coalesce(sa.func.sum(sa.case((_taken, _amount), else_=0)), 0),
        sa.func.coalesce(sa.func.sum(sa.case((_taken, 1), else_=0)), 0),
        sa.func.coalesce(sa.func.sum(sa.case((_given_back, _amount), else_=0)), 0),
    ).where(
        table.c.profile_id == sa.bindparam("profile"),
        table.c.phase == Phase.DONE.value,
        table.c.created_at >= sa.bindparam("since"),
        table.c.created_at < sa.bindparam("until"),
    ),
    lambda *row: (int(row[0]), int(row[1]), int(row[2])),
)
_CHARGED_BACK: Statement[tuple[str, int, str]] = Statement(
    sa.select(table.c.kind, table.c.amount, table.c.parameters).where(
        table.c.profile_id == sa.bindparam("profile"),
        sa.or_(table.c.kind == Kind.CHARGEBACK.value, table.c.kind == Kind.CHARGEBACK_WON.value),
        table.c.phase == Phase.DONE.value,
        table.c.created_at >= sa.bindparam("since"),
        table.c.created_at < sa.bindparam("until"),
    ),
    lambda *row: (str(row[0]), int(row[1]), str(row[2])),
)


def chargebacks(tx: Tx, profile_id: str, since: int, until: int) -> list[tuple[str, int, str]]:
    """(kind, minor units, terms) of each chargeback that came, or was won, in a span of time (ms)."""
    return tx.all(_CHARGED_BACK, profile=profile_id, since=since, until=until)


def between(tx: Tx, profile_id: str, since: int, until: int) -> tuple[int, int, int]:
    """(taken, sales, given back) of operations begun in a span of time (ms): minor units, and a number."""
    return tx.one(_BETWEEN, profile=profile_id, since=since, until=until) or (0, 0, 0)
