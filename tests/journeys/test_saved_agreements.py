"""A customer's saved agreements through Saleor's stored payment methods, between the small Saleor and the simulator.

Shown, used again, saved on their own, removed; and whose they are. Each ends with three equal books.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from saleor_amazonpay.simulator.amazon.clock import DAY
from tests.journeys.carts import agreed
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio


async def saved(play: Stage) -> Any:
    (method,) = await play.saleor.stored_payment_methods(play.customer)
    return method


def told(play: Stage, result: Any) -> list[tuple[str, Decimal]]:
    events = play.saleor.books()[result.transaction.id].events
    return [(event.type, event.amount.amount) for event in events]


async def test_an_agreement_is_saved_with_the_first_payment_and_pays_again(either: Stage) -> None:
    await either.pay()
    method = await saved(either)
    assert method.data["state"] == "open"
    again = await either.pay(total="9.99", data=method.data["session"])
    assert again.event.type == "CHARGE_SUCCESS"
    await either.settle()
    await either.books_agree()


async def test_a_removed_agreement_ends_at_amazon_and_pays_nothing_any_more(either: Stage) -> None:
    await either.pay()
    method = await saved(either)
    removed = await either.saleor.stored_payment_method_delete(either.customer, method.id)
    assert (removed.result, removed.error) == ("SUCCESSFULLY_DELETED", None)
    assert await either.saleor.stored_payment_methods(either.customer) == []
    refused = await either.pay(total="9.99", data=method.data["session"])
    assert not refused.event.type.endswith("_SUCCESS")
    await either.settle()
    await either.books_agree()


async def test_the_rest_of_a_payment_goes_with_the_agreement_that_is_removed(either: Stage) -> None:
    held = await either.pay(action="AUTHORIZATION")
    await either.act(held.transaction.id, "CHARGE", "25")
    await either.settle()
    removed = await either.saleor.stored_payment_method_delete(either.customer, (await saved(either)).id)
    assert removed.result == "SUCCESSFULLY_DELETED"
    await either.settle(40 * DAY)
    assert told(either, held)[-1] == ("CANCEL_SUCCESS", Decimal(15))
    await either.books_agree()


async def test_nobody_elses_agreement_is_shown_or_removed(either: Stage) -> None:
    await either.pay()
    method = await saved(either)
    stranger = either.saleor.customer_create("eve@example.com")
    assert await either.saleor.stored_payment_methods(stranger) == []
    tried = await either.saleor.stored_payment_method_delete(stranger, method.id)
    assert tried.result == "FAILED_TO_DELETE"
    assert (await saved(either)).data["state"] == "open"


async def test_an_agreement_that_amazon_did_not_end_stays_and_can_be_removed_again(either: Stage) -> None:
    play = either
    await play.pay()
    method = await saved(play)
    play.hands.fault("error", "end", status=503, times=0)
    tried = await play.saleor.stored_payment_method_delete(play.customer, method.id)
    assert tried.result == "FAILED_TO_DELETE"
    play.amazon.faults.clear()
    assert (await play.saleor.stored_payment_method_delete(play.customer, method.id)).result == "SUCCESSFULLY_DELETED"


async def test_an_agreement_is_saved_without_a_purchase(either: Stage) -> None:
    play = either
    prepared = await play.saleor.payment_gateway_initialize_tokenization(play.customer, play.gateway, {})
    assert prepared.result == "SUCCESSFULLY_INITIALIZED"
    data = {**play.buyer_data(), **agreed("9.99")}
    made = await play.saleor.payment_method_initialize_tokenization(play.customer, play.gateway, data)
    if play.hands.v2:
        assert made.result == "ADDITIONAL_ACTION_REQUIRED"
        assert made.data["code"] == "amazon_redirect"
        play.amazon.pay.finish(data["amazonCheckoutSessionId"])
        made = await play.saleor.payment_method_process_tokenization(play.customer, made.id, data)
    assert made.result == "SUCCESSFULLY_TOKENIZED"
    assert play.hands.charges() == 0
    method = await saved(play)
    assert method.id == made.id
    paid = await play.pay(total="12.00", data=method.data["session"])
    assert paid.event.type == "CHARGE_SUCCESS"
    assert play.hands.captures() == 1
    await play.settle()
    await play.books_agree()


async def test_a_saved_agreement_whose_answer_was_lost_is_saved_by_asking_again(either: Stage) -> None:
    play = either
    await play.saleor.payment_gateway_initialize_tokenization(play.customer, play.gateway, {})
    data = {**play.buyer_data(), **agreed("9.99")}
    made = await play.saleor.payment_method_initialize_tokenization(play.customer, play.gateway, data)
    begun = made.id
    if play.hands.v2:
        play.amazon.pay.finish(data["amazonCheckoutSessionId"])
        made = await play.saleor.payment_method_process_tokenization(play.customer, begun, data)
    assert made.result == "SUCCESSFULLY_TOKENIZED"
    again = await play.saleor.payment_method_process_tokenization(play.customer, begun, data)
    assert (again.result, again.id) == ("SUCCESSFULLY_TOKENIZED", made.id)
    stranger = play.saleor.customer_create("eve@example.com")
    tried = await play.saleor.payment_method_process_tokenization(stranger, begun, data)
    assert tried.data["code"] == "agreement_unknown"
    assert (await saved(play)).id == made.id
