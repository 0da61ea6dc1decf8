"""What a month on a profile should cost: gross, refunds, and the fees its own percentages and amounts make of them.

Counted where money moved, in the month (of the profile's time zone) in which the ledger learned of it; the cap, which
counts attempts in the month of their reservation, is another book (money.md §7).
"""

from __future__ import annotations

from dataclasses import dataclass

from saleor_amazonpay.domain.cap import bounds, month_in, months_back
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.store import moved, profiles
from saleor_amazonpay.store.sql import Tx

_BASIS = 10_000


@dataclass(frozen=True, slots=True)
class FeeMonth:
    """One month of one profile, in minor units of `currency`."""

    profile_id: str
    month: str
    currency: str
    gross: int
    refunds: int
    expected_fee: int
    expected_reserve: int
    expected_net: int


async def fee_months(deps: Deps, tenant_id: str, profile_ids: tuple[str, ...], months: int) -> list[FeeMonth]:
    """The last months of profiles of this shop, newest first; those of other shops are not there."""
    now = deps.clock()

    def unit(tx: Tx) -> list[FeeMonth]:
        own = [profile for profile in profiles.of_tenant(tx, tenant_id) if profile.id in profile_ids]
        return [_month(tx, profile, month) for profile in own for month in months_back(month_in(profile, now), months)]

    found = await deps.store.read(unit)
    return sorted(found, key=lambda row: row.month, reverse=True)


def _month(tx: Tx, profile: Profile, month: str) -> FeeMonth:
    taken, sales, refunds = moved.between(tx, profile.id, *bounds(profile, month))
    fee = _share(taken, profile.processing_bps) + sales * profile.transaction_fee
    reserve = _share(taken, profile.reserve_bps)
    return FeeMonth(
        profile.id, month, profile.currency, taken, refunds, fee, reserve, expected_net=taken - refunds - fee - reserve
    )


def _share(amount: int, basis_points: int) -> int:
    """A percentage, rounded half up to a minor unit."""
    return (amount * basis_points + _BASIS // 2) // _BASIS
