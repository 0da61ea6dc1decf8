"""money.md §5: a refund that Amazon could not process is asked for again, three times in all, and told once."""

from __future__ import annotations

import pytest

from tests.journeys.imported import events
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio


def decide_newest_refund(play: Stage, failure: str = "") -> None:
    newest = list(play.hands.refunds())[-1]
    play.hands.settle_refund(newest, "Declined" if failure else "Completed", failure)


async def test_a_refund_amazon_could_not_process_is_tried_again_and_told_once(either: Stage) -> None:
    play = either
    play.amazon.refund_delay = 10**9
    payment = (await play.pay()).transaction.id
    assert await play.act(payment, "REFUND", "15") == "REFUND_REQUEST"
    reference = play.saleor.books()[payment].events[-1].psp_reference
    for _ in range(2):
        decide_newest_refund(play, "ProcessingFailure")
        await play.settle(900)
    decide_newest_refund(play)
    await play.settle()
    books = play.saleor.books()[payment]
    assert [event.type for event in books.events if event.type.startswith("REFUND")].count("REFUND_SUCCESS") == 1
    assert (books.events[-1].type, books.events[-1].psp_reference) == ("REFUND_SUCCESS", reference)
    await play.books_agree()


async def test_a_refund_amazon_could_not_process_three_times_has_failed(either: Stage) -> None:
    play = either
    play.amazon.refund_delay = 10**9
    payment = (await play.pay()).transaction.id
    await play.act(payment, "REFUND", "15")
    for _ in range(3):
        assert events(play, payment)[-1] == "REFUND_REQUEST"
        decide_newest_refund(play, "ProcessingFailure")
        await play.settle(900)
    assert events(play, payment)[-1] == "REFUND_FAILURE"
    assert len(play.hands.refunds()) == 3
    await play.books_agree()
    assert await play.act(payment, "REFUND", "40") == "REFUND_REQUEST", "all of it is free again"
