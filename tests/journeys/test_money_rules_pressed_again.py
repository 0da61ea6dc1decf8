"""money.md §1: who presses again after a failure she was shown gets what was asked for, once, and no other wish is lost.

What tells the two apart is whether Saleor has heard of the operation: an event of its own that got our answer.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from saleor_amazonpay.simulator.amazon import Behaviour, Fault
from saleor_amazonpay.store import tables
from tests.journeys.imported import events, refunded_at_the_second_try
from tests.journeys.stage import Stage
from tests.journeys.test_adoption import forget

pytestmark = pytest.mark.anyio


async def test_a_refund_that_was_announced_as_pending_is_joined(either: Stage) -> None:
    """The process dies over the call: the sweep repeats it and tells Saleor that it is pending. Staff saw a failure."""
    play = either
    paid = (await play.pay()).transaction.id
    await play.settle()
    play.amazon.refund_delay = 10**6
    play.hands.fault("drop", "refund", times=9)
    play.saleor.faults.drop_answer("TRANSACTION_REFUND_REQUESTED")
    assert await play.act(paid, "REFUND", "15") == "REFUND_FAILURE"
    await play.deps.running.drain()
    play.deps.delivered.clear()  # what a process that died over the call leaves behind
    died = sa.update(tables.operations).where(tables.operations.c.kind == "refund")
    await play.deps.store.write(lambda tx: tx.connection.execute(died.values(told="", psp_reference="")))
    play.amazon.faults.clear()
    await play.settle()
    assert events(play, paid)[-1] == "REFUND_REQUEST"
    await play.act(paid, "REFUND", "15")
    await play.settle()
    assert list(play.hands.refunds().values()) == [Decimal(15)]


def granted(play: Stage, order_id: str, transaction: str, amount: int) -> str:
    made = play.saleor.order_grant_refund(order_id, transaction, Decimal(amount)).granted_refund
    assert made is not None
    return made.id


def ordered(play: Stage) -> str:
    checkout = next(iter(play.saleor.world.checkouts.values()))
    order = play.saleor.checkout_complete(checkout.id, play.customer).order
    assert order is not None
    return order.id


async def linked(play: Stage) -> tuple[str, str]:
    """A granted refund of 15 whose first answer was lost: told unlinked, asked again, linked. Amazon gave 15 once."""
    paid = (await play.pay()).transaction.id
    order_id = ordered(play)
    await play.settle()
    first = granted(play, order_id, paid, 15)
    play.saleor.faults.drop_answer("TRANSACTION_REFUND_REQUESTED")
    play.saleor.transaction_request_refund_for_granted_refund(first)
    await play.settle()
    await play.settle()
    play.saleor.transaction_request_refund_for_granted_refund(first)
    await play.settle()
    assert play.saleor.world.granted_refund(first).status == "SUCCESS"
    assert list(play.hands.refunds().values()) == [Decimal(15)]
    assert play.saleor.books()[paid].amounts.refunded == Decimal(15)
    await play.books_agree()
    return paid, order_id


async def test_another_granted_refund_of_the_same_amount_is_made(either: Stage) -> None:
    play = either
    paid, order_id = await linked(play)
    second = granted(play, order_id, paid, 15)
    play.saleor.transaction_request_refund_for_granted_refund(second)
    await play.settle()
    await play.settle()
    assert list(play.hands.refunds().values()) == [Decimal(15), Decimal(15)]
    await play.books_agree()


async def test_another_refund_of_the_same_amount_is_made(either: Stage) -> None:
    play = either
    paid, _ = await linked(play)
    await play.act(paid, "REFUND", "15")
    await play.settle()
    await play.settle()
    assert list(play.hands.refunds().values()) == [Decimal(15), Decimal(15)]
    await play.books_agree()


async def half(play: Stage, *, slow: bool) -> str:
    """Asked to charge, Amazon authorizes and then refuses our capture: reserved money is not failed."""
    choice = {}
    if slow:
        choice["card_id"] = play.amazon.add_card(play.amazon.buyer.buyer_id, Behaviour.TIMED_OUT).card_id
    play.amazon.faults.add(Fault("refuse", action="CaptureCharge", code="ProcessingFailure", status=422))
    begun = await play.pay(total="100.00", data={**play.buyer_data(**choice), "mayPend": True})
    await play.settle()
    return begun.transaction.id


async def test_a_charge_of_which_amazon_only_reserved_the_money_can_still_be_collected(play_v2: Stage) -> None:
    sale = await half(play_v2, slow=True)
    assert play_v2.saleor.books()[sale].amounts.authorized == 100
    await play_v2.books_agree()


@pytest.mark.parametrize("slow", [True, False])
async def test_a_capture_after_half_a_charge_is_made_once_whose_answer_was_lost(play_v2: Stage, slow: bool) -> None:
    play = play_v2
    sale = await half(play, slow=slow)
    play.saleor.faults.drop_answer("TRANSACTION_CHARGE_REQUESTED")
    await play.act(sale, "CHARGE", "30")
    await play.act(sale, "CHARGE", "30")
    await play.settle()
    assert play.hands.captures() == 1
    assert play.saleor.books()[sale].amounts.charged == 30


async def test_a_refund_that_was_told_again_is_one_when_its_payment_is_adopted(either: Stage) -> None:
    play = either
    paid, _ = await linked(play)
    await forget(play)
    await play.act(paid, "REFUND", "25")
    await play.settle()
    assert sum(play.hands.refunds().values()) == Decimal(40)
    await play.books_agree()


async def test_a_refund_that_took_two_attempts_is_one_when_its_payment_is_adopted(either: Stage) -> None:
    play = either
    payment, _ = await refunded_at_the_second_try(play)
    await play.books_agree()
    await forget(play)
    await play.act(payment, "REFUND", "5")
    await play.settle()
    assert play.saleor.books()[payment].amounts.refunded == 20
    await play.books_agree()
