"""The books of the monthly cap: one conditional UPDATE reserves, so that no number of buyers passes it by a cent."""

from __future__ import annotations

import sqlalchemy as sa

from saleor_amazonpay.domain.profile import UNLIMITED
from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import cap_months, profiles

_month = (cap_months.c.profile_id == sa.bindparam("profile"), cap_months.c.month == sa.bindparam("in_month"))
_limit = sa.select(profiles.c.monthly_cap).where(profiles.c.id == sa.bindparam("profile")).scalar_subquery()
_amount: sa.BindParameter[int] = sa.bindparam("amount", type_=sa.BigInteger)

_RESERVE = command(
    sa.update(cap_months)
    .where(*_month, sa.or_(_limit == UNLIMITED, cap_months.c.booked + _amount <= _limit))
    .values(booked=cap_months.c.booked + _amount)
)
_OPEN = command(lambda insert: insert(cap_months).on_conflict_do_nothing(), ("profile_id", "month", "booked"))
_BOOK = command(sa.update(cap_months).where(*_month).values(booked=cap_months.c.booked + _amount))
_BOOKED: Statement[int] = Statement(sa.select(cap_months.c.booked).where(*_month), int)
_LIMIT: Statement[int] = Statement(
    sa.select(profiles.c.monthly_cap).where(profiles.c.id == sa.bindparam("profile")), int
)


def reserve(tx: Tx, profile_id: str, month: str, amount: int) -> bool:
    """Book an attempt of `amount` minor units if the cap has room for it. False: nothing was booked."""
    params = {"profile": profile_id, "in_month": month, "amount": amount}
    if tx.run(_RESERVE, **params) == 1:
        return True
    # Refused, or the first attempt of a month, which has no row yet. Another transaction may be opening the same row:
    # then the INSERT waits for it and finds the row there, so the second try decides in any case.
    tx.run(_OPEN, profile_id=profile_id, month=month, booked=0)
    return tx.run(_RESERVE, **params) == 1


def book(tx: Tx, profile_id: str, month: str, amount: int) -> None:
    """Book what has happened whatever the cap says."""
    tx.run(_OPEN, profile_id=profile_id, month=month, booked=0)
    tx.run(_BOOK, profile=profile_id, in_month=month, amount=amount)


def release(tx: Tx, profile_id: str, month: str, amount: int) -> None:
    """Give back what was booked in a month, because the money will not come."""
    tx.run(_BOOK, profile=profile_id, in_month=month, amount=-amount)


def booked(tx: Tx, profile_id: str, month: str) -> int:
    """What was attempted in a month, in minor units."""
    return tx.one(_BOOKED, profile=profile_id, in_month=month) or 0


def has_room(tx: Tx, profile_id: str, month: str, amount: int) -> bool:
    """Whether an attempt would be booked now. Only a hint: `reserve` decides."""
    limit = tx.one(_LIMIT, profile=profile_id)
    if limit is None:
        return False
    return limit == UNLIMITED or booked(tx, profile_id, month) + amount <= limit
