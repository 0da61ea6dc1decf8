"""The load: a few connections, each sending its next request when it has the answer to the last (a closed loop).

In come whole requests, out come the latencies and every answer that was not the expected one. It runs beside what it
measures, so it does as little as it can: bytes out, bytes in, two looks at the clock.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import uvloop

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length: "
# Seconds after which a run is hopeless: something hangs.
_PATIENCE = 60.0
_PATIENCE_EACH = 0.1


@dataclass(slots=True)
class Sample:
    """What one run of the load saw. Latencies in milliseconds, in the order of the answers."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    unexpected: list[bytes] = field(default_factory=list)

    def add(self, other: Sample) -> None:
        """Take in what another run saw."""
        self.seconds += other.seconds
        self.latencies += other.latencies
        self.unexpected += other.unexpected

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency (ms) that `share` of all answers did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def drive(port: int, requests: Sequence[bytes], connections: int, expected: bytes) -> Sample:
    """Send every request once. An answer is as expected if it is a 200 whose body contains `expected`.

    Raises ConnectionError if the server closes a connection that waits for an answer, TimeoutError if it hangs.
    """
    return uvloop.run(_drive(port, requests, connections, expected))


async def _drive(port: int, requests: Sequence[bytes], connections: int, expected: bytes) -> Sample:
    loop = asyncio.get_running_loop()
    sample, work = Sample(), iter(requests)
    began = time.perf_counter()
    finished: list[asyncio.Future[None]] = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        finished.append(done)
        await loop.create_connection(partial(_Connection, work, sample, expected, done), "127.0.0.1", port)
    async with asyncio.timeout(_PATIENCE + _PATIENCE_EACH * len(requests)):
        await asyncio.gather(*finished)
    sample.seconds = time.perf_counter() - began
    return sample


class _Connection(asyncio.Protocol):
    def __init__(self, work: Iterator[bytes], sample: Sample, expected: bytes, done: asyncio.Future[None]) -> None:
        self._work = work
        self._sample = sample
        self._expected = expected
        self._done = done
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own, which inherits from nothing
        self._send_next(self._transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(_HEAD_END)
        if not found or len(body) < _length(head) or self._transport is None:
            return
        self._sample.latencies.append((time.perf_counter() - self._sent_at) * 1000)
        if not head.startswith(b"HTTP/1.1 200") or self._expected not in body:
            self._sample.unexpected.append(self._received)
        self._received = b""
        self._send_next(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server closed the connection"))

    def _send_next(self, transport: asyncio.Transport) -> None:
        request = next(self._work, None)
        if request is None:
            self._done.set_result(None)
            transport.close()
            return
        self._sent_at = time.perf_counter()
        transport.write(request)


def _length(head: bytes) -> int:
    text = head.lower()
    start = text.index(_LENGTH) + len(_LENGTH)
    return int(text[start:].split(b"\r", 1)[0])
