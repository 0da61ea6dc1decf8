"""The books of the monthly cap, and the wall clock it counts by."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from saleor_amazonpay.flows.cap_watch import watch_caps
from saleor_amazonpay.flows.caps import CapStatus, cap_status
from saleor_amazonpay.flows.problems import deliver_problems
from saleor_amazonpay.store import tables
from tests.journeys.stage import Stage


def mid_month(play: Stage) -> Stage:
    """Whenever the tests run, they begin in the middle of a month, and time stands still but for what they do."""
    play.amazon.clock.freeze()
    at(play, f"{next_month(play)}-10 12:00:00")
    return play


async def change(play: Stage, profile_id: str = "", **values: Any) -> None:
    key = profile_id or play.demo.profile_id
    update = sa.update(tables.profiles).where(tables.profiles.c.id == key).values(**values)
    await play.deps.store.write(lambda tx: tx.connection.execute(update))
    play.deps.directory.forget()


async def cap(play: Stage, minor: int) -> None:
    await change(play, monthly_cap=minor)


async def booked(play: Stage) -> dict[str, int]:
    """What stands in each month, in cents; months in which nothing stands are left out."""
    columns = tables.cap_months.c
    months = sa.select(columns.month, sa.func.sum(columns.booked)).group_by(columns.month)
    rows = await play.deps.store.read(lambda tx: tx.connection.execute(months).all())
    return {month: int(amount) for month, amount in rows if amount}


async def books_agree(play: Stage) -> None:
    """Saleor, Amazon and the ledger agree, and the cap's books are the sum over the ledger."""
    await play.books_agree()
    columns = tables.operations.c
    summed = sa.select(columns.cap_month, sa.func.sum(columns.cap_booked)).group_by(columns.cap_month)
    rows = await play.deps.store.read(lambda tx: tx.connection.execute(summed).all())
    assert {month: int(amount) for month, amount in rows if amount} == await booked(play)


def at(play: Stage, moment: str, zone: str = "UTC", less: float = 0) -> None:
    """Move every clock to a moment on a wall, or some seconds before it."""
    wanted = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).timestamp() - less
    assert wanted >= play.amazon.now(), "time only goes forward"
    play.amazon.advance(wanted - play.amazon.now())


def this_month(play: Stage) -> str:
    return datetime.fromtimestamp(play.amazon.now(), ZoneInfo("UTC")).strftime("%Y-%m")


def next_month(play: Stage) -> str:
    year, number = map(int, this_month(play).split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02d}"


async def status(play: Stage) -> CapStatus:
    return await cap_status(play.deps, play.demo.profile_id)


def told(play: Stage, transaction: str) -> str:
    return str(play.saleor.books()[transaction].events[-1].message)


async def part_taken(play: Stage, total: str = "100", taken: str = "40") -> str:
    """A payment of which a part was captured: the rest is Amazon's no more, but may be collected."""
    paid = await play.pay(total=total, action="AUTHORIZATION")
    assert await play.act(paid.transaction.id, "CHARGE", taken) == "CHARGE_SUCCESS"
    return str(paid.transaction.id)


def problems(play: Stage) -> list[tuple[str, bool]]:
    return [(one.key, one.is_critical) for one in play.installed.problems if one.dismissed is None]


async def watch(play: Stage) -> None:
    await watch_caps(play.deps)
    await deliver_problems(play.deps)
