"""What staff should know: one row per shop and key, as we want Saleor to show it, and whether Saleor was told.

A change makes a row due; who delivers it notes which version was delivered, so that a change that came meanwhile
stays due.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import problems


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of one shop. `open` says whether it still is one; times are milliseconds UTC."""

    tenant_id: str
    key: str
    message: str
    critical: bool
    open: bool
    version: int
    raised_at: int
    cleared_at: int
    due_at: int
    tries: int


_NAMES = tuple(Problem.__dataclass_fields__)


def _problem(*row: str | int) -> Problem:
    values = dict(zip(_NAMES, row, strict=True))
    return Problem(**{**values, "critical": bool(values["critical"]), "open": bool(values["open"])})  # type: ignore[arg-type]


_select = sa.select(*(problems.c[name] for name in _NAMES))
_this = (problems.c.tenant_id == sa.bindparam("tenant"), problems.c.key == sa.bindparam("name"))
_changed = {"version": problems.c.version + 1, "due_at": sa.bindparam("now", type_=sa.BigInteger), "tries": 0}
_ADD = command(
    lambda insert: insert(problems).on_conflict_do_nothing(),
    ("tenant_id", "key", "message", "critical", "open", "version", "raised_at", "due_at"),
)
_RAISE = command(
    sa.update(problems)
    .where(
        *_this,
        sa.or_(
            problems.c.open == 0,
            problems.c.message != sa.bindparam("text"),
            problems.c.critical != sa.bindparam("is_critical"),
        ),
    )
    .values(
        **_changed,
        message=sa.bindparam("text"),
        critical=sa.bindparam("is_critical"),
        raised_at=sa.case((problems.c.open == 0, sa.bindparam("now")), else_=problems.c.raised_at),
        open=1,
        cleared_at=0,
    )
)
_CLEAR = command(
    sa.update(problems).where(*_this, problems.c.open == 1).values(**_changed, open=0, cleared_at=sa.bindparam("now"))
)
_OPEN_OF = Statement(
    _select.where(problems.c.tenant_id == sa.bindparam("tenant"), problems.c.open == 1).order_by(
        problems.c.critical.desc(), problems.c.raised_at
    ),
    _problem,
)
_IS_OPEN: Statement[int] = Statement(sa.select(problems.c.open).where(*_this, problems.c.open == 1), int)
_OPEN_NAMED = Statement(
    _select.where(problems.c.open == 1, problems.c.key.startswith(sa.bindparam("prefix"), autoescape=False)), _problem
)
_DUE = Statement(
    _select.where(problems.c.due_at > 0, problems.c.due_at <= sa.bindparam("now"))
    .order_by(problems.c.due_at)
    .limit(100),
    _problem,
)
_CLAIM = command(
    sa.update(problems)
    .where(*_this, problems.c.version == sa.bindparam("seen"), problems.c.due_at == sa.bindparam("was_due"))
    .values(due_at=sa.bindparam("again"), tries=problems.c.tries + 1)
)
_AT = command(
    sa.update(problems).where(*_this, problems.c.version == sa.bindparam("seen")).values(due_at=sa.bindparam("at"))
)


def put(tx: Tx, tenant_id: str, key: str, message: str, critical: bool, now: int) -> None:
    """Open a problem, or change what it says; due only if something is new."""
    given = {"message": message, "critical": int(critical), "open": 1, "version": 1, "raised_at": now, "due_at": now}
    if tx.run(_ADD, tenant_id=tenant_id, key=key, **given) != 1:
        tx.run(_RAISE, tenant=tenant_id, name=key, text=message, is_critical=int(critical), now=now)


def close(tx: Tx, tenant_id: str, key: str, now: int) -> None:
    """It is none any more; due only if it was one."""
    tx.run(_CLEAR, tenant=tenant_id, name=key, now=now)


def open_of(tx: Tx, tenant_id: str) -> list[Problem]:
    """What is wrong in a shop now, critical first."""
    return tx.all(_OPEN_OF, tenant=tenant_id)


def is_open(tx: Tx, tenant_id: str, key: str) -> bool:
    """Whether this is a problem now."""
    return tx.one(_IS_OPEN, tenant=tenant_id, name=key) is not None


def open_named(tx: Tx, prefix: str) -> list[Problem]:
    """What is wrong now in any shop, of the kind whose keys begin like this."""
    return tx.all(_OPEN_NAMED, prefix=prefix)


def due(tx: Tx, now: int) -> list[Problem]:
    """What Saleor has to be told now."""
    return tx.all(_DUE, now=now)


def claim(tx: Tx, problem: Problem, again_at: int) -> bool:
    """Take a change to deliver it; if nobody says it left, it is due again at `again_at` (ms)."""
    key = {"tenant": problem.tenant_id, "name": problem.key}
    return tx.run(_CLAIM, **key, seen=problem.version, was_due=problem.due_at, again=again_at) == 1


def told(tx: Tx, problem: Problem, due_at: int = 0) -> None:
    """This version was told (0), or is to be told again at `due_at` (ms). A newer version stays due."""
    tx.run(_AT, tenant=problem.tenant_id, name=problem.key, seen=problem.version, at=due_at)
