"""money.md §3, what Saleor is told, sentence by sentence on each wire; declines, words and buttons are in ..._declined.

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

from decimal import Decimal

import pytest

from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.simulator.amazon import Behaviour
from tests.journeys.carts import agreed, cart, once
from tests.journeys.known import PHONE, Gate, saved
from tests.journeys.stage import Stage, with_timing

pytestmark = pytest.mark.anyio


async def test_while_a_money_call_is_out_saleor_is_told_so_and_hears_the_rest_under_the_same_reference(
    either_on_both: Stage,
) -> None:
    play = either_on_both
    sale = await saved(play)
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
    assert play.hands.asked("charge") == 1, "the call was not cut off"
    await play.books_agree()


async def test_a_step_says_what_happened_which_attempt_comes_next_and_what_may_follow(either: Stage) -> None:
    play = either
    sale = await saved(play, Behaviour.DECLINE_SOFT)
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


async def test_a_decline_after_a_request_ends_the_session_and_the_agreement_pays_another(either: Stage) -> None:
    play = either
    sale = await saved(play, Behaviour.DECLINE_SOFT)
    gate = Gate(play)
    assert await sale.begin() == "CHARGE_REQUEST"
    gate.opened.set()
    await play.settle()
    assert sale.events == ["CHARGE_FAILURE"]
    await sale.go_on()
    assert sale.last.data is None, "Saleor does not ask the app again"
    play.hands.choose(sale.data)
    again = sale.later()
    again.checkout = sale.checkout
    assert await again.begin() == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_with_too_little_time_left_a_session_begins_nothing_and_may_try_again(either: Stage) -> None:
    play = either
    sale = cart(play)
    with_timing(play, budget=8.0)
    assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
    assert (sale.code, await sale.rows()) == ("retry", [])
    with_timing(play, budget=15.0)
    assert await sale.go_on() == "CHARGE_SUCCESS"
    await play.books_agree()


@pytest.mark.parametrize("action", ["CHARGE", "CANCEL", "REFUND"])
async def test_with_too_little_time_left_an_action_is_answered_pending_and_done_in_the_background(
    either: Stage, action: str
) -> None:
    play = either
    sale = cart(play)
    await sale.begin("CHARGE" if action == "REFUND" else "AUTHORIZATION")
    with_timing(play, budget=8.0)
    play.http.actions.clear()
    assert await sale.staff(action, "40") == f"{action}_REQUEST"
    assert sum(play.http.actions.values()) == 0
    await play.settle()
    assert sale.events[-1] == f"{action}_SUCCESS"
    await play.books_agree()


async def test_a_refund_over_several_captures_is_left_to_the_background_too(either: Stage) -> None:
    play = either
    sale = cart(play, total="100")
    await sale.begin("AUTHORIZATION")
    await sale.staff("CHARGE", "60")
    await sale.staff("CHARGE", "40")
    with_timing(play, budget=8.0)
    assert await sale.staff("REFUND", "100") == "REFUND_REQUEST"
    assert play.hands.refunds() == {}
    await play.settle()
    assert sale.amounts.refunded == Decimal(100)
    await play.books_agree()


async def test_what_is_refused_has_a_reference_of_its_own_and_may_be_asked_again(either: Stage) -> None:
    play = either
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


async def test_a_cancel_has_a_reference_of_its_own(either: Stage) -> None:
    play = either
    sale = cart(play)
    await sale.begin("AUTHORIZATION")
    await sale.staff("CANCEL", "40")
    first, second = await sale.rows()
    assert first.psp_reference == first.object_id, "Amazon's authorization id"
    assert second.psp_reference == second.id
    await play.books_agree()


async def test_a_declined_session_has_a_reference_of_its_own(either: Stage) -> None:
    play = either
    sale = await saved(play, Behaviour.REJECTED)
    assert await sale.begin() == "CHARGE_FAILURE"
    (row,) = await sale.rows()
    assert sale.last.event.psp_reference == row.id != row.object_id


async def test_the_gateway_is_answered_from_the_store(either: Stage) -> None:
    play = either
    sale = cart(play)
    play.http.actions.clear()
    result = await play.saleor.payment_gateway_initialize(sale.checkout.id)
    (config,) = result.configs
    assert config.data["available"] is True
    assert (config.data["oneTimeAllowed"], config.data["recurringAllowed"]) == (True, True)
    told = config.data["amazon"]["button"] if play.hands.v2 else config.data["amazon"]
    assert play.amazon.merchant.seller_id in str(told)
    assert sum(play.http.actions.values()) == 0


async def test_whoever_comes_second_uses_the_reference_that_is_there(either: Stage) -> None:
    play = either
    sale = await saved(play)
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
async def test_taking_at_once_is_one_event(either: Stage, kind: str) -> None:
    play = either
    sale = cart(play) if kind == "recurring" else once(play)
    await sale.begin()
    await play.settle()
    assert [event for event in sale.events if event != "CHARGE_ACTION_REQUIRED"] == ["CHARGE_SUCCESS"]
    await play.books_agree()


async def test_reports_come_in_order_and_say_what_may_be_done_now(either: Stage) -> None:
    play = either
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


async def test_the_card_of_a_payment_names_the_order_reference_and_leads_to_seller_central(
    either_on_both: Stage,
) -> None:
    play = either_on_both
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


async def test_the_card_of_an_agreement_names_the_agreement(either: Stage) -> None:
    play = either
    trial = cart(play, total="0")
    await trial.begin(**agreed("9.99"))
    await play.settle()
    assert trial.last.transaction.name == f"Amazon Pay · {trial.agreement_id}"


async def test_a_payment_of_which_saleor_lost_the_answer_is_reported_before_it_is_paid_again(either: Stage) -> None:
    play = either
    """Nobody asks again: the answer left here, and the shopper saw a failure."""
    sale = await saved(play)
    play.saleor.faults.drop_answer("TRANSACTION_INITIALIZE_SESSION")
    assert await sale.begin() == "CHARGE_FAILURE"
    assert sale.amounts.charged == Decimal(0)
    await play.settle()
    assert sale.amounts.charged == Decimal(40)
    assert sale.checkout.uncovered == Decimal(0), "the checkout is paid for"
    await play.books_agree()


async def test_the_card_is_named_although_the_answer_was_lost_or_late(either: Stage) -> None:
    play = either
    lost = await saved(play)
    play.saleor.faults.drop_answer("TRANSACTION_INITIALIZE_SESSION")
    await lost.begin()
    late = cart(play, behaviour=Behaviour.TIMED_OUT)
    assert await late.begin(mayPend=True) == "CHARGE_REQUEST"
    await play.settle()
    for each in (lost, late):
        assert each.last.transaction.name.startswith("Amazon Pay · S01-")
    await play.books_agree()


async def test_the_card_waits_while_something_is_under_way_and_holds_no_report_up(either: Stage) -> None:
    play = either
    sale = cart(play)
    await sale.begin("AUTHORIZATION")
    play.hands.fault("error", "capture", times=0)
    await sale.staff("CHARGE", "40")
    await play.settle(30, rounds=2)
    assert sale.last.transaction.name == "", "Saleor would write an old row back"
    play.amazon.faults.clear()
    await play.settle(600)
    assert sale.last.transaction.name.startswith("Amazon Pay · S01-")
    assert sale.events[-1] == "CHARGE_SUCCESS"
    await play.books_agree()


async def test_a_declined_payment_is_not_named(either: Stage) -> None:
    play = either
    sale = await saved(play, Behaviour.REJECTED)
    await sale.begin()
    await play.settle()
    assert sale.last.transaction.name == ""
