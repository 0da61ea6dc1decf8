"""`make faults`: the app dies at every step of every story on both databases and both wires; then the storm; then some
deaths of real processes. The books are compared after each.

`make faults PLAN=…` plays one of them alone. Exits 1 if anything counted is not zero, or if a step that was heard was
never died at.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import TypeVar

import pytest
from rich.console import Console

from tests.faults.checker import Count
from tests.faults.flood import Flood
from tests.faults.matrix import Hook, Plan, Play, Tally, deaths
from tests.faults.power import Doom
from tests.faults.progress import Shown
from tests.faults.stories import told_on
from tests.faults.storm import OPERATIONS, Squall, Weather
from tests.faults.tables import hooks, summary
from tests.faults.workers import Databases, blow_one, flood_one, kill_one, play_one, quiet
from tests.postgres import Cluster, start_or_skip

T = TypeVar("T")
WIRES = ("mws", "v2")
KILL9_AT = (8, 16, 24, 32)
PARTS = ("matrix", "storm", "processes", "notices")
_TRIES = 4  # of steps that were heard, and not come to again


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


class Suite:
    """The parts, one after another. What is counted is said when it happens; each part ends with what it came to."""

    def __init__(
        self, options: argparse.Namespace, databases: Databases, pool: ProcessPoolExecutor, shown: Shown
    ) -> None:
        self._options = options
        self._databases = databases
        self._pool = pool
        self._shown = shown
        self.tally = Tally()
        self.weather = Weather()
        self.processes = Count()
        self.killed = 0
        self.floods: list[tuple[str, Flood]] = []

    def matrix(self) -> None:
        """Each story as it is, and once more for each of its steps."""
        kinds = self._databases.kinds
        stories = [Plan(story, None, 0, kind, wire) for kind in kinds for wire in WIRES for story in told_on(wire)]
        plans: list[Plan] = []
        for each in self._played("stories", stories):
            self.tally.hear(each)
            plans += deaths(each, full=self._options.full)
            self._complain(each.count, str(each.plan))
        Random(self._options.seed).shuffle(plans)  # noqa: S311 - so that a run that is cut short has tried some of all
        plans = self._options.share.of(plans)
        for _ in range(_TRIES):
            for each in self._played("deaths", plans):
                self.tally.die(each)
                self._complain(each.count, str(each.plan))
            # What is heard once may depend on how tasks came to interleave: it is waited for a few times more.
            never = self.never
            plans = [Plan(story, Doom(kind, 1, name), 0, db, wire) for db, wire, story, kind, name in sorted(never)]
            if not plans:
                break
        self._shown.say(
            f"matrix: {self.tally.plays} plays, {self.tally.died.total()} deaths, {_said(self.tally.count)}"
        )

    def _played(self, title: str, plans: Iterable[Plan]) -> Iterator[Play]:
        return self._shown.done(title, (self._pool.submit(play_one, self._databases, plan) for plan in plans))

    @property
    def never(self) -> set[Hook]:
        """Steps that nothing died at, though everything was played."""
        return self.tally.never if self._options.share.whole and not self._shown.left_out else set()

    def storm(self) -> None:
        """A row of squalls, in turns on the wires."""
        rows = range(-(-self._options.operations // OPERATIONS))
        seed, kind = self._options.seed, self._databases.kinds[-1]
        squalls = self._options.share.of([Squall(seed + row, kind, WIRES[row % len(WIRES)]) for row in rows])
        for each in self._shown.done("storm", (self._pool.submit(blow_one, self._databases, one) for one in squalls)):
            self.weather.add(each)
            self._complain(each.count, *each.failed)
        made = self.weather.operations.total()
        self._shown.say(f"storm: {made} operations, {self.weather.deaths} deaths, {_said(self.weather.count)}")

    def kill9(self) -> None:
        """Real processes."""
        plans = [(kind, at) for at in KILL9_AT for kind in self._databases.kinds]
        self.killed = len(plans)
        work = (self._pool.submit(kill_one, self._databases, *plan) for plan in plans)
        for each in self._shown.done("processes", work):
            self.processes += each
            self._complain(each)
        self._shown.say(f"processes: {self.killed} killed, {_said(self.processes)}")

    def notices(self) -> None:
        """10,000 on each database; alone, for it is measured."""
        for kind in self._databases.kinds:
            _, one = flood_one(self._databases, kind)
            self.floods.append((kind, one))
            self._shown.say(
                f"{one.sent} notices on {kind}: {one.accepted_per_second:.0f} accepted/s, "
                f"{one.settled_per_second:.0f} settled/s, refused {one.refused}, lost {one.lost}, told wrongly {one.wrong}"
            )

    def _complain(self, count: Count, *plans: str) -> None:
        if count.clean:
            return
        for note in count.notes:
            self._shown.say(note, "red")
        for plan in plans:
            self._shown.say(f"again: make faults PLAN={plan}")

    @property
    def clean(self) -> bool:
        """Nothing counted, nothing left out."""
        dry = not any(one.refused or one.lost or one.wrong for _, one in self.floods)
        counts = (self.tally.count, self.weather.count, self.processes)
        return dry and all(count.clean for count in counts) and not self.never and not self._shown.left_out


def _said(count: Count) -> str:
    wrong = {name: number for name, number in count.numbers().items() if number}
    return f"counted {wrong}" if wrong else "nothing counted"


def _all(options: argparse.Namespace, databases: Databases, console: Console) -> bool:
    began = time.monotonic()
    context = multiprocessing.get_context("spawn")
    whole = True
    with (
        ProcessPoolExecutor(options.workers, context, initializer=quiet) as pool,
        Shown(console, options.minutes) as shown,
    ):
        suite = Suite(options, databases, pool, shown)
        parts = {"matrix": suite.matrix, "storm": suite.storm, "processes": suite.kill9, "notices": suite.notices}
        try:
            for name in options.parts:
                parts[name]()
        except KeyboardInterrupt:
            whole = False
            pool.shutdown(wait=False, cancel_futures=True)
    if suite.tally.plays:
        hooks(console, suite.tally)
    summary(console, suite.tally, suite.weather, suite.processes, suite.killed)
    for step in sorted(suite.never):
        console.print(f"never died at: {step}", style="red", markup=False)
    for plan in (*suite.tally.failed, *suite.weather.failed):
        console.print(f"again: make faults PLAN={plan}", markup=False)
    console.print(f"{time.monotonic() - began:.0f} s, storm from seed {options.seed}, {shown.left_out} plays left out")
    if not whole:
        console.print("Stopped: this is what was played until then.")
    return whole and suite.clean


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
    parser.add_argument(
        "--workers", type=int, default=max(2, os.cpu_count() or 2), help="processes that play at the same time"
    )
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
