"""From the shelf to a paid order, and the ways buyers stray from it, in a real browser."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.async_api import TimeoutError as NothingToClick
from playwright.async_api import expect

from saleor_amazonpay.cli.stage import CHANNEL
from saleor_amazonpay.simulator.amazon import Behaviour
from tests.browser.visit import MONTHLY, Visit

pytestmark = pytest.mark.anyio


async def test_a_first_purchase_with_consent(visit: Visit) -> None:
    await visit.buy()
    await visit.shoot("button")
    await visit.prepare()
    await visit.shoot("widgets")
    await visit.pay()
    await visit.ordered()
    await expect(visit.page.locator("#payment-state")).to_have_text("paid")
    assert [told["status"] for told in visit.told] == ["paid"]
    assert visit.events() == ["CHARGE_REQUEST", "CHARGE_SUCCESS"]
    (order,) = visit.demo.saleor.world.orders.values()
    assert order.shipping_address is not None
    assert (order.shipping_address.street_address1, order.shipping_address.city) == ("10 Ditka Ave", "CHICAGO")
    assert order.shipping_address.phone == ""  # Amazon's sandbox has a number that Saleor refuses; it needs none
    (agreement,) = visit.demo.amazon.books.agreements.values()
    assert (agreement.status.state, agreement.consent) == ("Open", True)
    await visit.agree_on_the_books(1)


async def test_the_chosen_address_is_written_with_its_company(visit: Visit) -> None:
    await visit.buy()
    await visit.sign_in_at_amazon()
    await visit.at_wallet()
    await visit.frame("address").get_by_text("Müller GmbH").click()
    await visit.page.wait_for_selector("aside address:has-text('Müller GmbH')")
    await visit.agree()
    await visit.pay()
    await visit.ordered()
    (order,) = visit.demo.saleor.world.orders.values()
    address = order.shipping_address
    assert address is not None
    assert (address.company_name, address.street_address1, address.country.code) == (
        "Müller GmbH",
        "Hauptstraße 7",
        "DE",
    )
    await visit.agree_on_the_books(1)


async def test_consent_refused_pays_nothing_until_it_is_given(visit: Visit) -> None:
    await visit.buy()
    await visit.prepare(consent=False)
    await visit.pay()
    await visit.says("tick the box")
    await visit.shoot("refused")
    assert visit.payments == []
    await visit.agree()
    await visit.page.wait_for_selector(".amazonpay-message", state="hidden")  # nothing to complain of any more
    await visit.pay()
    await visit.ordered()
    await visit.agree_on_the_books(1)


async def test_consent_that_is_taken_back_is_asked_for_again(visit: Visit) -> None:
    """The page believes the box is ticked; Amazon knows better."""
    await visit.buy()
    await visit.prepare()
    (agreement,) = visit.demo.amazon.books.agreements.values()
    visit.demo.amazon.tick_consent(agreement.agreement_id, consent=False)
    await visit.pay()
    await visit.says("tick the box")
    assert visit.events() == ["CHARGE_REQUEST", "CHARGE_ACTION_REQUIRED"]
    await visit.agree()
    await visit.pay()
    await visit.ordered()
    assert visit.charges_at_amazon() == 1
    await visit.agree_on_the_books(1)


async def test_a_channel_that_only_authorizes(visit: Visit) -> None:
    world = visit.demo.saleor.world
    usd = world.channels[CHANNEL]
    world.channel_create(CHANNEL, "USD", "AUTHORIZATION", usd.default_country)
    await visit.buy()
    await visit.prepare()
    await visit.pay()
    await visit.ordered()
    await expect(visit.page.locator("#payment-state")).to_have_text("reserved")
    assert [told["status"] for told in visit.told] == ["authorized"]
    assert visit.charges_at_amazon() == 0
    await visit.agree_on_the_books(1)


async def test_a_buyer_who_does_not_sign_in_can_try_again(visit: Visit) -> None:
    await visit.buy()
    await visit.page.click("button:has-text('Pay with Amazon')")
    await visit.page.click("button:has-text('Cancel')")
    await visit.says("did not finish signing in")
    await expect(visit.page).not_to_have_url(re.compile("error"))
    await visit.prepare()
    await visit.pay()
    await visit.ordered()
    await visit.agree_on_the_books(1)


async def test_the_access_token_does_not_stay_in_the_address(visit: Visit) -> None:
    await visit.buy()
    await visit.sign_in_at_amazon()
    await expect(visit.page).not_to_have_url(re.compile("access_token"))


async def test_signing_in_in_a_popup(visit: Visit) -> None:
    await visit.buy()
    await visit.mount(popup=True, writeAddress=True, recurring=MONTHLY)
    await visit.sign_in_in_popup()
    await visit.at_wallet()
    await visit.agree()
    await visit.pay()
    assert (await visit.result())["status"] == "paid"
    await visit.agree_on_the_books(1)


async def test_a_popup_that_is_closed_can_be_opened_again(visit: Visit) -> None:
    await visit.buy()
    await visit.mount(popup=True)
    async with visit.page.expect_popup() as opened:
        await visit.page.click("button:has-text('Pay with Amazon')")
    await (await opened.value).close()
    await visit.says("did not finish signing in")
    await visit.sign_in_in_popup()
    await visit.at_wallet()


async def test_an_expired_session_at_amazon_is_renewed(visit: Visit) -> None:
    await visit.buy()
    await visit.prepare()
    visit.demo.amazon.advance(7200)
    with suppress(NothingToClick):  # the wallet may find out before the buyer does: then there is nothing to click
        await visit.page.click(".amazonpay-pay", timeout=3000)
    await visit.says("Your Amazon session has ended")
    await visit.page.click("button:has-text('Pay with Amazon')")
    await visit.page.click("button:has-text('Jane Doe')")
    await visit.page.wait_for_selector(".amazonpay-pay:enabled")
    await visit.pay()
    await visit.ordered()
    assert visit.charges_at_amazon() == 1
    await visit.agree_on_the_books(1)


async def test_a_digital_good_needs_no_address(visit: Visit) -> None:
    await visit.buy("brewing-course", monthly=False)
    await visit.sign_in_at_amazon()
    await visit.at_wallet()
    await expect(visit.page.locator(".amazonpay-address iframe")).to_have_count(0)
    await visit.shoot("digital")


async def test_the_page_speaks_german(visit: Visit) -> None:
    await visit.buy()
    await visit.mount(locale="de-DE", popup=True, recurring=MONTHLY)
    await visit.sign_in_in_popup()
    await visit.at_wallet()
    await expect(visit.page.locator(".amazonpay-pay")).to_have_text("24,50\u00a0$ mit Amazon Pay bezahlen")
    await visit.choose(Behaviour.DECLINE_HARD)
    await visit.agree()
    await visit.pay()
    await visit.says("Ihre Zahlungsart wurde abgelehnt. Bitte wählen Sie eine andere.")
    await visit.shoot("german")
