"""money.md §4, last paragraph, and §5 "Amount 0": what kind of sale it is. Europe: test_money_rules_session_europe.py.

| rule | scenario |
| --- | --- |
| `data.recurring` absent: one-time; one order reference on the Draft, authorized itself | one_time_is_one_order_reference |
| ConfirmNow is refused on a Draft: made, set, confirmed by calls of their own | one_time_is_one_order_reference |
| an order reference that Amazon refuses to make twice is found again | a_lost_answer…, who_dies… |
| consent not ticked and recurring not asked: one-time all the same | one_time_is_one_order_reference |
| recurring asked, consent not ticked: consent_missing | recurring_without_consent… |
| never offered as a saved agreement | an_agreement_of_a_one_time_sale… |
| a profile may forbid either; InheritShippingAddress, from isShippingRequired | test_money_rules_first_visit.py |
| later captures and collects go to the order reference, never above its total | the_rest_of_a_one_time… , nothing_is_taken_above… |
| closed with its last operation, after everything on it is final | test_money_rules_one_time.py |
| declines are mended on the order reference | a_hard_decline_of_a_one_time_sale… |
| recurring and total 0: agreement only, AUTHORIZATION_SUCCESS 0, the agreement's id, no actions, no cap | nothing_to_pay_today… |
| else already_paid | test_money_rules_first_visit.py |
| ValidationTimedOut and InvalidPaymentMethod have answers | an_agreement_that_is_no_good…, a_validation_that_timed_out… |
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour, Fault
from saleor_amazonpay.store import agreements, caps
from tests.journeys.carts import Cart, agreed, cart, once
from tests.journeys.stage import Stage, with_timing

pytestmark = pytest.mark.anyio


# --- one-time


async def test_a_one_time_sale_is_one_order_reference_on_the_draft(play_on_both: Stage) -> None:
    sale = once(play_on_both)
    assert await sale.begin() == "CHARGE_SUCCESS"
    agreement = play_on_both.amazon.books.agreements[sale.agreement_id]
    assert agreement.status.state == "Draft", "nothing was agreed to but this purchase"
    assert sale.order.order_id == sale.last.event.psp_reference[:19]
    assert sale.order.total is not None
    assert sale.order.total.text == "40.00"
    made = play_on_both.http.actions
    assert made["Authorize"] == 1
    assert made["AuthorizeOnBillingAgreement"] == made["ConfirmBillingAgreement"] == 0
    assert made["CreateOrderReferenceForId"] == 2, "Amazon refused to confirm at once, and was asked again without"
    await play_on_both.settle()
    await play_on_both.books_agree()


async def test_reserved_first_and_taken_later_it_is_the_same_order_reference(play: Stage) -> None:
    sale = once(play)
    assert await sale.begin("AUTHORIZATION") == "AUTHORIZATION_SUCCESS"
    assert await sale.staff("CHARGE", "40") == "CHARGE_SUCCESS"
    assert len(sale.order.authorizations) == 1
    await play.settle()
    await play.books_agree()


async def test_recurring_without_consent_is_a_step_and_becomes_a_sale_once_it_is_ticked(play: Stage) -> None:
    sale = cart(play, consent=False)
    assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
    assert sale.code == "consent_missing"
    assert sale.orders == []
    play.amazon.tick_consent(sale.agreement_id)
    assert await sale.go_on() == "CHARGE_SUCCESS"
    await play.books_agree()


async def test_a_buyer_who_does_not_consent_may_pay_this_once(play: Stage) -> None:
    sale = cart(play, consent=False)
    await sale.begin()
    assert await sale.go_on(recurring=None) == "CHARGE_SUCCESS"
    bound = await sale.bound()
    assert bound is not None
    assert not bound.recurring
    await play.books_agree()


async def test_an_agreement_of_a_one_time_sale_is_an_unknown_id_for_every_other_purchase(play: Stage) -> None:
    first = once(play)
    await first.begin()
    await play.settle()
    for by in (play.customer, play.subscriptions, None):
        second = Cart(play, data=dict(first.data), by=by)
        assert await second.begin() == "CHARGE_ACTION_REQUIRED"
        assert second.code == "agreement_unknown"
        assert await second.go_on(**agreed()) == "CHARGE_ACTION_REQUIRED"
        assert second.code == "agreement_unknown"
    await play.books_agree()


async def test_a_lost_answer_ends_with_one_order_reference(play_on_both: Stage) -> None:
    play = play_on_both
    sale = once(play)
    # Every call is acted on and its answer lost, three times: first the refusals of ConfirmNow, then the order itself.
    play.amazon.faults.add(Fault("drop", action="CreateOrderReferenceForId", times=9))
    await sale.begin()
    play.amazon.faults.clear()
    if sale.event != "CHARGE_SUCCESS":
        assert await sale.go_on() == "CHARGE_SUCCESS"
    assert len(sale.orders) == 1
    await play.settle()
    await play.books_agree()


@pytest.mark.parametrize("action", ["SetOrderReferenceDetails", "ConfirmOrderReference", "GetOrderReferenceDetails"])
@pytest.mark.parametrize("kind", ["drop", "error", "garbage", "throttle"])
async def test_whatever_answer_is_lost_on_the_way_the_buyer_tries_again(play: Stage, action: str, kind: Any) -> None:
    sale = once(play)
    play.amazon.faults.add(Fault(kind, action=action, times=9))
    await sale.begin()
    play.amazon.faults.clear()
    if sale.event != "CHARGE_SUCCESS":
        assert (sale.event, sale.code) == ("CHARGE_ACTION_REQUIRED", "retry")
        assert await sale.go_on() == "CHARGE_SUCCESS"
    assert len(sale.orders) == 1
    await play.books_agree()


@pytest.mark.parametrize("noted", [True, False])
async def test_who_dies_before_the_operation_is_committed_leaves_one_order_reference(
    play_on_both: Stage, noted: bool
) -> None:
    """The process goes down after Amazon has made and confirmed the order reference: no operation, perhaps no note."""
    play = play_on_both
    sale = once(play)
    with_timing(play, money_call_minimum=99.0)  # prepared, and never begun
    assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
    assert (sale.code, sale.order.status.state, sale.order.authorizations) == ("retry", "Open", [])
    with_timing(play, money_call_minimum=9.0)
    if not noted:
        bound = await sale.bound()
        assert bound is not None
        lost = replace(bound, purchase_id="")
        await play.deps.store.write(lambda tx: agreements.prepared(tx, lost, 0, 1))
    assert await sale.go_on() == "CHARGE_SUCCESS"
    assert len(sale.orders) == 1
    await play.settle()
    await play.books_agree()


async def test_two_clicks_on_a_one_time_sale_make_one_order_reference_and_one_charge(play_on_both: Stage) -> None:
    play = play_on_both
    sale = once(play)
    twin = Cart(play, data=sale.data, by=play.customer)
    twin.checkout = sale.checkout
    await asyncio.gather(sale.begin(), twin.begin())
    assert len(sale.orders) == 1
    await play.settle()
    assert sum(len(each.captures) for each in sale.order.authorizations) == 1
    await play.books_agree()


async def test_the_rest_of_a_one_time_authorization_is_collected_on_its_order_reference(play: Stage) -> None:
    sale = once(play, total="100")
    await sale.begin("AUTHORIZATION")
    for amount in ("30", "50", "20"):
        assert await sale.staff("CHARGE", amount) == "CHARGE_SUCCESS"
    assert play.http.actions["AuthorizeOnBillingAgreement"] == 0
    assert len(sale.order.authorizations) == 3
    await play.settle()
    await play.books_agree()
    assert (sale.order.status.state, sale.order.status.reason) == ("Closed", "MaxAmountCharged")


async def test_amazons_count_of_authorizations_on_an_order_is_a_failure_and_the_rest_stays(play: Stage) -> None:
    sale = once(play, total="110")
    await sale.begin("AUTHORIZATION")
    for _ in range(10):
        assert await sale.staff("CHARGE", "10") == "CHARGE_SUCCESS"
    assert await sale.staff("CHARGE", "10") == "CHARGE_FAILURE"
    assert sale.amounts.charged == Decimal(100)
    await play.settle()


async def test_nothing_is_taken_above_the_total_the_buyer_confirmed(play: Stage) -> None:
    sale = once(play, total="40", behaviour=Behaviour.DECLINE_SOFT)
    await sale.begin()
    assert sale.code == "soft_decline"
    dearer = Cart(play, data=sale.data, by=play.customer)
    dearer.checkout = sale.checkout
    dearer.checkout.price = Decimal("55.00")
    assert await dearer.begin() == "CHARGE_ACTION_REQUIRED"
    assert dearer.code == "amount_changed"
    again = once(play)
    assert await dearer.go_on(**again.data) == "CHARGE_SUCCESS"
    assert dearer.amounts.charged == Decimal(55)
    await play.settle()
    await play.books_agree()


async def test_a_hard_decline_of_a_one_time_sale_is_mended_on_its_order_reference(play: Stage) -> None:
    sale = once(play, behaviour=Behaviour.DECLINE_HARD)
    assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
    assert sale.code == "payment_method"
    shown = sale.last.data["amazonObjectId"]
    assert shown == sale.order.order_id, "the Wallet has to be shown for the order reference"
    assert await sale.go_on() == "CHARGE_ACTION_REQUIRED"
    assert (sale.code, sale.last.data["amazonObjectId"]) == ("payment_method", shown)
    sale.choose(Behaviour.OK, shown)
    assert await sale.go_on(accessToken=None) == "CHARGE_SUCCESS", "the buyer proved herself for this purchase"
    assert len(sale.orders) == 1
    await play.settle()
    await play.books_agree()


async def test_a_one_time_charge_that_amazon_decides_later_is_charged_on_the_same_order(play: Stage) -> None:
    sale = once(play, behaviour=Behaviour.TIMED_OUT)
    assert await sale.begin() == "CHARGE_REQUEST"
    await play.settle()
    assert sale.amounts.charged == Decimal(40)
    assert len(sale.order.authorizations) == 2
    await play.books_agree()


async def test_a_one_time_charge_whose_answer_is_lost_is_found_on_its_order(play: Stage) -> None:
    sale = once(play)
    play.amazon.faults.add(Fault("drop", action="Authorize", times=9))
    assert await sale.begin() == "CHARGE_REQUEST"
    play.amazon.faults.clear()
    play.amazon.merchant.ipn_url = ""
    play.amazon.advance(3600)  # too late to be repeated: it is looked for
    await play.settle()
    assert sale.amounts.charged == Decimal(40)
    assert play.http.actions["ListOrderReference"] == 0, "the ledger knows where to look"
    await play.books_agree()


# --- closed with its last operation


async def test_a_one_time_purchase_is_closed_when_nobody_mends_its_decline(play: Stage) -> None:
    sale = once(play, behaviour=Behaviour.DECLINE_SOFT)
    await sale.begin()
    await play.settle()
    assert sale.order.status.state == "Open", "the buyer may try again"
    play.amazon.advance(3 * 3600)
    await play.settle()
    assert sale.order.status.state == "Closed"


async def test_the_draft_may_go_stale_and_its_paid_order_stays(play: Stage) -> None:
    sale = once(play, total="100")
    await sale.begin("AUTHORIZATION")
    play.amazon.advance(3 * 3600)
    await play.settle()
    assert play.amazon.books.agreements[sale.agreement_id].status.reason == "Stale"
    bound = await sale.bound()
    assert bound is not None
    assert bound.state == "open", "the state that counts is the order reference's"
    assert await sale.staff("CHARGE", "100") == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_an_order_that_amazon_ends_is_noted(play: Stage) -> None:
    sale = once(play)
    await sale.begin("AUTHORIZATION")
    play.amazon.cancel_order_reference(sale.order.order_id)
    await play.settle()
    bound = await sale.bound()
    assert bound is not None
    assert bound.state == "canceled"


# --- nothing to pay today


async def test_nothing_to_pay_today_makes_the_agreement_alone(play_on_both: Stage) -> None:
    play = play_on_both
    trial = cart(play, total="0")
    assert await trial.begin() == "AUTHORIZATION_SUCCESS"
    assert (trial.code, trial.last.event.value) == ("agreed", Decimal(0))
    assert trial.last.event.psp_reference == trial.agreement_id
    assert trial.last.transaction.available_actions == []
    assert play.http.actions["ValidateBillingAgreement"] == 1
    assert play.http.actions["AuthorizeOnBillingAgreement"] == 0
    month = await play.deps.store.read(lambda tx: caps.booked(tx, "demo-us", _month(play)))
    assert month == 0, "no cap"
    await play.settle()
    await play.books_agree()
    renewal = Cart(play, data={"amazonBillingAgreementId": trial.agreement_id}, by=play.subscriptions)
    assert await renewal.begin() == "CHARGE_SUCCESS", "the agreement is there for later charges"
    await play.settle()
    await play.books_agree()


async def test_a_free_trial_of_a_known_customer_needs_one_call(play: Stage) -> None:
    first = cart(play)
    await first.begin()
    play.http.actions.clear()
    trial = Cart(play, total="0", data={"amazonBillingAgreementId": first.agreement_id, **agreed()}, by=play.customer)
    assert await trial.begin() == "AUTHORIZATION_SUCCESS"
    assert dict(play.http.actions) == {"ValidateBillingAgreement": 1}
    await play.books_agree()


async def test_an_agreement_that_is_no_good_is_mended_with_another_card(play: Stage) -> None:
    trial = cart(play, total="0", behaviour=Behaviour.DECLINE_HARD)
    assert await trial.begin() == "AUTHORIZATION_ACTION_REQUIRED"
    assert (trial.code, trial.last.data["amazonObjectId"]) == ("payment_method", trial.agreement_id)
    trial.choose(Behaviour.OK)
    assert await trial.go_on() == "AUTHORIZATION_SUCCESS"
    await play.books_agree()


async def test_a_validation_that_timed_out_may_be_tried_again(play: Stage) -> None:
    trial = cart(play, total="0", behaviour=Behaviour.TIMED_OUT)
    assert await trial.begin() == "AUTHORIZATION_ACTION_REQUIRED"
    assert trial.code == "timed_out"
    trial.choose(Behaviour.OK)
    assert await trial.go_on() == "AUTHORIZATION_SUCCESS"
    await play.books_agree()


async def test_a_free_trial_without_consent_is_a_step(play: Stage) -> None:
    trial = cart(play, total="0", consent=False)
    assert await trial.begin() == "AUTHORIZATION_ACTION_REQUIRED"
    assert trial.code == "consent_missing"
    assert await trial.rows() == []


def _month(play: Stage) -> str:
    from saleor_amazonpay.domain.cap import month_of

    return month_of(play.deps.clock(), "UTC")
