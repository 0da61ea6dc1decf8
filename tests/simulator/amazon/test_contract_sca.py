"""Contract section 1.10: strong customer authentication in the EU and the UK, row by row."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from saleor_amazonpay.simulator.amazon.world import NoConfirmationError
from tests.simulator.amazon.demonstrations import (
    Demonstration,
    Table,
    account,
    agreement,
    authorize_values,
    authorized,
    code,
    open_order,
    order,
    total,
)
from tests.simulator.amazon.shop import Shop, state, text

pytestmark = pytest.mark.anyio
row = Table()
CHARGE = "AuthorizeOnBillingAgreement"
CONFIRM = "ConfirmBillingAgreement"
SET = "BillingAgreementAttributes"
URLS = {"SuccessUrl": "https://shop.example/ok?cart=1", "FailureUrl": "https://shop.example/no"}
PASSED = "https://shop.example/ok?cart=1&AuthenticationStatus=Success"


def _draft(shop: Shop, **choices: Any) -> str:
    made, _token = shop.world.open_agreement(merchant=shop.merchant, **choices)
    return made.agreement_id


async def _sent_to_amazon(shop: Shop) -> str:
    """An agreement whose buyer has Amazon's confirmation page before her."""
    agreement_id = _draft(shop)
    await shop.ok(CONFIRM, agreement(agreement_id, **URLS))
    return agreement_id


@row("1.10 Set takes type and amount; CustomerInitiatedTransaction is the default")
async def _(shop: Shop) -> None:
    for region in ("uk", "eu", "de"):
        europe = account(shop, region=region)
        values = agreement(_draft(europe), **{f"{SET}.SellerNote": "x"})
        root = await europe.ok("SetBillingAgreementDetails", values)
        assert text(root, "BillingAgreementType") == "CustomerInitiatedTransaction"
        values |= {
            f"{SET}.BillingAgreementType": "MerchantInitiatedTransaction",
            f"{SET}.SubscriptionAmount.Amount": "25.00",
            f"{SET}.SubscriptionAmount.CurrencyCode": europe.merchant.currency,
        }
        root = await europe.ok("SetBillingAgreementDetails", values)
        assert text(root, "BillingAgreementType") == "MerchantInitiatedTransaction"
        assert text(root, "SubscriptionAmount/Amount") == "25.00"
        assert text(root, "SubscriptionAmount/CurrencyCode") == europe.merchant.currency


@row("1.10 Success: the buyer comes back to SuccessUrl and only then may be charged")
async def _(shop: Shop) -> None:
    europe = account(shop, region="uk")
    agreement_id = await _sent_to_amazon(europe)
    assert await europe.state("BillingAgreement", agreement_id) == ("Draft", "")
    values = europe.charge_values(agreement_id)
    assert (await code(europe, CHARGE, values))[1] == "InvalidBillingAgreementStatus"
    assert shop.world.finish_confirmation(agreement_id, "Success") == PASSED
    assert await europe.state("BillingAgreement", agreement_id) == ("Open", "")
    assert state(await europe.ok(CHARGE, values), "AuthorizationStatus") == ("Open", "")


@row("1.10 Abandoned: back to FailureUrl, no second Set, confirmed again")
async def _(shop: Shop) -> None:
    europe = account(shop, region="de")
    agreement_id = await _sent_to_amazon(europe)
    told = shop.world.finish_confirmation(agreement_id, "Abandoned")
    assert told == "https://shop.example/no?AuthenticationStatus=Abandoned"
    values = agreement(agreement_id, **{f"{SET}.SellerNote": "again"})
    assert await code(europe, "SetBillingAgreementDetails", values) == (405, "BillingAgreementNotModifiable")
    await europe.ok(CONFIRM, agreement(agreement_id, **URLS))
    shop.world.finish_confirmation(agreement_id, "Success")
    await europe.charge(agreement_id)


@row("1.10 Failure: back to FailureUrl, never chargeable")
async def _(shop: Shop) -> None:
    europe = account(shop, region="eu")
    agreement_id = await _sent_to_amazon(europe)
    told = shop.world.finish_confirmation(agreement_id, "Failure")
    assert told == "https://shop.example/no?AuthenticationStatus=Failure"
    assert (await code(europe, CHARGE, europe.charge_values(agreement_id)))[1] == "InvalidBillingAgreementStatus"
    shop.world.advance(3 * 3600)
    assert await europe.state("BillingAgreement", agreement_id) == ("Canceled", "Stale")


async def _child(shop: Shop, agreement_id: str) -> str:
    """A Draft order of an agreement, with an amount; its id."""
    made = await shop.ok(
        "CreateOrderReferenceForId",
        {"Id": agreement_id, "IdType": "BillingAgreement", "InheritShippingAddress": "true", "ConfirmNow": "false"},
    )
    assert text(made, "ParentDetails/Id") == agreement_id
    order_id = text(made, "AmazonOrderReferenceId")
    await shop.ok("SetOrderReferenceDetails", {**order(order_id), **total(shop, "20.00")})
    return order_id


@row("1.10 PaymentAuthenticationStatus REQUIRED until the buyer is through")
async def _(shop: Shop) -> None:
    europe = account(shop, region="uk")
    made, _token = shop.world.open_order(merchant=europe.merchant)
    there = order(made.order_id)
    await europe.ok("SetOrderReferenceDetails", {**there, **total(europe, "20.00")})
    await europe.ok("ConfirmOrderReference", {**there, **URLS})
    root = await europe.ok("GetOrderReferenceDetails", there)
    assert text(root, "PaymentAuthenticationStatus/State") == "REQUIRED"
    refused = authorize_values(europe, made.order_id)
    assert (await code(europe, "Authorize", refused))[1] == "InvalidOrderReferenceStatus"
    assert shop.world.finish_confirmation(made.order_id, "Success") == PASSED
    root = await europe.ok("GetOrderReferenceDetails", there)
    assert root.find(".//PaymentAuthenticationStatus") is None
    await authorized(europe, made.order_id)


@row("1.10 a customer-initiated charge: CreateOrderReferenceForId, Confirm with URLs, Authorize")
async def _(shop: Shop) -> None:
    europe = account(shop, region="uk")
    agreement_id = await _sent_to_amazon(europe)
    shop.world.finish_confirmation(agreement_id, "Success")
    order_id = await _child(europe, agreement_id)
    await europe.ok("ConfirmOrderReference", order(order_id, **URLS))
    assert (await code(europe, "Authorize", authorize_values(europe, order_id)))[1] == "InvalidOrderReferenceStatus"
    shop.world.finish_confirmation(order_id, "Success")
    made = await europe.ok("Authorize", authorize_values(europe, order_id, "20.00", CaptureNow="true"))
    assert state(made, "AuthorizationStatus") == ("Closed", "MaxCapturesProcessed")
    root = await europe.ok("GetBillingAgreementDetails", agreement(agreement_id))
    assert text(root, "CurrentRemainingBalance/Amount") == "980.00"


@row("1.10 without URLs, and in the US, Confirm opens at once")
async def _(shop: Shop) -> None:
    europe = account(shop, region="uk")
    for each, urls in ((europe, {}), (shop, URLS), (shop, {})):
        agreement_id = _draft(each)
        await each.ok(CONFIRM, agreement(agreement_id, **urls))
        await each.charge(agreement_id)
        root = await each.ok("GetOrderReferenceDetails", order(await open_order(each)))
        assert root.find(".//PaymentAuthenticationStatus") is None


@pytest.mark.parametrize("demonstration", row.cases())
async def test_buyers_confirm_as_the_contract_says(shop: Shop, demonstration: Demonstration) -> None:
    await demonstration(shop)


# ---- what the contract does not number


async def test_one_address_alone_or_an_odd_one_is_refused(shop: Shop) -> None:
    europe = account(shop, region="uk")
    for urls in ({"SuccessUrl": "https://s/ok"}, {**URLS, "FailureUrl": "javascript:x"}):
        values = agreement(_draft(europe), **urls)
        assert await code(europe, CONFIRM, values) == (400, "InvalidParameterValue")


async def test_constraints_are_refused_before_the_buyer_is_sent_anywhere(shop: Shop) -> None:
    europe = account(shop, region="uk")
    agreement_id = _draft(europe, consent=False)
    values = agreement(agreement_id, **URLS)
    assert (await code(europe, CONFIRM, values))[1] == "BillingAgreementConstraintsExist"
    with pytest.raises(NoConfirmationError):
        shop.world.finish_confirmation(agreement_id, "Success")


async def test_an_open_agreement_that_is_confirmed_again_stays_open(shop: Shop) -> None:
    europe = account(shop, region="uk")
    agreement_id = await europe.open_agreement()
    await europe.ok(CONFIRM, agreement(agreement_id, **URLS))
    await europe.charge(agreement_id)


async def test_an_order_counts_its_hour_from_the_buyers_confirmation(shop: Shop) -> None:
    europe = account(shop, region="uk")
    made, _token = shop.world.open_order(merchant=europe.merchant)
    there = order(made.order_id)
    await europe.ok("SetOrderReferenceDetails", {**there, **total(europe, "20.00")})
    await europe.ok("ConfirmOrderReference", {**there, **URLS, "ExpectImmediateAuthorization": "true"})
    shop.world.advance(3000)
    shop.world.finish_confirmation(made.order_id, "Success")
    shop.world.advance(3599)
    assert await europe.state("OrderReference", made.order_id) == ("Open", "")
    shop.world.advance(1)
    assert await europe.state("OrderReference", made.order_id) == ("Closed", "AmazonClosed")


async def test_an_agreement_that_ended_meanwhile_is_not_opened(shop: Shop) -> None:
    europe = account(shop, region="uk")
    agreement_id = await _sent_to_amazon(europe)
    shop.world.cancel_agreement(agreement_id)
    path = f"http://127.0.0.1/control/confirmations/{agreement_id}"
    answer = await shop.http.request("POST", path, headers={}, body=b'{"outcome":"Success"}')
    assert (answer.status, msgspec.json.decode(answer.body)["error"]) == (400, "InvalidBillingAgreementStatus")
    assert await europe.state("BillingAgreement", agreement_id) == ("Canceled", "AmazonCanceled")


async def test_the_buyer_leaves_the_page_by_the_control_api_too(shop: Shop) -> None:
    agreement_id = await _sent_to_amazon(account(shop, region="uk"))
    path = f"http://127.0.0.1/control/confirmations/{agreement_id}"
    answer = await shop.http.request("POST", path, headers={}, body=b'{"outcome":"Success"}')
    assert (answer.status, msgspec.json.decode(answer.body)) == (200, {"redirect": PASSED})
    again = await shop.http.request("POST", path, headers={}, body=b"{}")
    assert again.status == 400
