"""What money moved on a profile in a span of time, added up from the ledger."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from saleor_amazonpay.domain.operation import Kind, Phase
from saleor_amazonpay.domain.outcome import Effect
from saleor_amazonpay.store.sql import Statement, Tx, among
from saleor_amazonpay.store.tables import operations as table


@dataclass(frozen=True, slots=True)
class Moved:
    """Minor units, and the number of sales. A won chargeback is taken off what was charged back."""

    gross: int = 0
    sales: int = 0
    refunds: int = 0
    charged_back: int = 0


_amount = sa.case((table.c.moved > 0, table.c.moved), else_=table.c.amount)
_taken = sa.and_(table.c.effect == Effect.CAPTURED.value, table.c.kind != Kind.REFUND.value)
# A split refund's parts carry the money; the whole repeats their sum.
_given_back = sa.and_(
    table.c.kind == Kind.REFUND.value, table.c.effect == Effect.REFUNDED.value, table.c.parent_id != ""
)
_disputed = table.c.kind == Kind.CHARGEBACK.value
_won = table.c.kind == Kind.CHARGEBACK_WON.value


def _sum(*cases: tuple[sa.ColumnElement[bool], sa.ColumnElement[int] | int]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case(*cases, else_=0)), 0)


_BETWEEN = Statement(
    sa.select(
        _sum((_taken, _amount)),
        _sum((_taken, 1)),
        _sum((_given_back, _amount)),
        _sum((_disputed, _amount), (_won, -_amount)),
    ).where(
        table.c.profile_id == sa.bindparam("profile"),
        among(table.c.kind, Kind),  # for the index, which has the kind before the time
        table.c.phase == Phase.DONE.value,
        table.c.created_at >= sa.bindparam("since"),
        table.c.created_at < sa.bindparam("until"),
    ),
    lambda *row: Moved(*map(int, row)),
    index="ix_operations_profile",
)


_CHARGEBACKS = Statement(
    sa.select(table.c.parameters).where(
        table.c.profile_id == sa.bindparam("profile"),
        _disputed,
        table.c.created_at >= sa.bindparam("since"),
        table.c.created_at < sa.bindparam("until"),
    ),
    str,
    index="ix_operations_profile",
)


def chargebacks_between(tx: Tx, profile_id: str, since: int, until: int) -> list[str]:
    """The parameters booked with each chargeback of a span of time (ms): JSON with its fee, which won ones cost too."""
    return tx.all(_CHARGEBACKS, profile=profile_id, since=since, until=until)


def between(tx: Tx, profile_id: str, since: int, until: int) -> Moved:
    """What operations begun in a span of time (ms) moved, as far as it is known now."""
    return tx.one(_BETWEEN, profile=profile_id, since=since, until=until) or Moved()
