"""money.md §3, what Saleor is told, sentence by sentence on the v1 wire.

| rule | scenario (or the test that has it) |
| --- | --- |
| `*_REQUEST` if and only if a money call is out and the buyer has nothing to do | while_a_money_call_is_out… |
| a call in flight is never cancelled by the budget | while_a_money_call_is_out… |
| `*_ACTION_REQUIRED` if and only if no call is out and the buyer must act; no psp reference; code, attempt, next step | a_step_says… and tests/published.py, for every answer of every test |
| after `*_REQUEST` a later decline is `*_FAILURE`; a new transaction pays with the same agreement | a_decline_after_a_request… |
| no money call with less than 9 s left: `retry`, or pending with the work left to the background | with_too_little_time_left… (two) |
| verified requests get 200 and a valid result; 4xx and 5xx are for others | tests/web/test_webhooks.py |
| no intent: `*_FAILURE` with a psp reference of its own, press again | what_is_refused_has_a_reference… |
| intent written: `{"pspReference"}` | tests/web: a_database_that_goes_away_after_the_intent… |
| empty action body: from the ledger | tests/flows/test_actions.py: an_empty_retry… (four) |
| gateway-initialize calls nobody outside | the_gateway_is_answered_from_the_store |
| psp reference: Amazon's id if known, else ours; written once; whoever comes second uses it | while_a_money_call…, whoever_comes_second… |
| refused operations and cancels have ids of their own | what_is_refused…, a_cancel_has_a_reference… |
| CaptureNow is one event | taking_at_once_is_one_event |
| asked to charge, only authorized: AUTHORIZATION_SUCCESS with CHARGE and CANCEL | tests/flows: reserved_money_is_not_failed… |
| reports leave after the answer + 3 s, in order, without time, with available actions | reports_come_in_order…; tests/flows: a_report_never_overtakes… |
| amounts only when they differ, never 0 | tests/published.py |
| a lost answer is reported | a_payment_of_which_saleor_lost… |
| name, externalUrl, paymentMethodDetails | the_card_of_a_payment… (four); tests/published.py |
| three attempts, ten minutes | three_attempts…, ten_minutes… |
| AmazonRejected never repeats, and the shop is told to hide Amazon Pay | amazon_rejected… |
| TransactionTimedOut: asynchronously at once, `*_REQUEST` | what_amazon_cannot_decide… |
| messages carry the customer service number | every_refusal_says_whom_to_call |
| available actions right after every change | the_buttons_follow_every_change |
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.flows.session_codes import SESSION_CODES
from saleor_amazonpay.simulator.amazon import Behaviour, Fault
from tests.journeys.carts import Cart, agreed, cart, once
from tests.journeys.stage import Stage, with_timing

pytestmark = pytest.mark.anyio
PHONE = "+1 206 555 0100"


class Gate:
    """Holds Amazon's answer to the next charge back until it is opened."""

    def __init__(self, play: Stage) -> None:
        self.opened = asyncio.Event()
        play.amazon.sleep = self.wait
        play.amazon.faults.add(Fault("late", action="AuthorizeOnBillingAgreement", seconds=1.0))
        with_timing(play, budget=0.5, money_call_minimum=0.0)

    async def wait(self, _seconds: float) -> None:
        await self.opened.wait()


async def _saved(play: Stage, behaviour: Behaviour = Behaviour.OK) -> Cart:
    """A known customer's next purchase: one call stands between the click and the money."""
    first = cart(play)
    await first.begin()
    first.choose(behaviour)
    play.http.actions.clear()
    return Cart(play, data={"amazonBillingAgreementId": first.agreement_id}, by=play.customer)


async def test_while_a_money_call_is_out_saleor_is_told_so_and_hears_the_rest_under_the_same_reference(
    play_on_both: Stage,
) -> None:
    play = play_on_both
    sale = await _saved(play)
    gate = Gate(play)
    assert await sale.begin() == "CHARGE_REQUEST"
    reference = sale.last.event.psp_reference
    (row,) = await sale.rows()
    assert (row.phase, row.id) == (Phase.CALLING, reference), "Amazon's id is not known, so it is ours"
    assert sale.amounts.charge_pending == Decimal(40)
    gate.opened.set()
    await play.settle()
    assert sale.events == ["CHARGE_SUCCESS"]
    assert play.saleor.books()[sale.transaction].events[-1].psp_reference == reference, "it never changes"
    assert play.http.actions["AuthorizeOnBillingAgreement"] == 1, "the call was not cut off"
    await play.books_agree()


async def test_a_step_says_what_happened_which_attempt_comes_next_and_what_may_follow(play: Stage) -> None:
    sale = cart(play, behaviour=Behaviour.DECLINE_SOFT)
    assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
    assert sale.last.event.psp_reference == ""
    assert sale.last.data == {
        "code": "soft_decline",
        "message": sale.last.data["message"],
        "attempt": 2,
        "retry": "new_attempt",
        "support": {"phone": PHONE, "email": "help@demo.example"},
        "amazonObjectId": sale.agreement_id,
    }
    assert [row.final for row in await sale.rows()] == [True], "no money call is out"
    await play.books_agree()


async def test_a_decline_after_a_request_ends_the_session_and_the_agreement_pays_another(play: Stage) -> None:
    sale = await _saved(play, Behaviour.DECLINE_SOFT)
    gate = Gate(play)
    assert await sale.begin() == "CHARGE_REQUEST"
    gate.opened.set()
    await play.settle()
    assert sale.events == ["CHARGE_FAILURE"]
    await sale.go_on()
    assert sale.last.data is None, "Saleor does not ask the app again"
    sale.choose(Behaviour.OK)
    again = Cart(play, data=sale.data, by=play.customer)
    again.checkout = sale.checkout
    assert await again.begin() == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_with_too_little_time_left_a_session_begins_nothing_and_may_try_again(play: Stage) -> None:
    sale = cart(play)
    with_timing(play, budget=8.0)
    assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
    assert (sale.code, await sale.rows()) == ("retry", [])
    with_timing(play, budget=15.0)
    assert await sale.go_on() == "CHARGE_SUCCESS"
    await play.books_agree()


@pytest.mark.parametrize("action", ["CHARGE", "CANCEL", "REFUND"])
async def test_with_too_little_time_left_an_action_is_answered_pending_and_done_in_the_background(
    play: Stage, action: str
) -> None:
    sale = cart(play)
    await sale.begin("CHARGE" if action == "REFUND" else "AUTHORIZATION")
    with_timing(play, budget=8.0)
    play.http.actions.clear()
    assert await sale.staff(action, "40") == f"{action}_REQUEST"
    assert sum(play.http.actions.values()) == 0
    await play.settle()
    assert sale.events[-1] == f"{action}_SUCCESS"
    await play.books_agree()


async def test_a_refund_over_several_captures_is_left_to_the_background_too(play: Stage) -> None:
    sale = cart(play, total="100")
    await sale.begin("AUTHORIZATION")
    await sale.staff("CHARGE", "60")
    await sale.staff("CHARGE", "40")
    with_timing(play, budget=8.0)
    assert await sale.staff("REFUND", "100") == "REFUND_REQUEST"
    assert play.amazon.books.refunds == {}
    await play.settle()
    assert sale.amounts.refunded == Decimal(100)
    await play.books_agree()


async def test_what_is_refused_has_a_reference_of_its_own_and_may_be_asked_again(play: Stage) -> None:
    sale = cart(play, total="100")
    await sale.begin("AUTHORIZATION")
    for _ in range(2):
        assert await sale.staff("CANCEL", "40") == "CANCEL_FAILURE", "Amazon releases a reservation as a whole"
    failures = [event for event in play.saleor.books()[sale.transaction].events if event.type == "CANCEL_FAILURE"]
    references = {event.psp_reference for event in failures}
    assert len(references) == 2
    assert not references & {row.psp_reference for row in await sale.rows()}
    assert await sale.staff("CANCEL", "100") == "CANCEL_SUCCESS"
    await play.books_agree()


async def test_a_cancel_has_a_reference_of_its_own(play: Stage) -> None:
    sale = cart(play)
    await sale.begin("AUTHORIZATION")
    await sale.staff("CANCEL", "40")
    first, second = await sale.rows()
    assert first.psp_reference == first.object_id, "Amazon's authorization id"
    assert second.psp_reference == second.id
    await play.books_agree()


async def test_a_declined_session_has_a_reference_of_its_own(play: Stage) -> None:
    sale = cart(play, behaviour=Behaviour.REJECTED)
    assert await sale.begin() == "CHARGE_FAILURE"
    (row,) = await sale.rows()
    assert sale.last.event.psp_reference == row.id != row.object_id


async def test_the_gateway_is_answered_from_the_store(play: Stage) -> None:
    sale = cart(play)
    play.http.actions.clear()
    result = await play.saleor.payment_gateway_initialize(sale.checkout.id)
    (config,) = result.configs
    assert config.data["available"] is True
    assert (config.data["oneTimeAllowed"], config.data["recurringAllowed"]) == (True, True)
    assert config.data["amazon"]["sellerId"] == play.amazon.merchant.seller_id
    assert sum(play.http.actions.values()) == 0


async def test_whoever_comes_second_uses_the_reference_that_is_there(play: Stage) -> None:
    sale = cart(play)
    play.saleor.faults.drop_answer("TRANSACTION_INITIALIZE_SESSION")
    await sale.begin()
    (row,) = await sale.rows()
    assert row.psp_reference == row.settled_id, "Amazon's capture id was known when Saleor was answered"
    assert await sale.go_on() == "CHARGE_SUCCESS"
    assert sale.last.event.psp_reference == row.psp_reference
    await play.settle()
    assert [row.psp_reference for row in await sale.rows()] == [row.psp_reference]
    await play.books_agree()


@pytest.mark.parametrize("kind", ["recurring", "one-time"])
async def test_taking_at_once_is_one_event(play: Stage, kind: str) -> None:
    sale = cart(play) if kind == "recurring" else once(play)
    await sale.begin()
    await play.settle()
    assert sale.events == ["CHARGE_SUCCESS"]
    await play.books_agree()


async def test_reports_come_in_order_and_say_what_may_be_done_now(play: Stage) -> None:
    sale = cart(play)
    await sale.begin()
    await sale.staff("REFUND", "10")
    await sale.staff("REFUND", "30")
    play.saleor.faults.api_down(503)
    await play.settle()
    play.saleor.faults.clear()
    await play.settle(600)
    told = [event for event in play.saleor.books()[sale.transaction].events if event.type == "REFUND_SUCCESS"]
    assert [event.value for event in told] == [Decimal(10), Decimal(30)]
    assert sale.last.transaction.available_actions == []
    await play.books_agree()


# --- what the transaction's card shows


async def test_the_card_of_a_payment_names_the_order_reference_and_leads_to_seller_central(play_on_both: Stage) -> None:
    play = play_on_both
    sale = cart(play)
    await sale.begin()
    assert sale.last.transaction.name == ""
    await play.settle()
    order = sale.last.event.psp_reference[:19]
    assert sale.last.transaction.name == f"Amazon Pay · {order}"
    assert sale.last.transaction.external_url.endswith(f"orderReferenceId={order}")
    assert sale.last.event.external_url == sale.last.transaction.external_url
    sale.last.transaction.name = "changed by staff"
    await sale.staff("REFUND", "40")
    await play.settle()
    assert sale.last.transaction.name == "changed by staff", "it is said once"
    await play.books_agree()


async def test_the_card_of_an_agreement_names_the_agreement(play: Stage) -> None:
    trial = cart(play, total="0")
    await trial.begin()
    await play.settle()
    assert trial.last.transaction.name == f"Amazon Pay · {trial.agreement_id}"


async def test_a_payment_of_which_saleor_lost_the_answer_is_reported_before_it_is_paid_again(play: Stage) -> None:
    """Nobody asks again: the answer left here, and the shopper saw a failure."""
    sale = cart(play)
    play.saleor.faults.drop_answer("TRANSACTION_INITIALIZE_SESSION")
    assert await sale.begin() == "CHARGE_FAILURE"
    assert sale.amounts.charged == Decimal(0)
    await play.settle()
    assert sale.amounts.charged == Decimal(40)
    assert sale.checkout.uncovered == Decimal(0), "the checkout is paid for"
    await play.books_agree()


async def test_the_card_is_named_although_the_answer_was_lost_or_late(play: Stage) -> None:
    lost = cart(play)
    play.saleor.faults.drop_answer("TRANSACTION_INITIALIZE_SESSION")
    await lost.begin()
    late = cart(play, behaviour=Behaviour.TIMED_OUT)
    assert await late.begin() == "CHARGE_REQUEST"
    await play.settle()
    for each in (lost, late):
        assert each.last.transaction.name.startswith("Amazon Pay · S01-")
    await play.books_agree()


async def test_the_card_waits_while_something_is_under_way_and_holds_no_report_up(play: Stage) -> None:
    sale = cart(play)
    await sale.begin("AUTHORIZATION")
    play.amazon.faults.add(Fault("error", action="Capture", times=0))
    await sale.staff("CHARGE", "40")
    await play.settle(30, rounds=2)
    assert sale.last.transaction.name == "", "Saleor would write an old row back"
    play.amazon.faults.clear()
    await play.settle(600)
    assert sale.last.transaction.name.startswith("Amazon Pay · S01-")
    assert sale.events[-1] == "CHARGE_SUCCESS"
    await play.books_agree()


async def test_a_declined_payment_is_not_named(play: Stage) -> None:
    sale = cart(play, behaviour=Behaviour.REJECTED)
    await sale.begin()
    await play.settle()
    assert sale.last.transaction.name == ""


# --- declines


async def test_three_attempts_are_all_a_transaction_gets(play: Stage) -> None:
    sale = cart(play, behaviour=Behaviour.DECLINE_SOFT)
    told = [await sale.begin(), await sale.go_on(), await sale.go_on(), await sale.go_on()]
    assert told == ["CHARGE_ACTION_REQUIRED", "CHARGE_ACTION_REQUIRED", "CHARGE_FAILURE", "CHARGE_FAILURE"]
    assert play.http.actions["AuthorizeOnBillingAgreement"] == 3
    await play.settle()
    await play.books_agree()


async def test_ten_minutes_after_a_decline_the_transaction_is_over(play: Stage) -> None:
    sale = cart(play, behaviour=Behaviour.DECLINE_SOFT)
    await sale.begin()
    play.amazon.advance(601)
    assert await sale.go_on() == "CHARGE_FAILURE"
    assert sale.code == "soft_decline"
    assert play.http.actions["AuthorizeOnBillingAgreement"] == 1
    await play.books_agree()


DECLINES: dict[str, tuple[Behaviour, str, str]] = {
    "a method that is no good": (Behaviour.DECLINE_HARD, "payment_method", "change_method"),
    "a soft decline": (Behaviour.DECLINE_SOFT, "soft_decline", "new_attempt"),
    "a processing failure": (Behaviour.PROCESSING_FAILURE, "processing_failure", "after_pause"),
}


@pytest.mark.parametrize("kind", ["recurring", "one-time"])
@pytest.mark.parametrize("name", DECLINES)
async def test_a_decline_that_can_be_mended_is_mended_in_the_same_transaction(
    play: Stage, name: str, kind: str
) -> None:
    behaviour, code, retry = DECLINES[name]
    sale = cart(play, behaviour=behaviour) if kind == "recurring" else once(play, behaviour=behaviour)
    assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
    assert (sale.code, sale.last.data["retry"]) == (code, retry)
    sale.choose(Behaviour.OK, sale.last.data["amazonObjectId"])
    assert await sale.go_on() == "CHARGE_SUCCESS"
    assert [row.attempt for row in await sale.rows()] == [1, 2]
    await play.settle()
    await play.books_agree()


async def test_amazon_rejected_never_repeats_and_tells_the_shop_to_hide_amazon_pay(play: Stage) -> None:
    sale = cart(play, behaviour=Behaviour.REJECTED)
    assert await sale.begin() == "CHARGE_FAILURE"
    assert (sale.code, sale.last.data["retry"]) == ("amazon_rejected", "never")
    assert SESSION_CODES[sale.code].remedy.startswith("Hide Amazon Pay")
    sale.choose(Behaviour.OK)
    again = Cart(play, data=sale.data, by=play.customer)
    again.checkout = sale.checkout
    assert await again.begin() == "CHARGE_FAILURE"
    assert again.code == "amazon_rejected"
    assert play.http.actions["AuthorizeOnBillingAgreement"] == 1
    another = Cart(play, data=sale.data, by=play.customer)
    assert await another.begin() == "CHARGE_SUCCESS", "another purchase is another question"
    await play.settle()
    await play.books_agree()


async def test_what_amazon_cannot_decide_in_time_is_asked_again_at_once_and_takes_its_time(play: Stage) -> None:
    sale = cart(play, behaviour=Behaviour.TIMED_OUT)
    assert await sale.begin() == "CHARGE_REQUEST"
    first, second = await sale.rows()
    assert (first.code, second.synchronous, second.attempt) == ("timed_out", False, 2)
    assert sale.last.event.psp_reference == second.psp_reference
    await play.settle()
    assert sale.events == ["CHARGE_SUCCESS"]
    await play.books_agree()


ENDS: dict[str, Any] = {
    "closed by the buyer": lambda play, agreement: play.amazon.close_agreement(agreement),
    "closed by Amazon": lambda play, agreement: play.amazon.close_agreement(agreement, "amazon"),
    "canceled by Amazon": lambda play, agreement: play.amazon.cancel_agreement(agreement),
}


@pytest.mark.parametrize("name", ENDS)
async def test_an_agreement_that_has_ended_is_replaced_by_a_new_one_in_the_same_transaction(
    play: Stage, name: str
) -> None:
    first = cart(play)
    await first.begin()
    play.amazon.merchant.ipn_url = ""  # nobody tells
    ENDS[name](play, first.agreement_id)
    later = Cart(play, data={"amazonBillingAgreementId": first.agreement_id}, by=play.customer)
    assert await later.begin() == "CHARGE_ACTION_REQUIRED"
    assert (later.code, later.last.data["retry"]) == ("agreement_ended", "new_agreement")
    bound = await later.bound()
    assert bound is not None
    assert bound.state == ("canceled" if "canceled" in name else "closed"), "what was found out is noted"
    play.http.actions.clear()
    third = Cart(play, data={"amazonBillingAgreementId": first.agreement_id}, by=play.customer)
    assert await third.begin() == "CHARGE_ACTION_REQUIRED"
    assert (third.code, play.http.actions["AuthorizeOnBillingAgreement"]) == ("agreement_ended", 0)
    assert await later.go_on(**cart(play).data) == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_a_suspended_agreement_waits_for_another_method_and_pays_then(play: Stage) -> None:
    first = cart(play)
    await first.begin()
    card = play.amazon.books.agreements[first.agreement_id].card
    assert card is not None
    play.amazon.spoil_card(play.amazon.buyer.buyer_id, card.card_id, "PaymentMethodExpired")
    later = Cart(play, data={"amazonBillingAgreementId": first.agreement_id}, by=play.customer)
    assert await later.begin() == "CHARGE_ACTION_REQUIRED"
    assert later.code == "payment_method"
    later.choose(Behaviour.OK)
    assert await later.go_on() == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_amazons_own_monthly_limit_is_a_failure(play: Stage) -> None:
    sale = cart(play, total="5000")
    assert await sale.begin() == "CHARGE_FAILURE"
    assert sale.code == "monthly_limit"
    await play.settle()
    await play.books_agree()


# --- words and buttons


async def test_every_refusal_says_whom_to_call(play: Stage) -> None:
    sale = cart(play, behaviour=Behaviour.REJECTED)
    await sale.begin()
    assert PHONE in sale.last.event.message
    assert sale.last.data["support"]["phone"] == PHONE
    held = cart(play)
    await held.begin("AUTHORIZATION")
    play.amazon.faults.add(Fault("refuse", action="Capture", code="InvalidParameterValue"))
    assert await held.staff("CHARGE", "40") == "CHARGE_FAILURE"
    assert PHONE in play.saleor.books()[held.transaction].events[-1].message
    assert PHONE in play.amazon.books.agreements[held.agreement_id].attributes.seller_note, "the note Amazon mails"


async def test_a_reported_refusal_says_whom_to_call_too(play: Stage) -> None:
    sale = await _saved(play, Behaviour.DECLINE_SOFT)
    gate = Gate(play)
    await sale.begin()
    gate.opened.set()
    await play.settle()
    assert PHONE in play.saleor.books()[sale.transaction].events[-1].message


async def test_the_buttons_follow_every_change(play: Stage) -> None:
    sale = cart(play, total="100")
    await sale.begin("AUTHORIZATION")
    shown = sale.last.transaction
    assert shown.available_actions == ["charge", "cancel"]
    await sale.staff("CHARGE", "60")
    assert shown.available_actions == ["charge", "refund", "cancel"]
    await sale.staff("CHARGE", "40")
    assert shown.available_actions == ["refund"]
    await sale.staff("REFUND", "100")
    await play.settle()
    assert shown.available_actions == []
    released = cart(play)
    await released.begin("AUTHORIZATION")
    await released.staff("CANCEL", "40")
    assert released.last.transaction.available_actions == []
    await play.settle()
    await play.books_agree()


async def test_a_late_report_does_not_bring_an_old_button_back(play: Stage) -> None:
    sale = cart(play, total="100")
    await sale.begin()
    await sale.staff("REFUND", "60")
    play.saleor.faults.api_down(503)
    await play.settle()  # the first refund is decided, and its report cannot leave
    await sale.staff("REFUND", "40")
    play.saleor.faults.clear()
    await play.settle(600)
    assert sale.last.transaction.available_actions == []
    await play.books_agree()


async def test_the_words_that_ask_for_later_charges_are_typed(play: Stage) -> None:
    sale = cart(play)
    assert await sale.begin(**agreed("nine")) == "CHARGE_ACTION_REQUIRED"
    assert sale.code == "data_invalid"
    assert "data.recurring.amount" in sale.last.data["message"]
    assert await sale.go_on(**agreed("9.99")) == "CHARGE_SUCCESS"
    await play.books_agree()
