"""Europe: the buyer confirms at Amazon (strong customer authentication), and what follows each way of leaving it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from saleor_amazonpay.cli.stage import EUROPE
from saleor_amazonpay.simulator.amazon import Behaviour
from tests.browser.visit import Visit

pytestmark = pytest.mark.anyio


async def to_amazon(visit: Visit) -> None:
    await visit.page.goto(visit.demo.shop_url)
    async with visit.page.expect_navigation():
        await visit.page.select_option("#channel", EUROPE)
    await visit.buy()
    await visit.prepare()
    await visit.pay()
    await visit.page.wait_for_selector("text=Confirm your payment")


async def test_a_confirmed_payment(visit: Visit) -> None:
    await to_amazon(visit)
    await visit.shoot("amazon")
    assert visit.charges_at_amazon() == 0
    await visit.page.click("button:has-text('Yes, it is me')")
    await visit.ordered()
    assert visit.events() == ["CHARGE_REQUEST", "CHARGE_ACTION_REQUIRED", "CHARGE_SUCCESS"]
    await expect(visit.page).not_to_have_url(re.compile("AuthenticationStatus"))
    await visit.agree_on_the_books(1)


async def test_an_abandoned_confirmation_can_be_taken_up_again(visit: Visit) -> None:
    await to_amazon(visit)
    await visit.page.click("button:has-text('Leave without confirming')")
    await visit.says("You left the confirmation at Amazon before it was finished.")
    await visit.shoot("abandoned")
    assert visit.told == []
    await visit.pay()
    await visit.page.click("button:has-text('Yes, it is me')")
    await visit.ordered()
    assert len(visit.payments) == 1
    await visit.agree_on_the_books(1)


async def test_a_failed_confirmation_asks_for_another_method(visit: Visit) -> None:
    await to_amazon(visit)
    await visit.page.click("button:has-text('Fail the confirmation')")
    await visit.says("Amazon could not confirm that it is you.")
    assert visit.charges_at_amazon() == 0
    await visit.choose(Behaviour.OK)
    await visit.pay()
    await visit.page.click("button:has-text('Yes, it is me')")
    await visit.ordered()
    await visit.agree_on_the_books(1)


async def test_a_tab_closed_at_amazon_pays_nothing_and_can_go_on(visit: Visit) -> None:
    await to_amazon(visit)
    await visit.page.close()
    page = await visit.open()
    await page.goto(f"{visit.demo.shop_url}/checkout")
    await visit.says("You left the confirmation at Amazon before it was finished.")
    assert visit.charges_at_amazon() == 0
    await visit.pay()
    await visit.page.click("button:has-text('Yes, it is me')")
    await visit.ordered()
    await visit.agree_on_the_books(1)


async def test_a_saved_agreement_needs_no_confirmation(visit: Visit) -> None:
    await visit.sign_in_to_shop()
    await to_amazon(visit)
    await visit.page.click("button:has-text('Yes, it is me')")
    await visit.ordered()
    await visit.buy("harbor-blend", monthly=False)
    await visit.page.wait_for_selector(".amazonpay-saved input:checked")
    await visit.pay()
    await visit.ordered()
    assert visit.charges_at_amazon() == 2
    await visit.agree_on_the_books(2)


async def test_a_success_that_only_the_address_bar_tells_is_none(visit: Visit) -> None:
    """Whoever writes AuthenticationStatus=Success gets what Amazon says, which is nothing of the kind."""
    await to_amazon(visit)
    await visit.page.goto(f"{visit.demo.shop_url}/checkout?AuthenticationStatus=Success")
    # The app asks Amazon, which has the agreement unconfirmed: the buyer is sent there once more.
    await visit.page.wait_for_selector("text=Confirm your payment")
    assert visit.told == []
    assert visit.charges_at_amazon() == 0
