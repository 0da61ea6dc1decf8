"""Which payments are looked at once more although they are decided, and when: a row each, gone after the last time."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import second_looks


@dataclass(frozen=True, slots=True)
class Look:
    """What took money, when it is to be read (ms UTC), and how often that was tried in vain."""

    operation_id: str
    due_at: int
    tries: int


_key = second_looks.c.operation_id == sa.bindparam("key")
_PLAN = command(lambda insert: insert(second_looks).on_conflict_do_nothing(), ("operation_id", "due_at", "tries"))
_DUE = Statement(
    sa.select(second_looks.c.operation_id, second_looks.c.due_at, second_looks.c.tries)
    .where(second_looks.c.due_at <= sa.bindparam("now"))
    .order_by(second_looks.c.due_at)
    .limit(sa.bindparam("most", type_=sa.Integer)),
    Look,
)
_CLAIM = command(
    sa.update(second_looks)
    .where(_key, second_looks.c.due_at == sa.bindparam("seen"))
    .values(due_at=sa.bindparam("due"), tries=second_looks.c.tries + 1)
)
_NEXT = command(sa.update(second_looks).where(_key).values(due_at=sa.bindparam("due"), tries=0))
_POSTPONE = command(sa.update(second_looks).where(_key).values(due_at=sa.bindparam("due")))
_FORGET = command(sa.delete(second_looks).where(_key))


def plan(tx: Tx, operation_id: str, due_at: int) -> None:
    """Look at it at `due_at` (ms); nothing happens if that is planned already."""
    tx.run(_PLAN, operation_id=operation_id, due_at=due_at, tries=0)


def due(tx: Tx, now: int, most: int) -> list[Look]:
    """What is to be looked at now, oldest first."""
    return tx.all(_DUE, now=now, most=most)


def claim(tx: Tx, look: Look, again_at: int) -> bool:
    """Take one; if its process dies over it, it is due again at `again_at` (ms). False: another node has it."""
    return tx.run(_CLAIM, key=look.operation_id, seen=look.due_at, due=again_at) == 1


def next_at(tx: Tx, operation_id: str, due_at: int) -> None:
    """It was read; the next time is `due_at` (ms)."""
    tx.run(_NEXT, key=operation_id, due=due_at)


def postpone(tx: Tx, operation_id: str, due_at: int) -> None:
    """It could not be read; try again at `due_at` (ms)."""
    tx.run(_POSTPONE, key=operation_id, due=due_at)


def forget(tx: Tx, operation_id: str) -> None:
    """It was the last time."""
    tx.run(_FORGET, key=operation_id)
