"""A flood of Amazon's notices: a fifth of them twice, in any order. None is lost, and each thing happens once."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from random import Random

import sqlalchemy as sa

from saleor_amazonpay.flows.notify import handle_notices
from saleor_amazonpay.flows.report import deliver_reports
from saleor_amazonpay.store import tables
from tests.journeys.stage import APP, Stage, stage

_SALES = 40
_REFUNDS = 5  # of each
_CLIENTS = 16
_HEADERS = {"content-type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": "Notification"}


@dataclass(frozen=True)
class Flood:
    """What came of it. `lost` are notices that were accepted and neither kept nor handled; all three must be zero."""

    sent: int
    accepted_per_second: float
    settled_per_second: float
    refused: int
    lost: int
    wrong: int  # refunds that Saleor was not told of exactly once


async def flood(database_url: str, notices: int = 10_000) -> Flood:
    """Send so many notices about refunds that are pending here and decided at Amazon."""
    async with stage(database_url) as play:
        refunds = await _refunded(play)
        bodies = _written(play, notices)
        distinct = len(set(bodies))
        kept = await _count(play)
        began = time.perf_counter()
        statuses = await _sent(play, bodies)
        accepted = time.perf_counter() - began
        lost = distinct - (await _count(play) - kept)
        began = time.perf_counter()
        while await _count(play, waiting=True):
            if not await handle_notices(play.deps):
                play.amazon.advance(60)  # Amazon throttled a read: the notice waits for it
        settled = time.perf_counter() - began
        for _ in range(20):
            play.amazon.advance(60)
            await deliver_reports(play.deps)
        told = [event for books in play.saleor.books().values() for event in books.events]
        right = sum(event.type == "REFUND_SUCCESS" for event in told)
        return Flood(
            sent=len(bodies),
            accepted_per_second=len(bodies) / accepted,
            settled_per_second=distinct / settled,
            refused=sum(status != 200 for status in statuses),
            lost=lost,
            wrong=abs(refunds - right),
        )


async def _refunded(play: Stage) -> int:
    play.amazon.notifications.options.hold = True
    for _ in range(_SALES):
        sale = (await play.pay("10.00")).transaction.id
        for _ in range(_REFUNDS):
            assert await play.act(sale, "REFUND", "1") == "REFUND_REQUEST"
            play.amazon.advance(1)  # Amazon's quota
    play.amazon.advance(60)
    return _SALES * _REFUNDS


def _written(play: Stage, notices: int) -> list[bytes]:
    """Four fifths of them different messages, the rest copies, shuffled."""
    dice, box = Random(1), play.amazon.notifications  # noqa: S311 - an order, no secret
    about = [each for each in box.log if each.inner.object_id in play.amazon.books.refunds]
    different = notices - notices // 5
    bodies = []
    for number in range(different):
        known = about[number % len(about)]
        bodies.append(box.envelope(box.add(known.merchant, known.inner, known.message)))
    bodies += dice.choices(bodies, k=notices - different)
    dice.shuffle(bodies)
    return bodies


async def _sent(play: Stage, bodies: list[bytes]) -> list[int]:
    waiting, statuses = iter(bodies), []
    http = play.amazon.http
    assert http is not None

    async def client() -> None:
        for body in waiting:
            answer = await http.request("POST", f"{APP}/api/ipn/demo-us", headers=_HEADERS, body=body)
            statuses.append(answer.status)

    await asyncio.gather(*(client() for _ in range(_CLIENTS)))
    return statuses


async def _count(play: Stage, *, waiting: bool = False) -> int:
    count = sa.select(sa.func.count()).select_from(tables.notices)
    wanted = count.where(tables.notices.c.due_at > 0) if waiting else count
    return int(await play.deps.store.read(lambda tx: tx.connection.execute(wanted).scalar_one()))
