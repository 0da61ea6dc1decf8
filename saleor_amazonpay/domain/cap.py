"""The monthly cap of a profile: which month an attempt counts in (money.md §7)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def month_of(now_ms: int, time_zone: str) -> str:
    """The calendar month of a moment (milliseconds UTC) in an IANA time zone: `2026-11`."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(_zone(time_zone)).strftime("%Y-%m")
