"""What orders and Saleor's own jobs ask for, on each wire: a scenario for every sentence of the rules.

Each ends with three books that agree to the cent.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from saleor_amazonpay.simulator.amazon.clock import DAY
from saleor_amazonpay.simulator.amazon.faults import FaultKind
from saleor_amazonpay.simulator.shop.purchases import Order
from tests.journeys.seen import amounts, booked, change_profile, events, offered, reserved, told
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio
D = Decimal


async def ordered(play: Stage, total: str, lines: Iterable[tuple[int, str]], data: Any = None) -> tuple[Order, str]:
    """An order that is authorized in full."""
    checkout = play.saleor.checkout_create(total=total, user=play.customer, lines=list(lines))
    data = data or play.buyer_data()
    begun = await play.saleor.transaction_initialize(
        checkout.id, play.gateway, data, action="AUTHORIZATION", requestor=play.customer
    )
    begun = await play.confirmed(begun, data)
    assert begun.event is not None
    assert begun.event.type == "AUTHORIZATION_SUCCESS"
    order = play.saleor.checkout_complete(checkout.id, play.customer).order
    assert order is not None
    assert begun.transaction is not None
    return order, begun.transaction.id


async def test_a_cancelled_order_releases_the_open_rest(either_on_both: Stage) -> None:
    both = either_on_both
    order, payment = await ordered(both, "100", [(1, "100")])
    both.saleor.order_cancel(order)
    await both.settle(30)
    assert told(both, payment)[-1] == ("CANCEL_SUCCESS", 100)
    assert offered(both, payment) == []
    assert await booked(both) == 0
    await both.books_agree()


async def test_a_cancelled_order_never_gives_captured_money_back_by_itself(either: Stage) -> None:
    order, payment = await ordered(either, "100", [(1, "100")])
    await either.act(payment, "CHARGE", "40")
    either.saleor.order_cancel(order)
    await either.settle(DAY)
    assert amounts(either, payment) == (0, 40, 0, 60)
    assert either.hands.refunds() == {}
    await either.books_agree()


async def test_a_profile_may_keep_the_rest_of_cancelled_orders(either: Stage) -> None:
    await change_profile(either, release_when_cancelled=0)
    order, payment = await ordered(either, "100", [(1, "100")])
    either.saleor.order_cancel(order)
    await either.settle(30)
    assert amounts(either, payment) == (100, 0, 0, 0)
    await either.books_agree()


async def test_an_order_cancelled_twice_is_released_once(either_on_both: Stage) -> None:
    both = either_on_both
    order, payment = await ordered(both, "100", [(1, "100")])
    for _ in range(3):
        both.saleor.order_cancel(order)
    await both.settle(30)
    both.saleor.order_cancel(order)
    await both.settle(30)
    assert [kind for kind, _ in told(both, payment)].count("CANCEL_SUCCESS") == 1
    assert both.hands.asked("release") == 1
    await both.books_agree()


async def test_the_release_of_a_cancelled_order_waits_for_a_pending_capture(either: Stage) -> None:
    either.amazon.capture_delay = 2 * DAY
    card = either.amazon.add_card(either.amazon.buyer.buyer_id, Behaviour.ATYPICAL)
    order, payment = await ordered(either, "100", [(1, "100")], either.buyer_data(card_id=card.card_id))
    assert await either.act(payment, "CHARGE", "40") == "CHARGE_REQUEST"
    either.saleor.order_cancel(order)
    await either.settle(30)
    assert either.hands.asked("release") == 0
    await either.settle(DAY)
    await either.settle(600)
    assert amounts(either, payment) == (0, 40, 0, 60)
    await either.books_agree()


async def test_a_release_nobody_asked_for_is_finished_although_amazons_answers_are_lost(either: Stage) -> None:
    order, payment = await ordered(either, "100", [(1, "100")])
    either.hands.fault("drop", "release", times=9)
    either.hands.fault("error", "read", times=9)
    either.saleor.order_cancel(order)
    await either.settle(1, rounds=1)
    either.amazon.faults.clear()
    await either.settle(300)
    heard = [event for event in events(either, payment) if event.type.startswith("CANCEL")]
    assert [event.type for event in heard] == ["CANCEL_REQUEST", "CANCEL_SUCCESS"]
    assert len({event.psp_reference for event in heard}) == 1, "request and success are of one operation"
    await either.books_agree()


async def test_capture_when_fulfilled_takes_each_parcel_and_the_last_takes_the_remainder(either_on_both: Stage) -> None:
    both = either_on_both
    await change_profile(both, capture_when_fulfilled=1)
    order, payment = await ordered(both, "59.99", [(3, "10.00"), (1, "25.00")])  # 24.99 for sending
    first, second = order.lines
    both.saleor.warehouse.send(order, {first.id: 1})
    await both.settle(30)
    assert told(both, payment)[-1] == ("CHARGE_SUCCESS", D("3.33"))
    both.saleor.warehouse.send(order, {first.id: 2})
    await both.settle(30)
    assert told(both, payment)[-1] == ("CHARGE_SUCCESS", D("6.67"))
    await both.books_agree()
    both.saleor.warehouse.send(order, {second.id: 1})
    await both.settle(30)
    assert told(both, payment)[-1] == ("CHARGE_SUCCESS", D("49.99"))
    assert amounts(both, payment) == (0, D("59.99"), 0, 0)
    await both.settle()
    await both.books_agree()


async def test_nothing_is_captured_when_fulfilled_unless_the_profile_says_so(either: Stage) -> None:
    order, payment = await ordered(either, "40", [(1, "40")])
    either.saleor.warehouse.send(order)
    await either.settle(30)
    assert amounts(either, payment) == (40, 0, 0, 0)
    await either.books_agree()


async def test_the_same_fulfillment_is_one_charge_however_often_saleor_tells_of_it(either_on_both: Stage) -> None:
    both = either_on_both
    await change_profile(both, capture_when_fulfilled=1)
    order, payment = await ordered(both, "40", [(1, "40")])
    both.saleor.faults.drop_answer("FULFILLMENT_CREATED")
    both.saleor.post.retry_delays = (0.0, 0.0)
    both.saleor.warehouse.send(order)  # and as approved, since it is the last
    await both.settle(30)
    assert [kind for kind, _ in told(both, payment)].count("CHARGE_SUCCESS") == 1
    assert both.hands.asked("capture") == 1
    await both.books_agree()


async def test_a_fulfillment_that_waits_for_approval_is_charged_when_it_is_approved(either: Stage) -> None:
    await change_profile(either, capture_when_fulfilled=1)
    order, payment = await ordered(either, "40", [(2, "40")])
    waiting = either.saleor.warehouse.send(order, {order.lines[0].id: 1}, approved=False)
    await either.settle(30)
    assert amounts(either, payment) == (40, 0, 0, 0)
    either.saleor.warehouse.approve(order, waiting)
    await either.settle(30)
    assert amounts(either, payment) == (20, 20, 0, 0)
    await either.books_agree()


async def test_a_fulfillment_taken_back_refunds_nothing_and_sending_it_again_is_not_charged_twice(
    either: Stage,
) -> None:
    await change_profile(either, capture_when_fulfilled=1)
    order, payment = await ordered(either, "50", [(1, "20"), (1, "30")])
    first, second = order.lines
    sent = either.saleor.warehouse.send(order, {first.id: 1})
    await either.settle(30)
    either.saleor.warehouse.cancel(order, sent)
    await either.settle(30)
    assert amounts(either, payment) == (30, 20, 0, 0)
    either.saleor.warehouse.send(order, {first.id: 1})
    await either.settle(30)
    assert amounts(either, payment) == (30, 20, 0, 0), "paid with the first parcel"
    either.saleor.warehouse.send(order, {second.id: 1})
    await either.settle(30)
    assert amounts(either, payment) == (0, 50, 0, 0)
    await either.books_agree()


async def test_what_staff_captured_before_counts(either: Stage) -> None:
    await change_profile(either, capture_when_fulfilled=1)
    order, payment = await ordered(either, "50", [(1, "20"), (1, "30")])
    await either.act(payment, "CHARGE", "15")
    either.saleor.warehouse.send(order, {order.lines[0].id: 1})
    await either.settle(30)
    assert told(either, payment)[-1] == ("CHARGE_SUCCESS", 5)
    await either.books_agree()


async def test_several_payments_of_an_order_are_charged_newest_first_and_never_above_their_rest(either: Stage) -> None:
    await change_profile(either, capture_when_fulfilled=1)
    checkout = either.saleor.checkout_create(total="100", user=either.customer, lines=[(4, "100")])
    payments = []
    for amount in ("70", "30"):
        data = either.buyer_data()
        begun = await either.saleor.transaction_initialize(
            checkout.id, either.gateway, data, D(amount), action="AUTHORIZATION", requestor=either.customer
        )
        begun = await either.confirmed(begun, data)
        assert begun.transaction is not None
        payments.append(begun.transaction.id)
        either.amazon.advance(1)
    order = either.saleor.checkout_complete(checkout.id, either.customer).order
    assert order is not None
    older, newer = payments
    either.saleor.warehouse.send(order, {order.lines[0].id: 2})
    await either.settle(30)
    assert (amounts(either, newer)[:2], amounts(either, older)[:2]) == ((0, 30), (50, 20))
    either.saleor.warehouse.send(order)
    await either.settle(30)
    assert (amounts(either, newer)[:2], amounts(either, older)[:2]) == ((0, 30), (0, 70))
    await either.books_agree()


async def test_a_charge_for_a_parcel_that_is_declined_is_reported_and_paid_with_the_next(either: Stage) -> None:
    await change_profile(either, capture_when_fulfilled=1)
    data = either.buyer_data()
    order, payment = await ordered(either, "60", [(3, "60")], data)
    line = order.lines[0].id
    either.saleor.warehouse.send(order, {line: 1})
    await either.settle(30)
    either.hands.choose(data, Behaviour.PROCESSING_FAILURE)
    either.saleor.warehouse.send(order, {line: 1})
    await either.settle(30)
    assert told(either, payment)[-1] == ("CHARGE_FAILURE", 20)
    assert amounts(either, payment) == (40, 20, 0, 0)
    either.hands.choose(data)
    either.saleor.warehouse.send(order, {line: 1})
    await either.settle(30)
    assert told(either, payment)[-1] == ("CHARGE_SUCCESS", 40)
    await either.books_agree()


async def test_a_parcel_that_leaves_after_the_reservation_has_lapsed_is_charged_on_the_agreement(either: Stage) -> None:
    await change_profile(either, capture_when_fulfilled=1)
    order, payment = await ordered(either, "60", [(1, "60")])
    await either.settle(either.hands.lapse)
    either.saleor.warehouse.send(order)
    await either.settle(30)
    assert amounts(either, payment) == (0, 60, 0, 0)
    await either.books_agree()


async def test_without_room_under_the_cap_a_parcel_of_a_later_month_is_not_charged_and_saleor_is_told(
    either: Stage,
) -> None:
    await change_profile(either, capture_when_fulfilled=1)
    order, payment = await ordered(either, "60", [(1, "60")])
    await either.settle(11 * DAY)  # 33 days: into another month, and past the reservation
    await change_profile(either, monthly_cap=5_999)
    either.saleor.warehouse.send(order)
    await either.settle(30)
    last = events(either, payment)[-1]
    assert last.type == "CHARGE_FAILURE"
    assert amounts(either, payment) == (60, 0, 0, 0)
    await either.books_agree()


@pytest.mark.parametrize("order", [("CANCEL", "REFUND"), ("REFUND", "CANCEL")])
@pytest.mark.parametrize("fault", [None, "throttle", "drop"])
async def test_the_release_of_funds_asks_for_both_at_once_in_either_order(
    either: Stage, order: tuple[str, str], fault: FaultKind | None
) -> None:
    data = either.buyer_data()
    payment = (await either.pay(total="100", action="AUTHORIZATION", data=data)).transaction.id
    await either.act(payment, "CHARGE", "40")
    if fault:
        either.hands.fault(fault, "refund", times=9)
    for action in order:
        either.saleor.transaction_request_action(payment, action)
    await either.saleor.settled()
    either.amazon.faults.clear()
    kinds = [event.type for event in events(either, payment)]
    assert "REFUND_FAILURE" not in kinds, "a failure stops the job for good"
    assert "CANCEL_FAILURE" not in kinds
    await either.settle(300)
    assert amounts(either, payment) == (0, 0, 40, 60)
    await either.books_agree()


@pytest.mark.parametrize("fault", ["throttle", "error", "drop"])
async def test_a_release_amazon_cannot_make_now_is_answered_pending_and_finished(
    either: Stage, fault: FaultKind
) -> None:
    payment, _ = await reserved(either)
    either.hands.fault(fault, "release", times=9)
    either.hands.fault("error", "read", times=9)
    assert await either.act(payment, "CANCEL", "100") == "CANCEL_REQUEST"
    either.amazon.faults.clear()
    await either.settle(300)
    assert told(either, payment)[-1] == ("CANCEL_SUCCESS", 100)
    await either.books_agree()
