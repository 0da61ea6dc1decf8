"""What the worker processes of `make faults` do: one play each time, on an empty database of its own."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import sys
import tempfile
import threading
import traceback
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import structlog

from tests.faults.checker import Count
from tests.faults.flood import Flood, flood
from tests.faults.kill9 import kill_at
from tests.faults.matrix import Plan, Play, play
from tests.faults.storm import Squall, Weather, blow
from tests.ledgers import prepared
from tests.postgres import Cluster

T = TypeVar("T")
_STUCK = 300.0  # seconds after which a play is asked what it waits for


@dataclass(frozen=True)
class Databases:
    """A database of its own for each play: without a row, but with today's schema, which is not built anew each time."""

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
            yield prepared(f"sqlite:///{Path(folder) / 'ledger.sqlite3'}")


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


def _run(work: Coroutine[Any, Any, T], plan: str) -> T:
    """Play to the end. What does not end in time says where it stands, so that a hang can be told from a busy machine."""

    async def watched() -> T:
        asyncio.get_running_loop().call_later(_STUCK, _say, plan)
        return await work

    faulthandler.dump_traceback_later(_STUCK + 1)
    try:
        return asyncio.run(watched())
    finally:
        faulthandler.cancel_dump_traceback_later()


def _say(plan: str) -> None:
    sys.stderr.write(f"{plan} has not ended after {_STUCK:.0f} s\n")
    for task in asyncio.all_tasks():
        task.print_stack(limit=12)


def play_one(databases: Databases, plan: Plan) -> Play:
    """Play one plan of the matrix. People of one mood may do what makes a step unnecessary: then as it was heard."""
    for each in (plan, replace(plan, mood=0), replace(plan, mood=0)):
        with databases.empty(plan.database) as url:
            try:
                done = _run(play(each, url), str(each))
            except Exception:  # noqa: BLE001 - whatever it is, it is this play's, and the others go on
                return Play(each, [], [], 0, _broken(each))
        if plan.doom is None or done.deaths:
            break
    return done


def blow_one(databases: Databases, squall: Squall) -> Weather:
    """Play one squall."""
    with databases.empty(squall.database) as url:
        try:
            return _run(blow(squall, url), str(squall))
        except Exception:  # noqa: BLE001 - as above
            return Weather(count=_broken(squall), failed=[str(squall)])


def kill_one(databases: Databases, kind: str, at: int) -> Count:
    """Kill one process."""
    plan = f"kill -9 at step {at} on {kind}"
    with databases.empty(kind) as url:
        try:
            return _run(kill_at(at, url), plan)
        except Exception:  # noqa: BLE001 - as above
            return _broken(plan)


def _broken(plan: object) -> Count:
    return Count(unfinished=1, notes=[f"unfinished: {plan} broke off", traceback.format_exc()])


def flood_one(databases: Databases, kind: str) -> tuple[str, Flood]:
    """10,000 notices on one database."""
    with databases.empty(kind) as url:
        return kind, asyncio.run(flood(url))
