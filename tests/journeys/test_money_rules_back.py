"""Refunds and releases, on each wire: a scenario for every sentence of the rules.

Each ends with three books that agree to the cent.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from saleor_amazonpay.simulator.amazon.clock import DAY
from tests.journeys.seen import amounts, booked, events, offered, reserved, told
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio
D = Decimal


async def test_a_refund_goes_to_the_newest_capture_that_can_carry_all_of_it(either: Stage) -> None:
    payment, _ = await reserved(either)
    for amount in ("50", "30", "20"):
        either.amazon.advance(1)
        await either.act(payment, "CHARGE", amount)
    await either.act(payment, "REFUND", "25")
    await either.settle()
    assert either.hands.given_back() == {D(50): 0, D(30): 25, D(20): 0}
    await either.books_agree()


async def test_a_refund_no_capture_can_carry_is_split_newest_first_and_reported_once(either_on_both: Stage) -> None:
    both = either_on_both
    payment, _ = await reserved(both)
    for amount in ("50", "30", "20"):
        both.amazon.advance(1)
        await both.act(payment, "CHARGE", amount)
    since = len(events(both, payment))
    await both.act(payment, "REFUND", "60")
    await both.settle()
    assert both.hands.given_back() == {D(20): 20, D(30): 30, D(50): 10}
    assert told(both, payment, since=since) == [("REFUND_REQUEST", 60), ("REFUND_SUCCESS", 60)]
    await both.books_agree()


async def test_the_sum_that_succeeded_closes_the_request_of_a_split_refund(either: Stage) -> None:
    payment, _ = await reserved(either)
    for amount in ("50", "30"):
        either.amazon.advance(1)
        await either.act(payment, "CHARGE", amount)
    either.amazon.refund_delay = 10**9
    await either.act(payment, "REFUND", "70")
    await either.deps.running.drain()
    (first, amount), (second, _) = either.hands.refunds().items()
    either.hands.settle_refund(first)
    either.hands.settle_refund(second, "Declined", "AmazonRejected")
    await either.settle()
    assert told(either, payment)[-1] == ("REFUND_SUCCESS", amount)
    assert either.saleor.books()[payment].amounts.refund_pending == 0
    await either.books_agree()


async def test_a_refund_is_never_more_than_what_is_left_although_amazon_allows_more(either: Stage) -> None:
    paid = await either.pay(total="40")
    payment = paid.transaction.id
    await either.act(payment, "REFUND", "30")
    await either.act(payment, "REFUND", "30")  # Saleor itself asks for the 10.00 that are left
    await either.settle()
    assert amounts(either, payment) == (0, 0, 40, 0)
    assert await either.act(payment, "REFUND", "5") == "REFUND_FAILURE"
    assert sum(either.hands.refunds().values()) == 40
    await either.books_agree()


async def test_the_eleventh_refund_of_a_capture_fails_with_that_reason(either: Stage) -> None:
    payment = (await either.pay(total="40")).transaction.id
    for number in range(10):
        await either.act(payment, "REFUND", f"1.{number:02d}")
    await either.settle()
    assert await either.act(payment, "REFUND", "2") == "REFUND_FAILURE"
    assert "10 refunds" in events(either, payment)[-1].message
    await either.books_agree()


async def test_a_refund_amazon_rejects_is_reported_with_its_reason_and_the_amount_is_free_again(either: Stage) -> None:
    payment = (await either.pay(total="40")).transaction.id
    either.amazon.refund_delay = 10**9
    await either.act(payment, "REFUND", "15")
    (refund,) = either.hands.refunds()
    either.hands.settle_refund(refund, "Declined", "AmazonRejected")
    await either.settle()
    assert told(either, payment)[-1][0] == "REFUND_FAILURE"
    assert "Seller Central" in events(either, payment)[-1].message
    assert amounts(either, payment) == (0, 40, 0, 0)
    assert offered(either, payment) == ["REFUND"]
    await either.books_agree()


async def test_the_reason_given_in_saleor_goes_to_the_buyer(play: Stage) -> None:
    payment = (await play.pay(total="40")).transaction.id
    await play.act(payment, "REFUND", "15")
    (refund,) = play.amazon.books.refunds.values()
    assert refund.note == "because"
    await play.settle()
    await play.books_agree()


async def test_a_cancel_releases_the_rest_and_never_closes_the_agreement(either: Stage) -> None:
    payment, data = await reserved(either)
    assert await either.act(payment, "CANCEL", "100") == "CANCEL_SUCCESS"
    assert either.hands.reserved_states() == ["MerchantCanceled" if either.hands.v2 else "SellerClosed"]
    assert either.hands.is_open(data)
    assert await booked(either) == 0
    await either.settle(DAY)
    await either.books_agree()


async def test_an_unreserved_rest_is_released_in_our_books_also_in_parts(either: Stage) -> None:
    payment, _ = await reserved(either)
    await either.act(payment, "CHARGE", "30")
    either.http.actions.clear()
    assert await either.act(payment, "CANCEL", "25") == "CANCEL_SUCCESS"
    assert amounts(either, payment) == (45, 30, 0, 25)
    await either.books_agree()
    assert await either.act(payment, "CANCEL", "45") == "CANCEL_SUCCESS"
    assert either.http.actions == {}
    assert await booked(either) == 3_000
    await either.settle()
    await either.books_agree()


async def test_a_lapsed_rest_can_be_cancelled(either: Stage) -> None:
    payment, _ = await reserved(either)
    await either.settle(either.hands.lapse)
    assert await either.act(payment, "CANCEL", "100") == "CANCEL_SUCCESS"
    assert amounts(either, payment) == (0, 0, 0, 100)
    await either.settle()
    await either.books_agree()


async def test_less_than_the_rest_is_not_released_while_amazon_holds_an_authorization(either: Stage) -> None:
    payment, _ = await reserved(either)
    either.http.actions.clear()
    assert await either.act(payment, "CANCEL", "40") == "CANCEL_FAILURE"
    assert "as a whole" in events(either, payment)[-1].message
    assert either.http.actions == {}
    assert amounts(either, payment) == (100, 0, 0, 0)
    await either.books_agree()


@pytest.mark.parametrize("action", ["CHARGE", "CANCEL", "REFUND"])
async def test_an_action_over_nothing_fails_and_amazon_is_never_called_with_0(either: Stage, action: str) -> None:
    payment, _ = await reserved(either)
    await either.act(payment, "CANCEL", "100")
    either.http.actions.clear()
    assert await either.act(payment, action, "0") == f"{action}_FAILURE"
    assert "nothing left" in events(either, payment)[-1].message
    assert either.http.actions == {}
    await either.settle()
    await either.books_agree()


async def pending_capture(play: Stage) -> str:
    card = play.amazon.add_card(play.amazon.buyer.buyer_id, Behaviour.ATYPICAL)
    play.amazon.capture_delay = 10 * DAY
    payment, _ = await reserved(play, card_id=card.card_id)
    assert await play.act(payment, "CHARGE", "40") == "CHARGE_REQUEST"
    return payment


async def test_a_capture_that_amazon_decides_later_is_pending_and_then_reported_under_the_same_reference(
    either: Stage,
) -> None:
    payment = await pending_capture(either)
    pending = events(either, payment)[-1]
    await either.books_agree()
    await either.settle(4 * DAY)
    assert told(either, payment)[-1] == ("CHARGE_SUCCESS", 40)
    assert events(either, payment)[-1].psp_reference == pending.psp_reference
    assert amounts(either, payment) == (60, 40, 0, 0)
    await either.books_agree()


async def test_nothing_is_released_while_a_capture_is_pending(either: Stage) -> None:
    payment = await pending_capture(either)
    either.http.actions.clear()
    assert await either.act(payment, "CANCEL", "60") == "CANCEL_FAILURE"
    assert either.http.actions == {}
    await either.settle(4 * DAY)
    assert await either.act(payment, "CANCEL", "60") == "CANCEL_SUCCESS"
    await either.settle()
    await either.books_agree()


async def test_a_capture_that_is_still_pending_cannot_be_refunded(either: Stage) -> None:
    payment = await pending_capture(either)
    assert await either.act(payment, "REFUND", "40") == "REFUND_FAILURE"
    assert either.hands.refunds() == {}
    await either.settle(4 * DAY)
    await either.act(payment, "REFUND", "40")
    await either.settle()
    assert amounts(either, payment) == (60, 0, 40, 0)
    await either.books_agree()


async def test_a_release_that_finds_the_money_taken_fails_and_the_capture_is_reported(either: Stage) -> None:
    payment, _ = await reserved(either)
    either.amazon.merchant.ipn_url = ""
    either.hands.take_in_seller_central("100")
    assert await either.act(payment, "CANCEL", "100") == "CANCEL_FAILURE"
    assert "already taken" in events(either, payment)[-1].message
    await either.settle(10)
    assert told(either, payment)[-1] == ("CHARGE_SUCCESS", 100)
    assert offered(either, payment) == ["REFUND"]
    await either.books_agree()
