"""Pages of the agreements list, newest first, and the agreements of a customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.store.agreements import NAMES, Agreement, agreement_row
from saleor_amazonpay.store.sql import Statement, Tx, among
from saleor_amazonpay.store.tables import agreements as table

_MANY = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """An agreement with when it was made and seen last (ms)."""

    agreement: Agreement
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which agreements of a shop; empty is no condition. `text` is a whole id, ours or Amazon's."""

    profile_id: str = ""
    states: tuple[AgreementState, ...] = ()
    user_id: str = ""
    text: str = ""


def _listed(*row: Any) -> Listed:
    return Listed(agreement_row(*row[:-2]), row[-2], row[-1])


_select = sa.select(*(table.c[name] for name in NAMES), table.c.created_at, table.c.updated_at)
_mine = table.c.tenant_id == sa.bindparam("tenant")
_ONE = Statement(_select.where(_mine, table.c.id == sa.bindparam("key")), _listed)


def one(tx: Tx, tenant_id: str, agreement_id: str) -> Listed | None:
    """An agreement of this shop; None also for another shop's."""
    return tx.one(_ONE, tenant=tenant_id, key=agreement_id)


def page(tx: Tx, tenant_id: str, wanted: Wanted, after: tuple[int, str] | None, limit: int) -> list[Listed]:
    """At most `limit` agreements, newest first, from after a position."""
    given: dict[str, Any] = {"tenant": tenant_id, "rows": limit}
    if after is not None:
        given |= {"before": after[0], "before_id": after[1]}
    given |= {name: getattr(wanted, name) for name in ("profile_id", "user_id", "text") if getattr(wanted, name)}
    return tx.all(_statement(frozenset(given), wanted.states), **given)


def of_user(tx: Tx, tenant_id: str, user_id: str) -> Sequence[Listed]:
    """The agreements of a customer, newest first."""
    return page(tx, tenant_id, Wanted(user_id=user_id), None, _MANY) if user_id else []


@lru_cache(maxsize=256)
def _statement(given: frozenset[str], states: tuple[AgreementState, ...]) -> Statement[Listed]:
    where: list[Any] = [_mine]
    if "user_id" in given:
        where += [table.c.user_id == sa.bindparam("user_id"), sa.text("user_id != ''")]
    if "profile_id" in given:
        where.append(table.c.profile_id == sa.bindparam("profile_id"))
    if "text" in given:
        where.append(sa.or_(table.c.id == sa.bindparam("text"), table.c.amazon_id == sa.bindparam("text")))
    if states:
        where.append(among(table.c.state, states))
    if "before" in given:
        before: sa.BindParameter[int] = sa.bindparam("before", type_=sa.BigInteger)
        where += [
            table.c.created_at <= before,
            sa.or_(table.c.created_at < before, table.c.id < sa.bindparam("before_id")),
        ]
    return Statement(
        _select.where(*where)
        .order_by(table.c.created_at.desc(), table.c.id.desc())
        .limit(sa.bindparam("rows", type_=sa.BigInteger)),
        _listed,
    )
