"""Checkout v2 publishes its rates: what it throttled leaves later, at that pace, and once (contracts, amazon §5.6)."""

from __future__ import annotations

import pytest

from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio


async def test_refunds_that_amazon_throttled_are_each_made_once(play_v2: Stage) -> None:
    play = play_v2
    payment = (await play.pay()).transaction.id
    play.hands.fault("throttle", "refund", times=0)
    for amount in ("5", "6", "7"):
        assert await play.act(payment, "REFUND", amount) == "REFUND_REQUEST"
    assert play.hands.refunds() == {}, "a throttled call has moved nothing"
    play.amazon.faults.clear()
    await play.settle(300)
    assert sorted(play.hands.refunds().values()) == [5, 6, 7]
    books = play.saleor.books()[payment]
    assert [event.type for event in books.events].count("REFUND_SUCCESS") == 3
    assert (books.amounts.charged, books.amounts.refunded) == (22, 18)
    await play.books_agree()
