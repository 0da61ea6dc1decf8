"""Cards that are refused: what the buyer sees, and that repairing it is one payment."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from saleor_amazonpay.simulator.amazon import Behaviour
from tests.browser.visit import LATER, MONTHLY, Visit

pytestmark = pytest.mark.anyio


async def test_a_soft_decline_is_repaired_with_another_card(visit: Visit) -> None:
    await visit.buy()
    await visit.prepare(Behaviour.DECLINE_SOFT)
    await visit.pay()
    await visit.says("Your bank did not approve the payment this time")
    await visit.shoot("declined")
    await visit.choose(Behaviour.OK)
    await visit.pay()
    await visit.ordered()
    assert visit.events() == ["CHARGE_REQUEST", "CHARGE_ACTION_REQUIRED", "CHARGE_SUCCESS"]
    assert visit.charges_at_amazon() == 1
    await visit.agree_on_the_books(1)


async def test_a_hard_decline_asks_for_another_card_of_the_same_agreement(visit: Visit) -> None:
    await visit.buy()
    await visit.prepare(Behaviour.DECLINE_HARD)
    await visit.pay()
    await visit.says("Your payment method was declined")
    # Amazon shows no card as chosen, and the page does not let her pay with none.
    await visit.frame("wallet").locator("input").first.wait_for()
    await expect(visit.frame("wallet").locator("input:checked")).to_have_count(0)
    await visit.pay()
    await visit.says("Please choose how to pay")
    await visit.choose(Behaviour.OK)
    await visit.pay()
    await visit.ordered()
    assert len(visit.demo.amazon.books.agreements) == 1
    assert visit.charges_at_amazon() == 1
    await visit.agree_on_the_books(1)


async def test_a_rejection_by_amazon_ends_amazon_pay_for_this_purchase(visit: Visit) -> None:
    await visit.buy()
    await visit.mount(popup=True, recurring=MONTHLY)
    await visit.sign_in_in_popup()
    await visit.at_wallet()
    await visit.choose(Behaviour.REJECTED)
    await visit.agree()
    await visit.page.evaluate("void mounted.on('failure', ({ code, hide }) => { window.failure = [code, hide] })")
    await visit.pay()
    await visit.says("Amazon Pay declined this payment. Please choose another way to pay.")
    await visit.page.wait_for_function("() => JSON.stringify(window.failure) === '[\"amazon_rejected\",true]'")
    assert (await visit.result())["status"] == "failed"
    await expect(visit.page.locator(".amazonpay iframe")).to_have_count(0)
    await expect(visit.page.locator(".amazonpay-pay")).to_be_hidden()
    await visit.shoot("rejected")
    assert visit.told == []
    await visit.agree_on_the_books(1)


async def test_after_a_rejection_another_visit_begins_a_new_transaction(visit: Visit) -> None:
    await visit.buy()
    await visit.prepare(Behaviour.REJECTED)
    await visit.pay()
    await visit.says("declined this payment")
    await visit.page.reload()
    await visit.at_wallet()
    await visit.agree()
    await visit.pay()
    await visit.ordered()
    assert len(visit.payments) == 2
    assert visit.events(0)[-1] == "CHARGE_FAILURE"
    await visit.agree_on_the_books(2)


async def test_a_processing_failure_may_simply_be_tried_again(visit: Visit) -> None:
    await visit.buy()
    await visit.prepare(Behaviour.PROCESSING_FAILURE)
    await visit.pay()
    await visit.says("could not process the payment. Nothing was charged.")
    await visit.choose(Behaviour.OK)
    await visit.pay()
    await visit.ordered()
    await visit.agree_on_the_books(1)


async def test_three_declines_end_the_transaction_and_a_fourth_try_is_a_new_one(visit: Visit) -> None:
    await visit.buy()
    await visit.prepare(Behaviour.DECLINE_SOFT)
    for number in range(1, 4):
        await visit.pay()
        await visit.until(lambda number=number: visit.declines_at_amazon() == number)  # type: ignore[misc]
        await visit.says("Your bank did not approve")
        await visit.page.wait_for_selector(".amazonpay-pay:enabled")
    assert visit.events(0)[-1] == "CHARGE_FAILURE"
    await visit.choose(Behaviour.OK)
    await visit.pay()
    await visit.ordered()
    assert len(visit.payments) == 2
    assert visit.charges_at_amazon() == 1
    await visit.agree_on_the_books(2)


async def test_a_payment_that_amazon_decides_later_is_waited_for(visit: Visit) -> None:
    visit.demo.amazon.authorization_delay = LATER
    await visit.buy()
    await visit.prepare(Behaviour.TIMED_OUT)
    await visit.pay()
    await visit.says("still working on your payment. Please wait; do not pay again.")
    await visit.shoot("pending")
    assert visit.told == []
    await expect(visit.page.locator(".amazonpay-pay")).to_be_hidden()
    visit.demo.amazon.advance(LATER)
    await visit.page.wait_for_url("**/orders/**")
    assert [told["status"] for told in visit.told] == ["paid"]
    assert visit.charges_at_amazon() == 1
    await visit.agree_on_the_books(1)


async def test_a_pending_payment_is_waited_for_after_a_reload(visit: Visit) -> None:
    visit.demo.amazon.authorization_delay = LATER
    await visit.buy()
    await visit.prepare(Behaviour.TIMED_OUT)
    await visit.pay()
    await visit.says("still working on your payment")
    await visit.page.reload()
    await visit.says("still working on your payment")
    await expect(visit.page.locator(".amazonpay iframe")).to_have_count(0)
    visit.demo.amazon.advance(LATER)
    await visit.page.wait_for_url("**/orders/**")
    assert len(visit.payments) == 1
    await visit.agree_on_the_books(1)


async def test_a_shop_that_takes_pending_payments_shows_the_order_at_once(visit: Visit) -> None:
    visit.demo.amazon.authorization_delay = LATER
    await visit.buy()
    await visit.mount(popup=True, recurring=MONTHLY, acceptPending=True)
    await visit.sign_in_in_popup()
    await visit.at_wallet()
    await visit.choose(Behaviour.TIMED_OUT)
    await visit.agree()
    await visit.pay()
    result = await visit.result()
    assert result["status"] == "pending"
    assert visit.told == []
    assert visit.payments[0].amounts.charge_pending > 0
    visit.demo.amazon.advance(LATER)
    await visit.until(lambda: visit.payments[0].amounts.charged > 0)
    await visit.agree_on_the_books(1)
