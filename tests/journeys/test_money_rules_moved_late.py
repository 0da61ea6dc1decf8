"""money.md, "Money that moved after it had failed", on both wires: the ledger takes nothing back, and tells the truth.

Every scenario ends with three equal books: the small Saleor's, the simulator's and the ledger's.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from saleor_amazonpay.simulator.amazon.clock import DAY
from tests.journeys.carts import Cart, cart
from tests.journeys.hands import Hidden
from tests.journeys.imported import problems
from tests.journeys.seen import booked, told
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio


async def lost_charge(play: Stage) -> tuple[Cart, Hidden]:
    """A known customer's charge whose answer is lost, and which Amazon shows to nobody for a day: it counts as never made."""
    first = cart(play)
    await first.begin()
    await play.settle()
    play.amazon.notifications.options.drop = 9
    play.hands.fault("drop", "charge", times=0)
    later = first.later(total="30")
    assert await later.begin() == "CHARGE_REQUEST"
    hidden = play.hands.hide_last_charge()
    play.amazon.faults.clear()
    for _ in range(3):
        await play.settle(DAY / 2)
    play.amazon.notifications.options.drop = 0
    return later, hidden


async def test_money_that_moved_after_all_is_reported_booked_on_the_cap_and_raised(either: Stage) -> None:
    play = either
    later, hidden = await lost_charge(play)
    assert later.events[-1] == "CHARGE_FAILURE"
    assert await booked(play) == 4_000
    hidden.appear()
    await play.settle()
    newest = play.saleor.books()[later.transaction].events[-1]
    assert (newest.type, newest.psp_reference, newest.value) == ("CHARGE_SUCCESS", hidden.capture_id, Decimal(30))
    assert await booked(play) == 7_000
    assert any("after this had been told as failed" in message for message in problems(play))
    hidden.appear()
    await play.settle()
    assert later.events.count("CHARGE_SUCCESS") == 1
    await play.books_agree()
    assert await later.staff("REFUND", "30") == "REFUND_REQUEST"
    await play.settle()
    await play.books_agree()


async def test_a_purchase_that_was_paid_otherwise_meanwhile_is_paid_twice_and_staff_are_offered_the_refund(
    either: Stage,
) -> None:
    play = either
    later, hidden = await lost_charge(play)
    data = play.buyer_data()
    again = await play.saleor.transaction_initialize(
        later.checkout.id, play.gateway, data, action="CHARGE", requestor=play.customer
    )
    again = await play.confirmed(again, data)
    assert told(play, again.transaction.id)[-1] == ("CHARGE_SUCCESS", Decimal(30))
    hidden.appear()
    await play.settle()
    assert later.events[-1] == "CHARGE_SUCCESS", "the truth is reported"
    (twice,) = [message for message in problems(play) if "paid twice" in message]
    assert later.transaction in twice
    await play.books_agree()
    assert await later.staff("REFUND", "30") == "REFUND_REQUEST"
    await play.settle()
    await play.books_agree()


async def test_a_declined_refund_that_amazon_completes_is_a_new_operation(either: Stage) -> None:
    play = either
    payment = (await play.pay()).transaction.id
    play.amazon.refund_delay = 10**9
    await play.act(payment, "REFUND", "15")
    (made,) = play.hands.refunds()
    play.hands.settle_refund(made, "Declined", "AmazonRejected")
    await play.settle()
    assert told(play, payment)[-1][0] == "REFUND_FAILURE"
    play.hands.complete_after_all(made)
    await play.settle()
    events = [event for event in play.saleor.books()[payment].events if event.psp_reference]
    assert (events[-1].type, events[-1].value) == ("REFUND_SUCCESS", Decimal(15))
    known = {event.psp_reference for event in events[:-1]}
    assert events[-1].psp_reference not in known, "the failed reference is used up"
    assert any("gave back" in message for message in problems(play))
    await play.books_agree()
