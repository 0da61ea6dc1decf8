"""Amazon's own monthly limit of each agreement, as it was read last: beside our cap, never in place of it.

Both wires name it where an agreement is read. Amazon counts authorizations by its own calendar and decides; what is
kept here is for people to look at (money.md §7).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from saleor_amazonpay.domain.agreement import MonthlyLimit
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import agreements

_LIMITS = ("limit_currency", "limit_amount", "limit_remaining", "limit_from", "limit_until", "limit_read_at")


@dataclass(frozen=True, slots=True)
class KnownLimit:
    """Amazon's own monthly limit of an agreement as it was read at `read_at` (milliseconds UTC)."""

    agreement_id: str
    amazon_id: str
    limit: MonthlyLimit
    read_at: int


def _limit(
    agreement_id: str, amazon_id: str, currency: str, amount: int, remaining: int, since: str, until: str, read_at: int
) -> KnownLimit:
    limit = MonthlyLimit(Money(amount, currency), Money(remaining, currency), since, until)
    return KnownLimit(agreement_id, amazon_id, limit, read_at)


_limits = sa.select(agreements.c.id, agreements.c.amazon_id, *(agreements.c[name] for name in _LIMITS)).where(
    agreements.c.limit_currency != ""
)
_OF = Statement(_limits.where(agreements.c.id == sa.bindparam("key")), _limit)
_TIGHTEST = Statement(
    _limits.where(
        agreements.c.profile_id == sa.bindparam("profile"), agreements.c.limit_read_at >= sa.bindparam("since")
    )
    .order_by(agreements.c.limit_remaining, agreements.c.id)
    .limit(sa.bindparam("count", type_=sa.BigInteger)),
    _limit,
)
_READ = command(
    sa.update(agreements)
    .where(agreements.c.id == sa.bindparam("key"))
    .values({name: sa.bindparam(f"new_{name}") for name in _LIMITS})
)


def read(tx: Tx, agreement_id: str, limit: MonthlyLimit | None, now: int) -> None:
    """Keep Amazon's monthly limit of an agreement, if the answer that was just read had one."""
    if limit is not None:
        tx.run(
            _READ, key=agreement_id, new_limit_currency=limit.limit.currency, new_limit_amount=limit.limit.minor,
            new_limit_remaining=limit.remaining.minor, new_limit_from=limit.period_start,
            new_limit_until=limit.period_end, new_limit_read_at=now,
        )  # fmt: skip


def of_agreement(tx: Tx, agreement_id: str) -> KnownLimit | None:
    """Amazon's monthly limit of an agreement as it was read last; None if it was never read."""
    return tx.one(_OF, key=agreement_id)


def tightest(tx: Tx, profile_id: str, since: int, count: int) -> list[KnownLimit]:
    """The agreements of a profile with the least left of Amazon's limit, of those read since a moment (ms)."""
    return tx.all(_TIGHTEST, profile=profile_id, since=since, count=count)
