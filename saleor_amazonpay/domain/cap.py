"""The monthly cap of a profile: which month an attempt counts in, and what the month's books say (money.md §7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from saleor_amazonpay.domain.profile import UNLIMITED, Profile

DAY_MS = 24 * 3600 * 1000
_WHOLE = 100  # per cent
_DECEMBER = 12


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def month_of(now_ms: int, time_zone: str) -> str:
    """The calendar month of a moment (milliseconds UTC) in an IANA time zone: `2026-11`."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(_zone(time_zone)).strftime("%Y-%m")


def month_start(month: str, time_zone: str) -> int:
    """The first moment (milliseconds UTC) of a month in a time zone, whatever its clocks do that night."""
    year, number = map(int, month.split("-"))
    return int(datetime(year, number, 1, tzinfo=_zone(time_zone)).timestamp() * 1000)


def wall_clock(at_ms: int, time_zone: str) -> str:
    """A moment (milliseconds UTC) as a clock in a time zone shows it: `2026-12-01 00:00 Europe/Berlin`."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(_zone(time_zone)):%Y-%m-%d %H:%M} {time_zone}"


def month_after(month: str) -> str:
    """The next month: `2026-12` is followed by `2027-01`."""
    year, number = map(int, month.split("-"))
    return f"{year + 1}-01" if number == _DECEMBER else f"{year}-{number + 1:02d}"


def months_back(month: str, count: int) -> list[str]:
    """`count` months that end with `month`, newest first."""
    year, number = map(int, month.split("-"))
    last = year * 12 + number - 1
    return [f"{each // 12}-{each % 12 + 1:02d}" for each in range(last, last - count, -1)]


def month_in(profile: Profile, now_ms: int) -> str:
    """The month in which an attempt on a profile counts now.

    A new time zone counts from the next month on. That month begins when the zone before it says so, and never a
    second time: where the new zone is behind, its first hours belong to the new month already; where it is ahead,
    they belong to the old one. So months neither overlap nor leave a gap.
    """
    zones = [zone for _, zone in profile.former_zones] + [profile.time_zone]
    month = month_of(now_ms, zones[0])
    for (until, _), following in zip(profile.former_zones, zones[1:], strict=True):
        if month < until:
            break
        month = max(month_of(now_ms, following), until)
    return month


def zone_in(profile: Profile, month: str) -> str:
    """The time zone in force in a month of a profile: the one by which it ends."""
    return next((zone for until, zone in profile.former_zones if month < until), profile.time_zone)


def bounds(profile: Profile, month: str) -> tuple[int, int]:
    """When a profile's month begins and ends (milliseconds UTC, the end excluded)."""
    before = months_back(month, 2)[1]
    return month_start(month, zone_in(profile, before)), month_start(month_after(month), zone_in(profile, month))


def with_time_zone(profile: Profile, time_zone: str, now_ms: int) -> Profile:
    """A profile whose time zone is set anew: it counts from the next month.

    The month that runs now keeps the zone it began with, however often the setting is changed in it.
    """
    month = month_in(profile, now_ms)
    present = zone_in(profile, month)
    kept = tuple(former for former in profile.former_zones if former[0] <= month)
    pending = () if time_zone == present else ((month_after(month), present),)
    return replace(profile, time_zone=time_zone, former_zones=kept + pending)


def reached(booked: int, cap: int, thresholds: Iterable[int]) -> tuple[int, ...]:
    """The thresholds (per cent) that a month's books have reached, ascending. An open or closed profile has none."""
    if cap <= 0:
        return ()
    return tuple(percent for percent in sorted(set(thresholds)) if booked * _WHOLE >= cap * percent)


def room(booked: int, cap: int) -> int | None:
    """Minor units that may still be attempted; None without a limit. Imports may have passed the cap: then 0."""
    return None if cap == UNLIMITED else max(0, cap - booked)


def forecast(booked: int, cap: int, begins: int, ends: int, now_ms: int) -> int | None:
    """When the cap will be reached if the month goes on as it went so far (milliseconds UTC).

    The method: a straight line from nothing at the month's first moment through what is booked now. None where it
    says nothing: within the month's first day, with nothing booked, without a limit, with the cap reached already,
    or where the line meets the cap only after the month's end.
    """
    if cap <= 0 or not 0 < booked < cap or now_ms - begins < DAY_MS:
        return None
    at = begins + -(-(now_ms - begins) * cap // booked)
    return at if at < ends else None
