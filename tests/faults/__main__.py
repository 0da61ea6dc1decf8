"""`make faults`: the app dies at every step of every story, for each way people behave, and the books are compared.

`PLAN=sqlite/capture/7/0` plays one of them alone. Exits 1 if anything counted is not zero, or if a step that was
heard was never died at.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tests.faults.house import MOODS
from tests.faults.kill9 import kill_at
from tests.faults.stories import STORIES
from tests.faults.storm import Plan, Play, Tally, play
from tests.postgres import Cluster, start_or_skip

POSTGRES_EVERY = 7
KILL9_AT = (4, 8, 12, 16, 20, 24, 28, 32)


class Databases:
    """An empty database for each play."""

    def __init__(self, cluster: Cluster | None) -> None:
        self.cluster = cluster

    @contextmanager
    def empty(self, kind: str) -> Iterator[str]:
        if kind == "postgresql":
            if self.cluster is None:
                raise SystemExit("PostgreSQL's server binaries are not installed")
            yield self.cluster.create(f"f{uuid4().hex}")
            return
        with tempfile.TemporaryDirectory(prefix="amazonpay-faults-") as folder:
            yield f"sqlite:///{Path(folder) / 'ledger.sqlite3'}"


async def _one(plan: Plan, databases: Databases) -> Play:
    with databases.empty(plan.database) as url:
        return await play(plan, url)


async def _all(databases: Databases, tallies: dict[str, Tally], progress: Progress) -> None:
    for story, tally in tallies.items():
        whole = await _one(Plan(story), databases)
        tally.hear(whole)
        plans = [Plan(story, at, mood) for at in range(1, len(whole.steps) + 1) for mood in range(MOODS)]
        if databases.cluster is not None:
            plans += [
                Plan(story, at, at % MOODS, "postgresql") for at in range(1, len(whole.steps) + 1, POSTGRES_EVERY)
            ]
        for plan in progress.track(plans, description=story.ljust(24)):
            tally.die(await _one(plan, databases))


async def _kill9(tally: Tally, progress: Progress) -> None:
    for at in progress.track(KILL9_AT, description="kill -9".ljust(24)):
        with tempfile.TemporaryDirectory(prefix="amazonpay-faults-") as folder:
            tally.count += await kill_at(at, Path(folder))
        tally.plays += 1


def _report(console: Console, tallies: dict[str, Tally], seconds: float) -> bool:
    names = next(iter(tallies.values())).count.numbers()
    table = Table(title="Deaths of the app, and what the books say afterwards", title_justify="left")
    for name in ("story", "steps", "deaths", "never died at", *(name.replace("_", " ") for name in names)):
        table.add_column(name, justify="left" if name == "story" else "right")
    kinds: dict[str, int] = {}
    for story, tally in tallies.items():
        deaths = tally.killed.total() or tally.plays
        table.add_row(
            story, str(tally.heard.total()), str(deaths), str(len(tally.never)),
            *(str(number) for number in tally.count.numbers().values()),
        )  # fmt: skip
        for (kind, _name), number in tally.killed.items():
            kinds[kind] = kinds.get(kind, 0) + number
    console.print(table)
    console.print("deaths by kind:", ", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items())))
    different = {step for tally in tallies.values() for step in tally.killed}
    console.print(f"{len(different)} different steps died at, {seconds:.0f} s")
    for tally in tallies.values():
        for note in tally.count.notes:
            console.print(note, style="red", markup=False)
        for plan in tally.failed:
            console.print(f"again: make faults PLAN={plan}", markup=False)
        for step in sorted(tally.never):
            console.print(f"never died at: {step}", style="red", markup=False)
    return all(tally.clean for tally in tallies.values())


async def _run(console: Console, databases: Databases, wanted: str) -> bool:
    if wanted:
        done = await _one(Plan.parse(wanted), databases)
        console.print(f"died {done.deaths} times, at {done.killed}; {done.count.numbers()}", markup=False)
        for note in done.count.notes:
            console.print(note, style="red", markup=False)
        return done.count.clean
    began = time.monotonic()
    tallies = {story: Tally() for story in STORIES}
    nine = Tally()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        await _all(databases, tallies, progress)
        await _kill9(nine, progress)
    return _report(console, {**tallies, "a process, kill -9": nine}, time.monotonic() - began)


def main() -> int:
    """Returns the exit code."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    console = Console()
    with ExitStack() as stack:
        try:
            cluster: Cluster | None = start_or_skip()
            stack.callback(cluster.stop)  # type: ignore[union-attr]
        except pytest.skip.Exception as missing:
            console.print(f"SQLite only: {missing}")
            cluster = None
        clean = asyncio.run(_run(console, Databases(cluster), os.environ.get("PLAN", "")))
    console.print("Nothing lost, nothing twice." if clean else "NOT clean.")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
