"""Settings, as a merchant goes through them: set up, add a profile, mend a mistake, assign a channel, try the connection."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from playwright.async_api import expect

from saleor_amazonpay.cli.stage import CHANNEL
from saleor_amazonpay.store import tables
from tests.browser.dashboard.staff import Staff

pytestmark = pytest.mark.anyio


async def fill_v2(staff: Staff, public_key_id: str = "") -> None:
    """The form of a Checkout v2 profile for the simulator's first merchant."""
    merchant = staff.played.amazon.merchant
    await staff.fill("Name", "US shop")
    await staff.fill("Merchant ID", merchant.seller_id)
    await staff.fill("Store ID", merchant.store_id)
    await staff.fill("Public Key ID", public_key_id or next(iter(merchant.public_keys)))
    await staff.fill("Private key", merchant.private_key)
    await staff.fill("Statement descriptor", "US SHOP")
    await staff.fill("Customer service number", "+1 206 555 0100")
    await staff.fill("Cap a month", "1000.00")
    await staff.frame.get_by_label("Region").select_option("US")


async def test_a_first_visit_ends_with_a_profile_that_takes_payments(newcomer: Staff) -> None:
    await newcomer.open()
    await newcomer.sees("Set up Amazon Pay")
    await newcomer.sees("There is no profile yet")
    await newcomer.shoot("first-visit")
    await newcomer.axe()
    await newcomer.press("Add profile")
    await newcomer.sees("New gateway profile")
    await expect(newcomer.frame.get_by_role("button", name="Save")).to_be_disabled()
    await fill_v2(newcomer, public_key_id="SANDBOX-NOSUCHKEY")
    await newcomer.shoot("form")
    await newcomer.axe()
    await newcomer.press("Save")
    await newcomer.shoot("mistyped")
    key = newcomer.frame.get_by_label("Public Key ID")
    await newcomer.frame.locator("[aria-invalid=true]").first.wait_for()
    await newcomer.axe()
    await key.fill(next(iter(newcomer.played.amazon.merchant.public_keys)))
    await newcomer.press("Save")
    await newcomer.frame.get_by_role("heading", name="US shop").wait_for()
    await newcomer.sees("Amazon's notifications")
    await newcomer.shoot("profile")
    await newcomer.axe()
    await newcomer.press("Channels")
    await newcomer.press("Assign a profile: default-channel")
    await newcomer.shoot("assign")
    await newcomer.axe()
    await newcomer.press("Assign")
    await newcomer.sees("Takes payments")
    await newcomer.shoot("assigned")
    await newcomer.axe()
    found = await newcomer.played.saleor.payment_gateway_initialize(
        newcomer.played.saleor.checkout_create(total="40.00").id, {newcomer.played.gateway_id: None}
    )
    assert found.configs[0].data["available"] is True


async def test_what_is_typed_is_judged_as_it_is_typed(staff: Staff) -> None:
    await staff.open(f"/profiles/{staff.played.profile_id}/edit")
    number = staff.frame.get_by_label("Customer service number")
    await number.fill("call us")
    await number.blur()
    await staff.frame.locator("input[name=customerServiceNumber][aria-invalid=true]").wait_for()
    await staff.shoot("invalid")
    await staff.axe()
    await number.fill("+1 206 555 0199")
    await staff.frame.locator("input[name=customerServiceNumber]:not([aria-invalid])").wait_for()


async def test_secrets_go_in_and_never_come_out(staff: Staff) -> None:
    secret = staff.played.amazon.merchant.secret_key
    answers: list[str] = []

    async def keep(response: Any) -> None:
        if response.url.startswith(staff.played.app_url):
            answers.append(await response.text())

    staff.page.on("response", keep)
    await staff.open(f"/profiles/{staff.played.profile_id}/edit")
    await staff.sees(f"Set, ends in {secret[-4:]}")
    field = staff.frame.get_by_label("Secret Access Key")
    await expect(field).to_have_value("")
    await expect(field).to_have_attribute("type", "password")
    await field.fill("not-the-key-of-this-account-0123456789")
    await staff.press("Save")
    await staff.frame.locator("[aria-invalid=true], [role=alert]").first.wait_for()
    await field.fill("")
    await staff.fill("Name", "Renamed")
    await staff.press("Save")
    await staff.frame.get_by_role("heading", level=1, name="Renamed Sandbox Active").wait_for()
    assert answers
    assert not [answer for answer in answers if secret in answer]
    account = await staff.played.doors.deps.directory.account_of(staff.played.profile_id)
    assert account.credentials["secret_key"] == secret


async def test_connection_and_notification_url_are_tried(staff: Staff) -> None:
    await staff.open(f"/profiles/{staff.played.profile_id}")
    await staff.press("Check connection")
    await staff.frame.get_by_text("works", exact=True).first.wait_for()
    await staff.press("Test the URL")
    await staff.frame.get_by_role("heading", name="Amazon's notifications").scroll_into_view_if_needed()
    await staff.shoot("tried")
    await staff.axe()


async def test_a_channel_is_not_flipped_between_sandbox_and_live_unawares(staff: Staff) -> None:
    merchant = staff.played.amazon.create_merchant(region="us", seller_id="A2LIVESELLER", sandbox=False)
    live = await staff.played.seed_profile(merchant, "europe", profile_id="demo-live", priority=1)
    await staff.open("/channels")
    await staff.press("Assign a profile: default-channel")
    await staff.frame.get_by_label("Profile", exact=True).select_option(live.id)
    await staff.frame.get_by_role("textbox", name="Priority").fill("9")
    await staff.press("Assign")
    await staff.sees("Before you go on")
    await staff.shoot("flip")
    await staff.axe()
    await staff.press("Cancel")
    snapshot = await staff.played.doors.deps.directory.current()
    tenant = snapshot.profiles[live.id].tenant_id
    assert [row.profile_id for row, _ in snapshot.of_channel(tenant, CHANNEL)] == [staff.played.profile_id]


async def test_pause_resume_duplicate_delete_and_close_say_what_comes_of_it(staff: Staff) -> None:
    await staff.sell()
    path = f"/profiles/{staff.played.profile_id}"
    await staff.open(path)
    await staff.press("Pause")
    await staff.sees("No new checkouts are taken")
    await staff.frame.get_by_label("Reason").fill("Holidays")
    await staff.frame.get_by_role("dialog").get_by_role("button", name="Pause").click()
    await staff.sees("Holidays")
    await staff.press("Resume")
    await staff.frame.get_by_role("button", name="Pause", exact=True).wait_for()
    await staff.press("Duplicate")
    await staff.frame.get_by_role("dialog").get_by_role("button", name="Duplicate").click()
    await staff.frame.get_by_role("heading", level=1, name="(copy)").wait_for()
    await staff.press("Delete")
    await staff.sees("this cannot be undone")
    await staff.frame.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await staff.frame.get_by_role("heading", level=1, name="Gateway profiles").wait_for()
    await expect(staff.frame.get_by_text("(copy)")).to_have_count(0)
    await staff.open(path)
    await staff.press("Close for good")
    await staff.sees("Agreements that could no longer be charged: 1")
    await staff.shoot("close")
    await staff.axe()
    await staff.frame.get_by_role("dialog").get_by_role("button", name="Close for good").click()
    await staff.sees("The profile is closed.")


async def test_a_profile_moves_to_checkout_v2_after_a_dry_run(staff: Staff) -> None:
    await staff.sell()
    await staff.open(f"/profiles/{staff.played.profile_id}")
    await staff.press("Move to Checkout v2")
    await expect(staff.frame.get_by_role("button", name="Move now")).to_be_disabled()
    await staff.fill("Store ID", staff.played.amazon.merchant.store_id)
    await staff.press("See what would change")
    await staff.sees("Nothing was changed yet.")
    await staff.shoot("dry-run")
    await staff.axe()
    await staff.press("Move now")
    await staff.frame.get_by_role("dialog").wait_for(state="detached")
    await staff.sees("Checkout v2 · United States")


async def test_a_result_of_amazons_sandbox_is_chosen_and_played_with_the_next_call(staff: Staff) -> None:
    await staff.open(f"/profiles/{staff.played.profile_id}")
    picker = staff.frame.get_by_label("Next reservation or charge")
    await picker.scroll_into_view_if_needed()
    await expect(picker.locator("option").nth(0)).to_have_text("As it comes")
    await expect(picker.locator("option").nth(2)).to_be_attached()
    await picker.select_option(index=1)
    await staff.until(lambda: bool(planned(staff)))
    await staff.shoot("play-a-result")
    await staff.axe()
    await picker.select_option(index=0)
    await staff.until(lambda: not planned(staff))


def planned(staff: Staff) -> list[tuple[object, ...]]:
    """What is written down to be played."""
    with staff.played.doors.deps.store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(tables.simulations))]
