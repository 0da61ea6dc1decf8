"""The doors are tested on the same paper world as the flows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flows.world import World, world


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made
