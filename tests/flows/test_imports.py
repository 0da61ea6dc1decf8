"""What Amazon has and no call of ours made, on a wire made of paper: whose it is, and what if nobody can say."""

from __future__ import annotations

import asyncio

import pytest

from saleor_amazonpay.amazon.port import Sighting
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.outcome import Outcome
from saleor_amazonpay.flows.booking import Named
from saleor_amazonpay.flows.imports import bring_in
from saleor_amazonpay.store import problems
from tests.amazon.verdicts import REFUNDED
from tests.flows.world import World

pytestmark = pytest.mark.anyio
FIVE = Money(500, "USD")


async def named(shop: World, object_id: str) -> Named:
    (sale,) = await shop.operations()
    return Named(sale.account, sale.profile_id, object_id, sale.order_reference)


async def refund_elsewhere(shop: World, parent_id: str) -> Named:
    await shop.pay()
    shop.amazon.sightings["R-9"] = Sighting("refund", Outcome(REFUNDED, "R-9", amount=FIVE), FIVE, "theirs", parent_id)
    return await named(shop, "R-9")


async def test_a_refund_is_booked_to_the_capture_it_gives_back_and_told_once(shop: World) -> None:
    found = await refund_elsewhere(shop, "C-1")
    assert await bring_in(shop.deps, found, only_ours=True) == "unmatched", "it may be ours, still on its way"
    results = await asyncio.gather(*(bring_in(shop.deps, found) for _ in range(6)))
    assert sorted(results) == ["imported"] + ["known"] * 5
    await shop.settle_down()
    assert [(report["type"], report["pspReference"], report["amount"]) for report in shop.api.reports] == [
        ("REFUND_SUCCESS", "R-9", "5.00")
    ]


async def test_what_nobody_can_place_is_raised_and_not_booked(shop: World) -> None:
    found = await refund_elsewhere(shop, "")
    assert await bring_in(shop.deps, found) == "unmatched"
    assert len(await shop.operations()) == 1
    (raised,) = await shop.store.read(lambda tx: problems.due(tx, shop.clock()))
    assert "R-9" in raised.message
    assert "Seller Central" in raised.message


async def test_what_could_not_be_placed_is_no_problem_any_more_once_it_is_booked(shop: World) -> None:
    found = await refund_elsewhere(shop, "")
    assert await bring_in(shop.deps, found) == "unmatched"
    assert len(await shop.store.read(lambda tx: problems.open_of(tx, "tenant-1"))) == 1
    shop.amazon.sightings["R-9"] = Sighting("refund", Outcome(REFUNDED, "R-9", amount=FIVE), FIVE, "theirs", "C-1")
    assert await bring_in(shop.deps, found) == "imported"
    assert await shop.store.read(lambda tx: problems.open_of(tx, "tenant-1")) == []


async def test_an_id_of_no_object_is_unknown(shop: World) -> None:
    await shop.pay()
    assert await bring_in(shop.deps, await named(shop, "R-404")) == "unknown"
