"""Each journey starts on an empty database: SQLite, and PostgreSQL for those that ask for both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import stamina

from tests.journeys.stage import Stage, stage


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(f"sqlite:///{tmp_path}/ledger.sqlite3") as made:
        yield made


@pytest.fixture(params=["mws", "v2"])
async def either(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """The same scenario on each wire."""
    async with stage(f"sqlite:///{tmp_path}/ledger.sqlite3", request.param) as made:
        yield made


@pytest.fixture(params=["mws", "v2"])
async def either_on_both(database_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """The same scenario on each wire and each database."""
    async with stage(database_url, request.param) as made:
        yield made


@pytest.fixture
async def play_v2(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(f"sqlite:///{tmp_path}/ledger.sqlite3", "v2") as made:
        yield made


@pytest.fixture
async def play_v2_on_both(database_url: str) -> AsyncIterator[Stage]:
    async with stage(database_url, "v2") as made:
        yield made


@pytest.fixture
async def play_on_both(database_url: str) -> AsyncIterator[Stage]:
    async with stage(database_url) as made:
        yield made
