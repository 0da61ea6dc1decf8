"""Settings, as a merchant goes through them: set up, add a profile, mend a mistake, assign a channel, try the connection."""

from __future__ import annotations

import pytest

from saleor_amazonpay.cli.stage import CHANNEL
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
    assert await newcomer.frame.get_by_role("button", name="Save").is_disabled()
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
    await newcomer.frame.get_by_role("button", name="Assign a profile: ").first.wait_for()
    await newcomer.shoot("channels")
    assert CHANNEL
