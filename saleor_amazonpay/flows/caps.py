"""The monthly cap as somebody sees it: the running month, what is left, what was reached, and the months before.

Only looks. What is booked is what was attempted and still stands, gross; Amazon's own monthly limit, which is per
agreement, stands beside it as it was read last (money.md §7).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from saleor_amazonpay.domain.cap import bounds, forecast, month_after, month_in, months_back, reached, room, zone_in
from saleor_amazonpay.domain.profile import UNLIMITED, Profile
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.store import agreement_limits, cap_alerts, caps, operations, profiles
from saleor_amazonpay.store.agreement_limits import KnownLimit
from saleor_amazonpay.store.cap_alerts import Alert
from saleor_amazonpay.store.sql import Tx

_WHOLE = 100
_TIGHTEST = 5
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A share of the cap at which staff are told: `amount` minor units. `raised_at` (ms UTC) is 0 if not this month."""

    percent: int
    amount: int
    reached: bool
    raised_at: int


@dataclass(frozen=True, slots=True)
class CapStatus:
    """The running month of a profile. Money is minor units of `currency`, times milliseconds UTC.

    `cap` is -1 where it is explicitly unlimited and 0 where the profile is closed by it; then there are no thresholds.
    `booked` may pass the cap by imports, or because the cap was lowered: `remaining` is 0 then. `forecast_at` is when
    a straight line from nothing at `begins_at` through `booked` now meets the cap; None where that says nothing: in
    the month's first day, with nothing booked, once the cap is reached, or if the line meets it after `ends_at`.
    `next_time_zone` is the zone that counts from the next month on, if it was changed. `tightest` are the agreements
    with the least left of Amazon's own limit, of those read in this month.
    """

    profile_id: str
    currency: str
    month: str
    time_zone: str
    next_time_zone: str
    begins_at: int
    ends_at: int
    cap: int
    booked: int
    given_back: int
    remaining: int | None
    percent: Decimal | None
    thresholds: tuple[Threshold, ...]
    forecast_at: int | None
    refunds_give_cap_back: bool
    tightest: tuple[KnownLimit, ...]

    @property
    def unlimited(self) -> bool:
        """Whether somebody said so."""
        return self.cap == UNLIMITED

    @property
    def closed(self) -> bool:
        """Whether a cap of 0 takes no payment at all."""
        return self.cap == 0


@dataclass(frozen=True, slots=True)
class CapMonth:
    """One month of a profile: the cap in force last in it, what stands booked, and what was booked and given back.

    Minor units of `currency`. `cap` is -1 for unlimited and None where the month has no books: nothing was attempted
    and nobody looked. `alerts` are the crossings that were raised in it.
    """

    month: str
    time_zone: str
    currency: str
    cap: int | None
    booked: int
    given_back: int
    percent: Decimal | None
    alerts: tuple[Alert, ...]

    @property
    def attempted(self) -> int:
        """Everything that was ever booked in it, gross."""
        return self.booked + self.given_back


@dataclass(frozen=True, slots=True)
class AmazonLimit:
    """Amazon's own monthly limit of one agreement as it was read at `read_at` (ms UTC), and what followed.

    Amazon counts authorizations by its own calendar; `attempted_since` (minor units) is what we have attempted on the
    agreement after `read_at` and what was not declined, so that `remaining` minus it is the best guess. Amazon decides.
    """

    known: KnownLimit
    attempted_since: int


async def cap_status(deps: Deps, profile_id: str) -> CapStatus:
    """The running month. Raises KeyError for a profile that does not exist, StoreUnavailableError."""
    now = deps.clock()

    def unit(tx: Tx) -> CapStatus | None:
        profile = profiles.by_id(tx, profile_id)
        return None if profile is None else _status(tx, profile, now)

    found = await deps.store.read(unit)
    if found is None:
        raise KeyError(profile_id)
    return found


async def cap_history(deps: Deps, profile_id: str, months: int = 12) -> list[CapMonth]:
    """The last months with the running one, newest first, also those without a payment.

    Raises KeyError for a profile that does not exist, StoreUnavailableError.
    """
    now = deps.clock()

    def unit(tx: Tx) -> list[CapMonth] | None:
        profile = profiles.by_id(tx, profile_id)
        return None if profile is None else _history(tx, profile, months_back(month_in(profile, now), months))

    found = await deps.store.read(unit)
    if found is None:
        raise KeyError(profile_id)
    return found


async def amazon_limit(deps: Deps, agreement_id: str) -> AmazonLimit | None:
    """Amazon's own limit of an agreement (our id); None if no answer of Amazon's has named one yet."""

    def unit(tx: Tx) -> AmazonLimit | None:
        known = agreement_limits.of_agreement(tx, agreement_id)
        if known is None:
            return None
        return AmazonLimit(known, operations.attempted_since(tx, agreement_id, known.read_at))

    return await deps.store.read(unit)


def _status(tx: Tx, profile: Profile, now: int) -> CapStatus:
    month = month_in(profile, now)
    begins, ends = bounds(profile, month)
    books = caps.month_of_profile(tx, profile.id, month)
    booked, cap = (books.booked if books else 0), profile.monthly_cap
    raised = {alert.threshold: alert for alert in cap_alerts.of_profile(tx, profile.id, months_back(month, 2)[1])}
    following = zone_in(profile, month_after(month))
    return CapStatus(
        profile_id=profile.id,
        currency=profile.currency,
        month=month,
        time_zone=zone_in(profile, month),
        next_time_zone=following if following != zone_in(profile, month) else "",
        begins_at=begins,
        ends_at=ends,
        cap=cap,
        booked=booked,
        given_back=books.given_back if books else 0,
        remaining=room(booked, cap),
        percent=_percent(booked, cap),
        thresholds=_thresholds(profile, booked, raised),
        forecast_at=forecast(booked, cap, begins, ends, now),
        refunds_give_cap_back=profile.refunds_give_cap_back,
        tightest=tuple(agreement_limits.tightest(tx, profile.id, begins, _TIGHTEST)),
    )


def _thresholds(profile: Profile, booked: int, raised: dict[int, Alert]) -> tuple[Threshold, ...]:
    cap = profile.monthly_cap
    if cap <= 0:
        return ()
    meets = reached(booked, cap, profile.cap_thresholds)
    return tuple(
        Threshold(
            percent=percent,
            amount=-(-cap * percent // _WHOLE),
            reached=percent in meets,
            raised_at=raised[percent].raised_at if percent in raised else 0,
        )
        for percent in sorted(set(profile.cap_thresholds))
    )


def _history(tx: Tx, profile: Profile, wanted: list[str]) -> list[CapMonth]:
    after = months_back(wanted[-1], 2)[1]
    books = {month.month: month for month in caps.history(tx, profile.id, after)}
    alerts = cap_alerts.of_profile(tx, profile.id, after)
    made = []
    for month in wanted:
        # The cap of the running month is the one that is set now; the others keep what was in force.
        kept = books.get(month)
        cap = profile.monthly_cap if month == wanted[0] else kept.cap if kept else None
        made.append(
            CapMonth(
                month=month,
                time_zone=zone_in(profile, month),
                currency=profile.currency,
                cap=cap,
                booked=kept.booked if kept else 0,
                given_back=kept.given_back if kept else 0,
                percent=_percent(kept.booked if kept else 0, cap or 0),
                alerts=tuple(alert for alert in alerts if alert.month == month),
            )
        )
    return made


def _percent(booked: int, cap: int) -> Decimal | None:
    return (Decimal(booked * _WHOLE) / cap).quantize(_TENTH) if cap > 0 else None
