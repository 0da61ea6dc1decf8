"""Wait for something another task does, and fail instead of waiting for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(reached: Callable[[], bool]) -> None:
    """Give other tasks their turns until something is so; TimeoutError after a minute, which only a busy machine comes near."""
    async with asyncio.timeout(60):
        while not reached():
            await asyncio.sleep(0)
