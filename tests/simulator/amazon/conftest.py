from __future__ import annotations

import pytest

from saleor_amazonpay.simulator.amazon import AmazonWorld, SimClock
from tests.simulator.amazon.shop import START, Shop


@pytest.fixture
def world() -> AmazonWorld:
    return AmazonWorld.demo(clock=SimClock(START, frozen=True), seed=7)


@pytest.fixture
def shop(world: AmazonWorld) -> Shop:
    return Shop(world, world.merchant)


@pytest.fixture
def live(world: AmazonWorld) -> Shop:
    """The same seller's live account."""
    demo = world.merchant
    merchant = world.create_merchant(
        seller_id=demo.seller_id,
        access_key=demo.access_key,
        secret_key=demo.secret_key,
        client_id=demo.client_id,
        sandbox=False,
    )
    return Shop(world, merchant)
