"""Months of the cap: where they begin and end on the merchant's wall, new time zones, thresholds and the forecast."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_amazonpay.domain import cap
from tests.samples import profile

ZONES = ("UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago")
zones = st.sampled_from(ZONES)
moments = st.integers(1_767_225_600_000, 1_830_297_600_000)  # 2026 and 2027, milliseconds UTC
SECOND, HOUR = 1000, 3_600_000


def ms(wall: str, zone: str) -> int:
    return int(datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize("zone", ZONES)
def test_the_last_second_counts_in_the_month_that_ends(zone: str) -> None:
    ends = ms("2026-12-01 00:00:00", zone)
    assert cap.month_of(ends - SECOND, zone) == cap.month_of(ends - 1, zone) == "2026-11"
    assert cap.month_of(ends, zone) == "2026-12"
    assert cap.month_start("2026-12", zone) == ends


@pytest.mark.parametrize(
    ("month", "zone", "hours"),
    [
        ("2026-03", "Europe/Berlin", 31 * 24 - 1),  # the clocks go forward
        ("2026-10", "Europe/Berlin", 31 * 24 + 1),  # and back
        ("2026-11", "America/Los_Angeles", 30 * 24 + 1),
        ("2026-11", "UTC", 30 * 24),
    ],
)
def test_a_month_is_as_long_as_its_clocks_say(month: str, zone: str, hours: int) -> None:
    begins, ends = cap.bounds(profile(time_zone=zone), month)
    assert (ends - begins) / HOUR == hours


def test_an_hour_that_comes_twice_is_in_one_month() -> None:
    """On Nov 1st 2026 at 2:00 the clocks of Los Angeles go back: both 1:30 are November, both 23:30 before October."""
    begins = ms("2026-11-01 00:00:00", "America/Los_Angeles")
    for minutes, month in ((-30, "2026-10"), (90, "2026-11"), (150, "2026-11")):
        assert cap.month_of(begins + minutes * 60_000, "America/Los_Angeles") == month


@given(zones, moments)
def test_every_moment_is_in_the_month_whose_bounds_hold_it(zone: str, now: int) -> None:
    month = cap.month_in(profile(time_zone=zone), now)
    begins, ends = cap.bounds(profile(time_zone=zone), month)
    assert begins <= now < ends


@given(zones, st.lists(st.tuples(zones, moments), max_size=5), st.lists(moments, min_size=2, max_size=8))
def test_new_time_zones_neither_skip_nor_repeat_a_month(
    first: str, changes: list[tuple[str, int]], looks: list[int]
) -> None:
    made, events = profile(time_zone=first), sorted([(at, zone) for zone, at in changes] + [(at, "") for at in looks])
    seen = ""
    for at, zone in events:
        before = cap.month_in(made, at)
        assert before >= seen, "months only go forward"
        seen = before
        if zone:
            made = cap.with_time_zone(made, zone, at)
            assert made.time_zone == zone
            assert cap.month_in(made, at) == before, "the month that runs keeps its clock"
        begins, ends = cap.bounds(made, before)
        assert begins < ends
        following = cap.month_after(before)
        assert cap.zone_in(made, following) == made.time_zone, "the next one has the new clock"


def test_a_new_time_zone_counts_from_the_next_month() -> None:
    now = ms("2026-11-20 12:00:00", "UTC")
    made = cap.with_time_zone(profile(time_zone="UTC"), "Asia/Tokyo", now)
    assert cap.zone_in(made, "2026-11") == "UTC"
    late = ms("2026-11-30 23:59:59", "UTC")  # in Tokyo it is December for nine hours
    assert cap.month_in(made, late) == "2026-11"
    assert cap.month_in(made, late + SECOND) == "2026-12"
    assert cap.month_in(made, ms("2026-12-31 23:59:59", "Asia/Tokyo")) == "2026-12"
    assert cap.month_in(made, ms("2027-01-01 00:00:00", "Asia/Tokyo")) == "2027-01"


def test_a_time_zone_that_is_behind_takes_over_when_the_one_before_says_that_the_month_is_over() -> None:
    made = cap.with_time_zone(profile(time_zone="UTC"), "America/Los_Angeles", ms("2026-11-20 12:00:00", "UTC"))
    turns = ms("2026-12-01 00:00:00", "UTC")  # in Los Angeles it is November for eight hours
    assert [cap.month_in(made, turns + hours * HOUR) for hours in (-1, 0, 7, 9)] == ["2026-11", *["2026-12"] * 3]
    assert cap.bounds(made, "2026-12")[0] == turns


def test_a_time_zone_changed_back_within_the_month_has_never_changed() -> None:
    now = ms("2026-11-20 12:00:00", "UTC")
    made = cap.with_time_zone(profile(time_zone="UTC"), "Asia/Tokyo", now)
    assert cap.with_time_zone(made, "UTC", now + HOUR) == profile(time_zone="UTC")


@pytest.mark.parametrize(
    ("booked", "limit", "meets"),
    [
        (0, 1000, ()),
        (499, 1000, ()),
        (500, 1000, (50,)),
        (1000, 1000, (50, 80, 100)),
        (5000, 1000, (50, 80, 100)),  # imports
        (1, 3, ()),
        (2, 3, (50,)),
        (500, -1, ()),
        (0, 0, ()),
    ],
)
def test_a_threshold_is_reached_with_its_last_cent(booked: int, limit: int, meets: tuple[int, ...]) -> None:
    assert cap.reached(booked, limit, (100, 50, 80)) == meets


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.timedeltas(timedelta(days=1), timedelta(days=29)))
def test_a_forecast_is_when_the_line_through_today_meets_the_cap(booked: int, limit: int, passed: timedelta) -> None:
    begins, ends = cap.bounds(profile(), "2026-11")
    now = begins + int(passed.total_seconds() * 1000)
    at = cap.forecast(booked, limit, begins, ends, now)
    if at is None:
        assert booked >= limit or booked * (ends - begins) <= limit * (now - begins)
    else:
        assert now < at < ends
        assert booked * (at - begins) >= limit * (now - begins), "by then the cap is reached"
        assert booked * (at - 1 - begins) < limit * (now - begins), "and not a millisecond before"


@pytest.mark.parametrize(("booked", "limit", "days"), [(500, 1000, 0.5), (0, 1000, 10), (500, -1, 10), (1000, 1000, 10), (0, 0, 10)])  # fmt: skip
def test_a_forecast_that_would_say_nothing_is_none(booked: int, limit: int, days: float) -> None:
    begins, ends = cap.bounds(profile(), "2026-11")
    assert cap.forecast(booked, limit, begins, ends, begins + int(days * 24 * HOUR)) is None
