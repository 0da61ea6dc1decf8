"""A member of staff at the small Saleor's Dashboard, in a real Chromium."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from saleor_amazonpay import resources
from saleor_amazonpay.cli.stage import Ports, Stage, stage
from tests.browser.dashboard.staff import Staff


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    if resources.built("dashboard/page.html") is None:
        pytest.skip("the Dashboard's pages are not built (make dashboard)")


@pytest.fixture
async def bare(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Stage]:
    """The stage with the app installed, and nothing set up."""
    async with stage(tmp_path, Ports(0, 0, 0, 0)) as made:
        await made.saleor.install(f"{made.app_url}/api/manifest")
        yield made


async def _staff(chromium: Any, played: Stage, request: pytest.FixtureRequest) -> AsyncIterator[Staff]:
    context = await chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-US", accept_downloads=True)
    context.set_default_timeout(30_000)  # a busy machine is no failure
    made = Staff(played, context, request.node.name)
    await made.begin()
    yield made
    await made.shoot("end")
    await context.close()
    made.check()


@pytest.fixture
async def newcomer(chromium: Any, bare: Stage, request: pytest.FixtureRequest) -> AsyncIterator[Staff]:
    """On the first visit: no profile yet."""
    async for made in _staff(chromium, bare, request):
        yield made


@pytest.fixture
async def staff(chromium: Any, demo: Stage, request: pytest.FixtureRequest) -> AsyncIterator[Staff]:
    """Where profiles exist already."""
    async for made in _staff(chromium, demo, request):
        yield made
