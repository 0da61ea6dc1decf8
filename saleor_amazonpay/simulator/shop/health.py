"""App problems: what an app tells staff about its health (contracts §1.8).

In: the calling app and its words. Out: a problem, new or counted up. Leaving out the threshold takes back that a
problem is critical.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from saleor_amazonpay.simulator.shop.errors import RefusedError
from saleor_amazonpay.simulator.shop.people import Dismissed, InstalledApp, Problem
from saleor_amazonpay.simulator.shop.world import World

MAX_PROBLEMS = 100
MAX_MESSAGE = 2048
MAX_KEY = 128
MIN_LENGTH = 3


def create_problem(
    world: World,
    app: InstalledApp,
    message: str,
    key: str,
    critical_threshold: int | None = None,
    aggregation_period: int = 60,
) -> Problem:
    """Report a problem; within the period (minutes, 0 for never) the same key counts up. Raises RefusedError."""
    if len(message) < MIN_LENGTH:
        raise RefusedError("message", "INVALID", f"Must have at least {MIN_LENGTH} characters.")
    if not MIN_LENGTH <= len(key) <= MAX_KEY:
        raise RefusedError("key", "INVALID", f"Must have {MIN_LENGTH} to {MAX_KEY} characters.")
    text = message if len(message) <= MAX_MESSAGE else f"{message[: MAX_MESSAGE - 3]}..."
    now = world.now()
    known = [problem for problem in app.problems if problem.key == key and problem.dismissed is None]
    problem = max(known, key=lambda entry: entry.updated_at, default=None)
    since = now - timedelta(minutes=aggregation_period)
    if problem is not None and aggregation_period > 0 and problem.updated_at >= since:
        problem.count += 1
        problem.message, problem.updated_at = text, now
    else:
        problem = Problem(world.next_key("AppProblem"), key, text, now, now)
        app.problems.append(problem)
        by_age = sorted(app.problems, key=lambda entry: entry.updated_at)
        app.problems = by_age[-MAX_PROBLEMS:]
    problem.is_critical = bool(critical_threshold) and problem.count >= (critical_threshold or 0)
    return problem


def dismiss_problems(app: InstalledApp, ids: Sequence[str] | None, keys: Sequence[str] | None) -> None:
    """Dismiss by ids or by keys, one of the two. Raises RefusedError."""
    if (ids is None) == (keys is None):
        raise RefusedError("input", "INVALID", "Exactly one of `ids` and `keys` is needed.")
    chosen = ids if ids is not None else keys or ()
    if len(chosen) > MAX_PROBLEMS:
        raise RefusedError("input", "INVALID", f"At most {MAX_PROBLEMS} at once.")
    for problem in app.problems:
        if (problem.id if ids is not None else problem.key) in chosen and problem.dismissed is None:
            problem.dismissed = Dismissed("APP")
