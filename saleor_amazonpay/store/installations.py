"""Which manifest each installed shop was last compared with, and when it is compared again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from saleor_amazonpay.store import tenants
from saleor_amazonpay.store.sealed import Sealer
from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import tenants as table
from saleor_amazonpay.store.tenants import Tenant


@dataclass(frozen=True, slots=True)
class Compared:
    """A shop with what was known of its webhooks. `asked`: somebody wants it compared, whatever it is."""

    tenant: Tenant
    manifest: str
    due_at: int
    tries: int

    @property
    def asked(self) -> bool:
        """Whether it is due because of a time that was set, not because of another manifest."""
        return self.due_at > 0


def _raw(*values: Any) -> tuple[Any, ...]:
    return values


_here = (table.c.removed_at == 0, table.c.webhooks_at <= sa.bindparam("now", type_=sa.BigInteger))
_DUE = Statement(
    sa.select(table.c.id, table.c.webhooks, table.c.webhooks_at, table.c.webhooks_tries)
    .where(*_here, sa.or_(table.c.webhooks_at > 0, table.c.webhooks != sa.bindparam("wanted")))
    .limit(100),
    _raw,
)
_key = table.c.id == sa.bindparam("key")
_CLAIM = command(
    sa.update(table)
    .where(_key, table.c.webhooks_at == sa.bindparam("seen"))
    .values(webhooks_at=sa.bindparam("at"), webhooks_tries=table.c.webhooks_tries + 1)
)
_LOOK_AT = command(sa.update(table).where(_key).values(webhooks_at=sa.bindparam("at")))
_COMPARED = command(
    sa.update(table)
    .where(_key)
    .values(webhooks=sa.bindparam("manifest"), webhooks_at=sa.bindparam("at"), webhooks_tries=0)
)


def due(tx: Tx, sealer: Sealer, wanted: str, now: int) -> list[Compared]:
    """Installed shops that were last compared with another manifest, or whose time has come."""
    found = [(tenants.by_id(tx, sealer, key), *rest) for key, *rest in tx.all(_DUE, wanted=wanted, now=now)]
    return [Compared(tenant, *rest) for tenant, *rest in found if tenant is not None]


def claim(tx: Tx, shop: Compared, again_at: int) -> bool:
    """Take a shop to compare it; if nobody says it was, it is due again at `again_at` (ms)."""
    return tx.run(_CLAIM, key=shop.tenant.id, seen=shop.due_at, at=again_at) == 1


def look_at(tx: Tx, tenant_id: str, at: int) -> None:
    """Compare a shop at `at` (ms)."""
    tx.run(_LOOK_AT, key=tenant_id, at=at)


def compared(tx: Tx, tenant_id: str, manifest: str, at: int) -> None:
    """It was compared with this manifest; the next time is `at` (ms), 0 for when the manifest changes."""
    tx.run(_COMPARED, key=tenant_id, manifest=manifest, at=at)
