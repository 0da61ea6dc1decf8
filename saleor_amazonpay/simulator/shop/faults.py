"""What can go wrong between a Saleor and its app, on demand.

In: a test says what, for which event (upper case, "*" for any) and how often. Out: the transport and the API's door ask
before each exchange. A dropped or late answer is the dangerous kind: the app has acted, and Saleor believes it has not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fault = Literal["drop", "late", "unreachable", "gateway"]


@dataclass(slots=True)
class _Planned:
    fault: Fault
    event: str
    times: int


class Faults:
    """Planned faults, used up in the order in which they were planned."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._api_status: int | None = None
        self._api_times: int | None = None
        self._api_drops = 0

    def drop_answer(self, event: str = "*", times: int = 1) -> None:
        """The app answers, and the answer is lost: Saleor sees a timeout."""
        self._planned.append(_Planned("drop", event, times))

    def bad_gateway(self, event: str = "*", times: int = 1) -> None:
        """The app answers, and what stands before it says 502: an action event comes again, without its content."""
        self._planned.append(_Planned("gateway", event, times))

    def late_answer(self, event: str = "*", times: int = 1) -> None:
        """Saleor gives up at once; the app goes on with the request and answers nobody."""
        self._planned.append(_Planned("late", event, times))

    def unreachable(self, event: str = "*", times: int = 1) -> None:
        """The request never reaches the app."""
        self._planned.append(_Planned("unreachable", event, times))

    def api_down(self, status: int = 503, times: int | None = None) -> None:
        """The GraphQL API answers this status, so many times or (None) until `clear`."""
        self._api_status, self._api_times = status, times

    def api_drop_answer(self, times: int = 1) -> None:
        """The API does what it is asked to, and its answer is lost: the app sees a 502 of what stands before it."""
        self._api_drops = times

    def clear(self) -> None:
        """Plan nothing any more."""
        self._planned.clear()
        self._api_status = None
        self._api_drops = 0

    def take(self, event: str) -> Fault | None:
        """The fault of the next exchange for this event."""
        for planned in self._planned:
            if planned.times > 0 and planned.event in ("*", event):
                planned.times -= 1
                return planned.fault
        return None

    def take_api_status(self) -> int | None:
        """The status with which the API refuses the next request, if it does."""
        if self._api_status is None or self._api_times == 0:
            return None
        if self._api_times is not None:
            self._api_times -= 1
        return self._api_status

    def take_api_drop(self) -> bool:
        """Whether the API's next answer is lost."""
        if not self._api_drops:
            return False
        self._api_drops -= 1
        return True
