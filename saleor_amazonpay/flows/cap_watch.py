"""Look at the caps' books from time to time: keep each month's terms, and tell staff when a threshold is crossed.

A job, so that a payment pays nothing for it: it compares the open month's books with the profile's cap. A crossing is
raised once; it is cleared when the month turns or the cap is raised, not when something is given back, since staff
would be called again at every swing (money.md §7). Several nodes may look at once: the alert's row decides whose
finding it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from saleor_amazonpay.domain.cap import bounds, month_in, reached, wall_clock, zone_in
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.profile import UNLIMITED, Profile
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.problems import clear_problem, raise_problem
from saleor_amazonpay.store import cap_alerts, caps, profiles
from saleor_amazonpay.store.cap_alerts import Alert
from saleor_amazonpay.store.caps import Month
from saleor_amazonpay.store.sql import Tx

FULL = 100


@dataclass(frozen=True, slots=True)
class _Findings:
    """What has to be written of one profile's open month; nothing in most turns."""

    month: str
    open_month: bool  # its books are not begun yet
    terms: dict[str, int] | None
    over: tuple[Alert, ...]
    crossed: tuple[int, ...]

    @property
    def any(self) -> bool:
        return bool(self.open_month or self.terms or self.over or self.crossed)


async def watch_caps(deps: Deps) -> int:
    """Look at every profile; returns how many had something new. Raises StoreUnavailableError."""
    now = deps.clock()

    def look(tx: Tx) -> list[str]:
        standing = cap_alerts.standing(tx)
        return [one.id for one in profiles.all_profiles(tx) if _findings(tx, one, standing, now).any]

    found = await deps.store.read(look)

    def write(tx: Tx) -> None:
        for profile_id in found:
            _bring_up(tx, deps, profile_id, now)

    if found:
        await deps.store.write(write)
    return len(found)


def _bring_up(tx: Tx, deps: Deps, profile_id: str, now: int) -> None:
    profile = profiles.by_id(tx, profile_id)
    if profile is None:
        return
    found = _findings(tx, profile, cap_alerts.standing(tx), now)
    if found.open_month:
        caps.open_month(tx, profile_id, found.month)
    if found.terms is not None:
        caps.keep_terms(tx, profile_id, found.month, found.terms)
    for alert in found.over:
        if cap_alerts.clear(tx, alert, now):
            clear_problem(tx, deps, profile.tenant_id, _key(profile_id, alert.threshold))
    for percent in found.crossed:
        if cap_alerts.note(tx, profile_id, found.month, percent, now):
            booked = caps.booked(tx, profile_id, found.month)
            text = _text(profile, found.month, percent, booked)
            key, critical = _key(profile_id, percent), percent >= FULL
            raise_problem(tx, deps, profile.tenant_id, key, text, critical=critical)


def _findings(tx: Tx, profile: Profile, standing: list[Alert], now: int) -> _Findings:
    month = month_in(profile, now)
    books = caps.month_of_profile(tx, profile.id, month)
    terms = {"cap": profile.monthly_cap, **{name: getattr(profile, name) for name in caps.TERMS}}
    own = [alert for alert in standing if alert.profile_id == profile.id]
    meets = reached(books.booked if books else 0, profile.monthly_cap, profile.cap_thresholds)
    raised = books is not None and _raised(books, profile.monthly_cap)
    over = [alert for alert in own if alert.month != month or _over(alert, profile, meets, raised=raised)]
    stands = {alert.threshold for alert in own if alert.month == month}
    changed = books is not None and any(getattr(books, name) != value for name, value in terms.items())
    return _Findings(
        month=month,
        open_month=books is None,
        terms=terms if changed else None,
        over=tuple(over),
        crossed=tuple(percent for percent in meets if percent not in stands),
    )


def _raised(books: Month, cap: int) -> bool:
    """Whether the cap was raised since this month's books were looked at."""
    return books.cap not in {cap, UNLIMITED} and (cap == UNLIMITED or cap > books.cap)


def _over(alert: Alert, profile: Profile, meets: tuple[int, ...], *, raised: bool) -> bool:
    if alert.threshold not in profile.cap_thresholds:
        return True
    return raised and alert.threshold not in meets


def _key(profile_id: str, threshold: int) -> str:
    return f"cap:{profile_id}:{threshold}"


def _text(profile: Profile, month: str, percent: int, booked: int) -> str:
    currency = profile.currency
    used = f"{Money(booked, currency)} of {Money(profile.monthly_cap, currency)}"
    if percent < FULL:
        return (
            f"Amazon Pay profile {profile.alias} has used {percent} % of its cap for {month}: {used}. "
            "Raise the cap, or give the channels another profile, before payments are refused."
        )
    until = wall_clock(bounds(profile, month)[1], zone_in(profile, month))
    return (
        f"Amazon Pay profile {profile.alias} has reached its cap for {month}: {used}. "
        f"Until {until} it takes new payments only as far as others are given back. "
        "Raise the cap, or give the channels another profile."
    )
