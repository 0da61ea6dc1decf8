"""Pages of the operations list, newest first, and the rows a whole id leads to.

A page must cost the same with a thousand operations and with millions. So each condition that may be rare has an index
of its own, the page is read from that index alone, and the other conditions are checked on the way. Where several
values are wanted (two kinds, three profiles), each is read by itself and the pages are merged.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from saleor_amazonpay.domain.operation import FAILED, Kind, Operation, Phase
from saleor_amazonpay.store.operations import SELECT, as_operation
from saleor_amazonpay.store.sql import Statement, Tx, among
from saleor_amazonpay.store.tables import agreements
from saleor_amazonpay.store.tables import operations as table

Position = tuple[int, str]  # (created_at, id) of the last row of a page
_BOUND = 200  # rows that one id may lead to
# Written as in the partial indexes: SQLite uses one only where the very same condition stands in the query.
_FAILED = sa.text("phase IN ('repairable', 'declined', 'gone')")
_DUE = sa.text("due_at > 0")
_INDEXES = {
    "page": "ix_operations_page",
    "kind": "ix_operations_kind",
    "profile": "ix_operations_profile",
    "failed": "ix_operations_failed",
    "due": "ix_operations_due",
    "agreement": "ix_operations_agreement_id_source_id",
}
_STUCK = 3  # tries after which a call without a result needs somebody


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which operations of a shop. Empty is no condition; times are milliseconds UTC."""

    profile_ids: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    phases: tuple[Phase, ...] = ()
    agreement_id: str = ""
    created_from: int = 0
    created_until: int = 0
    needs_attention: bool = False


def needs_attention(operation: Operation) -> bool:
    """Whether a call has been repeated without a result so often that somebody should look."""
    return operation.phase is Phase.CALLING and operation.tries >= _STUCK


def page(tx: Tx, tenant_id: str, wanted: Wanted, after: Position | None, limit: int) -> list[Operation]:
    """At most `limit` operations, newest first, from after a position."""
    given: dict[str, Any] = {"tenant": tenant_id, "rows": limit}
    if after is not None:
        given |= {"before": after[0], "before_id": after[1]}
    for name in ("agreement_id", "created_from", "created_until"):
        value = getattr(wanted, name)
        if value:
            given[name] = value
    found = [
        tx.all(_statement(frozenset(given), wanted.needs_attention, choice), **given, **choice.values)
        for choice in _choices(wanted)
    ]
    merged = heapq.merge(*found, key=lambda row: (row.created_at, row.id), reverse=True)
    return [row for row, _ in zip(merged, range(limit), strict=False)]


@dataclass(frozen=True, slots=True)
class _Choice:
    """One index to read from: `lead` names it, and the other conditions are checked on its rows."""

    lead: str
    phase: Phase | None
    kind: Kind | None
    kinds: tuple[Kind, ...]
    phases: tuple[Phase, ...]
    profile_id: str
    profile_ids: tuple[str, ...]

    @property
    def values(self) -> dict[str, str]:
        """The parameters."""
        named = {f"profile{at}": key for at, key in enumerate(self.profile_ids)}
        return {**named, **({"one_profile": self.profile_id} if self.profile_id else {})}


def _choices(wanted: Wanted) -> Sequence[_Choice]:
    """What to read: rare phases first, then an agreement, profiles, kinds; else the list of everything."""
    kinds, phases = tuple(dict.fromkeys(wanted.kinds)), tuple(dict.fromkeys(wanted.phases))
    ids = tuple(dict.fromkeys(wanted.profile_ids))
    if wanted.needs_attention:
        return [_Choice("due", None, None, kinds, phases, "", ids)]
    if phases and Phase.DONE not in phases:
        failed = [_Choice("failed", phase, None, kinds, (), "", ids) for phase in phases if phase in FAILED]
        under_way = tuple(phase for phase in phases if phase not in FAILED)
        return failed + ([_Choice("due", None, None, kinds, under_way, "", ids)] if under_way else [])
    if wanted.agreement_id:
        return [_Choice("agreement", None, None, kinds, phases, "", ids)]
    if ids:
        # One profile may have nearly all rows of a kind, or hardly any: the index has to know both.
        return [_Choice("profile", None, kind, (), phases, key, ()) for key in ids for kind in kinds or tuple(Kind)]
    if kinds:
        return [_Choice("kind", None, kind, (), phases, "", ()) for kind in kinds]
    return [_Choice("page", None, None, (), phases, "", ())]


def _statement(given: frozenset[str], stuck: bool, choice: _Choice) -> Statement[Operation]:
    return _built(
        given, stuck, choice.lead, choice.phase, choice.kind, choice.kinds, choice.phases, len(choice.profile_ids)
    )


@lru_cache(maxsize=512)
def _built(  # noqa: C901, PLR0912 - one condition after the other
    given: frozenset[str],
    stuck: bool,
    lead: str,
    phase: Phase | None,
    kind: Kind | None,
    kinds: tuple[Kind, ...],
    phases: tuple[Phase, ...],
    profiles: int,
) -> Statement[Operation]:
    where: list[Any] = [table.c.tenant_id == sa.bindparam("tenant")]
    if lead == "failed":
        where.append(_FAILED)
    if lead == "due":
        where.append(_DUE)
    if lead == "profile":
        where.append(table.c.profile_id == sa.bindparam("one_profile"))
    if phase is not None:
        where.append(table.c.phase == phase.value)
    if kind is not None:
        where.append(table.c.kind == kind.value)
    if kinds:
        where.append(among(table.c.kind, kinds))
    if phases:
        where.append(among(table.c.phase, phases))
    if profiles:
        where.append(sa.or_(*(table.c.profile_id == sa.bindparam(f"profile{at}") for at in range(profiles))))
    if stuck:
        where += [table.c.phase == Phase.CALLING.value, table.c.tries >= _STUCK]
    if "agreement_id" in given:
        where.append(table.c.agreement_id == sa.bindparam("agreement_id"))
    if "created_from" in given:
        where.append(table.c.created_at >= sa.bindparam("created_from"))
    if "created_until" in given:
        where.append(table.c.created_at < sa.bindparam("created_until"))
    if "before" in given:
        before: sa.BindParameter[int] = sa.bindparam("before", type_=sa.BigInteger)
        where += [
            table.c.created_at <= before,
            sa.or_(table.c.created_at < before, table.c.id < sa.bindparam("before_id")),
        ]
    # Of few rows the order is made; of many it is the index's, which PostgreSQL is told this way and SQLite by name.
    newest = table.c.created_at + 0 if lead in {"due", "agreement"} else table.c.created_at
    return Statement(
        SELECT.where(*where)
        .order_by(newest.desc(), table.c.id.desc())
        .limit(sa.bindparam("rows", type_=sa.BigInteger)),
        as_operation,
        index=_INDEXES[lead],
    )


_mine = table.c.tenant_id == sa.bindparam("tenant")
_BY_KEY = Statement(SELECT.where(_mine, table.c.id == sa.bindparam("text")), as_operation)
_BY_TRANSACTION = Statement(
    SELECT.where(_mine, table.c.transaction_id == sa.bindparam("text")).limit(_BOUND),
    as_operation,
    index="ix_operations_tenant_id_transaction_id",
)
_BY_AMAZON = [
    Statement(
        SELECT.where(
            _mine, table.c.account == sa.bindparam("on_account"), table.c[name] == sa.bindparam("text"),
            sa.text(f"{name} != ''"),
        ).limit(_BOUND),
        as_operation,
        index=f"ix_operations_account_{name}",
    )
    for name in ("object_id", "settled_id", "order_reference")
]  # fmt: skip
_BY_AGREEMENT = Statement(
    SELECT.where(
        _mine,
        table.c.agreement_id.in_(
            sa.select(agreements.c.id).where(
                agreements.c.account == sa.bindparam("on_account"), agreements.c.amazon_id == sa.bindparam("text")
            )
        ),
    ).limit(_BOUND),
    as_operation,
    index="ix_operations_agreement_id_source_id",
)


def search(tx: Tx, tenant_id: str, accounts: Sequence[str], text: str) -> list[Operation]:
    """What a whole id leads to, newest first: our reference, Saleor's transaction, or any id of Amazon's."""
    found = {row.id: row for row in tx.all(_BY_KEY, tenant=tenant_id, text=text)}
    found |= {row.id: row for row in tx.all(_BY_TRANSACTION, tenant=tenant_id, text=text)}
    for account in accounts:
        for statement in (*_BY_AMAZON, _BY_AGREEMENT):
            found |= {row.id: row for row in tx.all(statement, tenant=tenant_id, on_account=account, text=text)}
    return sorted(found.values(), key=lambda row: (row.created_at, row.id), reverse=True)


def of_transactions(tx: Tx, tenant_id: str, transaction_ids: Sequence[str]) -> list[Operation]:
    """The operations of several transactions, oldest first."""
    rows = [row for key in transaction_ids for row in tx.all(_BY_TRANSACTION, tenant=tenant_id, text=key)]
    return sorted(rows, key=lambda row: (row.created_at, row.attempt, row.id))


def matches(operation: Operation, wanted: Wanted) -> bool:
    """Whether a row that was found by its id also is what else was wanted."""
    return (
        (not wanted.profile_ids or operation.profile_id in wanted.profile_ids)
        and (not wanted.kinds or operation.kind in wanted.kinds)
        and (not wanted.phases or operation.phase in wanted.phases)
        and (not wanted.agreement_id or operation.agreement_id == wanted.agreement_id)
        and operation.created_at >= wanted.created_from
        and (not wanted.created_until or operation.created_at < wanted.created_until)
        and (not wanted.needs_attention or needs_attention(operation))
    )
