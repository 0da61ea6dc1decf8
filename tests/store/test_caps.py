"""The cap's books: no number of buyers passes it by a cent."""

from __future__ import annotations

import asyncio

import pytest

from saleor_amazonpay.domain.cap import month_of
from saleor_amazonpay.store import caps, profiles
from saleor_amazonpay.store.store import Store
from tests.samples import profile

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("cap", "granted"), [(1000, 10), (1099, 10), (99, 0), (0, 0), (-1, 40)])
async def test_buyers_at_once_never_pass_the_cap(store: Store, cap: int, granted: int) -> None:
    await store.write(lambda tx: profiles.insert(tx, store.sealer, profile(monthly_cap=cap), {}, 1))
    results = await asyncio.gather(
        *(store.write(lambda tx: caps.reserve(tx, "profile-1", "2026-11", 100)) for _ in range(40))
    )
    assert sum(results) == granted
    assert await store.read(lambda tx: caps.booked(tx, "profile-1", "2026-11")) == granted * 100


async def test_what_is_given_back_may_be_reserved_again(store: Store) -> None:
    await store.write(lambda tx: profiles.insert(tx, store.sealer, profile(monthly_cap=100), {}, 1))
    assert await store.write(lambda tx: caps.reserve(tx, "profile-1", "2026-11", 100))
    assert not await store.write(lambda tx: caps.reserve(tx, "profile-1", "2026-11", 1))
    assert await store.write(lambda tx: caps.reserve(tx, "profile-1", "2026-12", 100))
    await store.write(lambda tx: caps.release(tx, "profile-1", "2026-11", 100))
    assert await store.write(lambda tx: caps.reserve(tx, "profile-1", "2026-11", 100))


async def test_a_raised_cap_counts_at_once(store: Store) -> None:
    await store.write(lambda tx: profiles.insert(tx, store.sealer, profile(monthly_cap=100), {}, 1))
    assert not await store.write(lambda tx: caps.reserve(tx, "profile-1", "2026-11", 101))
    await store.write(lambda tx: profiles.set_cap(tx, "profile-1", 101, 2))
    assert await store.write(lambda tx: caps.reserve(tx, "profile-1", "2026-11", 101))


def test_the_month_is_the_one_on_the_merchants_wall() -> None:
    just_before_midnight_utc = 1_793_491_199_000  # 2026-10-31T23:59:59Z
    assert month_of(just_before_midnight_utc, "UTC") == "2026-10"
    assert month_of(just_before_midnight_utc, "Europe/Berlin") == "2026-11"
    assert month_of(just_before_midnight_utc + 1000, "America/Los_Angeles") == "2026-10"
