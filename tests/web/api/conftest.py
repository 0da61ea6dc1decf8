"""The API on the paper world: a shop with staff, apps and a second shop beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.api.caller import Api, api_world


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with api_world(tmp_path) as made:
        yield made
