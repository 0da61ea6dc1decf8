"""What Amazon says it paid out: which reports were read, and their lines with the profile each belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from saleor_amazonpay.domain.settlement import SettledLine
from saleor_amazonpay.store.settled_tables import settled_lines, settlements
from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import operations

_account = sa.bindparam("on_account", type_=sa.Text)


@dataclass(frozen=True, slots=True)
class Settled:
    """What Amazon settled of a profile in a span of time, minor units. `fee` is what it kept, positive.

    `captured` and `refunded` are amounts of `sales` captures and of refunds, `charged_back` of `chargebacks`.
    """

    captured: int = 0
    sales: int = 0
    refunded: int = 0
    charged_back: int = 0
    chargebacks: int = 0
    fee: int = 0


_KNOWN: Statement[str] = Statement(sa.select(settlements.c.settlement_id).where(settlements.c.account == _account), str)
_READ = command(
    lambda insert: insert(settlements).on_conflict_do_nothing(),
    ("account", "settlement_id", "read_at", "lines", "unreadable"),
)
_ADD = command(
    lambda insert: insert(settled_lines).on_conflict_do_nothing(),
    ("account", "object_id", "kind", "posted_at", "profile_id", "currency", "amount", "fee"),
)
_OWNER: Statement[str] = Statement(
    sa.select(operations.c.profile_id)
    .where(
        operations.c.account == _account,
        sa.or_(
            sa.and_(operations.c.object_id == sa.bindparam("object"), operations.c.object_id != ""),
            sa.and_(operations.c.settled_id == sa.bindparam("object"), operations.c.settled_id != ""),
        ),
    )
    .limit(1),
    str,
)
_HOMELESS: Statement[str] = Statement(
    sa.select(settled_lines.c.object_id)
    .where(
        settled_lines.c.profile_id == "",
        settled_lines.c.account == _account,
        settled_lines.c.posted_at >= sa.bindparam("since"),
    )
    .limit(1000),
    str,
)
_GIVE = command(
    sa.update(settled_lines)
    .where(
        settled_lines.c.account == _account,
        settled_lines.c.object_id == sa.bindparam("object"),
        settled_lines.c.profile_id == "",
    )
    .values(profile_id=sa.bindparam("owner"))
)


def _sum(kind: str, value: sa.ColumnElement[int] | int) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((settled_lines.c.kind == kind, value), else_=0)), 0)


_BETWEEN = Statement(
    sa.select(
        _sum("capture", settled_lines.c.amount),
        _sum("capture", 1),
        -_sum("refund", settled_lines.c.amount),
        -_sum("chargeback", settled_lines.c.amount),
        _sum("chargeback", 1),
        -sa.func.coalesce(sa.func.sum(settled_lines.c.fee), 0),
    ).where(
        settled_lines.c.profile_id == sa.bindparam("profile"),
        settled_lines.c.posted_at >= sa.bindparam("since"),
        settled_lines.c.posted_at < sa.bindparam("until"),
    ),
    lambda *row: Settled(*map(int, row)),
)


def known(tx: Tx, account: str) -> frozenset[str]:
    """The reports of a merchant account that were read to their end."""
    return frozenset(tx.all(_KNOWN, on_account=account))


def add(tx: Tx, account: str, lines: Iterable[SettledLine]) -> list[SettledLine]:
    """Keep lines, each once; returns those whose object the ledger does not know."""
    strangers = []
    for line in lines:
        owner = tx.one(_OWNER, on_account=account, object=line.object_id) or ""
        tx.run(
            _ADD, account=account, object_id=line.object_id, kind=line.kind, posted_at=line.posted_at,
            profile_id=owner, currency=line.currency, amount=line.amount, fee=line.fee,
        )  # fmt: skip
        if not owner:
            strangers.append(line)
    return strangers


def mark_read(tx: Tx, account: str, settlement_id: str, now: int, lines: int, unreadable: int) -> None:
    """A report was read to its end."""
    tx.run(
        _READ, account=account, settlement_id=settlement_id, read_at=now, lines=lines, unreadable=unreadable
    )  # fmt: skip


def find_owners(tx: Tx, account: str, since: int) -> int:
    """Give lines posted since a moment (ms) to the profiles whose objects have become known; returns how many."""
    found = 0
    for object_id in tx.all(_HOMELESS, on_account=account, since=since):
        owner = tx.one(_OWNER, on_account=account, object=object_id)
        if owner:
            found += tx.run(_GIVE, on_account=account, object=object_id, owner=owner)
    return found


def between(tx: Tx, profile_id: str, since: int, until: int) -> Settled:
    """What Amazon settled of a profile in a span of time (ms)."""
    return tx.one(_BETWEEN, profile=profile_id, since=since, until=until) or Settled()
