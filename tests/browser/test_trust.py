"""What a browser may send is anything: tampered amounts, foreign checkouts and agreements, replays. None of it pays."""

from __future__ import annotations

from typing import Any

import pytest

from saleor_amazonpay.cli.stage import CUSTOMER
from tests.browser.visit import MONTHLY, Visit

pytestmark = pytest.mark.anyio

INITIALIZE = """mutation($id: ID!, $amount: PositiveDecimal, $data: JSON, $key: String) {
  transactionInitialize(id: $id, amount: $amount, idempotencyKey: $key,
    paymentGateway: { id: "saleor.app.payment.amazonpay", data: $data }) {
      transaction { id chargedAmount { amount } } transactionEvent { type } data errors { code } } }"""
COMPLETE = "mutation($id: ID!) { checkoutComplete(id: $id) { order { id } errors { code } } }"


async def pay(visit: Visit, data: Any, **more: Any) -> Any:
    told = await visit.graphql(INITIALIZE, id=more.pop("id", None) or await visit.checkout_id(), data=data, **more)
    return told["transactionInitialize"]


def buyer_data(visit: Visit) -> dict[str, Any]:
    agreement, token = visit.demo.amazon.open_agreement()
    return {"amazonBillingAgreementId": agreement.agreement_id, "accessToken": token.token, "recurring": MONTHLY}


async def test_a_smaller_amount_pays_that_much_and_makes_no_order(visit: Visit) -> None:
    await visit.fill_cart()
    told = await pay(visit, buyer_data(visit), amount=0.01)
    assert told["transaction"]["chargedAmount"]["amount"] == 0.01
    completed = await visit.graphql(COMPLETE, id=await visit.checkout_id())
    assert completed["checkoutComplete"]["order"] is None
    await visit.agree_on_the_books(1)


async def test_an_amount_in_the_data_is_not_looked_at(visit: Visit) -> None:
    await visit.fill_cart()
    data = {**buyer_data(visit), "amount": 0.01, "chargeAmount": {"amount": "0.01", "currencyCode": "USD"}}
    told = await pay(visit, data)
    assert told["transaction"]["chargedAmount"]["amount"] == 24.5
    await visit.agree_on_the_books(1)


async def test_a_foreign_draft_is_not_opened_by_its_id(visit: Visit) -> None:
    await visit.fill_cart()
    data = buyer_data(visit)
    stranger = visit.demo.amazon.create_buyer(name="Eve", email="eve@example.com")
    token = visit.demo.amazon.issue_token(stranger.buyer_id, visit.demo.amazon.merchant)
    for forged, code in (
        ({**data, "accessToken": token.token}, {"agreement_unknown", "access_token_invalid"}),
        ({**data, "accessToken": "Atza|forged"}, {"access_token_invalid"}),
        ({name: value for name, value in data.items() if name != "accessToken"}, {"access_token_required"}),
    ):
        assert (await pay(visit, forged))["data"]["code"] in code
    assert visit.charges_at_amazon() == 0


async def test_a_guests_agreement_pays_for_no_other_checkout(visit: Visit) -> None:
    await visit.fill_cart()
    data = buyer_data(visit)
    assert (await pay(visit, data))["transactionEvent"]["type"] == "CHARGE_SUCCESS"
    await visit.page.evaluate("delete localStorage['shop:basket']")
    await visit.fill_cart("harbor-blend")
    assert (await pay(visit, data))["data"]["code"] == "agreement_unknown"
    assert visit.charges_at_amazon() == 1


async def test_a_replayed_request_is_the_same_payment(visit: Visit) -> None:
    await visit.fill_cart()
    data = buyer_data(visit)
    told = [await pay(visit, data, key="one", amount=24.5) for _ in range(3)]
    assert len({each["transaction"]["id"] for each in told}) == 1
    assert visit.charges_at_amazon() == 1
    await visit.agree_on_the_books(1)


async def test_a_forged_session_in_the_address_bar_pays_nothing(visit: Visit) -> None:
    await visit.buy()
    await visit.page.goto(f"{visit.demo.shop_url}/checkout?access_token=Atza%7Cforged&amazonCheckoutSessionId=x")
    await visit.page.wait_for_selector(".amazonpay[aria-busy=false]")
    assert visit.payments == []
    assert visit.told == []


async def test_another_customers_payment_is_not_taken_up_from_this_browser(visit: Visit) -> None:
    """The memory names a transaction; what it is worth, Saleor says."""
    await visit.sign_in_to_shop()
    await visit.buy()
    checkout = await visit.checkout_id()
    forged = (
        '{"key":"k","due":24.5,"at":'
        + str(10**13)
        + ',"agreement":"C01-0-0","saved":false,"transaction":"VHJhbnNhY3Rpb25JdGVtOjA=","phase":"done"}'
    )
    await visit.page.evaluate(
        "([id, text]) => { const { saleorApiUrl } = JSON.parse(document.getElementById('config').textContent);"
        " localStorage[`saleor-amazonpay:${saleorApiUrl}:${id}`] = text }",
        [checkout, forged],
    )
    await visit.page.reload()
    await visit.page.wait_for_selector(".amazonpay-message")
    assert visit.told == []
    assert CUSTOMER not in await visit.page.content() or visit.payments == []


async def address(visit: Visit, **changes: str) -> Any:
    """What a page may ask the app itself: the address of an agreement."""
    agreement, token = visit.demo.amazon.open_agreement()
    asked = {
        "purchaseId": await visit.checkout_id(),
        "agreement": agreement.agreement_id,
        "token": token.token,
        **changes,
    }
    return await visit.page.evaluate(
        """async ([app, asked]) => {
            const { saleorApiUrl } = JSON.parse(document.getElementById("config").textContent);
            const response = await fetch(`${app}/storefront/address`, { method: "POST",
                headers: { "Content-Type": "application/json" }, body: JSON.stringify({ saleorApiUrl, ...asked }) });
            return [response.status, await response.json()];
        }""",
        [visit.demo.app_url, asked],
    )


async def test_an_address_is_told_to_its_buyers_page_only(visit: Visit) -> None:
    await visit.buy()
    status, told = await address(visit)
    assert (status, told["address"]["city"]) == (200, "Chicago")
    stranger = visit.demo.amazon.create_buyer(name="Eve", email="eve@example.com")
    token = visit.demo.amazon.issue_token(stranger.buyer_id, visit.demo.amazon.merchant)
    for changes in ({"token": "Atza|forged"}, {"token": ""}, {"token": token.token}, {"agreement": "C01-0-0"}):
        status, told = await address(visit, **changes)
        assert status == 422, changes
        assert "address" not in told
    status, told = await address(visit, purchaseId="Q2hlY2tvdXQ6eA==")
    assert (status, told["error"]["code"]) == (404, "choose_again")


async def test_an_address_is_not_told_to_another_origin(visit: Visit) -> None:
    await visit.buy()
    checkout = await visit.checkout_id()
    agreement, token = visit.demo.amazon.open_agreement()
    page = await visit.context.new_page()
    await page.goto(f"{visit.demo.amazon_url}/")
    asked = {
        "saleorApiUrl": visit.demo.saleor.api_url, "purchaseId": checkout, "agreement": agreement.agreement_id,
        "token": token.token,
    }  # fmt: skip
    told = await page.evaluate(
        "([app, asked]) => fetch(`${app}/storefront/address`, { method: 'POST', headers: { 'Content-Type':"
        " 'application/json' }, body: JSON.stringify(asked) }).then(() => 'read', () => 'refused')",
        [visit.demo.app_url, asked],
    )
    assert told == "refused"
