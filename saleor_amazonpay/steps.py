"""Steps: the places at which a process may die and money be half moved.

Every commit, every outgoing call and every answer announces itself here, before and after. The fault suite listens,
and kills the app at each of them; nobody else does, and then a step costs one comparison. What is announced is never
a list somewhere: a new call or commit goes through the same doors and is a step from its first day.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from typing import Literal

Kind = Literal["before commit", "after commit", "before call", "after call", "before answer", "after answer"]
# Called in whatever thread the step happens in, and may not return.
Observer = Callable[[Kind, str], None]
KILL_AT = "AMAZONPAY_KILL_AT_STEP"

_observer: Observer | None = None


def observe(observer: Observer | None) -> None:
    """Announce steps to this observer from now on, or to nobody."""
    global _observer  # noqa: PLW0603 - one process, one observer: it stands for the machine's power switch
    _observer = observer


def watched() -> bool:
    """Whether anybody listens; asked where a step's name costs something to find out."""
    return _observer is not None


def step(kind: Kind, name: str) -> None:
    """Announce one step."""
    if _observer is not None:
        _observer(kind, name)


def die_as_planned(environment: Mapping[str, str]) -> None:
    """For the fault suite: with AMAZONPAY_KILL_AT_STEP=n in the environment, SIGKILL this process at its n-th step."""
    planned = environment.get(KILL_AT)
    if not planned:
        return
    left = int(planned)

    def count(_kind: Kind, _name: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    observe(count)
