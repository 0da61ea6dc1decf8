"""Saleor away for an hour, and an hour in which nothing happens: what is sent, what is read, and how often."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from saleor_amazonpay.jobs.engine import JOBS
from tests.journeys.stage import Stage, stage

pytestmark = pytest.mark.anyio
MINUTE, HOUR, DAY = 60, 3600, 86_400


async def _pass(play: Stage, seconds: int, every: int) -> None:
    """Let time pass, with every loop of the app taking its turns, each as often as it does but not within `every`."""
    rested = {job.name: 0.0 for job in JOBS}
    for _ in range(seconds // every):
        play.amazon.advance(every)
        await play.amazon.deliver_due()
        for job in JOBS:
            rested[job.name] += every
            if rested[job.name] >= job.seconds:
                rested[job.name] = 0.0
                await job.work(play.deps)
        await play.deps.running.drain()


def _told(play: Stage, transaction: str) -> list[tuple[str, Decimal]]:
    events = play.saleor.books()[transaction].events
    return [(event.type, event.value) for event in events if event.type == "REFUND_SUCCESS"]


@pytest.mark.parametrize("wire", ["mws", "v2"])
async def test_after_an_hour_without_saleor_every_report_arrives_in_order(wire: str, database_url: str) -> None:
    async with stage(database_url, wire) as play:
        sales = [(await play.pay()).transaction.id for _ in range(3)]
        await play.settle()
        amounts = [Decimal(amount) for amount in ("3", "1", "2")]
        for amount in amounts:
            for sale in sales:
                assert await play.act(sale, "REFUND", str(amount)) == "REFUND_REQUEST"
        play.saleor.faults.api_down(503)
        await _pass(play, HOUR, MINUTE)
        assert all(_told(play, sale) == [] for sale in sales)
        assert len(play.amazon.books.refunds) + len(play.amazon.pay.books.refunds) == 9
        play.saleor.faults.clear()
        await _pass(play, 30 * MINUTE, MINUTE)
        for sale in sales:
            assert _told(play, sale) == [("REFUND_SUCCESS", amount) for amount in amounts]
        await play.books_agree()


@pytest.mark.parametrize("wire", ["mws", "v2"])
async def test_an_idle_hour_reads_nothing_that_is_final(wire: str, database_url: str) -> None:
    async with stage(database_url, wire) as play:
        sale = (await play.pay()).transaction.id
        await play.act(sale, "REFUND", "10")
        await play.settle()
        await _pass(play, HOUR, MINUTE)
        before = Counter(play.http.actions)
        await _pass(play, HOUR, MINUTE)
        asked = play.http.actions - before
        reports = {
            name for name in asked if "/reports" in name
        }  # of no payment: once an hour, on the wire that has them
        assert all(asked[name] == 1 for name in reports), asked
        assert len(reports) == (wire == "v2"), asked
        assert not asked.keys() - reports, "what is final is not read again"


@pytest.mark.parametrize("wire", ["mws", "v2"])
async def test_reads_of_a_pending_object_are_bounded(wire: str, database_url: str) -> None:
    """7 in its first hour, and one each hour after that, although no notice ever comes (docs/operations.md)."""
    async with stage(database_url, wire) as play:
        sale = (await play.pay()).transaction.id
        await play.settle()
        play.amazon.merchant.ipn_url = ""
        play.amazon.refund_delay = 30 * DAY
        await play.act(sale, "REFUND", "10")
        await _pass(play, HOUR, 30)
        first = play.hands.asked("read refund")
        assert 3 <= first <= 7
        await _pass(play, DAY, 10 * MINUTE)
        assert first + 20 <= play.hands.asked("read refund") <= first + 24
