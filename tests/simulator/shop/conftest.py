from __future__ import annotations

import pytest

from saleor_amazonpay.simulator.shop import Shop
from saleor_amazonpay.simulator.shop.people import InstalledApp
from tests.simulator.shop.fake_app import MANIFEST_URL, FakeApp


class Naps:
    """A sleep that only takes notes."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


@pytest.fixture
def app() -> FakeApp:
    return FakeApp()


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def shop(app: FakeApp, naps: Naps) -> Shop:
    return Shop(app, sleep=naps)


@pytest.fixture
async def installed(shop: Shop, app: FakeApp) -> InstalledApp:
    found = await shop.install(MANIFEST_URL)
    app.calls.clear()
    return found
