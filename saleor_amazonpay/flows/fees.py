"""What a month on a profile should cost, and what Amazon really kept of it.

Expected: the profile's percentages of what was taken, its fee per sale, and the fee booked with each chargeback; a
refund gives nothing of that back. Counted in the month (of the profile's time zone) in which each movement was begun.
The cap, which counts attempts in the month of their reservation, is another book (money.md §7).

Actual: what Amazon's settlement reports say, where a wire can read them, in the month in which Amazon posted it. The
two months are not the same sales, so the difference compares like with like: the fee Amazon kept, less what the terms
make of the very movements it settled.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from saleor_amazonpay.domain.cap import bounds, month_in, months_back
from saleor_amazonpay.domain.money import DIGITS
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.chargebacks import fee_of
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.store import caps, moved, profiles, settlements
from saleor_amazonpay.store.sql import Tx

_BASIS = 10_000
# Spreadsheets run what begins with these.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class FeeMonth:
    """One month of one profile, in minor units of `currency`.

    `chargebacks` is their amount without what was won again. `settled_*` and `actual_fee` are of what Amazon posted in
    the month; the last two are None if it posted nothing, or nobody can read it. `difference` above 0: Amazon kept more
    than the terms say.
    """

    profile_id: str
    alias: str
    month: str
    currency: str
    sales: int
    gross: int
    refunds: int
    chargebacks: int
    expected_fee: int
    expected_reserve: int
    expected_net: int
    settled_gross: int
    settled_refunds: int
    actual_fee: int | None
    difference: int | None


async def fee_months(deps: Deps, tenant_id: str, profile_ids: Sequence[str], months: int) -> list[FeeMonth]:
    """The last months of profiles of this shop, newest first; those of other shops are not there."""
    now = deps.clock()

    def unit(tx: Tx) -> list[FeeMonth]:
        own = [profile for profile in profiles.of_tenant(tx, tenant_id) if profile.id in profile_ids]
        return [
            _month(tx, profile, month, now) for profile in own for month in months_back(month_in(profile, now), months)
        ]

    found = await deps.store.read(unit)
    return sorted(found, key=lambda row: row.month, reverse=True)


def as_csv(rows: Sequence[FeeMonth]) -> str:
    """The months as a table with a header, amounts in the currency's digits; opens in every spreadsheet (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(row, name) for name in COLUMNS])
    return out.getvalue()


def plain(row: FeeMonth) -> dict[str, str | int | None]:
    """A month by its column names, amounts as decimal text."""
    found = {name: getattr(row, name) for name in COLUMNS}
    return {
        name: value if value is None or name in _PLAIN else amount(value, row.currency) for name, value in found.items()
    }


COLUMNS = tuple(FeeMonth.__dataclass_fields__)
_PLAIN = frozenset({"profile_id", "alias", "month", "currency", "sales"})


def _cell(row: FeeMonth, name: str) -> str:
    value = getattr(row, name)
    if value is None:
        return ""
    if name not in _PLAIN:
        return amount(value, row.currency)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def amount(minor: int, currency: str) -> str:
    """Minor units as a decimal number, also below 0."""
    return f"{Decimal(minor).scaleb(-DIGITS[currency]):f}"


def _month(tx: Tx, profile: Profile, month: str, now: int) -> FeeMonth:
    begins, ends = bounds(profile, month)
    terms = _terms(tx, profile, month, now)
    took = moved.between(tx, profile.id, begins, ends)
    # A chargeback costs what the profile's terms were when it was booked, whatever they are now.
    disputed = sum(map(fee_of, moved.chargebacks_between(tx, profile.id, begins, ends)))
    fee = _fee(terms, took.gross, took.sales, 0) + disputed
    reserve = _share(took.gross, terms.reserve_bps)
    settled = settlements.between(tx, profile.id, begins, ends)
    posted = settled.sales or settled.chargebacks or settled.refunded or settled.fee
    promised = _fee(terms, settled.captured, settled.sales, settled.chargebacks)
    return FeeMonth(
        profile_id=profile.id,
        alias=profile.alias,
        month=month,
        currency=profile.currency,
        sales=took.sales,
        gross=took.gross,
        refunds=took.refunds,
        chargebacks=took.charged_back,
        expected_fee=fee,
        expected_reserve=reserve,
        expected_net=took.gross - took.refunds - took.charged_back - fee - reserve,
        settled_gross=settled.captured,
        settled_refunds=settled.refunded,
        actual_fee=settled.fee if posted else None,
        difference=settled.fee - promised if posted else None,
    )


def _terms(tx: Tx, profile: Profile, month: str, now: int) -> Profile | caps.Month:
    """The terms in force: the profile's own in the running month, those a month was closed with before it."""
    if month == month_in(profile, now):
        return profile
    return caps.month_of_profile(tx, profile.id, month) or profile


def _fee(terms: Profile | caps.Month, gross: int, sales: int, chargebacks: int) -> int:
    fixed = sales * terms.transaction_fee + chargebacks * terms.chargeback_fee
    return _share(gross, terms.processing_bps) + fixed


def _share(minor: int, basis_points: int) -> int:
    """A percentage, rounded half up to a minor unit."""
    return (minor * basis_points + _BASIS // 2) // _BASIS
