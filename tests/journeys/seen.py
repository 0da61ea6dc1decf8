"""What a scenario looks at: Saleor's events and amounts of a payment, the cap's books, and a profile to change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from saleor_amazonpay.simulator.shop.ledger import TransactionEvent
from saleor_amazonpay.store import tables
from tests.journeys.stage import Stage


def events(play: Stage, transaction: str) -> list[TransactionEvent]:
    return list(play.saleor.books()[transaction].events)


def told(play: Stage, transaction: str, *, since: int = 0) -> list[tuple[str, Decimal]]:
    """What Saleor has heard, without the requests it wrote itself."""
    return [(event.type, event.value) for event in events(play, transaction)[since:] if event.psp_reference]


def amounts(play: Stage, transaction: str) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Authorized, charged, refunded, canceled."""
    found = play.saleor.books()[transaction].amounts
    return found.authorized, found.charged, found.refunded, found.canceled


def offered(play: Stage, transaction: str) -> list[str]:
    return sorted(action.upper() for action in play.saleor.transaction(transaction).available_actions)


async def booked(play: Stage) -> int:
    """What is booked on the cap, whichever month counts it, in cents."""
    total = sa.select(sa.func.sum(tables.cap_months.c.booked))
    return int(await play.deps.store.read(lambda tx: tx.connection.execute(total).scalar()) or 0)


async def change_profile(play: Stage, **values: Any) -> None:
    change = sa.update(tables.profiles).where(tables.profiles.c.id == play.demo.profile_id).values(**values)
    await play.deps.store.write(lambda tx: tx.connection.execute(change))
    play.deps.directory.forget()


async def reserved(play: Stage, total: str = "100", **choice: Any) -> tuple[str, dict[str, Any]]:
    """A payment that is authorized; its transaction and what the buyer chose."""
    data = play.buyer_data(**choice)
    result = await play.pay(total=total, action="AUTHORIZATION", data=data)
    assert result.event.type == "AUTHORIZATION_SUCCESS", result
    return result.transaction.id, data
