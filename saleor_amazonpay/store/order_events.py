"""The inbox of what happened to orders in Saleor: each once, kept until it was acted on."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import order_events as table


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One event: `cancelled` with the order as its subject, or `fulfilled` with the fulfillment."""

    tenant_id: str
    event: str
    subject_id: str
    order_id: str
    received_at: int
    due_at: int
    tries: int = 0


_NAMES = tuple(OrderEvent.__dataclass_fields__)
_key = (
    table.c.tenant_id == sa.bindparam("tenant"),
    table.c.event == sa.bindparam("name"),
    table.c.subject_id == sa.bindparam("subject"),
)
_PUT = command(lambda insert: insert(table).on_conflict_do_nothing().returning(table.c.event), _NAMES)
_DUE = Statement(
    sa.select(*(table.c[name] for name in _NAMES))
    .where(table.c.due_at > 0, table.c.due_at <= sa.bindparam("now"))
    .order_by(table.c.received_at)
    .limit(100),
    OrderEvent,
)
_CLAIM = command(
    sa.update(table)
    .where(*_key, table.c.due_at == sa.bindparam("seen"))
    .values(due_at=sa.bindparam("due"), tries=table.c.tries + 1)
)
_POSTPONE = command(sa.update(table).where(*_key).values(due_at=sa.bindparam("due")))
_DONE = command(sa.update(table).where(*_key).values(due_at=0, result=sa.bindparam("outcome")))


def _named(event: OrderEvent) -> dict[str, str]:
    return {"tenant": event.tenant_id, "name": event.event, "subject": event.subject_id}


def put(tx: Tx, event: OrderEvent) -> bool:
    """Keep an event; False if it was received before."""
    return tx.one(_PUT, **{name: getattr(event, name) for name in _NAMES}) is not None


def due(tx: Tx, now: int) -> list[OrderEvent]:
    """Events to act on now, in the order in which they came."""
    return tx.all(_DUE, now=now)


def claim(tx: Tx, event: OrderEvent, again_at: int) -> bool:
    """Take an event to act on it; if nobody says it was done, it is due again at `again_at` (ms)."""
    return tx.run(_CLAIM, **_named(event), seen=event.due_at, due=again_at) == 1


def done(tx: Tx, event: OrderEvent, result: str) -> None:
    """It was acted on; `result` says how."""
    tx.run(_DONE, **_named(event), outcome=result)


def postpone(tx: Tx, event: OrderEvent, due_at: int) -> None:
    """Act on it at `due_at` (ms)."""
    tx.run(_POSTPONE, **_named(event), due=due_at)
