"""Work that outlives a request: a handful of loops over indexed columns of the ledger, and nothing in memory.

Each loop asks the store what is due and does it; a process that dies leaves rows that are due again on any node. The
hot path enqueues nothing. A loop that fails logs and goes on: the next turn sees the same rows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from saleor_amazonpay.flows.cap_watch import watch_caps
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.installation import update_installations
from saleor_amazonpay.flows.notify import handle_notices
from saleor_amazonpay.flows.orders import handle_order_events
from saleor_amazonpay.flows.problems import deliver_problems
from saleor_amazonpay.flows.purchases import close_purchases
from saleor_amazonpay.flows.recover import sweep
from saleor_amazonpay.flows.report import deliver_reports, note_delivered
from saleor_amazonpay.flows.second_look import look_once_more
from saleor_amazonpay.flows.settlements import read_settlements
from saleor_amazonpay.flows.topics import named_since
from saleor_amazonpay.flows.trouble import try_keys_again
from saleor_amazonpay.flows.watch import watch_agreements
from saleor_amazonpay.store.retention import BATCH, RETENTION, forget


@dataclass(frozen=True, slots=True)
class Job:
    """One loop: what it does, and how many seconds it rests between two turns."""

    name: str
    work: Callable[[Deps], Awaitable[object]]
    seconds: float


async def forget_old(deps: Deps) -> int:
    """Delete what has been kept long enough, batch by batch; returns how many rows."""
    total = 0
    for kept in RETENTION:
        gone = BATCH
        while gone == BATCH:
            gone = await deps.store.write(lambda tx, kept=kept: forget(tx, kept, deps.clock()))  # type: ignore[misc]
            total += gone
    return total


JOBS = (
    Job("note delivered", note_delivered, 1.0),
    Job("reports", deliver_reports, 0.5),
    Job("notices", handle_notices, 0.5),
    Job("sweep", sweep, 5.0),
    Job("agreements", watch_agreements, 2.0),
    Job("orders", handle_order_events, 1.0),
    Job("installations", update_installations, 30.0),
    Job("problems", deliver_problems, 5.0),
    Job("rejected keys", try_keys_again, 300.0),
    Job("named topics", named_since, 300.0),
    Job("caps", watch_caps, 5.0),
    Job("one-time purchases", close_purchases, 5.0),
    Job("second looks", look_once_more, 60.0),
    Job("settlements", read_settlements, 3600.0),
    Job("retention", forget_old, 3600.0),
)


class Engine:
    """Runs the jobs in this process until it is stopped."""

    def __init__(self, deps: Deps, jobs: tuple[Job, ...] = JOBS) -> None:
        self._deps = deps
        self._jobs = jobs
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    def start(self) -> None:
        """Begin; returns at once."""
        self._tasks = [asyncio.create_task(self._loop(job), name=job.name) for job in self._jobs]

    async def stop(self) -> None:
        """Let every loop finish its turn, wait for calls that are out, and note what was answered."""
        self._stopping.set()
        await asyncio.gather(*self._tasks)
        await self._deps.running.drain()
        await note_delivered(self._deps)

    async def _loop(self, job: Job) -> None:
        while not self._stopping.is_set():
            try:
                await job.work(self._deps)
            except Exception:
                # Whatever it was, the rows are still due.
                self._deps.log.exception("job failed", job=job.name)
            try:
                await asyncio.wait_for(self._stopping.wait(), job.seconds)
            except TimeoutError:
                continue
