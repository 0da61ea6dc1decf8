"""Wait for something another task does, and fail instead of waiting for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(reached: Callable[[], bool], pause: float = 0.0) -> None:
    """Give other tasks their turns, and other processes `pause` seconds each time, until something is so.

    TimeoutError after a minute, which only a busy machine comes near.
    """
    async with asyncio.timeout(60):
        while not reached():
            await asyncio.sleep(pause)
