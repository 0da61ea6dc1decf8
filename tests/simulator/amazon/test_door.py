"""Frames, errors and throttling: what every operation has in common."""

from __future__ import annotations

import re

import pytest

from saleor_amazonpay.simulator.amazon import AmazonWorld
from tests.simulator.amazon.shop import FORM, SANDBOX, Shop, common, exact, refusal, signature

pytestmark = pytest.mark.anyio
NAMESPACE = "{http://mws.amazonservices.com/schema/OffAmazonPayments/2013-01-01}"


async def test_an_answer_has_amazons_frame_and_namespace(shop: Shop) -> None:
    answer = await shop.raw("GetMerchantAccountStatus", {})
    root = exact(answer.body)
    assert root.tag == f"{NAMESPACE}GetMerchantAccountStatusResponse"
    assert [each.tag for each in root] == [
        f"{NAMESPACE}GetMerchantAccountStatusResult",
        f"{NAMESPACE}ResponseMetadata",
    ]
    assert root.findtext(f"{NAMESPACE}ResponseMetadata/{NAMESPACE}RequestId")
    assert answer.headers["content-type"].startswith("text/xml")


async def test_an_error_has_type_code_message_and_request_id(shop: Shop) -> None:
    wrong = await shop.refused("GetBillingAgreementDetails", {"AmazonBillingAgreementId": "C01-0000000-0000000"})
    assert (wrong.status, wrong.code) == (404, "InvalidBillingAgreementId")
    assert wrong.root.findtext("Error/Type") == "Sender"
    assert wrong.root.findtext("RequestId")


async def test_the_credential_probe_finds_no_order_reference(shop: Shop) -> None:
    wrong = await shop.refused("GetOrderReferenceDetails", {"AmazonOrderReferenceId": "S00-0000000-0000000"})
    assert (wrong.status, wrong.code) == (404, "InvalidOrderReferenceId")


@pytest.mark.parametrize("action", ["NoSuchThing", "getbillingagreementdetails"])
async def test_an_unknown_action_is_refused(shop: Shop, action: str) -> None:
    wrong = await shop.refused(action, {})
    assert (wrong.status, wrong.code) == (400, "InvalidParameterValue")


async def test_a_missing_parameter_is_named(shop: Shop) -> None:
    wrong = await shop.refused("GetBillingAgreementDetails", {})
    assert wrong.code == "InvalidParameterValue"
    assert "AmazonBillingAgreementId" in wrong.message


async def test_an_empty_parameter_is_refused(shop: Shop) -> None:
    wrong = await shop.refused("GetMerchantAccountStatus", {"MWSAuthToken": ""})
    assert wrong.code == "InvalidParameterValue"


async def test_a_parameter_sent_twice_is_refused(shop: Shop) -> None:
    values = {**common(shop.merchant), "Action": "GetMerchantAccountStatus"}
    values["Signature"] = signature(shop.merchant.secret_key, "POST", shop.host, SANDBOX, values)
    body = "&".join(f"{k}={v}" for k, v in [*values.items(), ("SellerId", "X")]).encode()
    answer = await shop.http.request("POST", f"https://{shop.host}{SANDBOX}", headers=FORM, body=body)
    assert refusal(answer).code == "InvalidParameterValue"


async def test_a_body_that_is_no_form_is_refused(shop: Shop) -> None:
    answer = await shop.http.request(
        "POST", f"https://{shop.host}{SANDBOX}", headers={"Content-Type": "application/json"}, body=b"{}"
    )
    assert refusal(answer).code == "InvalidParameterValue"


async def test_an_inactive_account_can_only_ask_about_itself(shop: Shop) -> None:
    shop.merchant.active = False
    status = await shop.ok("GetMerchantAccountStatus", {})
    assert status.findtext(".//AccountStatus") == "INACTIVE"
    wrong = await shop.refused("GetCaptureDetails", {"AmazonCaptureId": "x"})
    assert (wrong.status, wrong.code) == (403, "InvalidAccountStatus")


async def test_the_service_is_green(shop: Shop) -> None:
    status = await shop.ok("GetServiceStatus", {})
    assert status.findtext(".//Status") == "GREEN"


async def test_the_order_of_children_changes_from_answer_to_answer(shop: Shop) -> None:
    agreement_id = await shop.open_agreement()
    seen = set()
    for _ in range(4):
        root = await shop.ok("GetBillingAgreementDetails", {"AmazonBillingAgreementId": agreement_id})
        seen.add(tuple(each.tag for each in root.findall(".//BillingAgreementStatus/*")))
    assert {seen_order[0] for seen_order in seen} == {"State", "LastUpdatedTimestamp"}


async def test_operations_without_result_look_as_amazons_do(shop: Shop) -> None:
    agreement, _token = shop.world.open_agreement()
    answer = await shop.raw("ConfirmBillingAgreement", {"AmazonBillingAgreementId": agreement.agreement_id})
    assert b"<ConfirmBillingAgreementResult/>" in answer.body
    order, _token = shop.world.open_order()
    await shop.ok(
        "SetOrderReferenceDetails",
        {
            "AmazonOrderReferenceId": order.order_id,
            "OrderReferenceAttributes.OrderTotal.Amount": "5",
            "OrderReferenceAttributes.OrderTotal.CurrencyCode": "USD",
        },
    )
    answer = await shop.raw("ConfirmOrderReference", {"AmazonOrderReferenceId": order.order_id})
    assert answer.status == 200
    assert b"ConfirmOrderReferenceResult" not in answer.body


# ---- throttling


async def test_nothing_is_throttled_unless_it_is_switched_on(shop: Shop) -> None:
    for _ in range(12):
        await shop.ok("GetServiceStatus", {})


async def test_a_throttled_answer_is_exactly_amazons(shop: Shop) -> None:
    shop.world.throttling = True
    for _ in range(2):
        await shop.ok("GetServiceStatus", {})
    answer = await shop.raw("GetServiceStatus", {})
    assert answer.status == 503
    body = re.sub(rb"<RequestID>[0-9a-f-]{36}</RequestID>", b"<RequestID/>", answer.body)
    assert body == (
        b'<?xml version="1.0"?>\n'
        b'<ErrorResponse xmlns="http://mws.amazonservices.com/schema/OffAmazonPayments/2013-01-01">'
        b"<Error><Type></Type><Code>RequestThrottled</Code><Message>Request is throttled</Message></Error>"
        b"<RequestID/></ErrorResponse>\n"
    )


async def _passing(shop: Shop, action: str) -> int:
    """How many calls in a row get through; what they are about exists nowhere."""
    for passed in range(40):
        answer = await shop.raw(action, {"AmazonBillingAgreementId": "x", "AmazonCaptureId": "x"})
        if answer.status == 503:
            return passed
    raise AssertionError("never throttled")


@pytest.mark.parametrize(
    ("action", "sandbox", "real"),
    [("CloseBillingAgreement", 2, 10), ("GetCaptureDetails", 5, 20), ("GetServiceStatus", 2, 2)],
)
async def test_the_quotas_are_the_published_ones(shop: Shop, live: Shop, action: str, sandbox: int, real: int) -> None:
    shop.world.throttling = True
    assert await _passing(shop, action) == sandbox
    assert await _passing(live, action) == real


async def test_a_bucket_refills_by_the_simulated_clock(shop: Shop) -> None:
    shop.world.throttling = True
    assert await _passing(shop, "CloseBillingAgreement") == 2
    shop.world.advance(1.9)
    assert await _passing(shop, "CloseBillingAgreement") == 0
    shop.world.advance(0.2)
    assert await _passing(shop, "CloseBillingAgreement") == 1


async def test_sellers_and_operations_have_buckets_of_their_own(world: AmazonWorld, shop: Shop) -> None:
    other = Shop(world, world.create_merchant())
    world.throttling = True
    assert await _passing(shop, "CloseBillingAgreement") == 2
    assert await _passing(shop, "ConfirmBillingAgreement") == 2
    assert await _passing(other, "CloseBillingAgreement") == 2
