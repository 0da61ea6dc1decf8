"""The frame: who may show the pages, token and theme and language as they change, and who may see what."""

from __future__ import annotations

import re
import time
from urllib.parse import quote

import pytest
from playwright.async_api import expect

from saleor_amazonpay.simulator.shop.people import HANDLE_PAYMENTS, MANAGE_ORDERS
from tests.browser.dashboard.staff import Staff

pytestmark = pytest.mark.anyio


async def give(staff: Staff, token: str) -> None:
    """The Dashboard sends a token of the test's own; the page has it when this returns (a click may overtake a message)."""
    shown = await staff.document()
    await shown.evaluate("addEventListener('message', ({ data }) => { window.given = data?.payload?.token })")
    await staff.page.evaluate("(token) => dashboard.state.shown[0].send('tokenRefresh', { token })", token)
    await shown.wait_for_function("(token) => window.given === token", arg=token)


def expired(staff: Staff) -> str:
    return staff.played.saleor.dashboard_token(staff.app, exp=int(time.time()) - 60)


async def test_theme_and_language_are_followed_live(staff: Staff) -> None:
    await staff.open()
    await staff.sees("Gateway profiles")
    await staff.shoot("light")
    shown = await staff.document()
    light = await shown.evaluate("getComputedStyle(document.body).backgroundColor")
    await staff.page.check("#dark")
    await shown.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    await shown.wait_for_function("(light) => getComputedStyle(document.body).backgroundColor !== light", arg=light)
    await staff.shoot("dark")
    await staff.page.select_option("#locale", "de")
    await staff.sees("Profil hinzufügen")
    await shown.wait_for_function("() => document.documentElement.lang === 'de'")
    await staff.shoot("german")
    await staff.page.select_option("#locale", "en")
    await staff.sees("Add profile")


async def test_a_token_that_runs_out_loses_nothing_of_a_half_filled_form(staff: Staff) -> None:
    await staff.open(f"/profiles/{staff.played.profile_id}/edit")
    await staff.fill("Statement descriptor", "NEW NAME")
    await give(staff, expired(staff))
    await staff.press("Save")
    await staff.frame.get_by_role("heading", level=1, name="Demo US Sandbox Active", exact=True).wait_for()
    assert len(await staff.told("notifyReady")) == 2  # at the start, and to get another token
    snapshot = await staff.played.doors.deps.directory.current()
    assert snapshot.profiles[staff.played.profile_id].descriptor == "NEW NAME"


async def test_without_another_token_the_form_stays_as_it_is_and_is_saved_later(staff: Staff) -> None:
    await staff.open(f"/profiles/{staff.played.profile_id}/edit")
    await staff.fill("Statement descriptor", "NEW NAME")
    await staff.page.evaluate("dashboard.state.withhold = true")
    old = expired(staff)
    await staff.page.evaluate("(token) => { dashboard.state.shown[0].token = token; }", old)
    await give(staff, old)
    await staff.press("Save")
    await staff.frame.get_by_role("alert").wait_for(timeout=25_000)
    await expect(staff.frame.get_by_label("Statement descriptor")).to_have_value("NEW NAME")
    await staff.page.evaluate("dashboard.state.withhold = false; dashboard.renew()")
    await staff.press("Save")
    await staff.frame.get_by_role("heading", level=1, name="Demo US Sandbox Active", exact=True).wait_for()


async def test_a_form_is_not_left_by_accident(staff: Staff) -> None:
    await staff.open(f"/profiles/{staff.played.profile_id}/edit")
    await staff.fill("Statement descriptor", "NEW NAME")
    await staff.frame.get_by_role("link", name="Channels").click()
    await staff.sees("Leave without saving?")
    await staff.axe()
    await staff.page.keyboard.press("Escape")
    await expect(staff.frame.get_by_label("Statement descriptor")).to_have_value("NEW NAME")
    await staff.frame.get_by_role("link", name="Channels").click()
    await staff.press("Leave")
    await staff.frame.get_by_role("heading", level=1, name="Channels").wait_for()
    await expect(staff.page).to_have_url(re.compile(r"/channels(\?.*)?$"))
    assert (await staff.told("updateRouting"))[-1]["newRoute"] == "/channels"


async def test_only_the_dashboard_of_the_installed_saleor_may_show_the_pages(staff: Staff) -> None:
    """The same Dashboard under another name is another origin, which the installed Saleor has nothing to do with."""
    foreign = f"{staff.dashboard.replace('127.0.0.1', 'localhost')}/extensions/app/{quote(staff.app.id, safe='')}"
    await staff.page.goto(foreign)
    shown = await staff.document()
    await staff.until(lambda: shown.url.startswith("chrome-error:"))
    assert [line for line in staff.wrong if "frame-ancestors" in line]
    staff.wrong.clear()
    await staff.open()
    await staff.sees("Gateway profiles")


async def test_outside_the_dashboard_the_page_says_where_to_go(staff: Staff) -> None:
    await staff.page.goto(f"{staff.played.app_url}/dashboard")
    await staff.page.get_by_role("heading", name="Open this page in Saleor's Dashboard").wait_for()


async def test_staff_see_what_they_may(staff: Staff) -> None:
    users = staff.played.saleor.world
    payer = users.user_create("payments@example.com", is_staff=True)
    payer.granted = frozenset({HANDLE_PAYMENTS})
    packer = users.user_create("orders@example.com", is_staff=True)
    packer.granted = frozenset({MANAGE_ORDERS})
    await staff.open(staff="payments@example.com")
    await staff.sees("You can look at the settings")
    await expect(staff.frame.get_by_role("button", name="Add profile")).to_have_count(0)
    await staff.open(staff="orders@example.com")
    await staff.sees("You may not see this")
    await expect(staff.frame.get_by_role("link")).to_have_count(0)


async def test_nothing_is_loaded_from_elsewhere(staff: Staff) -> None:
    await staff.open()
    await staff.sees("Gateway profiles")
    own = (staff.played.app_url, staff.dashboard, "data:")
    assert [url for url in staff.requests if not url.startswith(own)] == []


async def test_it_is_used_with_the_keyboard_and_on_a_narrow_screen(staff: Staff) -> None:
    await staff.page.set_viewport_size({"width": 400, "height": 800})
    await staff.open()
    await staff.sees("Gateway profiles")
    shown = await staff.document()
    await staff.shoot("narrow")
    await staff.axe()
    await shown.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")  # nothing sticks out
    await staff.frame.get_by_role("link", name="Channels").focus()
    await staff.page.keyboard.press("Enter")
    await staff.frame.get_by_role("heading", level=1, name="Channels").wait_for()
    await shown.wait_for_function("() => document.activeElement?.tagName === 'H1'")  # the new page is told
    opener = staff.frame.get_by_role("button", name="Assign a profile: default-channel")
    await opener.focus()
    await staff.page.keyboard.press("Enter")
    await staff.frame.get_by_role("dialog").wait_for()
    await staff.page.keyboard.press("Escape")
    await staff.frame.get_by_role("dialog").wait_for(state="detached")
    await expect(opener).to_be_focused()  # where one was before


async def test_a_dialog_that_the_browser_closes_can_be_opened_again(staff: Staff) -> None:
    await staff.open("/channels")
    opener = staff.frame.get_by_role("button", name="Assign a profile: default-channel")
    await opener.click()
    await staff.frame.get_by_role("dialog").evaluate("(dialog) => dialog.close()")
    await expect(opener).to_be_focused()
    await opener.click()
    await staff.frame.get_by_role("dialog").wait_for()


async def test_an_app_that_cannot_be_reached_is_said_so(staff: Staff) -> None:
    await staff.open("/channels")
    await staff.frame.get_by_role("heading", level=1, name="Channels").wait_for()
    await staff.page.route("**/graphql/", lambda route: route.abort())
    await staff.frame.get_by_role("link", name="Profiles").click()
    await staff.sees("The payment app cannot be reached.")
    await staff.page.unroute("**/graphql/")
    await staff.press("Try again")
    await staff.sees("Gateway profiles")
    staff.wrong.clear()  # the browser's own word on the aborted request
