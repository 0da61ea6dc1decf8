"""Whether Amazon's notices reach a profile's URL: what came, what waits, and what was refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import ipn_refusals, notices


@dataclass(frozen=True, slots=True)
class Refusals:
    """Requests that were refused for one reason. `last_at` is milliseconds UTC."""

    code: str
    message: str
    count: int
    last_at: int


def _refuse(insert: Callable[..., Any]) -> sa.Executable:
    new = insert(ipn_refusals)
    statement: sa.Executable = new.on_conflict_do_update(
        index_elements=["profile_id", "code"],
        set_={"count": ipn_refusals.c.count + 1, "message": new.excluded.message, "last_at": new.excluded.last_at},
    )
    return statement


_REFUSE = command(_refuse, ("profile_id", "code", "message", "count", "last_at"))
_of_profile = notices.c.profile_id == sa.bindparam("profile")
_REFUSALS = Statement(
    sa.select(ipn_refusals.c.code, ipn_refusals.c.message, ipn_refusals.c.count, ipn_refusals.c.last_at)
    .where(ipn_refusals.c.profile_id == sa.bindparam("profile"))
    .order_by(ipn_refusals.c.last_at.desc()),
    Refusals,
)
_LAST: Statement[tuple[int, str]] = Statement(
    sa.select(notices.c.received_at, notices.c.subject)
    .where(_of_profile)
    .order_by(notices.c.received_at.desc())
    .limit(1),
    lambda *row: row,
)
_SINCE: Statement[int] = Statement(
    sa.select(sa.func.count()).select_from(notices).where(_of_profile, notices.c.received_at >= sa.bindparam("since")),
    int,
)
_WAITING: Statement[int] = Statement(
    sa.select(sa.func.count()).select_from(notices).where(_of_profile, notices.c.due_at > 0), int
)


def refuse(tx: Tx, profile_id: str, code: str, message: str, now: int) -> None:
    """Count a refused request."""
    tx.run(_REFUSE, profile_id=profile_id, code=code, message=message[:300], count=1, last_at=now)


def refusals(tx: Tx, profile_id: str) -> list[Refusals]:
    """What was refused, newest first: one entry per reason."""
    return tx.all(_REFUSALS, profile=profile_id)


def last(tx: Tx, profile_id: str) -> tuple[int, str] | None:
    """When the last notice came (ms), and about what."""
    return tx.one(_LAST, profile=profile_id)


def counts(tx: Tx, profile_id: str, since: int) -> tuple[int, int]:
    """How many came since a moment (ms), and how many of all wait to be handled."""
    return tx.one(_SINCE, profile=profile_id, since=since) or 0, tx.one(_WAITING, profile=profile_id) or 0
