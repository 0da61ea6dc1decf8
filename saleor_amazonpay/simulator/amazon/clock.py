"""The simulator's time: real time plus an offset that can be moved, and the agenda of what is due.

In come moments (seconds since 1970, UTC), out come due events in their order, each told the moment it was due
and not the moment somebody looked. Time never runs backwards, so a state never changes twice for one event.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime

MINUTE = 60.0
HOUR = 3600.0
DAY = 86400.0

Event = Callable[[float], None]


class SimClock:
    """Real time plus an offset.

    Args:
        start: the first moment, in epoch seconds; the present if None.
        frozen: whether time stands still between calls of `advance`.
    """

    def __init__(self, start: float | None = None, *, frozen: bool = False) -> None:
        real = time.time()
        self._offset = 0.0 if start is None else start - real
        self._frozen_at = (real if start is None else start) if frozen else None

    def now(self) -> float:
        """Simulated seconds since 1970."""
        return time.time() + self._offset if self._frozen_at is None else self._frozen_at

    def advance(self, seconds: float) -> None:
        """Move time forward. Raises ValueError if asked to move it back."""
        if seconds < 0:
            raise ValueError("time moves forward only")
        if self._frozen_at is None:
            self._offset += seconds
        else:
            self._frozen_at += seconds

    def freeze(self) -> None:
        """Stand still at the present simulated moment."""
        self._frozen_at = self.now()

    def thaw(self) -> None:
        """Run on from the present simulated moment."""
        self._offset = self.now() - time.time()
        self._frozen_at = None

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen_at is not None


class Agenda:
    """Events by the moment they are due. Each finds out for itself whether it still applies."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Event]] = []
        self._order = itertools.count()

    def at(self, moment: float, event: Event) -> None:
        """Plan an event; of two at one moment the first planned happens first."""
        heapq.heappush(self._due, (moment, next(self._order), event))

    def run(self, now: float) -> None:
        """Let everything happen that is due by now, events planned meanwhile included."""
        while self._due and self._due[0][0] <= now:
            moment, _order, event = heapq.heappop(self._due)
            event(moment)


def iso(moment: float) -> str:
    """UTC with milliseconds, as MWS writes a moment: `2015-11-21T15:55:18.970Z`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(moment * 1000) % 1000:03}Z"


def month_of(moment: float) -> tuple[datetime, datetime]:
    """The calendar month (UTC) a moment lies in: its first instant and that of the next."""
    first = datetime.fromtimestamp(moment, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first, following
