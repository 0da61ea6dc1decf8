"""What the sandbox shall play with the next call of a kind: chosen by a person, taken once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import simulations


def _choose(insert: Callable[..., Any]) -> sa.Executable:
    new = insert(simulations)
    statement: sa.Executable = new.on_conflict_do_update(
        index_elements=["profile_id", "call"],
        set_={"code": new.excluded.code, "chosen_at": new.excluded.chosen_at},
    )
    return statement


_CHOOSE = command(_choose, ("profile_id", "call", "code", "chosen_at"))
_this = (simulations.c.profile_id == sa.bindparam("profile"), simulations.c.call == sa.bindparam("of_call"))
_FORGET = command(sa.delete(simulations).where(*_this))
_TAKE: Statement[str] = Statement(sa.delete(simulations).where(*_this).returning(simulations.c.code), str)
_CHOSEN: Statement[tuple[str, str]] = Statement(
    sa.select(simulations.c.call, simulations.c.code)
    .where(simulations.c.profile_id == sa.bindparam("profile"))
    .order_by(simulations.c.call),
    lambda *row: row,
)


def choose(tx: Tx, profile_id: str, call: str, code: str, now: int) -> None:
    """Let the next call of a kind play `code`; an earlier choice is replaced, an empty code takes it back."""
    if code:
        tx.run(_CHOOSE, profile_id=profile_id, call=call, code=code, chosen_at=now)
    else:
        tx.run(_FORGET, profile=profile_id, of_call=call)


def take(tx: Tx, profile_id: str, call: str) -> str | None:
    """What was chosen for a call, which is thereby used; in the transaction that commits the operation."""
    return tx.one(_TAKE, profile=profile_id, of_call=call)


def chosen(tx: Tx, profile_id: str) -> list[tuple[str, str]]:
    """(call, code) of what waits."""
    return tx.all(_CHOSEN, profile=profile_id)
