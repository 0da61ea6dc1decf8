"""`make faults`: the app dies at every step of every story on both databases and both wires; then the storm; then some
deaths of real processes. The books are compared after each.

`make faults PLAN=…` plays one of them alone. Exits 1 if anything counted is not zero, or if a step that was heard was
never died at.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.faults.checker import Count
from tests.faults.flood import Flood
from tests.faults.matrix import Plan, Tally, deaths
from tests.faults.stories import told_on
from tests.faults.storm import OPERATIONS, Squall, Weather
from tests.faults.tables import hooks, summary
from tests.faults.workers import Databases, blow_one, flood_one, kill_one, play_one, quiet
from tests.postgres import Cluster, start_or_skip

T = TypeVar("T")
WIRES = ("mws", "v2")
KILL9_AT = (8, 16, 24, 32)
PARTS = ("matrix", "storm", "processes", "notices")


@dataclass(frozen=True)
class Share:
    """A part of what is to be played; all parts together are everything."""

    number: int = 1
    parts: int = 1

    @classmethod
    def parse(cls, text: str) -> Share:
        """Raises ValueError if that is none."""
        share = cls(*map(int, text.split("/")))
        if not 0 < share.number <= share.parts:
            raise ValueError(text)
        return share

    @property
    def whole(self) -> bool:
        return self.parts == 1

    def of(self, plans: list[T]) -> list[T]:
        return plans[self.number - 1 :: self.parts]


class _Clock:
    """How long a part may take; what has not been begun by then is left out, and the run is not clean."""

    def __init__(self, minutes: float) -> None:
        self._seconds = minutes * 60 or None
        self.left_out = 0

    def done(self, progress: Progress, title: str, work: Iterable[Future[Any]]) -> Iterator[Any]:
        """Results as they come."""
        futures = list(work)
        shown = progress.add_task(title.ljust(12), total=len(futures))
        try:
            for future in as_completed(futures, self._seconds):
                progress.advance(shown)
                yield future.result()
        except TimeoutError:
            rest = [future for future in futures if not future.cancel() and not future.done()]
            self.left_out += sum(future.cancelled() for future in futures) + len(rest)


def _all(  # noqa: C901, PLR0912 - one part after another
    options: argparse.Namespace, databases: Databases, console: Console
) -> bool:
    tally, weather, processes, clock = Tally(), Weather(), Count(), _Clock(options.minutes)
    killed: list[tuple[str, int]] = []
    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    context = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(options.workers, context, initializer=quiet) as pool,
        Progress(*columns, console=console) as progress,
    ):
        if "matrix" in options.parts:
            whole = [
                Plan(story, None, 0, kind, wire)
                for kind in databases.kinds
                for wire in WIRES
                for story in told_on(wire)
            ]
            heard = list(clock.done(progress, "stories", (pool.submit(play_one, databases, plan) for plan in whole)))
            for each in heard:
                tally.hear(each)
            plans = [plan for each in heard for plan in deaths(each, full=options.full)]
            Random(options.seed).shuffle(plans)  # noqa: S311 - so that a run that is cut short has tried some of all
            plans = options.share.of(plans)
            for each in clock.done(progress, "deaths", (pool.submit(play_one, databases, plan) for plan in plans)):
                tally.die(each)
        if "storm" in options.parts:
            rows = -(-options.operations // OPERATIONS)
            squalls = [
                Squall(options.seed + number, databases.kinds[-1], WIRES[number % len(WIRES)]) for number in range(rows)
            ]
            squalls = options.share.of(squalls)
            for each in clock.done(progress, "storm", (pool.submit(blow_one, databases, squall) for squall in squalls)):
                weather.add(each)
        if "processes" in options.parts:
            killed = [(kind, at) for at in KILL9_AT for kind in databases.kinds]
            for each in clock.done(progress, "processes", (pool.submit(kill_one, databases, *one) for one in killed)):
                processes += each
    floods: list[tuple[str, Flood]] = []
    if "notices" in options.parts:  # alone: it is measured
        floods = [flood_one(databases, kind) for kind in databases.kinds]
    if tally.plays:
        hooks(console, tally)
    summary(console, tally, weather, processes, len(killed))
    console.print(f"{time.monotonic() - began:.0f} s, storm from seed {options.seed}, {clock.left_out} plays left out")
    failed = [*tally.failed, *weather.failed]
    for note in (*tally.count.notes, *weather.count.notes, *processes.notes):
        console.print(note, style="red", markup=False)
    for plan in failed:
        console.print(f"again: make faults PLAN={plan}", markup=False)
    never = tally.never if options.share.whole else set()
    if not clock.left_out:
        for step in sorted(never):
            console.print(f"never died at: {step}", style="red", markup=False)
    for kind, one in floods:
        console.print(
            f"{one.sent} notices on {kind}: {one.accepted_per_second:.0f} accepted/s, {one.settled_per_second:.0f} "
            f"settled/s, refused {one.refused}, lost {one.lost}, told wrongly {one.wrong}"
        )
    dry = not any(one.refused or one.lost or one.wrong for _, one in floods)
    return dry and not failed and not never and processes.clean and not clock.left_out


def _one(plan: str, databases: Databases, console: Console) -> bool:
    if plan.startswith("storm/"):
        weather = blow_one(databases, Squall.parse(plan))
        console.print(f"{weather.operations.total()} operations, died {weather.deaths} times")
        count = weather.count
    else:
        done = play_one(databases, Plan.parse(plan))
        console.print(f"died {done.deaths} times, at {done.died}", markup=False)
        count = done.count
    console.print(count.numbers())
    for note in count.notes:
        console.print(note, style="red", markup=False)
    return count.clean


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description="The fault suite.")
    parser.add_argument("--plan", default="", help="play this one alone")
    parser.add_argument("--seed", type=int, default=1, help="of the storm's first squall")
    parser.add_argument("--operations", type=int, default=2000, help="of the storm")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument(
        "--full", action="store_true", help="die each time a step is taken, people behaving in each way"
    )
    parser.add_argument(
        "--share",
        type=Share.parse,
        default=Share(),
        help="of deaths and squalls, for several machines: 2/5 is the second fifth",
    )
    parser.add_argument("--minutes", type=float, default=0, help="for each part; 0: as long as it takes")
    parser.add_argument("--workers", type=int, default=2, help="processes that play at the same time")
    return parser.parse_args()


def main() -> int:
    """Returns the exit code."""
    quiet()
    options, console = _options(), Console()
    try:
        cluster: Cluster | None = start_or_skip()
    except pytest.skip.Exception as missing:
        console.print(f"SQLite only: {missing}")
        cluster = None
    databases = Databases(cluster)
    try:
        clean = _one(options.plan, databases, console) if options.plan else _all(options, databases, console)
    finally:
        if cluster is not None:
            cluster.stop()
    console.print("Nothing lost, nothing twice." if clean else "NOT clean.")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
