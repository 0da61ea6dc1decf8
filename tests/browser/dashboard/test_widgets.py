"""The widgets, fetched with a handshake and posted to with the token in a form."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.dashboard.staff import Staff

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_order_widget_tells_what_can_still_be_done(staff: Staff, method: str) -> None:
    transaction, order = await staff.sell("40.00")
    await staff.refund(transaction, "10.00")
    await staff.open_order(order, method=method)
    await staff.sees("Can be refunded")
    await staff.frame.get_by_text("$30.00").wait_for(timeout=25_000)
    await staff.shoot(method.lower())
    shown = await staff.document()
    assert "accessToken" not in shown.url
    # The Dashboard is told how high it is, and makes it so.
    await shown.wait_for_function("() => innerHeight > 200 && document.documentElement.scrollHeight <= innerHeight + 1")
    heights = await staff.told("widgetResize")
    assert 200 < heights[-1]["height"] <= 5000
    if method == "GET":
        await staff.axe()
        await staff.press("Refresh from Amazon")
        await staff.until_page("dashboard.state.refreshed > 0")
        await staff.press("Open payment")
        await staff.frame.get_by_role("heading", name="What happened").wait_for()


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_home_widget_shows_caps(staff: Staff, method: str) -> None:
    await staff.sell("4000.00")
    await staff.open_home(method=method)
    await staff.frame.get_by_role("meter", name="Monthly cap, Demo US", exact=True).wait_for()
    await staff.sees("$4,000.00 of $10,000.00")
    await staff.sees("Nothing needs attention.")
    await staff.shoot(method.lower())
    if method == "GET":
        await staff.axe()
        await staff.press("Open Amazon Pay")
        await staff.frame.get_by_role("heading", name="Gateway profiles").wait_for()


async def test_an_order_without_amazon_pay(staff: Staff) -> None:
    order = staff.played.saleor.order_create()
    await staff.open_order(order.id)
    await staff.sees("This order was not paid with Amazon Pay.")


async def test_a_posted_widget_gets_its_next_token(staff: Staff) -> None:
    _, order = await staff.sell("40.00")
    await staff.open_order(order, method="POST")
    await staff.sees("Can be refunded")
    shown = await staff.document()
    await staff.page.evaluate("dashboard.renew()")
    await staff.press("Refresh from Amazon")
    await shown.wait_for_function("() => document.querySelector('[aria-busy=true]') === null")
    await expect(staff.frame.get_by_role("alert")).to_have_count(0)
