"""The returning buyer: an agreement is saved, used again with one click, mended at Amazon, and removed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from saleor_amazonpay.simulator.amazon import Behaviour
from tests.browser.visit import Visit

pytestmark = pytest.mark.anyio


async def subscribed(visit: Visit) -> None:
    """Signed in to the shop, she buys something for every month."""
    await visit.sign_in_to_shop()
    await visit.buy()
    await visit.prepare()
    await visit.pay()
    await visit.ordered()


async def test_an_agreement_is_saved_used_again_and_removed(visit: Visit) -> None:
    await subscribed(visit)
    await visit.page.click("#account-link")
    saved = visit.page.locator(".saved li")
    await expect(saved).to_contain_text("$975.50 left this month")
    await visit.shoot("account")

    await visit.buy("harbor-blend", monthly=False)
    await visit.page.wait_for_selector(".amazonpay-saved input:checked")
    await visit.shoot("saved")
    assert await visit.page.evaluate("!window.OffAmazonPayments"), "nothing of Amazon's is needed for this"
    await visit.pay()
    await visit.ordered()
    assert visit.charges_at_amazon() == 2
    assert len(visit.demo.amazon.books.agreements) == 1

    await visit.page.click("#account-link")
    await saved.locator("button").click()
    await visit.page.wait_for_selector("text=Nothing yet.")
    (agreement,) = visit.demo.amazon.books.agreements.values()
    assert (agreement.status.state, agreement.status.reason) == ("Closed", "SellerClosed")

    await visit.buy("harbor-blend", monthly=False)
    await visit.at_wallet()  # of an agreement to be made
    await expect(visit.page.locator(".amazonpay-saved input")).to_have_count(0)
    await visit.agree_on_the_books(2)


async def test_another_method_can_be_used_beside_a_saved_one(visit: Visit) -> None:
    await subscribed(visit)
    await visit.buy("harbor-blend")
    await visit.page.click("text=Use another payment method at Amazon")
    await visit.at_wallet()
    await visit.agree()
    await visit.pay()
    await visit.ordered()
    assert len(visit.demo.amazon.books.agreements) == 2
    await visit.agree_on_the_books(2)


async def test_a_saved_agreement_whose_card_is_declined_is_repaired_in_the_wallet(visit: Visit) -> None:
    await subscribed(visit)
    (agreement,) = visit.demo.amazon.books.agreements.values()
    bad = next(card for card in agreement.buyer.cards.values() if card.behaviour is Behaviour.DECLINE_HARD)
    agreement.card = bad
    await visit.buy("harbor-blend", monthly=False)
    await visit.pay()
    await visit.says("Your payment method was declined")
    await visit.choose(Behaviour.OK)
    await visit.pay()
    await visit.ordered()
    assert visit.charges_at_amazon() == 2
    await visit.agree_on_the_books(2)


async def test_a_suspended_agreement_is_mended_on_amazons_page(visit: Visit) -> None:
    await subscribed(visit)
    (agreement,) = visit.demo.amazon.books.agreements.values()
    assert agreement.card is not None
    visit.demo.amazon.spoil_card(agreement.buyer.buyer_id, agreement.card.card_id, "PaymentMethodExpired")
    await visit.page.click("#account-link")
    async with visit.page.expect_popup() as opened:
        await visit.page.click("text=Change it at Amazon")
    page = await opened.value
    await page.click("button:has-text('0000')")
    await page.wait_for_selector("text=It is Open")
    await page.close()
    await visit.page.reload()
    await visit.page.wait_for_selector(".saved li:has-text('left this month')")


async def test_a_stranger_neither_sees_uses_nor_removes_it(visit: Visit) -> None:
    await subscribed(visit)
    (agreement,) = visit.demo.amazon.books.agreements.values()
    eve = visit.demo.saleor.customer_create("eve@example.com")
    await visit.page.evaluate(
        "(token) => localStorage['shop:session'] = JSON.stringify({ token, email: 'eve@example.com' })", eve.token
    )
    await visit.buy("harbor-blend", monthly=False)
    await visit.at_wallet()  # of an agreement to be made
    await expect(visit.page.locator(".amazonpay-saved input")).to_have_count(0)
    told = await visit.graphql(
        'mutation($id: ID!, $data: JSON) { transactionInitialize(id: $id, paymentGateway: { id: "saleor.app.payment.amazonpay", data: $data }) { data transactionEvent { type } } }',
        id=await visit.checkout_id(), data={"amazonBillingAgreementId": agreement.agreement_id},
    )  # fmt: skip
    assert told["transactionInitialize"]["data"]["code"] == "agreement_unknown"
    removed: Any = await visit.graphql(
        'mutation($id: ID!) { storedPaymentMethodRequestDelete(id: $id, channel: "default-channel") { result errors { message } } }',
        id=f"app:saleor.app.payment.amazonpay:{agreement.agreement_id}",
    )  # fmt: skip
    assert removed["storedPaymentMethodRequestDelete"]["result"] == "FAILED_TO_DELETE"
    assert agreement.status.state == "Open"
    assert visit.charges_at_amazon() == 1
