"""money.md §4 and §5, what a first visit is: which kinds a profile sells, the address, and nothing to pay today.

On each wire; what is a draft's or an order reference's is in `test_money_rules_session_kinds.py`.
"""

from __future__ import annotations

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from tests.journeys.carts import Cart, agreed, cart, once
from tests.journeys.seen import booked, change_profile
from tests.journeys.stage import Stage, with_timing

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("kind", ["one_time", "recurring"])
async def test_a_profile_may_forbid_either_kind(either: Stage, kind: str) -> None:
    play = either
    await change_profile(play, **{f"allow_{kind}": False})
    sale = once(play) if kind == "one_time" else cart(play)
    play.http.actions.clear()
    assert await sale.begin() == "CHARGE_FAILURE"
    assert sale.code == f"{kind}_not_allowed"
    assert sum(play.http.actions.values()) == 0, "refused before Amazon"
    other = cart(play) if kind == "one_time" else once(play)
    assert await other.begin() == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


@pytest.mark.parametrize("recurring", [False, True])
async def test_goods_that_are_not_shipped_need_no_address_and_goods_that_are_do(either: Stage, recurring: bool) -> None:
    play = either
    unasked = {"product": "PayOnly"} if play.hands.v2 else {"address": False, "needs_address": False}
    digital = cart(play, recurring=recurring, shipping=False, **unasked)
    assert await digital.begin() == "CHARGE_SUCCESS"
    parcel = cart(play, recurring=recurring, **({} if play.hands.v2 else {"address": False}))
    if play.hands.v2:  # as when the buyer has no address of a country that the shop delivers to
        play.amazon.pay.books.sessions[parcel.data["amazonCheckoutSessionId"]].address = None
    assert await parcel.begin() == "CHARGE_ACTION_REQUIRED"
    assert parcel.code == "address_missing"
    assert (play.hands.charges(), await booked(play)) == (1, 4_000)
    await play.settle()
    await play.books_agree()


async def test_the_agreement_is_one_operation_whatever_is_asked_how_often(either: Stage) -> None:
    play = either
    trial = cart(play, total="0")
    trial.data |= agreed("9.99")
    event = f"TRANSACTION_{'PROCESS' if play.hands.v2 else 'INITIALIZE'}_SESSION"
    play.saleor.faults.drop_answer(event)
    await trial.begin()
    assert trial.event == "CHARGE_FAILURE", "Saleor lost the answer"
    assert await trial.go_on() == "AUTHORIZATION_SUCCESS"
    assert await trial.go_on() == "AUTHORIZATION_SUCCESS"
    (row,) = await trial.rows()
    assert (row.kind, row.phase, row.psp_reference) == ("agreement", "done", trial.agreement_id)
    assert (play.hands.charges(), await booked(play)) == (0, 0)
    await play.settle()
    await play.books_agree()


async def test_a_free_trial_of_a_known_customer_moves_nothing(either: Stage) -> None:
    play = either
    first = cart(play)
    await first.begin()
    trial = Cart(play, total="0", data={**first.by_id, **agreed()}, by=play.customer)
    assert await trial.begin() == "AUTHORIZATION_SUCCESS"
    assert (play.hands.charges(), await booked(play)) == (1, 4_000)
    await play.settle()
    await play.books_agree()


async def test_an_agreement_whose_answer_is_lost_is_asked_again(either: Stage) -> None:
    """On v1 by us, and reported; on Checkout v2, where a session becomes the agreement, by the buyer who is still here."""
    play = either
    trial = cart(play, total="0")
    trial.data |= agreed("9.99")
    play.hands.fault("drop", "agree", times=9)
    begun = await trial.begin()
    play.amazon.faults.clear()
    play.amazon.advance(3600)  # a charge would not be repeated any more; this moves no money
    await play.settle()
    if play.hands.v2:
        assert (begun, trial.code) == ("AUTHORIZATION_ACTION_REQUIRED", "retry")
        assert await trial.go_on() == "AUTHORIZATION_SUCCESS"
    else:
        assert begun == "AUTHORIZATION_REQUEST"
    assert trial.events[-1] == "AUTHORIZATION_SUCCESS"
    assert (trial.events.count("AUTHORIZATION_SUCCESS"), await booked(play)) == (1, 0)
    assert play.hands.is_open(trial.data)
    await play.books_agree()


async def test_an_agreement_with_no_time_left_to_note_the_trial_is_gone_on_with(either: Stage) -> None:
    """Amazon has it, and on Checkout v2 its session is used up: the buyer's next click must find what it became."""
    play = either
    trial = cart(play, total="0")
    trial.data |= agreed("9.99")
    with_timing(play, budget=8.0)
    assert await trial.begin() == "AUTHORIZATION_ACTION_REQUIRED"
    assert trial.code == "retry"
    with_timing(play, budget=15.0)
    assert await trial.go_on() == "AUTHORIZATION_SUCCESS"
    assert (play.hands.charges(), await booked(play)) == (0, 0)
    assert play.hands.is_open(trial.data)
    await play.settle()
    await play.books_agree()


async def test_nothing_to_pay_and_nothing_agreed_is_paid_already(either: Stage) -> None:
    play = either
    nothing = once(play, total="0")
    play.http.actions.clear()
    assert await nothing.begin() == "CHARGE_FAILURE"
    assert (nothing.code, sum(play.http.actions.values())) == ("already_paid", 0)


async def test_a_known_customers_free_trial_with_a_card_that_is_no_good_is_mended_with_another(either: Stage) -> None:
    play = either
    first = cart(play)
    await first.begin()
    play.hands.choose(first.data, Behaviour.DECLINE_HARD)
    if play.hands.v2:
        refused = first.later()
        await refused.begin()  # a charge that is declined makes the permission good for nothing until it is mended
    trial = Cart(play, total="0", data={**first.by_id, **agreed()}, by=play.customer)
    assert await trial.begin() == "AUTHORIZATION_ACTION_REQUIRED"
    assert trial.code == "payment_method"
    play.hands.choose(first.data)
    assert await trial.go_on() == "AUTHORIZATION_SUCCESS"
    assert play.hands.captures() == 1
    await play.settle()
    await play.books_agree()
