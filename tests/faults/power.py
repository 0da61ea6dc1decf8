"""The switch: it counts the steps of the app, and at the planned one the app is dead.

Dead means: the step raises, every later step of that life raises too (so nothing is written, sent or answered any
more), every task of that life is cancelled, and the next life begins with the database alone.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Coroutine
from typing import Any

from saleor_amazonpay import steps

Step = tuple[str, str]


class Killed(BaseException):
    """The process is no more. No handler of the app catches it."""


class Life:
    """One process of the app: the tasks that end with it."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()

    async def end(self) -> None:
        """Cancel everything, again and again: a task that is being cancelled may have begun another."""
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


class Power:
    """Counts steps while it is armed. `at` is the number of the step at which the app dies, 0 for never."""

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.steps: list[Step] = []
        self.killed: Step | None = None
        self.armed = False
        self.off = False
        self.out = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()

    def arm(self) -> None:
        """From here on steps count."""
        self.armed = True

    def on(self) -> None:
        """A new life."""
        self.off = False
        self.out.clear()

    def __call__(self, kind: steps.Kind, name: str) -> None:
        if not self.off and self.armed:
            self.steps.append((kind, name))
            if len(self.steps) == self.at:
                self.off, self.killed = True, (kind, name)
                self._loop.call_soon_threadsafe(self.out.set)
        if self.off:
            # A worker thread of the store ends quietly by SystemExit; in the loop that would end the test run.
            raise Killed if threading.get_ident() == self._thread else SystemExit
