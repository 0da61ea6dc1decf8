"""Everything a flow may use, handed in by the composition root or a test."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from saleor_amazonpay.amazon.port import Wire
from saleor_amazonpay.domain.operation import Operation
from saleor_amazonpay.flows.directory import Directory
from saleor_amazonpay.saleor.client import SaleorApi
from saleor_amazonpay.store.store import Store


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations in seconds that decide when Saleor is answered and what is looked at again (money.md §2, §3)."""

    budget: float = 15.0
    money_call_minimum: float = 9.0
    patience: float = 25.0  # how long one call may repeat itself while its outcome is unknown
    report_delay: float = 3.0  # after a pending answer
    card_quiet: float = 10.0  # after an answer that Saleor may still be writing
    unanswered_report: float = 25.0  # after the request, if no answer is known to have left
    call_deadline: float = 90.0  # a call that is out longer than this has lost its process
    buyer_repeat: float = 600.0  # a charge a buyer waits for is not made again after this
    attempt_window: float = 600.0  # a declined session may be repaired for this long
    give_up: float = 24 * 3600.0


# An operation as it is after its call, and the answer that was fixed with it, if there was one to fix.
Settled = tuple[Operation, bytes | None]


class Running:
    """Operations whose money call is out in this process: copies of a request wait for the same task."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[Settled]] = {}

    def start(self, operation_id: str, work: Coroutine[Any, Any, Settled], owner: str = "") -> None:
        """Run the work of an operation; it goes on when nobody waits any more. `owner` names who asked for it."""
        task = asyncio.get_running_loop().create_task(work, name=owner)
        self._tasks[operation_id] = task
        task.add_done_callback(lambda done: self._finished(operation_id, done))

    def _finished(self, operation_id: str, task: asyncio.Task[Settled]) -> None:
        self._tasks.pop(operation_id, None)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            # The row still says that the call may be out: the sweep takes it up, and somebody should know why.
            structlog.get_logger().error("operation left to the sweep", operation=operation_id, exc_info=error)

    def get(self, operation_id: str) -> asyncio.Task[Settled] | None:
        """The task of an operation that is being worked on here."""
        return self._tasks.get(operation_id)

    async def drain(self) -> None:
        """Wait until everything that is out has come back."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)


MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Deps:
    """What flows depend on. `clock` gives milliseconds since the epoch, UTC."""

    store: Store
    directory: Directory
    wires: Mapping[str, Wire]
    saleor: SaleorApi
    clock: Callable[[], int]
    public_url: str = ""  # where browsers reach this app; empty: not told
    timing: Timing = field(default_factory=Timing)
    running: Running = field(default_factory=Running)
    # Operations whose final answer has left; noted in the ledger in groups, outside the hot path.
    delivered: set[str] = field(default_factory=set)
    # Operations of which Saleor was told "pending" while the ledger could not be written: it is owed the note.
    owed: set[str] = field(default_factory=set)
    # AWS accounts that the operator says are Amazon Pay's, beside the known ones.
    topic_accounts: frozenset[str] = frozenset()
    # What came of notices, by result: counted here, shown by the metrics.
    handled: Counter[str] = field(default_factory=Counter)
    log: Any = field(default_factory=structlog.get_logger)


class Deadline:
    """The time budget of one request, from its first byte. May be asked in any thread."""

    __slots__ = ("_ends",)

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._ends - time.monotonic())

    @property
    def late(self) -> float:
        """Seconds past the end, never negative."""
        return max(0.0, time.monotonic() - self._ends)
