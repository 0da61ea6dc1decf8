"""The same shop on Checkout v2: Amazon's button, its pages, back to pay, its confirmation, back again."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from saleor_amazonpay.cli.stage import CHANNEL, Stage
from saleor_amazonpay.simulator.amazon import Behaviour, Fault
from tests.browser.conftest import opened
from tests.browser.visit import LATER, Visit

pytestmark = pytest.mark.anyio


@pytest.fixture
async def demo(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Stage]:
    async with opened(tmp_path, "v2") as made:
        yield made


async def test_a_first_purchase_with_consent(visit: Visit) -> None:
    await visit.buy()
    await visit.shoot("button")
    await visit.choose_at_amazon()
    await visit.page.wait_for_selector(".amazonpay-pay:enabled")
    await visit.page.wait_for_selector("aside address:has-text('10 Ditka Ave')")
    await visit.shoot("review")
    await visit.pay()
    await visit.confirm_at_amazon()
    await visit.ordered()
    assert [told["status"] for told in visit.told] == ["paid"]
    (permission,) = visit.demo.amazon.pay.books.permissions.values()
    assert permission.kind == "Recurring"
    await visit.agree_on_the_books(1)


async def test_an_address_the_shop_refuses_is_changed_at_amazon_before_anything_is_paid(visit: Visit) -> None:
    wrong: list[str] = []

    async def refuse(route: Any) -> None:
        body = route.request.post_data or ""
        if "checkoutShippingAddressUpdate" in body and len(wrong) < 2:
            wrong.append(body)
            error = {"errors": [{"field": "postalCode", "code": "INVALID", "message": "This value is not valid."}]}
            await route.fulfill(
                json={"data": {"checkoutShippingAddressUpdate": error}}, headers={"Access-Control-Allow-Origin": "*"}
            )
        else:
            await route.continue_()

    await visit.page.route("**/graphql/", refuse)
    await visit.buy()
    await visit.choose_at_amazon()
    await visit.says("This shop cannot deliver to that address")
    await visit.pay()
    await visit.says("Please choose a delivery address.")
    # The session is remembered; a reload offers no payment without an address either.
    await visit.page.reload()
    await visit.says("This shop cannot deliver to that address")
    assert len(wrong) == 2
    assert visit.payments == []
    await visit.page.click("button:has-text('Change the address at Amazon')")
    await visit.page.click("button:has-text('Continue to the shop')")
    await visit.page.wait_for_selector("aside address:has-text('10 Ditka Ave')")
    await visit.pay()
    await visit.confirm_at_amazon()
    await visit.ordered()
    await visit.agree_on_the_books(1)


async def test_a_one_time_purchase(visit: Visit) -> None:
    await visit.buy(monthly=False)
    await visit.choose_at_amazon()
    await visit.pay()
    await visit.confirm_at_amazon()
    await visit.ordered()
    (permission,) = visit.demo.amazon.pay.books.permissions.values()
    assert permission.kind == "OneTime"
    await visit.agree_on_the_books(1)


async def test_leaving_amazons_first_page_pays_nothing(visit: Visit) -> None:
    await visit.buy()
    await visit.page.click("button:has-text('Amazon Pay')")
    await visit.page.click("button:has-text('Cancel')")
    await visit.page.wait_for_load_state()
    await visit.page.goto(f"{visit.demo.shop_url}/checkout")
    await visit.choose_at_amazon()
    await visit.pay()
    await visit.confirm_at_amazon()
    await visit.ordered()
    await visit.agree_on_the_books(1)


async def test_leaving_the_confirmation_pays_nothing_and_can_be_begun_again(visit: Visit) -> None:
    await visit.buy()
    await visit.choose_at_amazon()
    await visit.pay()
    await visit.page.click("button:has-text('Cancel')")
    await visit.says("You left Amazon Pay before paying. Nothing was charged.")
    await visit.shoot("canceled")
    assert visit.told == []
    await visit.choose_at_amazon()
    await visit.page.wait_for_selector(".amazonpay-pay:enabled")
    await visit.pay()
    await visit.confirm_at_amazon()
    await visit.ordered()
    assert len(visit.payments) == 1
    await visit.agree_on_the_books(1)


async def test_a_declined_card_is_changed_at_amazon(visit: Visit) -> None:
    await visit.buy()
    await visit.choose_at_amazon(Behaviour.DECLINE_HARD)
    await visit.pay()
    await visit.confirm_at_amazon()
    await visit.page.wait_for_selector(".amazonpay-message[data-tone=bad]")
    await visit.shoot("declined")
    assert visit.told == []
    await visit.choose_at_amazon(Behaviour.OK)
    await visit.page.wait_for_selector(".amazonpay-pay:enabled")
    await visit.pay()
    await visit.confirm_at_amazon()
    await visit.ordered()
    await visit.agree_on_the_books(len(visit.payments))


async def test_a_rejection_ends_amazon_pay_for_this_purchase(visit: Visit) -> None:
    await visit.buy()
    await visit.choose_at_amazon(Behaviour.REJECTED)
    await visit.pay()
    await visit.confirm_at_amazon()
    await visit.page.wait_for_selector(".amazonpay-message[data-tone=bad]")
    await visit.shoot("rejected")
    assert visit.told == []


async def test_a_reload_after_choosing_keeps_the_session(visit: Visit) -> None:
    await visit.buy()
    await visit.choose_at_amazon()
    await expect(visit.page).not_to_have_url(re.compile("amazonCheckoutSessionId"))
    await visit.page.reload()
    await visit.page.wait_for_selector(".amazonpay-pay:enabled")
    await visit.pay()
    await visit.confirm_at_amazon()
    await visit.ordered()
    assert len(visit.demo.amazon.pay.books.sessions) == 1
    await visit.agree_on_the_books(1)


async def test_a_reload_while_the_payment_is_out_finds_it_again(visit: Visit) -> None:
    await visit.buy()
    await visit.choose_at_amazon()
    await visit.pay()
    visit.demo.amazon.faults.add(Fault(kind="late", action="CompleteCheckoutSession", seconds=3.0))
    await visit.confirm_at_amazon()
    await visit.until(lambda: len(visit.demo.amazon.pay.books.charges) == 1)
    await visit.page.reload()
    await visit.ordered()
    assert len(visit.payments) == 1
    await visit.agree_on_the_books(1)


async def test_a_double_click_pays_once(visit: Visit) -> None:
    await visit.buy()
    await visit.choose_at_amazon()
    await visit.page.dblclick(".amazonpay-pay")
    await visit.confirm_at_amazon()
    await visit.ordered()
    assert len(visit.payments) == 1
    assert len(visit.demo.amazon.pay.books.charges) == 1
    await visit.agree_on_the_books(1)


async def test_a_tab_closed_at_amazon_pays_nothing_and_goes_on_in_another(visit: Visit) -> None:
    await visit.buy()
    await visit.choose_at_amazon()
    await visit.pay()
    await visit.page.wait_for_selector("button.go:has-text('Pay')")
    await visit.page.close()
    page = await visit.open()
    await page.goto(f"{visit.demo.shop_url}/checkout")
    await page.wait_for_selector(".amazonpay-pay:enabled")
    assert visit.demo.amazon.pay.books.charges == {}
    await visit.pay()
    await visit.confirm_at_amazon()
    await visit.ordered()
    assert len(visit.payments) == 1
    await visit.agree_on_the_books(1)


async def test_a_channel_that_only_authorizes(visit: Visit) -> None:
    world = visit.demo.saleor.world
    world.channel_create(CHANNEL, "USD", "AUTHORIZATION", world.channels[CHANNEL].default_country)
    await visit.buy()
    await visit.choose_at_amazon()
    await visit.pay()
    await visit.confirm_at_amazon()
    await visit.ordered()
    await expect(visit.page.locator("#payment-state")).to_have_text("reserved")
    assert [told["status"] for told in visit.told] == ["authorized"]
    (charge,) = visit.demo.amazon.pay.books.charges.values()
    assert charge.captured is None
    await visit.agree_on_the_books(1)


async def test_a_payment_that_amazon_decides_later_is_waited_for(visit: Visit) -> None:
    visit.demo.amazon.authorization_delay = LATER
    await visit.buy()
    await visit.choose_at_amazon(Behaviour.ATYPICAL)
    await visit.pay()
    await visit.confirm_at_amazon()
    await visit.says("still working on your payment. Please wait; do not pay again.")
    await visit.shoot("pending")
    assert visit.told == []
    visit.demo.amazon.advance(LATER)
    await visit.page.wait_for_url("**/orders/**")
    assert [told["status"] for told in visit.told] == ["paid"]
    await visit.agree_on_the_books(1)


async def test_an_agreement_is_saved_used_again_and_removed(visit: Visit) -> None:
    await visit.sign_in_to_shop()
    await visit.buy()
    await visit.choose_at_amazon()
    await visit.pay()
    await visit.confirm_at_amazon()
    await visit.ordered()
    await visit.page.click("#account-link")
    saved = visit.page.locator(".saved li")
    await saved.locator("button").wait_for()
    await visit.shoot("account")

    await visit.buy("harbor-blend", monthly=False)
    await visit.page.wait_for_selector(".amazonpay-saved input:checked")
    await visit.pay()
    await visit.ordered()
    assert len(visit.demo.amazon.pay.books.charges) == 2

    await visit.page.click("#account-link")
    await saved.locator("button").click()
    await visit.page.wait_for_selector("text=Nothing yet.")
    (permission,) = visit.demo.amazon.pay.books.permissions.values()
    assert permission.state.name == "Closed"
    await visit.agree_on_the_books(2)


async def test_an_agreement_is_saved_without_buying(visit: Visit) -> None:
    await visit.sign_in_to_shop()
    await visit.page.click("text=Save Amazon Pay for later")
    await visit.choose_at_amazon()
    await visit.page.click("button:has-text('Save Amazon Pay')")
    await visit.confirm_at_amazon()
    await visit.page.wait_for_selector(".saved li button")
    assert visit.demo.amazon.pay.books.charges == {}
    await visit.buy("harbor-blend", monthly=False)
    await visit.pay()
    await visit.ordered()
    await visit.agree_on_the_books(1)
