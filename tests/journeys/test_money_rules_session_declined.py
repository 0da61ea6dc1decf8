"""What Saleor is told of declines, and the words and buttons it shows, on each wire; see ..._session_told."""

from __future__ import annotations

from typing import Any

import pytest

from saleor_amazonpay.flows.session_codes import SESSION_CODES
from saleor_amazonpay.simulator.amazon import Behaviour
from tests.journeys.carts import agreed, cart, once
from tests.journeys.known import PHONE, Gate, saved
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio


async def test_three_attempts_are_all_a_transaction_gets(either: Stage) -> None:
    play = either
    sale = await saved(play, Behaviour.DECLINE_SOFT)
    told = [await sale.begin(), await sale.go_on(), await sale.go_on(), await sale.go_on()]
    assert told == ["CHARGE_ACTION_REQUIRED", "CHARGE_ACTION_REQUIRED", "CHARGE_FAILURE", "CHARGE_FAILURE"]
    assert play.hands.asked("charge") == 3
    await play.settle()
    await play.books_agree()


async def test_ten_minutes_after_a_decline_the_transaction_is_over(either: Stage) -> None:
    play = either
    sale = await saved(play, Behaviour.DECLINE_SOFT)
    await sale.begin()
    play.amazon.advance(601)
    assert await sale.go_on() == "CHARGE_FAILURE"
    assert sale.code == "soft_decline"
    assert play.hands.asked("charge") == 1
    await play.books_agree()


DECLINES: dict[str, tuple[Behaviour, str, str]] = {
    "a method that is no good": (Behaviour.DECLINE_HARD, "payment_method", "change_method"),
    "a soft decline": (Behaviour.DECLINE_SOFT, "soft_decline", "new_attempt"),
    "a processing failure": (Behaviour.PROCESSING_FAILURE, "processing_failure", "after_pause"),
}


@pytest.mark.parametrize("name", DECLINES)
async def test_a_decline_that_can_be_mended_is_mended_in_the_same_transaction(either: Stage, name: str) -> None:
    play = either
    behaviour, code, retry = DECLINES[name]
    sale = await saved(play, behaviour)
    assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
    assert (sale.code, sale.last.data["retry"]) == (code, retry)
    play.hands.choose(sale.data)
    assert await sale.go_on() == "CHARGE_SUCCESS"
    assert [row.attempt for row in await sale.rows()] == [1, 2]
    await play.settle()
    await play.books_agree()


@pytest.mark.parametrize("kind", [cart, once])
@pytest.mark.parametrize("name", DECLINES)
async def test_a_first_payment_that_was_declined_is_mended_in_the_same_transaction(
    play: Stage, name: str, kind: Any
) -> None:
    behaviour, code, retry = DECLINES[name]
    sale = kind(play, behaviour=behaviour)
    assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
    assert (sale.code, sale.last.data["retry"]) == (code, retry)
    sale.choose(Behaviour.OK, sale.last.data["amazonObjectId"])
    assert await sale.go_on() == "CHARGE_SUCCESS"
    assert [row.attempt for row in await sale.rows()] == [1, 2]
    await play.settle()
    await play.books_agree()


ON_A_SESSION: dict[str, tuple[str, list[int]]] = {  # the code, and which attempts reached Amazon
    "a method that is no good": ("session_declined", [1]),  # Amazon declines it on its own page
    "a soft decline": ("soft_decline", [1, 2]),
    "a processing failure": ("session_declined", [1]),
}


@pytest.mark.parametrize("kind", [cart, once])
@pytest.mark.parametrize("name", ON_A_SESSION)
async def test_a_first_payment_that_was_declined_is_mended_with_another_session(
    play_v2: Stage, name: str, kind: Any
) -> None:
    """A decline ends a session of Checkout v2: the buyer opens another in the same transaction."""
    play, (code, attempts) = play_v2, ON_A_SESSION[name]
    sale = kind(play, behaviour=DECLINES[name][0])
    assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
    assert (sale.code, play.hands.captures()) == (code, 0)
    sale.data = kind(play).data
    assert await sale.go_on() == "CHARGE_SUCCESS"
    assert [row.attempt for row in await sale.rows()] == attempts
    await play.settle()
    assert play.hands.captures() == 1
    await play.books_agree()


async def test_amazon_rejected_never_repeats_and_tells_the_shop_to_hide_amazon_pay(either: Stage) -> None:
    play = either
    sale = await saved(play, Behaviour.REJECTED)
    assert await sale.begin() == "CHARGE_FAILURE"
    assert (sale.code, sale.last.data["retry"]) == ("amazon_rejected", "never")
    assert SESSION_CODES[sale.code].remedy.startswith("Hide Amazon Pay")
    play.hands.choose(sale.data)
    again = sale.later()
    again.checkout = sale.checkout
    assert await again.begin() == "CHARGE_FAILURE"
    assert again.code == "amazon_rejected"
    assert play.hands.asked("charge") == 1
    another = sale.later()
    if play.hands.v2:  # there Amazon ends the permission with it
        assert await another.begin() == "CHARGE_ACTION_REQUIRED"
        assert another.code == "agreement_ended"
    else:
        assert await another.begin() == "CHARGE_SUCCESS", "another purchase is another question"
    await play.settle()
    await play.books_agree()


async def test_what_amazon_cannot_decide_in_time_is_asked_again_at_once_and_takes_its_time(either: Stage) -> None:
    play = either
    sale = await saved(play, Behaviour.TIMED_OUT)
    assert await sale.begin() == "CHARGE_REQUEST"
    first, second = await sale.rows()
    assert (first.code, second.synchronous, second.attempt) == ("timed_out", False, 2)
    assert sale.last.event.psp_reference == second.psp_reference
    await play.settle()
    assert sale.events == ["CHARGE_SUCCESS"]
    await play.books_agree()


ENDS: dict[str, Any] = {
    "closed by the buyer": lambda play, data: play.hands.close(data),
    "closed by Amazon": lambda play, data: play.hands.close(data, "amazon"),
    "canceled by Amazon": lambda play, data: play.hands.cancel(data),
}


@pytest.mark.parametrize("name", ENDS)
async def test_an_agreement_that_has_ended_is_replaced_by_a_new_one_in_the_same_transaction(
    either: Stage, name: str
) -> None:
    play = either
    first = cart(play)
    await first.begin()
    play.amazon.merchant.ipn_url = ""  # nobody tells
    ENDS[name](play, first.data)
    later = first.later()
    assert await later.begin() == "CHARGE_ACTION_REQUIRED"
    assert (later.code, later.last.data["retry"]) == ("agreement_ended", "new_agreement")
    bound = await later.bound()
    assert bound is not None
    assert bound.state in {"canceled", "closed"}, "what was found out is noted"
    assert play.hands.v2 or (bound.state == "canceled") is ("canceled" in name)
    play.http.actions.clear()
    third = first.later()
    assert await third.begin() == "CHARGE_ACTION_REQUIRED"
    assert (third.code, play.hands.asked("charge")) == ("agreement_ended", 0)
    later.data = cart(play).data
    assert await later.go_on() == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_a_suspended_agreement_waits_for_another_method_and_pays_then(either: Stage) -> None:
    play = either
    first = cart(play)
    await first.begin()
    play.hands.spoil(first.data, "PaymentMethodExpired")
    later = first.later()
    assert await later.begin() == "CHARGE_ACTION_REQUIRED"
    assert later.code == "payment_method"
    play.hands.choose(later.data)
    assert await later.go_on() == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_amazons_own_monthly_limit_is_a_failure(either: Stage) -> None:
    play = either
    sale = cart(play, total="5000")
    assert await sale.begin() == "CHARGE_FAILURE"
    assert sale.code == ("amount_exceeded" if play.hands.v2 else "monthly_limit"), "in the words Amazon has for it"
    await play.settle()
    await play.books_agree()


async def test_every_refusal_says_whom_to_call(either: Stage) -> None:
    play = either
    sale = await saved(play, Behaviour.REJECTED)
    await sale.begin()
    assert PHONE in sale.last.event.message
    assert sale.last.data["support"]["phone"] == PHONE
    held = cart(play)
    await held.begin("AUTHORIZATION")
    play.hands.fault("refuse", "capture", code="InvalidParameterValue")
    assert await held.staff("CHARGE", "40") == "CHARGE_FAILURE"
    assert PHONE in play.saleor.books()[held.transaction].events[-1].message
    note = play.hands.note(held.data)
    assert PHONE in note, "the note Amazon mails"


async def test_a_reported_refusal_says_whom_to_call_too(either: Stage) -> None:
    play = either
    sale = await saved(play, Behaviour.DECLINE_SOFT)
    gate = Gate(play)
    await sale.begin()
    gate.opened.set()
    await play.settle()
    assert PHONE in play.saleor.books()[sale.transaction].events[-1].message


async def test_the_buttons_follow_every_change(either: Stage) -> None:
    play = either
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


async def test_a_late_report_does_not_bring_an_old_button_back(either: Stage) -> None:
    play = either
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


async def test_the_words_that_ask_for_later_charges_are_typed(either: Stage) -> None:
    play = either
    sale = cart(play)
    assert await sale.begin(**agreed("nine")) == "CHARGE_ACTION_REQUIRED"
    assert sale.code == "data_invalid"
    assert "data.recurring.amount" in sale.last.data["message"]
    assert await sale.go_on(**agreed("9.99")) == "CHARGE_SUCCESS"
    await play.books_agree()
