"""The confirmation page of contracts §1.10: in Europe a buyer confirms at Amazon before any money moves.

| rule | scenario |
| --- | --- |
| in Europe: Set and Confirm, authentication, and a charge only after Success | in_europe… |
| Abandoned: again, without another Set; Failure: over; the state read again decides | in_europe… |
"""

from __future__ import annotations

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from tests.journeys.carts import Cart, agreed, europe, european
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("recurring", [True, False])
@pytest.mark.parametrize("region", ["uk", "de"])
async def test_in_europe_money_moves_only_after_the_buyer_confirmed_at_amazon(
    play: Stage, region: str, recurring: bool
) -> None:
    sale = european(play, await europe(play, region), recurring=recurring)
    assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
    shown = sale.last.data["amazonObjectId"]
    assert (sale.code, shown) == ("authentication", sale.agreement_id if recurring else sale.order.order_id)
    assert await sale.rows() == []
    play.amazon.finish_confirmation(shown, "Success")
    assert await sale.go_on(authenticationStatus="Success") == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_in_europe_the_shop_makes_later_charges_and_the_agreement_says_so(play: Stage) -> None:
    sale = european(play, await europe(play))
    await sale.begin(**agreed("9.99"))
    agreement = play.amazon.books.agreements[sale.agreement_id]
    assert agreement.type == "MerchantInitiatedTransaction"
    assert agreement.subscription_amount is not None
    assert agreement.subscription_amount.text == "9.99"


@pytest.mark.parametrize("recurring", [True, False])
async def test_in_europe_a_buyer_who_left_the_page_is_sent_again_without_another_set(
    play: Stage, recurring: bool
) -> None:
    sale = european(play, await europe(play), recurring=recurring)
    await sale.begin()
    shown = sale.last.data["amazonObjectId"]
    play.amazon.finish_confirmation(shown, "Abandoned")
    play.http.actions.clear()
    assert await sale.go_on(authenticationStatus="Abandoned") == "CHARGE_ACTION_REQUIRED"
    assert (sale.code, sale.last.data["amazonObjectId"]) == ("authentication", shown)
    assert play.http.actions["SetBillingAgreementDetails"] == play.http.actions["SetOrderReferenceDetails"] == 0
    play.amazon.finish_confirmation(shown, "Success")
    assert await sale.go_on(authenticationStatus="Success") == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


@pytest.mark.parametrize("recurring", [True, False])
async def test_in_europe_a_failed_authentication_ends_the_session_and_nothing_is_charged(
    play: Stage, recurring: bool
) -> None:
    sale = european(play, await europe(play), recurring=recurring)
    await sale.begin()
    play.amazon.finish_confirmation(sale.last.data["amazonObjectId"], "Failure")
    assert await sale.go_on(authenticationStatus="Failure") == "CHARGE_FAILURE"
    assert sale.code == "authentication_failed"
    assert play.amazon.books.authorizations == {}
    await play.settle()
    await play.books_agree()


@pytest.mark.parametrize("recurring", [True, False])
async def test_in_europe_what_the_return_address_says_is_only_a_hint(play: Stage, recurring: bool) -> None:
    merchant = await europe(play)
    forged = european(play, merchant, recurring=recurring)
    await forged.begin()
    assert await forged.go_on(authenticationStatus="Success") == "CHARGE_ACTION_REQUIRED"
    assert forged.code == "retry", "Amazon does not show that the buyer has passed"
    assert play.amazon.books.authorizations == {}
    passed = european(play, merchant, recurring=recurring)
    await passed.begin()
    play.amazon.finish_confirmation(passed.last.data["amazonObjectId"], "Success")
    assert await passed.go_on(authenticationStatus="Failure") == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_in_europe_a_page_that_knows_no_way_back_is_not_opened(play: Stage) -> None:
    sale = european(play, await europe(play))
    del sale.data["failureUrl"]
    assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
    assert sale.code == "return_urls_required"
    assert play.http.actions["ConfirmBillingAgreement"] == 0


async def test_in_europe_a_subscription_app_charges_a_confirmed_agreement_without_the_buyer(play: Stage) -> None:
    sale = european(play, await europe(play))
    await sale.begin()
    play.amazon.finish_confirmation(sale.agreement_id, "Success")
    await sale.go_on(authenticationStatus="Success")
    renewal = Cart(
        play, data={"amazonBillingAgreementId": sale.agreement_id}, by=play.subscriptions, channel="europe"
    )  # fmt: skip
    assert await renewal.begin() == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_in_europe_another_card_is_confirmed_at_amazon_too(play: Stage) -> None:
    sale = european(play, await europe(play), behaviour=Behaviour.DECLINE_HARD)
    await sale.begin()
    play.amazon.finish_confirmation(sale.agreement_id, "Success")
    assert await sale.go_on(authenticationStatus="Success") == "CHARGE_ACTION_REQUIRED"
    assert sale.code == "payment_method"
    sale.choose(Behaviour.OK)
    assert await sale.go_on() == "CHARGE_ACTION_REQUIRED"
    assert sale.code == "authentication"
    play.amazon.finish_confirmation(sale.agreement_id, "Success")
    assert await sale.go_on(authenticationStatus="Success") == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_in_europe_an_agreement_without_a_first_payment_is_confirmed_too(play: Stage) -> None:
    trial = european(play, await europe(play), total="0")
    assert await trial.begin() == "AUTHORIZATION_ACTION_REQUIRED"
    assert trial.code == "authentication"
    play.amazon.finish_confirmation(trial.agreement_id, "Success")
    assert await trial.go_on(authenticationStatus="Success") == "AUTHORIZATION_SUCCESS"
    await play.books_agree()
