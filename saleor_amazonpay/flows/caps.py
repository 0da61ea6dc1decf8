"""The monthly cap as somebody sees it: the running month, what is left, what was reached, and the months before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from saleor_amazonpay.domain.cap import month_of
from saleor_amazonpay.domain.profile import UNLIMITED, Profile
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.store import caps
from saleor_amazonpay.store.sql import Tx

_DAY_MS = 24 * 3600 * 1000
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class CapStatus:
    """The running month of a profile. Money is minor units; `cap` -1 is unlimited; times are milliseconds UTC."""

    month: str
    time_zone: str
    ends_at: int
    cap: int
    booked: int
    remaining: int | None
    percent: Decimal | None
    thresholds: tuple[tuple[int, bool], ...]  # per cent, and whether it is reached
    forecast_at: int | None


@dataclass(frozen=True, slots=True)
class CapMonth:
    """What a month attempted."""

    month: str
    booked: int


async def cap_status(deps: Deps, profile_id: str) -> CapStatus:
    """The running month. Raises KeyError for a profile that does not exist."""
    profile = (await deps.directory.current()).profiles[profile_id]
    now = deps.clock()
    month = month_of(now, profile.time_zone)
    booked = await deps.store.read(lambda tx: caps.booked(tx, profile_id, month))
    return _status(profile, month, booked, now)


async def cap_history(deps: Deps, profile_id: str, months: int) -> list[CapMonth]:
    """The last months, newest first, also those without a payment."""
    profile = (await deps.directory.current()).profiles[profile_id]
    wanted = [month_of(deps.clock(), profile.time_zone)]
    while len(wanted) < months:
        wanted.append(_before(wanted[-1]))

    def unit(tx: Tx) -> list[CapMonth]:
        return [CapMonth(month, caps.booked(tx, profile_id, month)) for month in wanted]

    return await deps.store.read(unit)


def _status(profile: Profile, month: str, booked: int, now: int) -> CapStatus:
    cap = profile.monthly_cap
    begins, ends = _start(month, profile.time_zone), _start(_after(month), profile.time_zone)
    return CapStatus(
        month=month,
        time_zone=profile.time_zone,
        ends_at=ends,
        cap=cap,
        booked=booked,
        remaining=None if cap == UNLIMITED else max(0, cap - booked),
        percent=(Decimal(booked * _WHOLE) / cap).quantize(Decimal("0.1")) if cap > 0 else None,
        thresholds=tuple(
            (percent, booked * _WHOLE >= cap * percent) for percent in (profile.cap_thresholds if cap > 0 else ())
        ),
        forecast_at=_forecast(cap, booked, begins, ends, now),
    )


def _forecast(cap: int, booked: int, begins: int, ends: int, now: int) -> int | None:
    """When a straight line from the month's beginning through today meets the cap; None if not in this month."""
    if cap <= 0 or not 0 < booked < cap or now - begins < _DAY_MS:
        return None
    at = begins + (now - begins) * cap // booked
    return at if at < ends else None


def _start(month: str, time_zone: str) -> int:
    year, number = map(int, month.split("-"))
    return int(datetime(year, number, 1, tzinfo=ZoneInfo(time_zone)).timestamp() * 1000)


def _after(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def _before(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year - (number == 1)}-{(number - 2) % 12 + 1:02d}"
