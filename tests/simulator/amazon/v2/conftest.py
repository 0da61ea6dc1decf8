from __future__ import annotations

import pytest

from saleor_amazonpay.simulator.amazon import AmazonWorld
from tests.simulator.amazon.v2.shop import PayShop


@pytest.fixture
def pay(world: AmazonWorld) -> PayShop:
    return PayShop(world, world.merchant)
