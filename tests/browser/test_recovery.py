"""Reloads, closed tabs, the back button, two clicks, two tabs, lost answers: one purchase, one payment."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import expect

from saleor_amazonpay.simulator.amazon import Behaviour, Fault
from tests.browser.visit import MONTHLY, Visit

pytestmark = pytest.mark.anyio


def slow_charge(visit: Visit, seconds: float = 3.0) -> None:
    """Amazon takes the money at once and says so later."""
    visit.demo.amazon.faults.add(Fault(kind="late", action="AuthorizeOnBillingAgreement", seconds=seconds))


async def test_a_double_click_pays_once(visit: Visit) -> None:
    await visit.buy()
    await visit.prepare()
    await visit.page.dblclick(".amazonpay-pay")
    await visit.ordered()
    assert len(visit.payments) == 1
    assert visit.charges_at_amazon() == 1
    await visit.agree_on_the_books(1)


async def test_a_reload_before_paying_keeps_the_buyer_signed_in(visit: Visit) -> None:
    await visit.buy()
    await visit.prepare()
    await visit.page.reload()
    await visit.at_wallet()
    await visit.agree()
    await visit.pay()
    await visit.ordered()
    await visit.agree_on_the_books(1)


async def test_a_reload_while_the_payment_is_out_finds_it_again(visit: Visit) -> None:
    slow_charge(visit)
    await visit.buy()
    await visit.prepare()
    await visit.pay()
    await visit.until(lambda: visit.charges_at_amazon() == 1)
    await visit.page.reload()
    await visit.ordered()
    assert len(visit.payments) == 1
    assert visit.charges_at_amazon() == 1
    await visit.agree_on_the_books(1)


async def test_a_closed_tab_is_resumed_in_another(visit: Visit) -> None:
    slow_charge(visit, 1.0)
    await visit.buy()
    await visit.prepare()
    await visit.pay()
    await visit.until(lambda: visit.charges_at_amazon() == 1)
    await visit.page.close()
    # The answer comes when nobody is there to read it.
    await visit.until(lambda: visit.events()[-1] == "CHARGE_SUCCESS")
    page = await visit.open()
    await page.goto(f"{visit.demo.shop_url}/checkout")
    await visit.ordered()
    assert len(visit.payments) == 1
    assert [told["status"] for told in visit.told] == ["paid"]
    await visit.agree_on_the_books(1)


async def test_a_tab_closed_after_a_decline_goes_on_with_the_wallet(visit: Visit) -> None:
    await visit.buy()
    await visit.prepare(Behaviour.DECLINE_HARD)
    await visit.pay()
    await visit.says("Your payment method was declined")
    await visit.page.close()
    page = await visit.open()
    await page.goto(f"{visit.demo.shop_url}/checkout")
    await visit.says("Your payment method was declined")
    await expect(page.locator(".amazonpay-address iframe")).to_have_count(0)
    await visit.choose(Behaviour.OK)
    await visit.pay()
    await visit.ordered()
    assert len(visit.payments) == 1
    await visit.agree_on_the_books(1)


async def test_the_back_button_does_not_pay_again(visit: Visit) -> None:
    await visit.buy("brewing-course", monthly=False)
    await visit.mount(popup=True, recurring=MONTHLY)
    await visit.sign_in_in_popup()
    await visit.at_wallet()
    await visit.agree()
    await visit.pay()
    assert (await visit.result())["status"] == "paid"
    await visit.page.goto(f"{visit.demo.shop_url}/cart")
    await visit.page.go_back()
    await visit.ordered()  # the shop's own mount finds what was paid, and completes it
    assert visit.charges_at_amazon() == 1
    await visit.agree_on_the_books(1)


async def test_two_tabs_pay_once(visit: Visit) -> None:
    await visit.buy()
    await visit.prepare()
    first = visit.page
    second = await visit.open()
    await second.goto(f"{visit.demo.shop_url}/checkout")
    await visit.at_wallet()
    await visit.agree()
    await asyncio.gather(first.click(".amazonpay-pay"), second.click(".amazonpay-pay"))
    await visit.until(lambda: len(visit.demo.saleor.world.orders) == 1)
    assert visit.charges_at_amazon() == 1
    await visit.agree_on_the_books(1)


async def test_an_answer_lost_on_the_way_to_the_browser_is_asked_for_again(visit: Visit) -> None:
    lost: list[str] = []

    async def lose(route: Any) -> None:
        body = route.request.post_data or ""
        if "transactionInitialize" in body and not lost:
            lost.append(body)
            await route.fetch()  # Saleor has it, and has done it
            await route.abort()
        else:
            await route.continue_()

    await visit.page.route("**/graphql/", lose)
    await visit.buy()
    await visit.prepare()
    await visit.pay()
    await visit.ordered()
    assert lost
    assert len(visit.payments) == 1
    assert visit.charges_at_amazon() == 1
    await visit.agree_on_the_books(1)


async def test_an_answer_lost_on_the_way_to_saleor_is_asked_for_again(visit: Visit) -> None:
    """Saleor shows a failure of its own: not the app's word, so not an end."""
    visit.demo.saleor.faults.drop_answer("TRANSACTION_INITIALIZE_SESSION")
    await visit.buy()
    await visit.prepare()
    await visit.pay()
    await visit.ordered()
    assert visit.charges_at_amazon() == 1
    await visit.agree_on_the_books(1)


async def test_a_shop_that_is_away_says_so_and_nothing_is_lost(visit: Visit) -> None:
    await visit.buy()
    await visit.prepare()
    await visit.page.route("**/graphql/", lambda route: route.abort())
    await visit.pay()
    await visit.says("The shop could not be reached")
    await visit.page.unroute("**/graphql/")
    await visit.pay()
    await visit.ordered()
    await visit.agree_on_the_books(1)


async def test_a_shop_that_goes_away_while_paying_is_asked_again_when_the_buyer_says_so(visit: Visit) -> None:
    async def away(route: Any) -> None:
        asks = "transactionInitialize" in (route.request.post_data or "")
        await (route.abort() if asks else route.continue_())

    await visit.buy()
    await visit.prepare()
    await visit.page.route("**/graphql/", away)
    await visit.pay()
    await visit.says("We do not know yet whether your payment went through")
    await visit.shoot("unknown")
    await visit.page.unroute("**/graphql/")
    await visit.page.click("button:has-text('Check again')")
    await visit.ordered()
    assert len(visit.payments) == 1
    await visit.agree_on_the_books(1)


async def test_a_cart_that_changed_since_the_decline_is_paid_whole(visit: Visit) -> None:
    await visit.buy()
    await visit.prepare(Behaviour.DECLINE_SOFT)
    await visit.pay()
    await visit.says("Your bank did not approve")
    await visit.page.goto(f"{visit.demo.shop_url}/cart")
    await visit.page.click("button[aria-label^='One more']")
    await visit.page.wait_for_selector(".total:has-text('$49.00')")
    await visit.page.click("text=Go to checkout")
    await visit.page.wait_for_selector(".amazonpay-wallet iframe")
    await visit.choose(Behaviour.OK)
    await visit.pay()
    await visit.ordered()
    (order,) = visit.demo.saleor.world.orders.values()
    assert (order.charge_status, float(order.charged())) == ("FULL", 49.0)
    assert [float(books.amounts.charged) for books in visit.payments] == [0.0, 49.0]
    await visit.agree_on_the_books(2)


async def test_an_amount_that_changed_under_the_buyers_hands_is_not_charged(visit: Visit) -> None:
    await visit.buy()
    await visit.prepare()
    other = await visit.context.new_page()
    await other.goto(f"{visit.demo.shop_url}/cart")
    await other.click("button[aria-label^='One more']")
    await other.wait_for_selector(".total:has-text('$49.00')")
    await visit.pay()
    await visit.says("The amount has changed")
    assert visit.payments == []
    await visit.page.wait_for_selector(".amazonpay-pay:has-text('$49.00')")
    await visit.pay()
    await visit.ordered()
    assert float(visit.payments[0].amounts.charged) == 49.0
    await visit.agree_on_the_books(1)


async def test_what_was_paid_and_forgotten_by_the_browser_becomes_an_order(visit: Visit) -> None:
    await visit.buy("brewing-course", monthly=False)
    await visit.mount(popup=True, recurring=MONTHLY)
    await visit.sign_in_in_popup()
    await visit.at_wallet()
    await visit.agree()
    await visit.pay()
    assert (await visit.result())["status"] == "paid"
    await visit.page.evaluate(
        "for (const key of Object.keys(localStorage)) if (key.startsWith('saleor-')) delete localStorage[key]"
    )
    await visit.page.reload()
    await visit.page.wait_for_url("**/orders/**")
    assert visit.charges_at_amazon() == 1
    await visit.agree_on_the_books(1)


async def test_an_order_that_could_not_be_placed_is_placed_later_without_paying_again(visit: Visit) -> None:
    refused: list[str] = []

    async def refuse(route: Any) -> None:
        body = route.request.post_data or ""
        if "checkoutComplete" in body and not refused:
            refused.append(body)
            error = {"order": None, "errors": [{"field": None, "code": "TAX_ERROR", "message": "Taxes are away."}]}
            await route.fulfill(
                json={"data": {"checkoutComplete": error}}, headers={"Access-Control-Allow-Origin": "*"}
            )
        else:
            await route.continue_()

    await visit.page.route("**/graphql/", refuse)
    await visit.buy()
    await visit.prepare()
    await visit.pay()
    await visit.says("You have paid, but the order could not be placed yet")
    await visit.page.click("button:has-text('Try again')")
    await visit.ordered()
    assert visit.charges_at_amazon() == 1
    await visit.agree_on_the_books(1)


async def test_a_blocked_script_is_said_and_can_be_tried_again(visit: Visit) -> None:
    await visit.page.route("**/Widgets.js", lambda route: route.abort())
    await visit.buy()
    await visit.says("Amazon's part of this page could not be loaded")
    await visit.page.unroute("**/Widgets.js")
    await visit.page.click("button:has-text('Try again')")
    await visit.prepare()
    await visit.pay()
    await visit.ordered()
