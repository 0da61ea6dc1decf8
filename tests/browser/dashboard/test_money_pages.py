"""Caps, payments, timelines and fees, while the simulator sells and Amazon decides."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import expect

from tests.browser.dashboard.staff import Staff

pytestmark = pytest.mark.anyio


async def test_the_cap_moves_as_the_shop_sells(staff: Staff) -> None:
    await staff.open()
    meter = staff.frame.get_by_role("meter", name="Monthly cap, Demo US", exact=True)
    await meter.wait_for()
    await expect(meter).to_have_attribute("aria-valuetext", "$0.00 of $10,000.00, 0\u00a0%")
    await staff.sell("4000.00")
    await staff.frame.get_by_text("$4,000.00 of $10,000.00").wait_for(timeout=20_000)  # the page looks by itself
    await expect(meter).to_have_attribute("aria-valuenow", "40")
    await staff.shoot("cards")
    await staff.frame.get_by_role("link", name="Monthly caps").click()
    await staff.frame.get_by_role("img", name="Attempted month by month on Demo US:").wait_for()
    await staff.frame.get_by_role("heading", name="Demo US", exact=True).scroll_into_view_if_needed()
    await staff.frame.get_by_text("Show as a table").last.click()
    await staff.shoot("caps")
    await staff.axe()
    await staff.page.check("#dark")
    await staff.shoot("caps-dark")


async def test_a_payment_is_found_and_its_refund_seen_settled(staff: Staff) -> None:
    transaction, order = await staff.sell("40.00")
    await staff.sell("15.00")
    await staff.open("/payments")
    await staff.frame.get_by_role("cell", name="$15.00").wait_for()
    await staff.frame.get_by_label("Search").fill(transaction)
    await staff.frame.get_by_role("cell", name="$15.00").wait_for(state="detached")
    await staff.shoot("operations")
    await staff.axe()
    await staff.frame.get_by_role("table").get_by_role("link").first.click()
    await staff.frame.get_by_role("heading", name="What happened").wait_for()
    await staff.sees("Can be refunded")
    await expect(staff.page).to_have_url(
        re.compile(re.escape(f"/payments/{quote(transaction, safe='')}") + r"(\?.*)?$")
    )
    await staff.refund(transaction, "12.34")
    await staff.press("Refresh from Amazon")
    refunds = staff.frame.get_by_role("row").filter(has_text="Refund")
    await refunds.get_by_text("$12.34").wait_for()
    await refunds.get_by_text("Done", exact=True).wait_for(
        timeout=25_000
    )  # the notice arrives, and the page looks by itself
    await staff.until(lambda: staff.played.saleor.books()[transaction].amounts.refunded == Decimal("12.34"))
    await expect(staff.frame.get_by_text("$27.66")).to_have_count(1)  # what can still be refunded
    await staff.shoot("payment")
    await staff.axe()
    await staff.page.check("#dark")
    await staff.shoot("payment-dark")
    await staff.press("Open the order")
    await staff.page.wait_for_url(f"**/orders/{quote(order, safe='')}")


async def test_operations_are_filtered_and_exported(staff: Staff, tmp_path: Path) -> None:
    transaction, _ = await staff.sell("40.00")
    await staff.refund(transaction, "5.00")
    await staff.open("/payments")
    await staff.frame.get_by_label("What", exact=True).select_option("REFUND")
    await staff.frame.get_by_role("cell", name="$40.00").wait_for(state="detached")
    async with staff.page.expect_download() as waiting:
        await staff.press("Export CSV")
    path = tmp_path / "operations.csv"
    await (await waiting.value).save_as(path)
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert [(row["kind"], row["amount"], row["currency"], row["transaction"]) for row in rows] == [
        ("REFUND", "5.00", "USD", transaction)
    ]
    await staff.frame.get_by_label("Only what needs attention").check()
    await staff.sees("Nothing fits.")


async def test_fees_stand_beside_what_was_sold(staff: Staff) -> None:
    await staff.sell("100.00")
    await staff.open("/fees")
    row = staff.frame.get_by_role("row").filter(has_text="$100.00")
    await expect(row).to_contain_text("$3.20")  # 2.9 % and 0.30
    await staff.shoot("fees")
    await staff.axe()


async def test_a_chargeback_is_booked_as_won_once_staff_have_confirmed(staff: Staff) -> None:
    transaction, _ = await staff.sell("40.00")
    world = staff.played.amazon
    world.charge_back(next(reversed(world.books.captures)), Decimal(40))
    await staff.until(lambda: staff.played.saleor.books()[transaction].amounts.charged == 0)
    await staff.open(f"/payments/{quote(transaction, safe='')}")
    lost = staff.frame.get_by_role("row").filter(has_text="Chargeback").first
    await lost.get_by_role("button", name="Won", exact=True).click()
    await staff.sees("Book the chargeback of $40.00 as won?")
    await staff.shoot("chargeback")
    await staff.axe()
    await staff.press("Cancel")
    assert staff.played.saleor.books()[transaction].amounts.charged == 0, "nothing is booked by asking"
    await lost.get_by_role("button", name="Won", exact=True).click()
    await staff.press("Book as won")
    await staff.frame.get_by_role("row").filter(has_text="Chargeback won").wait_for()
    await expect(staff.frame.get_by_role("button", name="Won", exact=True)).to_have_count(0)
    await staff.until(lambda: staff.played.saleor.books()[transaction].amounts.charged == 40)
