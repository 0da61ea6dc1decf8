"""Keeping to Amazon's pace once it has throttled us: per merchant account and call (contracts §5.6).

Nothing is slowed down beforehand, because other nodes and shops share the account's bucket and only Amazon knows how
full it is. After a throttled answer the calls of that name leave at the published rate until the bucket must be full
again, so that a batch of renewals neither starves itself nor hammers on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from saleor_amazonpay.amazon.v2.endpoints import Endpoint
from saleor_amazonpay.domain.errors import NotExecutedError

_KEPT = 4096


class Pacer:
    """When each account's calls may leave.

    Args:
        clock: seconds that only grow.
        sleep: how a call waits for its turn.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._next: dict[tuple[str, str], tuple[float, float]] = {}  # the next free turn, and when all is forgotten

    def throttled(self, account_key: str, endpoint: Endpoint, *, test_mode: bool) -> None:
        """Amazon has said that the bucket is empty."""
        size, rate = endpoint.quota(test_mode=test_mode)
        now = self._clock()
        if len(self._next) >= _KEPT:
            self._next = {key: kept for key, kept in self._next.items() if kept[1] > now}
        known, _ = self._next.get((account_key, endpoint.name), (0.0, 0.0))
        self._next[account_key, endpoint.name] = (max(known, now + 1 / rate), now + size / rate)

    async def turn(self, account_key: str, endpoint: Endpoint, *, test_mode: bool, patience: float) -> None:
        """Wait for this call's turn. Raises NotExecutedError if that is further off than `patience` seconds."""
        if not self._next:
            return
        known = self._next.get((account_key, endpoint.name))
        if known is None:
            return
        now = self._clock()
        if now > known[1]:
            del self._next[account_key, endpoint.name]
            return
        wait = known[0] - now
        if wait > patience:
            raise NotExecutedError(endpoint.name, "Paced", f"Amazon throttles this call; its turn is in {wait:.1f} s")
        size, rate = endpoint.quota(test_mode=test_mode)
        mine = max(known[0], now)
        self._next[account_key, endpoint.name] = (mine + 1 / rate, max(known[1], mine + size / rate))
        if wait > 0:
            await self._sleep(wait)
