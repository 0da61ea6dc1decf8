"""A real Chromium on the demo stage: the app, Amazon's simulator, the small Saleor and the shop, on loopback.

Without Chromium, Playwright or the built drop-in the tests are skipped with the reason; under CI=true they fail.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from saleor_amazonpay import resources
from saleor_amazonpay.cli.stage import CUSTOMER, Ports, Stage, stage
from tests.browser.visit import Visit

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""


def missing() -> str:
    """Why there can be no browser test here, or nothing."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        return "Playwright is not installed"
    if not CHROMIUM:
        return "there is no Chromium (apt-get install chromium, or set CHROMIUM)"
    if resources.built("storefront/amazonpay.js") is None:
        return "the drop-in is not built (make storefront)"
    return ""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def possible() -> None:
    why = missing()
    if why and os.environ.get("CI") == "true":
        pytest.fail(why)
    if why:
        pytest.skip(why)


@pytest.fixture(scope="session")
async def chromium(anyio_backend: str) -> AsyncIterator[Any]:
    from playwright.async_api import async_playwright, expect

    expect.set_options(timeout=30_000)  # a busy machine is no failure

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(folder: Path, wire: str) -> AsyncIterator[Stage]:
    """The stage, installed, with a profile for each channel (the first on this wire) and a customer."""
    async with stage(folder, Ports(0, 0, 0, 0)) as made:
        made.saleor.customer_create(CUSTOMER)
        await made.saleor.install(f"{made.app_url}/api/manifest")
        await made.seed_profiles(wire)
        made.amazon.authorization_delay = 0.5  # of asynchronous ones; nobody wants to watch that
        yield made


@pytest.fixture
async def demo(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Stage]:
    async with opened(tmp_path, "mws") as made:
        yield made


@pytest.fixture
async def visit(chromium: Any, demo: Stage, request: pytest.FixtureRequest) -> AsyncIterator[Visit]:
    """One visitor of the shop; at the end nothing may have been told that was not so, and nothing refused to load."""
    context = await chromium.new_context(viewport={"width": 1180, "height": 900}, locale="en-US")
    context.set_default_timeout(30_000)  # a busy machine is no failure
    made = Visit(demo, context, request.node.name)
    await made.begin()
    yield made
    await made.shoot("end")
    await context.close()
    made.check()
