"""money.md §4 and §5, one purchase and no agreement for later, on each wire: an order reference, or a permission.

It is charged on itself, within the limits of Amazon's, and closed with its last operation, after everything on it is
final. What is v1's alone (the draft behind it, one order reference however often it is asked for) is in
`test_money_rules_session_kinds.py`.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from saleor_amazonpay.domain.operation import Kind
from saleor_amazonpay.flows.chargebacks import chargeback_won
from saleor_amazonpay.simulator.amazon import Behaviour
from saleor_amazonpay.simulator.amazon.clock import DAY
from tests.journeys.carts import Cart, cart, once
from tests.journeys.imported import an_hour_later
from tests.journeys.seen import booked
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio


def state(sale: Cart) -> str:
    """Open or Closed: what the purchase is made on, at Amazon."""
    if not sale.play.hands.v2:
        return sale.order.status.state
    return {"Chargeable": "Open"}.get(found := sale.play.hands.permission(sale.data).state.name, found)


async def reserved(play: Stage, total: str = "40") -> Cart:
    sale = once(play, total=total)
    assert await sale.begin("AUTHORIZATION") == "AUTHORIZATION_SUCCESS"
    return sale


async def test_the_rest_of_a_one_time_purchase_is_collected_on_itself(either_on_both: Stage) -> None:
    play = either_on_both
    sale = await reserved(play, "100")
    for amount in ("30", "50", "20"):
        assert await sale.staff("CHARGE", amount) == "CHARGE_SUCCESS"
    assert (play.hands.charges(), play.hands.captures()) == (3, 3)
    await play.settle()
    assert state(sale) == "Closed"
    assert (sale.amounts.charged, await booked(play)) == (100, 10_000)
    await play.books_agree()


async def test_after_expiry_a_one_time_purchase_is_charged_anew_on_itself(either: Stage) -> None:
    play = either
    sale = await reserved(play, "100")
    play.amazon.advance(3 * play.hands.lapse)
    await play.settle()
    assert sale.events[-1] == "INFO"
    assert sale.amounts.authorized == Decimal(100)
    assert await sale.staff("CHARGE", "60") == "CHARGE_SUCCESS"
    assert await sale.staff("CHARGE", "40") == "CHARGE_SUCCESS"
    await play.settle()
    assert state(sale) == "Closed"
    await play.books_agree()


async def test_a_one_time_purchase_is_an_unknown_id_for_every_other_purchase(either: Stage) -> None:
    play = either
    sale = await reserved(play)
    assert await sale.staff("CHARGE", "10") == "CHARGE_SUCCESS"
    for by in (play.customer, play.subscriptions, None):
        other = Cart(play, data=sale.by_id, by=by)
        assert await other.begin() == "CHARGE_ACTION_REQUIRED"
        assert other.code in {"agreement_unknown", "access_token_required"}
    assert play.hands.captures() == 1
    await play.settle()
    await play.books_agree()


async def test_two_clicks_on_a_one_time_sale_are_one_charge(either_on_both: Stage) -> None:
    play = either_on_both
    sale = once(play)
    twin = Cart(play, data=sale.data, by=play.customer)
    twin.checkout = sale.checkout
    await asyncio.gather(sale.begin(), twin.begin(), return_exceptions=True)
    await play.settle()
    assert play.hands.captures() <= 1
    for each in (sale, twin):
        if play.hands.captures() == 0:  # on Checkout v2 the newer took the session over: it is the one to pay with
            await each.go_on()
    await play.settle()
    assert play.hands.captures() == 1
    await play.books_agree()


async def test_a_one_time_purchase_is_closed_when_a_part_was_taken_and_the_rest_released(either: Stage) -> None:
    play = either
    sale = await reserved(play, "100")
    assert await sale.staff("CHARGE", "30") == "CHARGE_SUCCESS"
    await play.settle()
    assert state(sale) == "Open", "the rest may still be collected"
    assert await sale.staff("CANCEL", "70") == "CANCEL_SUCCESS"
    await play.settle()
    assert state(sale) == "Closed"
    assert await sale.staff("REFUND", "30") == "REFUND_REQUEST", "what was taken can still be given back"
    await play.settle()
    assert sale.amounts.refunded == Decimal(30)
    await play.books_agree()


async def test_a_one_time_purchase_is_closed_when_it_is_released(either: Stage) -> None:
    play = either
    sale = await reserved(play)
    assert await sale.staff("CANCEL", "40") == "CANCEL_SUCCESS"
    await play.settle()
    assert state(sale) == "Closed"
    bound = await sale.bound()
    assert bound is not None
    assert bound.state == "closed"
    assert await booked(play) == 0
    await play.books_agree()


async def test_a_one_time_purchase_is_not_closed_while_a_charge_on_it_is_unknown(either: Stage) -> None:
    play = either
    sale = await reserved(play, "100")
    play.hands.fault("error", "capture", times=0)
    assert await sale.staff("CHARGE", "100") == "CHARGE_REQUEST"
    await play.settle(600, rounds=2)
    assert state(sale) == "Open"
    play.amazon.faults.clear()
    await play.settle(1200)
    assert state(sale) == "Closed"
    assert sale.amounts.charged == Decimal(100)
    await play.books_agree()


async def test_a_one_time_purchase_is_not_closed_while_it_gives_money_back(either: Stage) -> None:
    """After everything on it is final: a refund under way is not."""
    play = either
    play.amazon.refund_delay = 2 * DAY
    sale = await reserved(play, "100")
    assert await sale.staff("CHARGE", "30") == "CHARGE_SUCCESS"
    assert await sale.staff("REFUND", "30") == "REFUND_REQUEST"
    assert await sale.staff("CANCEL", "70") == "CANCEL_SUCCESS"
    await play.settle(600)
    assert state(sale) == "Open"
    await play.settle(2 * DAY)
    assert state(sale) == "Closed"
    assert (sale.amounts.charged, sale.amounts.refunded) == (0, 30)
    await play.books_agree()


async def test_what_keeps_a_purchase_from_being_closed_passes(either: Stage) -> None:
    play = either
    sale = await reserved(play)
    await sale.staff("CANCEL", "40")
    play.hands.fault("error", "complete", times=0)
    await play.settle()
    assert state(sale) == "Open"
    play.amazon.faults.clear()
    await play.settle(600)
    assert state(sale) == "Closed"
    await play.books_agree()


async def test_a_one_time_charge_whose_answer_is_lost_is_one_charge(either: Stage) -> None:
    play = either
    sale = once(play)
    play.hands.fault("drop", "first charge", times=9)
    await sale.begin()
    play.amazon.faults.clear()
    play.amazon.merchant.ipn_url = ""
    play.amazon.advance(3600)  # too late to be repeated: it is looked for, or the buyer asks again
    await play.settle()
    if sale.event == "CHARGE_ACTION_REQUIRED":
        assert await sale.go_on() == "CHARGE_SUCCESS"
    await play.settle()
    assert (sale.amounts.charged, play.hands.captures()) == (40, 1)
    await play.books_agree()


async def test_a_rejected_one_time_sale_is_over_and_is_not_begun_again(either: Stage) -> None:
    play = either
    sale = once(play, behaviour=Behaviour.REJECTED)
    begun = await sale.begin()
    assert not begun.endswith("_SUCCESS")
    again = Cart(play, data=sale.data, by=play.customer)
    again.checkout = sale.checkout
    assert not (await again.begin()).endswith("_SUCCESS")
    assert play.hands.captures() == 0
    await play.settle()
    assert await booked(play) == 0
    await play.books_agree()


async def test_a_dearer_purchase_needs_another_confirmation_of_the_buyer(either: Stage) -> None:
    """Nothing is taken above what she confirmed."""
    play = either
    sale = once(play, total="40")
    begun = await play.saleor.transaction_initialize(
        sale.checkout.id, play.gateway, sale.data, action="AUTHORIZATION", requestor=play.customer
    )
    sale.last = await play.confirmed(begun, sale.data)
    assert sale.event == "AUTHORIZATION_SUCCESS"
    assert await sale.staff("CHARGE", "40") == "CHARGE_SUCCESS"
    sale.checkout.price = Decimal("55.00")
    dearer = Cart(play, data=sale.data, by=play.customer)
    dearer.checkout = sale.checkout
    assert not (await dearer.begin()).endswith("_SUCCESS")
    assert play.hands.captures() == 1
    other = cart(play)
    other.checkout = sale.checkout
    assert await other.begin() == "CHARGE_SUCCESS"
    assert other.amounts.charged == 15
    await play.settle()
    await play.books_agree()


async def test_what_is_done_to_a_one_time_purchase_at_amazon_is_booked_to_it(either_on_both: Stage) -> None:
    """Staff take a part and give some of it back there; the rest is collected here, and closes it."""
    play = either_on_both
    sale = await reserved(play, "100")
    taken = play.hands.take_in_seller_central("60")
    await an_hour_later(play)
    assert (sale.amounts.authorized, sale.amounts.charged) == (40, 60)
    given = play.hands.refund_in_seller_central("15")
    await an_hour_later(play)
    told = {event.psp_reference: event.type for event in play.saleor.books()[sale.transaction].events}
    assert told[given] == "REFUND_SUCCESS"
    assert taken in told
    await play.books_agree()
    assert await sale.staff("CHARGE", "40") == "CHARGE_SUCCESS"
    await play.settle()
    assert (sale.amounts.authorized, sale.amounts.charged, sale.amounts.refunded) == (0, 85, 15)
    assert await booked(play) == 10_000
    assert state(sale) == "Closed"
    await play.books_agree()


async def test_a_chargeback_of_a_one_time_purchase_is_booked_and_won(either: Stage) -> None:
    play = either
    sale = await reserved(play, "100")
    assert await sale.staff("CHARGE", "60") == "CHARGE_SUCCESS"
    made = play.hands.charge_back("25")
    await play.settle()
    assert (sale.amounts.authorized, sale.amounts.charged) == (40, 35)
    await play.books_agree()
    play.hands.win(made)
    (chargeback,) = [row for row in await sale.rows() if row.kind is Kind.CHARGEBACK]
    tenant = await play.deps.directory.tenant(play.saleor.api_url)
    assert tenant is not None
    await chargeback_won(play.deps, tenant, chargeback.id)
    await play.settle()
    assert (sale.amounts.authorized, sale.amounts.charged) == (40, 60)
    await play.books_agree()
    assert await sale.staff("REFUND", "60") == "REFUND_REQUEST"
    assert await sale.staff("CANCEL", "40") == "CANCEL_SUCCESS"
    await play.settle()
    assert state(sale) == "Closed"
    await play.books_agree()


async def test_a_one_time_purchase_that_amazon_ends_gives_up_its_rest(either: Stage) -> None:
    play = either
    sale = await reserved(play, "100")
    assert await sale.staff("CHARGE", "60") == "CHARGE_SUCCESS"
    if play.hands.v2:
        play.hands.cancel(sale.data)
    else:
        play.amazon.cancel_order_reference(sale.order.order_id)
    await play.settle(DAY)
    assert (sale.amounts.authorized, sale.amounts.charged, sale.amounts.canceled) == (0, 60, 40)
    assert await booked(play) == 6_000
    await play.books_agree()
    assert await sale.staff("REFUND", "60") == "REFUND_REQUEST"
    await play.settle()
    await play.books_agree()


async def test_a_refund_split_over_a_one_time_purchase_is_told_once_although_answers_are_lost(either: Stage) -> None:
    """For hours: nothing on a refund of Checkout v2 says that it is ours."""
    play = either
    sale = await reserved(play, "100")
    for amount in ("30", "50", "20"):
        play.amazon.advance(1)
        assert await sale.staff("CHARGE", amount) == "CHARGE_SUCCESS"
    play.hands.fault("drop", "refund", times=9)
    assert await sale.staff("REFUND", "90") == "REFUND_REQUEST"
    play.amazon.faults.clear()
    play.hands.fault("error", "refund", times=0)
    await play.settle(3600, rounds=6)
    play.amazon.faults.clear()
    await play.settle(3600, rounds=4)
    assert sale.events.count("REFUND_SUCCESS") == 1
    assert (sale.amounts.charged, sale.amounts.refunded, sale.amounts.refund_pending) == (10, 90, 0)
    assert sum(play.hands.refunds().values()) == 90
    await play.books_agree()
