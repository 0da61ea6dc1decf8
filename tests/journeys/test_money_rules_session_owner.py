"""money.md §4, whose agreement, sentence by sentence; what is a draft's is v1's alone.

| rule | scenario |
| --- | --- |
| bound at first sight to tenant, profile, Amazon's buyer, Saleor's user, else the source object | an_agreement_is_bound… |
| the first binding counts | the_first_buyer… |
| a confirmed agreement: its user, or a listed app with HANDLE_PAYMENTS | a_confirmed_agreement… |
| a guest's: only the purchase it was made for | a_guests_agreement… |
| a Draft needs its buyer's token, checked with Login with Amazon before any MWS call | a_draft_without… , a_forged_token… |
| everything else is answered like an unknown id; no buyer data for an id alone | a_confirmed_agreement… |
| one unresolved money operation per purchase and agreement | a_double_click… |
| two checkouts on one agreement are separate operations | two_checkouts… |
| on a Draft the first confirms, the second re-reads and goes on | two_checkouts_on_a_draft… |
| return URLs only on the profile's shop origins | a_return_url… |
| one-time or recurring, said per checkout; ConfirmNow; consent; InheritShippingAddress | test_money_rules_session_kinds.py |
| currency of agreement and order differ: refused before Amazon | another_currency… |
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from saleor_amazonpay.simulator.amazon.entities import Merchant
from saleor_amazonpay.simulator.shop.people import HANDLE_PAYMENTS, InstalledApp
from tests.journeys.carts import Cart, cart, europe, once
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio


def _saved(sale: Cart, by: Any, **more: Any) -> Cart:
    """Another purchase on an agreement that is known by its id alone."""
    return Cart(sale.play, data=sale.by_id, by=by, **more)


@pytest.mark.parametrize("guest", [False, True])
async def test_an_agreement_is_bound_at_first_sight_to_its_owner(either: Stage, guest: bool) -> None:
    play = either
    sale = cart(play, guest=guest)
    await sale.begin()
    bound = await sale.bound()
    assert bound is not None
    assert bound.profile_id == play.demo.profile_id
    assert bound.buyer_id == play.amazon.buyer.buyer_id
    assert bound.user_id == ("" if guest else play.customer.id)
    assert bound.source_id == sale.checkout.id
    await play.books_agree()


async def test_the_first_buyer_who_shows_an_agreement_is_its_owner(play: Stage) -> None:
    first = cart(play, consent=False)
    await first.begin()  # bound, and not yet confirmed
    stranger = play.amazon.create_buyer(name="Mallory")
    token = play.amazon.issue_token(stranger.buyer_id, play.amazon.merchant)
    other = Cart(play, data={**first.data, "accessToken": token.token}, by=play.customer)
    play.http.actions.clear()
    assert await other.begin() == "CHARGE_ACTION_REQUIRED"
    assert other.code == "agreement_unknown"
    assert set(play.http.actions) == {"GET /auth/o2/tokeninfo"}
    play.amazon.tick_consent(first.agreement_id)
    assert await first.go_on() == "CHARGE_SUCCESS"
    await play.books_agree()


async def test_a_confirmed_agreement_is_its_users_and_a_listed_apps_and_unknown_to_everybody_else(
    either_on_both: Stage,
) -> None:
    play = either_on_both
    sale = cart(play)
    await sale.begin()
    stranger = play.saleor.customer_create("mallory@example.com")
    unlisted = InstalledApp(
        play.saleor.world.next_key("App"), "other", "Other", "1", "", "s" * 30, frozenset({HANDLE_PAYMENTS})
    )
    powerless = InstalledApp(
        play.saleor.world.next_key("App"), play.subscriptions.identifier, "Same name", "1", "", "s" * 30, frozenset()
    )
    nowhere = Cart(play, data={next(iter(sale.by_id)): "C01-0000000-0000000"}, by=None)
    await nowhere.begin()
    play.http.actions.clear()
    for by in (stranger, unlisted, powerless, None):
        foreign = _saved(sale, by)
        assert await foreign.begin() == "CHARGE_ACTION_REQUIRED"
        assert foreign.code == "agreement_unknown"
        assert set(foreign.last.data) <= {"code", "message", "attempt", "support"}, "nothing about the buyer"
    assert sum(play.http.actions.values()) == 0, "and Amazon is not asked"
    for owner in (play.customer, play.subscriptions):
        assert await _saved(sale, owner).begin() == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_a_guests_permission_is_unknown_to_every_other_purchase(play_v2: Stage) -> None:
    sale = cart(play_v2, guest=True, behaviour=Behaviour.DECLINE_SOFT)
    assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
    sale.data = cart(play_v2).data  # Amazon ended the session with the decline, so the buyer opens another
    assert await sale.go_on() == "CHARGE_SUCCESS"
    other = _saved(sale, None)
    assert await other.begin() == "CHARGE_ACTION_REQUIRED"
    assert other.code == "agreement_unknown"
    await play_v2.settle()
    await play_v2.books_agree()


async def test_a_guests_agreement_pays_the_purchase_it_was_made_for_and_no_other(play: Stage) -> None:
    sale = cart(play, guest=True, behaviour=Behaviour.DECLINE_SOFT)
    await sale.begin()
    assert sale.code == "soft_decline"
    other = _saved(sale, None)
    assert await other.begin() == "CHARGE_ACTION_REQUIRED"
    assert other.code == "agreement_unknown"
    sale.choose(Behaviour.OK)
    assert await sale.go_on(accessToken=None) == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


@pytest.mark.parametrize("kind", [cart, once])
async def test_a_draft_without_its_buyers_token_is_not_asked_about(play: Stage, kind: Any) -> None:
    sale = kind(play)
    del sale.data["accessToken"]
    play.http.actions.clear()
    assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
    assert (sale.code, sum(play.http.actions.values())) == ("access_token_required", 0)


@pytest.mark.parametrize("kind", [cart, once])
async def test_a_forged_token_is_checked_before_amazon_pay_is_asked_anything(play: Stage, kind: Any) -> None:
    sale = kind(play)
    play.http.actions.clear()
    assert await sale.begin(accessToken="Atza|forged") == "CHARGE_ACTION_REQUIRED"
    assert sale.code == "access_token_invalid"
    assert set(play.http.actions) == {"GET /auth/o2/tokeninfo"}


async def test_a_token_of_another_shops_login_is_no_proof(play: Stage) -> None:
    other = play.amazon.create_merchant(client_id="amzn1.application-oa2-client.other")
    sale = cart(play)
    token = play.amazon.issue_token(play.amazon.buyer.buyer_id, other)
    assert await sale.begin(accessToken=token.token) == "CHARGE_ACTION_REQUIRED"
    assert sale.code == "access_token_invalid"
    assert await sale.bound() is None


async def test_a_confirmed_agreement_that_was_never_seen_here_is_an_unknown_id(either: Stage) -> None:
    """Whoever sells there, on the same merchant account: a buyer may know its id from a mail of Amazon's."""
    play = either
    token = play.amazon.issue_token(play.amazon.buyer.buyer_id, play.amazon.merchant)
    proof = {} if play.hands.v2 else {"accessToken": token.token}
    for by in (None, play.customer):
        sale = Cart(play, data={**play.hands.agreed_elsewhere(), **proof}, by=by)
        assert await sale.begin() == "CHARGE_ACTION_REQUIRED"
        assert sale.code == "agreement_unknown"
        assert await sale.bound() is None
    assert play.hands.charges() == 0


async def test_a_listed_app_brings_an_agreement_that_was_confirmed_elsewhere(either: Stage) -> None:
    play = either
    sale = Cart(play, data=play.hands.agreed_elsewhere(), by=play.subscriptions)
    assert await sale.begin() == "CHARGE_SUCCESS"
    await play.settle()
    assert play.hands.captures() == 1
    await play.books_agree()


async def test_a_double_click_in_a_shop_without_idempotency_keys_pays_once(either_on_both: Stage) -> None:
    play = either_on_both
    first = cart(play)
    await first.begin()
    clicks = [_saved(first, play.customer) for _ in range(4)]
    for click in clicks:
        click.checkout = clicks[0].checkout
    results = await asyncio.gather(*(click.begin() for click in clicks))
    assert results.count("CHARGE_SUCCESS") == 1
    others = {click.code for click in clicks if click.event != "CHARGE_SUCCESS"}
    assert others <= {"payment_in_progress", "already_paid"}
    for click in clicks:
        if click.event == "CHARGE_ACTION_REQUIRED":
            assert await click.go_on() == "CHARGE_FAILURE"
            assert click.code == "already_paid"
    await play.settle()
    assert play.hands.captures() == 2
    await play.books_agree()


async def test_two_checkouts_of_the_owner_are_two_operations(either_on_both: Stage) -> None:
    play = either_on_both
    first = cart(play)
    await first.begin()
    pair = [_saved(first, play.customer, total=total) for total in ("11.00", "22.00")]
    assert await asyncio.gather(*(each.begin() for each in pair)) == ["CHARGE_SUCCESS"] * 2
    assert [each.amounts.charged for each in pair] == [Decimal(11), Decimal(22)]
    await play.settle()
    await play.books_agree()


async def test_two_checkouts_on_a_draft_the_first_confirms_and_the_second_goes_on(play_on_both: Stage) -> None:
    play = play_on_both
    first = cart(play, total="11.00")
    second = Cart(play, total="22.00", data=dict(first.data), by=play.customer)
    results = await asyncio.gather(first.begin(), second.begin())
    for each, result in zip((first, second), results, strict=True):
        if result != "CHARGE_SUCCESS":
            assert await each.go_on() == "CHARGE_SUCCESS"
    assert play.amazon.books.agreements[first.agreement_id].status.state == "Open"
    await play.settle()
    await play.books_agree()


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/ok",
        "https://shop.example.com.evil.example/ok",
        "https://shop.example.com@evil.example/ok",
        "http://shop.example.com/ok",
        "javascript:alert(1)",
    ],
)
async def test_a_return_url_elsewhere_is_refused_and_not_dropped(play: Stage, url: str) -> None:
    merchant = await europe(play)
    sale = cart(play, merchant=merchant, channel="europe")
    assert await sale.begin(successUrl=url, failureUrl=url) == "CHARGE_ACTION_REQUIRED"
    assert sale.code == "data_invalid"
    assert play.http.actions["ConfirmBillingAgreement"] == 0


async def test_another_currency_is_refused_before_amazon(either: Stage) -> None:
    play = either
    sale = cart(play)
    await sale.begin()
    await europe(play)
    play.http.actions.clear()
    other = _saved(sale, play.customer, channel="europe")
    assert await other.begin() == "CHARGE_FAILURE"
    assert (other.code, sum(play.http.actions.values())) == ("currency_mismatch", 0)
    await play.settle()
    await play.books_agree()


async def test_an_agreement_of_one_profile_is_unknown_on_another(either: Stage) -> None:
    play = either
    sale = cart(play)
    merchant = await another_shop(play)
    lost = Cart(play, data=dict(sale.data), by=play.customer, channel="another-channel")
    assert await lost.begin() == "CHARGE_ACTION_REQUIRED"
    assert lost.code in {"agreement_unknown", "access_token_invalid"}
    assert merchant.seller_id not in str(lost.last.data)
    assert await sale.begin() == "CHARGE_SUCCESS"
    later = Cart(play, data=sale.by_id, by=play.customer, channel="another-channel")
    assert await later.begin() == "CHARGE_SUCCESS", "bound, it stays with the profile it was made on"
    assert [row.profile_id for row in await later.rows()] == [play.demo.profile_id]
    await play.settle()
    await play.books_agree()


async def another_shop(play: Stage) -> Merchant:
    """Another merchant account, with a profile and a channel of its own."""
    merchant = play.hands.another_merchant()
    play.saleor.channel_create("another-channel", merchant.currency)
    await play.demo.seed_profile(merchant, channel="another-channel", profile_id="another", wire=play.wire)
    return merchant
