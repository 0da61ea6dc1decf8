"""What the worker processes of `make faults` do: one play each time, on an empty database of its own."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import structlog

from tests.faults.checker import Count
from tests.faults.flood import Flood, flood
from tests.faults.kill9 import kill_at
from tests.faults.matrix import Plan, Play, play
from tests.faults.storm import Squall, Weather, blow
from tests.postgres import Cluster


@dataclass(frozen=True)
class Databases:
    """An empty database for each play."""

    cluster: Cluster | None

    @property
    def kinds(self) -> tuple[str, ...]:
        return ("sqlite", "postgresql") if self.cluster is not None else ("sqlite",)

    @contextmanager
    def empty(self, kind: str) -> Iterator[str]:
        if kind == "postgresql":
            if self.cluster is None:
                raise SystemExit("PostgreSQL's server binaries are not installed")
            name = f"f{uuid4().hex}"
            yield self.cluster.create(name)
            self.cluster.drop(name)
            return
        with tempfile.TemporaryDirectory(prefix="amazonpay-faults-") as folder:
            yield f"sqlite:///{Path(folder) / 'ledger.sqlite3'}"


def _unless_dead(hook: threading.ExceptHookArgs) -> None:
    """A writer that dies at a step ends by SystemExit: that is no accident."""
    if hook.exc_type is not SystemExit:
        threading.__excepthook__(hook)


def quiet() -> None:
    """What a worker does first."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    threading.excepthook = _unless_dead
    # The app dies, the machine does not: what a disk does at power loss is not tried here, and need not be waited for.
    memory = Path("/dev/shm")  # noqa: S108 - the same as any temporary folder, in memory
    if memory.is_dir():
        tempfile.tempdir = str(memory)


def play_one(databases: Databases, plan: Plan) -> Play:
    """Play one plan of the matrix."""
    with databases.empty(plan.database) as url:
        return asyncio.run(play(plan, url))


def blow_one(databases: Databases, squall: Squall) -> Weather:
    """Play one squall."""
    with databases.empty(squall.database) as url:
        return asyncio.run(blow(squall, url))


def kill_one(at: int) -> Count:
    """Kill one process."""
    with tempfile.TemporaryDirectory(prefix="amazonpay-faults-") as folder:
        return asyncio.run(kill_at(at, Path(folder)))


def flood_one(databases: Databases, kind: str) -> tuple[str, Flood]:
    """10,000 notices on one database."""
    with databases.empty(kind) as url:
        return kind, asyncio.run(flood(url))
