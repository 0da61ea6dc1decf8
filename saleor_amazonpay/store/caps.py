"""The books of the monthly cap: one conditional UPDATE reserves, so that no number of buyers passes it by a cent.

A month's `booked` is what its operations stand for now, `given_back` what they stood for and do not any more. Both
change in the transaction that changes the operation, so that the books are always the sum over the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from saleor_amazonpay.domain.profile import UNLIMITED
from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import cap_months, profiles

_month = (cap_months.c.profile_id == sa.bindparam("profile"), cap_months.c.month == sa.bindparam("in_month"))
_of_profile = profiles.c.id == sa.bindparam("profile")
_limit = sa.select(profiles.c.monthly_cap).where(_of_profile).scalar_subquery()
_amount: sa.BindParameter[int] = sa.bindparam("amount", type_=sa.BigInteger)

_RESERVE = command(
    sa.update(cap_months)
    .where(*_month, sa.or_(_limit == UNLIMITED, cap_months.c.booked + _amount <= _limit))
    .values(booked=cap_months.c.booked + _amount)
)
TERMS = ("processing_bps", "reserve_bps", "transaction_fee", "chargeback_fee")
_terms = {"cap": profiles.c.monthly_cap, **{name: profiles.c[name] for name in TERMS}}
_month_column = sa.bindparam("in_month", type_=sa.Text).label("month")
_OPEN = command(
    lambda insert: (
        insert(cap_months)
        .from_select(
            ["profile_id", "month", *_terms],
            sa.select(profiles.c.id, _month_column, *_terms.values()).where(_of_profile),
        )
        .on_conflict_do_nothing()
    )
)
_BOOK = command(sa.update(cap_months).where(*_month).values(booked=cap_months.c.booked + _amount))
_GIVE_BACK = command(
    sa.update(cap_months)
    .where(*_month)
    .values(booked=cap_months.c.booked - _amount, given_back=cap_months.c.given_back + _amount)
)
_BOOKED: Statement[int] = Statement(sa.select(cap_months.c.booked).where(*_month), int)
_LIMIT: Statement[int] = Statement(sa.select(profiles.c.monthly_cap).where(_of_profile), int)


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a profile's books. Minor units and basis points; the terms as they were last while it was open."""

    profile_id: str
    month: str
    booked: int
    given_back: int
    cap: int
    processing_bps: int
    reserve_bps: int
    transaction_fee: int
    chargeback_fee: int


_select = sa.select(*(cap_months.c[name] for name in Month.__dataclass_fields__))
_HISTORY = Statement(
    _select.where(cap_months.c.profile_id == sa.bindparam("profile"), cap_months.c.month > sa.bindparam("after"))
    .order_by(cap_months.c.month.desc()),
    Month,
)  # fmt: skip
_ONE = Statement(_select.where(*_month), Month)
_KEEP_TERMS = command(
    sa.update(cap_months)
    .where(*_month, sa.or_(*(cap_months.c[name] != sa.bindparam(f"new_{name}") for name in _terms)))
    .values({name: sa.bindparam(f"new_{name}") for name in _terms})
)


def reserve(tx: Tx, profile_id: str, month: str, amount: int) -> bool:
    """Book an attempt of `amount` minor units if the cap has room for it. False: nothing was booked."""
    params = {"profile": profile_id, "in_month": month, "amount": amount}
    if tx.run(_RESERVE, **params) == 1:
        return True
    # Refused, or the first attempt of a month, which has no row yet. Another transaction may be opening the same row:
    # then the INSERT waits for it and finds the row there, so the second try decides in any case.
    open_month(tx, profile_id, month)
    return tx.run(_RESERVE, **params) == 1


def withdraw(tx: Tx, profile_id: str, month: str, amount: int) -> None:
    """Take back a reservation that was made in this very transaction, as if it had not been made."""
    tx.run(_BOOK, profile=profile_id, in_month=month, amount=-amount)


def book(tx: Tx, profile_id: str, month: str, amount: int) -> None:
    """Book what has happened whatever the cap says: an import from Amazon."""
    open_month(tx, profile_id, month)
    tx.run(_BOOK, profile=profile_id, in_month=month, amount=amount)


def release(tx: Tx, profile_id: str, month: str, amount: int) -> None:
    """Give back what was booked in a month, because the money will not come, or counts in another month now."""
    tx.run(_GIVE_BACK, profile=profile_id, in_month=month, amount=amount)


def restore(tx: Tx, profile_id: str, month: str, amount: int) -> None:
    """Undo a release, whatever the cap says: what was to be collected in another month was not."""
    tx.run(_GIVE_BACK, profile=profile_id, in_month=month, amount=-amount)


def booked(tx: Tx, profile_id: str, month: str) -> int:
    """What was attempted in a month and still stands, in minor units."""
    return tx.one(_BOOKED, profile=profile_id, in_month=month) or 0


def has_room(tx: Tx, profile_id: str, month: str, amount: int) -> bool:
    """Whether an attempt would be booked now. Only a hint: `reserve` decides. What moves nothing needs no room."""
    limit = tx.one(_LIMIT, profile=profile_id)
    if limit is None:
        return False
    return limit == UNLIMITED or not amount or booked(tx, profile_id, month) + amount <= limit


def open_month(tx: Tx, profile_id: str, month: str) -> None:
    """Begin the books of a month, with the terms in force now; nothing if they are there."""
    tx.run(_OPEN, profile=profile_id, in_month=month)


def keep_terms(tx: Tx, profile_id: str, month: str, terms: dict[str, int]) -> None:
    """Write the terms in force into an open month; `terms` has `cap` and the four fees, as in `Month`."""
    tx.run(_KEEP_TERMS, profile=profile_id, in_month=month, **{f"new_{name}": terms[name] for name in _terms})


def month_of_profile(tx: Tx, profile_id: str, month: str) -> Month | None:
    """The books of one month."""
    return tx.one(_ONE, profile=profile_id, in_month=month)


def history(tx: Tx, profile_id: str, after: str) -> list[Month]:
    """The books of the months after one (`2026-05`), newest first."""
    return tx.all(_HISTORY, profile=profile_id, after=after)
