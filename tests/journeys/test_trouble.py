"""What keeps payments waiting is shown to staff and goes away when it is mended; no decline is invented from it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from saleor_amazonpay.flows.problems import deliver_problems
from saleor_amazonpay.flows.recover import sweep
from saleor_amazonpay.flows.trouble import try_keys_again
from saleor_amazonpay.simulator.shop.people import Problem
from saleor_amazonpay.simulator.shop.reports import Report
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio


def shown(play: Stage) -> list[Problem]:
    return [problem for problem in play.installed.problems if problem.dismissed is None]


async def test_rejected_keys_make_a_refund_wait_until_they_are_right_again(either_on_both: Stage) -> None:
    play = either_on_both
    paid = await play.pay()
    right = play.amazon.merchant.secret_key
    right_again = play.hands.spoil_keys()
    assert await play.act(paid.transaction.id, "REFUND", "5") == "REFUND_REQUEST"
    await deliver_problems(play.deps)
    (problem,) = shown(play)
    assert problem.is_critical
    assert "'Demo " in problem.message
    assert right not in problem.message
    assert await try_keys_again(play.deps) == 0
    await play.settle()
    assert len(shown(play)) == 1, "told once, however often it was tried"
    right_again()
    assert await try_keys_again(play.deps) == 1
    await play.settle(seconds=7200)
    assert shown(play) == []
    assert play.saleor.books()[paid.transaction.id].events[-1].type == "REFUND_SUCCESS"
    await play.books_agree()


async def test_rejected_keys_are_shown_when_a_buyer_meets_them_first(either: Stage) -> None:
    play = either
    play.hands.spoil_keys()
    result = await play.pay()
    assert result.data["code"] == "retry"
    await deliver_problems(play.deps)
    assert len(shown(play)) == 1


async def test_what_nobody_can_say_any_more_is_shown_and_never_failed_by_itself(either: Stage) -> None:
    play = either
    paid = await play.pay()
    play.hands.fault("drop", "refund", times=0)
    assert await play.act(paid.transaction.id, "REFUND", "5") == "REFUND_REQUEST"
    play.amazon.faults.clear()
    play.hands.fault("gone", "refund", times=0)
    play.hands.fault("gone", "read refund", times=0)
    play.amazon.advance(120)
    await sweep(play.deps)
    await play.deps.running.drain()
    await deliver_problems(play.deps)
    (problem,) = shown(play)
    assert "Seller Central" in problem.message
    assert play.saleor.books()[paid.transaction.id].events[-1].type == "REFUND_REQUEST"
    play.amazon.faults.clear()
    await play.settle(seconds=7200)
    assert shown(play) == []
    await play.books_agree()


async def test_a_report_that_saleor_refuses_is_shown(either: Stage) -> None:
    play = either
    paid = await play.pay()
    assert await play.act(paid.transaction.id, "REFUND", "5") == "REFUND_REQUEST"
    (told,) = [event for event in play.saleor.books()[paid.transaction.id].events if event.type == "REFUND_REQUEST"]
    # Somebody has reported the same refund with another amount before us.
    other = Report("REFUND_SUCCESS", told.psp_reference, Decimal(4))
    play.saleor.transaction_event_report(paid.transaction.id, other, play.installed)
    await play.settle()
    assert any("INCORRECT_DETAILS" in problem.message for problem in shown(play))
