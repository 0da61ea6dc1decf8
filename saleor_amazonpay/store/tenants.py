"""Tenants: one per Saleor API URL, for ever. Reinstalling replaces the app id and token and loses no payment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from saleor_amazonpay.store.sealed import Sealer
from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import tenants


@dataclass(frozen=True, slots=True, repr=False)
class Tenant:
    """A Saleor that has installed the app. `removed_at` is 0 while it is installed."""

    id: str
    api_url: str
    app_id: str
    token: str
    jwks: str
    registered_at: int
    removed_at: int

    def __repr__(self) -> str:
        return f"Tenant({self.api_url}, {self.app_id})"


@dataclass(frozen=True, slots=True)
class Shop:
    """A tenant without what is sealed: it can be read with any keys. `removed_at` is 0 while it is installed."""

    id: str
    api_url: str
    app_id: str
    registered_at: int
    removed_at: int


_COLUMNS = (
    tenants.c.id, tenants.c.api_url, tenants.c.app_id, tenants.c.token, tenants.c.jwks, tenants.c.registered_at,
    tenants.c.removed_at,
)  # fmt: skip


def _raw(*values: Any) -> tuple[Any, ...]:
    return values


_BY_URL = Statement(sa.select(*_COLUMNS).where(tenants.c.api_url == sa.bindparam("url")), _raw)
_BY_ID = Statement(sa.select(*_COLUMNS).where(tenants.c.id == sa.bindparam("key")), _raw)
_INSTALLED = Statement(
    sa.select(*_COLUMNS).where(tenants.c.removed_at == 0).order_by(tenants.c.registered_at, tenants.c.id), _raw
)
_SHOPS = Statement(
    sa.select(*(tenants.c[name] for name in Shop.__dataclass_fields__)).order_by(tenants.c.registered_at, tenants.c.id),
    Shop,
)
_REGISTERED = ("id", "api_url", "app_id", "token", "jwks", "registered_at")


def _register(insert: Callable[..., Any]) -> sa.Executable:
    new = insert(tenants)
    fresh = {name: new.excluded[name] for name in ("app_id", "token", "jwks", "registered_at")}
    statement: sa.Executable = new.on_conflict_do_update(
        index_elements=["api_url"], set_={**fresh, "removed_at": sa.literal(0), "webhooks": sa.literal("")}
    )
    return statement


_REGISTER = command(_register, _REGISTERED)
_REMOVE = command(
    sa.update(tenants)
    .where(tenants.c.id == sa.bindparam("key"), tenants.c.app_id == sa.bindparam("app"))
    .values(removed_at=sa.bindparam("now"), token=b"")
)


def _open(row: tuple[Any, ...] | None, sealer: Sealer) -> Tenant | None:
    if row is None:
        return None
    key, api_url, app_id, token, jwks, registered_at, removed_at = row
    opened = sealer.open(bytes(token), "tenants", key, "token")
    return Tenant(key, api_url, app_id, opened, jwks, registered_at, removed_at)


def by_url(tx: Tx, sealer: Sealer, api_url: str) -> Tenant | None:
    """The tenant of an API URL as it was registered, installed or not."""
    return _open(tx.one(_BY_URL, url=api_url), sealer)


def by_id(tx: Tx, sealer: Sealer, tenant_id: str) -> Tenant | None:
    """The tenant by its id."""
    return _open(tx.one(_BY_ID, key=tenant_id), sealer)


def installed(tx: Tx, sealer: Sealer) -> list[Tenant]:
    """The Saleors in which the app is installed now, oldest first."""
    return [tenant for row in tx.all(_INSTALLED) if (tenant := _open(row, sealer)) is not None]


def shops(tx: Tx) -> list[Shop]:
    """Every Saleor that ever installed the app, oldest first, whether or not its token can be opened."""
    return tx.all(_SHOPS)


def register(tx: Tx, sealer: Sealer, tenant_id: str, api_url: str, app_id: str, token: str, jwks: str, now: int) -> str:
    """Install or reinstall; returns the tenant's id, which is the old one if this API URL was here before."""
    known = tx.one(_BY_URL, url=api_url)
    key = str(known[0]) if known else tenant_id
    sealed = sealer.seal(token, "tenants", key, "token")
    tx.run(_REGISTER, id=key, api_url=api_url, app_id=app_id, token=sealed, jwks=jwks, registered_at=now)
    return key


def remove(tx: Tx, tenant_id: str, app_id: str, now: int) -> bool:
    """Forget the token of an app that was deleted; its payments stay. False if it was reinstalled meanwhile."""
    return tx.run(_REMOVE, key=tenant_id, app=app_id, now=now) == 1
