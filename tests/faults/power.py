"""The switch: it counts the steps of the app, and at the planned one the app is dead.

Dead means: the step raises, every later step of that life raises too (so nothing is written, sent or answered any
more), every task of that life is cancelled, and the next life begins with the database alone.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, replace
from typing import Any

from saleor_amazonpay import steps

Step = tuple[str, str]


class Killed(BaseException):
    """The process is no more. No handler of the app catches it."""


class Life:
    """One process of the app, on a node: the tasks that end with it. `off`: it is over.

    `turns`: when each of its loops last took its turn, by Amazon's clock.
    """

    def __init__(self, node: int = 0) -> None:
        self.node = node
        self.off = False
        self.out = asyncio.Event()
        self.tasks: set[asyncio.Task[Any]] = set()
        self.turns: dict[str, float] = {}

    async def end(self) -> None:
        """Cancel everything, again and again: a task that is being cancelled may have begun another."""
        self.off = True
        while self.tasks:
            tasks = list(self.tasks)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            for task in tasks:
                if not task.cancelled():
                    task.exception()
            self.tasks.difference_update(tasks)


LIFE: contextvars.ContextVar[Life | None] = contextvars.ContextVar("life", default=None)


def note_tasks(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **more: Any) -> asyncio.Task[Any]:
    """A task factory: each task belongs to the life in whose context it was begun."""
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **more)
    context = more.get("context")
    life = context.get(LIFE) if context is not None else LIFE.get()
    if life is not None:
        life.tasks.add(task)
        task.add_done_callback(life.tasks.discard)
    return task


@dataclass(frozen=True)
class Doom:
    """Where a node dies: at its n-th step of a kind (and, if it is given, of a name) from now on."""

    kind: str
    count: int = 1
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}/{self.count}".replace(" ", "+")

    @classmethod
    def parse(cls, text: str) -> Doom:
        kind, name, count = text.replace("+", " ").split("/")
        return cls(kind, int(count), name)


class Power:
    """Counts steps while it is armed, and ends lives; `doom` says where each node dies."""

    def __init__(self, doom: Doom | None = None) -> None:
        self.doom: dict[int, Doom] = {0: doom} if doom is not None else {}
        self.steps: list[Step] = []
        self.deaths: list[Step] = []
        self.armed = False
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._lives: dict[int, Life] = {}  # by the store's threads, which have no context

    def arm(self) -> None:
        """From here on steps count."""
        self.armed = True

    def threads_of(self, life: Life, threads: Iterable[threading.Thread]) -> None:
        """What these threads do is done by this life."""
        self._lives.update((thread.ident, life) for thread in threads if thread.ident is not None)

    def __call__(self, kind: steps.Kind, name: str) -> None:
        here = threading.get_ident()
        life = LIFE.get() if here == self._thread else self._lives.get(here)
        if life is None:
            return  # what prepares the stage
        with self._lock:
            if self.armed and not life.off:
                self.steps.append((kind, name))
                if self._is_the_end(life.node, kind, name):
                    life.off = True
                    self.deaths.append((kind, name))
                    self._loop.call_soon_threadsafe(life.out.set)
        if life.off:
            # A worker thread of the store ends quietly by SystemExit; in the loop that would end the test run.
            raise Killed if here == self._thread else SystemExit

    def _is_the_end(self, node: int, kind: str, name: str) -> bool:
        doom = self.doom.get(node)
        if doom is None or doom.kind != kind or doom.name not in {"", name}:
            return False
        self.doom[node] = replace(doom, count=doom.count - 1)
        if doom.count > 1:
            return False
        del self.doom[node]
        return True
