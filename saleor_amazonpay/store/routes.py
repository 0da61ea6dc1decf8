"""Which profile a checkout or order was routed to, remembered for a day (money.md §7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import routes

DAY_MS = 24 * 3600 * 1000


def _choose(insert: Callable[..., Any]) -> sa.Executable:
    new = insert(routes)
    statement: sa.Executable = new.on_conflict_do_update(
        index_elements=["tenant_id", "source_id"],
        set_={"profile_id": new.excluded.profile_id, "chosen_at": new.excluded.chosen_at},
    )
    return statement


_CHOOSE = command(_choose, ("tenant_id", "source_id", "profile_id", "chosen_at"))
_CHOSEN: Statement[str] = Statement(
    sa.select(routes.c.profile_id).where(
        routes.c.tenant_id == sa.bindparam("tenant"),
        routes.c.source_id == sa.bindparam("source"),
        routes.c.chosen_at > sa.bindparam("since"),
    ),
    str,
)


def remember(tx: Tx, tenant_id: str, source_id: str, profile_id: str, now: int) -> None:
    """Fix the choice for a source object; a later gateway-initialize renews it."""
    tx.run(_CHOOSE, tenant_id=tenant_id, source_id=source_id, profile_id=profile_id, chosen_at=now)


def chosen(tx: Tx, tenant_id: str, source_id: str, now: int) -> str | None:
    """The profile that was chosen within a day."""
    return tx.one(_CHOSEN, tenant=tenant_id, source=source_id, since=now - DAY_MS)
