"""Work that takes long, shown while it is done: as bars on a terminal, as a line now and then in a log."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, as_completed
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
_EVERY = 30.0  # seconds between lines in a log


class Shown:
    """Results as they come, with what is done and what is left.

    Args:
        minutes: how long each piece of work may take (0: as long as it does). What has not been begun by then is left
            out and counted: then nothing is clean.
    """

    def __init__(self, console: Console, minutes: float = 0) -> None:
        self._console = console
        self._bars = Progress(*_COLUMNS, console=console) if console.is_terminal else None
        self._seconds = minutes * 60 or None
        self.left_out = 0

    def __enter__(self) -> Self:
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def say(self, text: str, style: str = "") -> None:
        """A line that stays."""
        self._console.print(text, style=style, markup=False, highlight=False)

    def done(self, title: str, work: Iterable[Future[Any]]) -> Iterator[Any]:
        """The results, as they come."""
        futures = list(work)
        bar = self._bars.add_task(title.ljust(12), total=len(futures)) if self._bars is not None else None
        began = said = time.monotonic()
        try:
            for number, future in enumerate(as_completed(futures, self._seconds), 1):
                if self._bars is not None and bar is not None:
                    self._bars.advance(bar)
                elif (now := time.monotonic()) - said > _EVERY or number == len(futures):
                    said = now
                    self.say(f"{title}: {number} of {len(futures)} after {now - began:.0f} s")
                yield future.result()
        except TimeoutError:
            rest = [future for future in futures if not future.cancel() and not future.done()]
            self.left_out += sum(future.cancelled() for future in futures) + len(rest)
