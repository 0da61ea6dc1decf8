"""The buyer's way through a session of Checkout v2: its button, its page, and which purchase it may pay."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour, Fault
from tests.journeys.stage import SHOP, Stage

pytestmark = pytest.mark.anyio


async def with_another_session(play: Stage, begun: Any) -> str:
    """The buyer goes on with the same payment by another way through Amazon's pages; the type of the answer's event."""
    data = play.buyer_data()
    again = await play.saleor.transaction_process(begun.transaction.id, data, requestor=play.customer)
    return str((await play.confirmed(again, data)).event.type)


async def test_the_gateway_signs_a_button_that_amazon_accepts(play_v2: Stage) -> None:
    checkout = play_v2.saleor.checkout_create(total="40.00")
    recurring = {"frequency": {"unit": "Month", "value": "1"}}
    asked = {play_v2.gateway: {"returnUrl": f"{SHOP}/review", "recurring": recurring}}
    found = await play_v2.saleor.payment_gateway_initialize(checkout.id, asked)
    data: Any = found.configs[0].data
    button = data["amazon"]["button"]["createCheckoutSessionConfig"]
    session, back = play_v2.amazon.pay.open_session(button)
    assert session.kind == "Recurring"
    assert back == f"{SHOP}/review?amazonCheckoutSessionId={session.session_id}"


@pytest.mark.parametrize(
    "data", [{"returnUrl": "https://evil.example/"}, {"returnUrl": 7}, {"delivery": {"countries": ["usa"]}}]
)
async def test_a_button_leads_back_to_the_shop_only(play_v2: Stage, data: dict[str, Any]) -> None:
    checkout = play_v2.saleor.checkout_create(total="40.00")
    found = await play_v2.saleor.payment_gateway_initialize(checkout.id, {play_v2.gateway: data})
    told: Any = found.configs[0].data
    assert (told["available"], told["code"]) == (False, "data_invalid")


async def test_initialize_twice_sends_the_buyer_to_the_same_page(play_v2: Stage) -> None:
    checkout = play_v2.saleor.checkout_create(total="40.00", user=play_v2.customer)
    data = play_v2.buyer_data()
    pages = set()
    for _ in range(2):
        begun = await play_v2.saleor.transaction_initialize(
            checkout.id, play_v2.gateway, data, action="CHARGE", idempotency_key="one", requestor=play_v2.customer
        )
        assert begun.data["code"] == "amazon_redirect"
        pages.add(begun.data["amazonPayRedirectUrl"])
    assert len(pages) == 1
    paid = await play_v2.confirmed(begun, data)
    assert paid.event.type == "CHARGE_SUCCESS"
    await play_v2.books_agree()


async def test_a_buyer_who_presses_process_without_paying_is_asked_again(play_v2: Stage) -> None:
    checkout = play_v2.saleor.checkout_create(total="40.00", user=play_v2.customer)
    data = play_v2.buyer_data()
    begun = await play_v2.saleor.transaction_initialize(
        checkout.id, play_v2.gateway, data, action="CHARGE", requestor=play_v2.customer
    )
    early = await play_v2.saleor.transaction_process(begun.transaction.id, data, requestor=play_v2.customer)
    assert (early.event.type, early.data["code"]) == ("CHARGE_ACTION_REQUIRED", "authentication")
    again = await play_v2.saleor.transaction_process(begun.transaction.id, data, requestor=play_v2.customer)
    assert again.data["code"] == "amazon_redirect"
    paid = await play_v2.confirmed(again, data)
    assert paid.event.type == "CHARGE_SUCCESS"
    await play_v2.settle()
    await play_v2.books_agree()


async def test_a_buyer_cancels_at_amazon_and_pays_with_another_checkout(play_v2: Stage) -> None:
    checkout = play_v2.saleor.checkout_create(total="40.00", user=play_v2.customer)
    data = play_v2.buyer_data()
    begun = await play_v2.saleor.transaction_initialize(
        checkout.id, play_v2.gateway, data, action="CHARGE", requestor=play_v2.customer
    )
    play_v2.amazon.pay.finish(data["amazonCheckoutSessionId"], "cancel")
    back = await play_v2.saleor.transaction_process(begun.transaction.id, data, requestor=play_v2.customer)
    assert (back.event.type, back.data["code"]) == ("CHARGE_ACTION_REQUIRED", "buyer_canceled")
    assert await with_another_session(play_v2, begun) == "CHARGE_SUCCESS"
    await play_v2.books_agree()


async def test_a_card_that_amazon_declines_on_its_page(play_v2: Stage) -> None:
    bad = play_v2.amazon.add_card(play_v2.amazon.buyer.buyer_id, Behaviour.DECLINE_HARD)
    result = await play_v2.pay(data=play_v2.buyer_data(card_id=bad.card_id))
    assert (result.event.type, result.data["code"]) == ("CHARGE_ACTION_REQUIRED", "session_declined")
    assert await with_another_session(play_v2, result) == "CHARGE_SUCCESS"
    await play_v2.books_agree()


async def test_a_soft_decline_when_the_session_is_completed(play_v2: Stage) -> None:
    soft = play_v2.amazon.add_card(play_v2.amazon.buyer.buyer_id, Behaviour.DECLINE_SOFT)
    result = await play_v2.pay(data=play_v2.buyer_data(card_id=soft.card_id))
    assert (result.event.type, result.data["code"]) == ("CHARGE_ACTION_REQUIRED", "soft_decline")
    assert await with_another_session(play_v2, result) == "CHARGE_SUCCESS"
    await play_v2.settle()
    await play_v2.books_agree()


async def test_a_completed_session_pays_no_second_purchase(play_v2: Stage) -> None:
    data = play_v2.buyer_data()
    await play_v2.pay(data=data)
    second = await play_v2.pay(total="55.00", data=data)
    assert second.event.type == "CHARGE_ACTION_REQUIRED"
    assert len(play_v2.amazon.pay.books.charges) == 1
    await play_v2.books_agree()


async def test_a_newer_purchase_takes_an_open_session_over_and_the_older_cannot_pay_with_it(play_v2: Stage) -> None:
    data = play_v2.buyer_data()
    checkout = play_v2.saleor.checkout_create(total="40.00", user=play_v2.customer)
    first = await play_v2.saleor.transaction_initialize(
        checkout.id, play_v2.gateway, data, action="CHARGE", requestor=play_v2.customer
    )
    second = await play_v2.saleor.transaction_initialize(
        checkout.id, play_v2.gateway, data, amount=Decimal(30), action="CHARGE", requestor=play_v2.customer
    )
    assert second.data["code"] == "amazon_redirect"
    paid = await play_v2.confirmed(second, data)
    assert (paid.event.type, paid.event.amount.amount) == ("CHARGE_SUCCESS", Decimal(30))
    late = await play_v2.saleor.transaction_process(first.transaction.id, data, requestor=play_v2.customer)
    assert late.event.type == "CHARGE_ACTION_REQUIRED"
    assert len(play_v2.amazon.pay.books.charges) == 1
    await play_v2.settle()
    await play_v2.books_agree()


async def test_a_session_is_not_set_anew_while_its_completion_is_in_doubt(play_v2: Stage) -> None:
    data = play_v2.buyer_data()
    play_v2.amazon.faults.add(Fault("error", action="CompleteCheckoutSession", times=9))
    unsure = await play_v2.pay(data=data)
    assert unsure.event.type == "CHARGE_REQUEST"
    other = await play_v2.pay(total="55.00", data=data)
    assert other.data["code"] == "payment_in_progress"
    play_v2.amazon.faults.clear()
    await play_v2.settle()
    await play_v2.books_agree()
    assert play_v2.saleor.books()[unsure.transaction.id].amounts.charged == Decimal(40)


async def test_saleor_lost_the_answer_to_a_completion_and_asks_again(play_v2: Stage) -> None:
    data = play_v2.buyer_data()
    checkout = play_v2.saleor.checkout_create(total="40.00", user=play_v2.customer)
    begun = await play_v2.saleor.transaction_initialize(
        checkout.id, play_v2.gateway, data, action="CHARGE", requestor=play_v2.customer
    )
    play_v2.saleor.faults.drop_answer("TRANSACTION_PROCESS_SESSION")
    lost = await play_v2.confirmed(begun, data)
    assert lost.event.type == "CHARGE_FAILURE"
    again = await play_v2.saleor.transaction_process(begun.transaction.id, data, requestor=play_v2.customer)
    assert again.event.type == "CHARGE_SUCCESS"
    await play_v2.settle()
    await play_v2.books_agree()
    assert len(play_v2.amazon.pay.books.charges) == 1
