"""What the bench prints: one table of costs, one of where the app's CPU went. Medians over rounds."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench.measure import Result
from bench.processes import Cores

_SYNCS = 50
_BLOCK = 4096


def fsync_ms(folder: Path) -> float:
    """What this disk takes to make one block durable: two of these are in every payment."""
    taken = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            file.write(bytes(_BLOCK))
            began = time.perf_counter()
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - began) * 1000)
    return median(taken)


def conditions(console: Console, cores: Cores, folder: Path, sizes: Sequence[int]) -> None:
    """What the figures below depend on."""
    places = (
        "one core for everything: latencies are worth little"
        if cores.measured is None
        else f"app and floor on core {cores.measured}, load, simulator and PostgreSQL on core {cores.others}"
    )
    console.print(
        f"Python {platform.python_version()}, {places}\n"
        f"load average before the start {os.getloadavg()[0]:.1f}: what others run here costs caches, and so CPU time\n"
        f"webhook bodies of {' and '.join(map(str, sorted(set(sizes))))} bytes, fsync {fsync_ms(folder):.2f} ms\n"
        "floor: bare ASGI, same server settings and bodies: read the body, verify RS256, json.loads",
        highlight=False,
    )


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("payment", "ledger"):
        table.add_column(name, no_wrap=True)
    return table


def costs(results: Sequence[Result]) -> Table:
    """The main table."""
    table = _table("TRANSACTION_INITIALIZE_SESSION: medians of the rounds, log line and metrics on")
    for name in (
        "conn.", "CPU ms", "floor ms", "x floor", "range", "req/s", "p50 ms", "p99 ms", "Amazon ms", "own p50",
    ):  # fmt: skip
        table.add_column(name, justify="right", no_wrap=True)
    for result in results:
        ratios = [each.ratio for each in result.rounds]
        table.add_row(
            result.scenario.name,
            result.database,
            str(result.scenario.connections),
            f"{result.middle(lambda each: each.cpu.total):.2f}",
            f"{result.middle(lambda each: each.floor):.3f}",
            f"{median(ratios):.1f}",
            f"{min(ratios):.1f}-{max(ratios):.1f}",
            f"{result.middle(lambda each: each.rate):.0f}",
            f"{result.middle(lambda each: each.p50):.1f}",
            f"{result.middle(lambda each: each.p99):.1f}",
            f"{result.middle(lambda each: each.amazon):.1f}",
            f"{result.middle(lambda each: each.own):.1f}",
        )
    return table


def whereabouts(results: Sequence[Result]) -> Table:
    """Which threads used the app's CPU, in user space and in the kernel."""
    table = _table("where the app's CPU went, ms per payment")
    for name in ("conn.", "calls", "event loop", "its kernel", "store threads", "their kernel"):
        table.add_column(name, justify="right", no_wrap=True)
    for result in results:
        table.add_row(
            result.scenario.name,
            result.database,
            str(result.scenario.connections),
            f"{result.middle(lambda each: each.calls):.0f}",
            f"{result.middle(lambda each: each.cpu.loop_user):.2f}",
            f"{result.middle(lambda each: each.cpu.loop_kernel):.2f}",
            f"{result.middle(lambda each: each.cpu.store_user):.2f}",
            f"{result.middle(lambda each: each.cpu.store_kernel):.2f}",
        )
    return table
