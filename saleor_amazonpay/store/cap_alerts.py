"""Which crossings of the cap's thresholds were raised: once each, until the month turns or the cap is raised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import cap_alerts


@dataclass(frozen=True, slots=True)
class Alert:
    """A threshold (per cent) that was crossed in a month. Times are milliseconds UTC; `cleared_at` 0: it stands."""

    profile_id: str
    month: str
    threshold: int
    raised_at: int
    cleared_at: int


_select = sa.select(*(cap_alerts.c[name] for name in Alert.__dataclass_fields__))
_order = (cap_alerts.c.month.desc(), cap_alerts.c.threshold)
_STANDING = Statement(_select.where(cap_alerts.c.cleared_at == 0).order_by(*_order), Alert)
_OF_PROFILE = Statement(
    _select.where(
        cap_alerts.c.profile_id == sa.bindparam("profile"), cap_alerts.c.month > sa.bindparam("after")
    ).order_by(*_order),
    Alert,
)


def _raise(insert: Callable[..., Any]) -> sa.Executable:
    new = insert(cap_alerts)
    statement: sa.Executable = new.on_conflict_do_update(
        index_elements=["profile_id", "month", "threshold"],
        set_={"raised_at": new.excluded.raised_at, "cleared_at": sa.literal(0)},
        where=cap_alerts.c.cleared_at > 0,
    ).returning(cap_alerts.c.threshold)
    return statement


_RAISE = command(_raise, ("profile_id", "month", "threshold", "raised_at"))
_CLEAR = command(
    sa.update(cap_alerts)
    .where(
        cap_alerts.c.profile_id == sa.bindparam("profile"),
        cap_alerts.c.month == sa.bindparam("in_month"),
        cap_alerts.c.threshold == sa.bindparam("percent"),
        cap_alerts.c.cleared_at == 0,
    )
    .values(cleared_at=sa.bindparam("now"))
)


def standing(tx: Tx) -> list[Alert]:
    """Every alert that stands, newest month first."""
    return tx.all(_STANDING)


def of_profile(tx: Tx, profile_id: str, after: str) -> list[Alert]:
    """The alerts of a profile in the months after one (`2026-05`), cleared or not."""
    return tx.all(_OF_PROFILE, profile=profile_id, after=after)


def note(tx: Tx, profile_id: str, month: str, threshold: int, now: int) -> bool:
    """Note a crossing; False if it stands already, whoever noted it."""
    return tx.one(_RAISE, profile_id=profile_id, month=month, threshold=threshold, raised_at=now) is not None


def clear(tx: Tx, alert: Alert, now: int) -> bool:
    """Note that it is over; False if it was."""
    return tx.run(_CLEAR, profile=alert.profile_id, in_month=alert.month, percent=alert.threshold, now=now) == 1
