"""Shared by all tests: one event loop kind, no network beyond loopback."""

from __future__ import annotations

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
