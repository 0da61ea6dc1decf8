"""Whose request it is: Signature V2, clocks and tokens of solution providers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from saleor_amazonpay.simulator.amazon import AmazonWorld, InProcessHttp, SimClock
from tests.simulator.amazon.shop import SANDBOX, START, Shop, common, refusal, signature

pytestmark = pytest.mark.anyio
STATUS = "GetMerchantAccountStatus"


async def test_a_request_signed_by_an_independent_signer_is_accepted(shop: Shop) -> None:
    answer = await shop.ok(STATUS, {})
    assert answer.findtext(f"{STATUS}Result/AccountStatus") == "ACTIVE"


# Published by Amazon's Java SDK in its own tests: key, time and result are theirs.
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "cpkDC72d5lMIbo5ET2dvERTw4F2cGQJL3eQPzUe2pAE="),
        (
            {"SellerId": "OVERRIDE_SELLER_ID", "MWSAuthToken": "TEST_MWS_AUTH_TOKEN"},
            "MelQJXDdQJ85Z7aB85s7eYWm5TdGv6xYAQt/joOhXCo=",
        ),
    ],
)
async def test_amazons_published_signatures_are_accepted(more: dict[str, str], expected: str) -> None:
    moment = datetime(2015, 12, 31, 23, 59, 58, tzinfo=UTC)
    world = AmazonWorld(SimClock(moment.timestamp(), frozen=True), seed=1)
    world.create_merchant(seller_id="TEST_MERCHANT_ID", access_key="TEST_ACCESS_KEY", secret_key="TEST_SECRET_KEY")
    world.create_merchant(seller_id="OVERRIDE_SELLER_ID", mws_auth_token="TEST_MWS_AUTH_TOKEN")
    shop = Shop(world, world.merchant)
    values = {
        **common(world.merchant, moment),
        "Action": "GetOrderReferenceDetails",
        "AmazonOrderReferenceId": "AMAZON_ORDER_REFERENCE_ID",
        **more,
        "Signature": expected,
    }
    # The signature is right, so the refusal is about the order reference.
    assert refusal(await shop.post(values)).code == "InvalidOrderReferenceId"
    wrong = refusal(await shop.post({**values, "AmazonOrderReferenceId": "OTHER"}))
    assert (wrong.status, wrong.code) == (403, "SignatureDoesNotMatch")


async def test_a_changed_parameter_breaks_the_signature(shop: Shop) -> None:
    values = shop.signed(STATUS, {})
    wrong = refusal(await shop.post({**values, "SellerId": "SOMEBODY"}))
    assert (wrong.status, wrong.code) == (403, "SignatureDoesNotMatch")
    assert wrong.root.find("RequestID") is not None


async def test_a_wrong_secret_is_refused(shop: Shop) -> None:
    values = {**common(shop.merchant), "Action": STATUS}
    values["Signature"] = signature("other", "POST", shop.host, SANDBOX, values)
    assert refusal(await shop.post(values)).code == "SignatureDoesNotMatch"


async def test_a_signature_for_another_path_is_refused(shop: Shop) -> None:
    values = shop.signed(STATUS, {})
    assert refusal(await shop.post(values, f"{SANDBOX}/")).code == "SignatureDoesNotMatch"


async def test_the_path_with_a_trailing_slash_works_if_it_was_signed_so(shop: Shop) -> None:
    values = {**common(shop.merchant), "Action": STATUS}
    values["Signature"] = signature(shop.merchant.secret_key, "POST", shop.host, f"{SANDBOX}/", values)
    assert (await shop.post(values, f"{SANDBOX}/")).status == 200


async def test_a_signature_for_another_host_is_refused(shop: Shop) -> None:
    values = {**common(shop.merchant), "Action": STATUS}
    values["Signature"] = signature(shop.merchant.secret_key, "POST", "evil.example", SANDBOX, values)
    assert refusal(await shop.post(values)).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("signed_host", ["127.0.0.1:8765", "127.0.0.1", "mws.amazonservices.com"])
async def test_hosts_a_client_may_have_signed_are_accepted(shop: Shop, signed_host: str) -> None:
    values = {**common(shop.merchant), "Action": STATUS}
    values["Signature"] = signature(shop.merchant.secret_key, "POST", signed_host, SANDBOX, values)
    shop.host = "127.0.0.1:8765"
    assert (await shop.post(values)).status == 200


async def test_get_with_the_parameters_in_the_query_works(shop: Shop) -> None:
    values = {**common(shop.merchant), "Action": STATUS}
    values["Signature"] = signature(shop.merchant.secret_key, "GET", shop.host, SANDBOX, values)
    url = f"https://{shop.host}{SANDBOX}?{urlencode(values)}"
    http: InProcessHttp = shop.http
    assert (await http.request("GET", url, headers={})).status == 200


async def test_special_characters_are_signed_as_rfc_3986_says(shop: Shop) -> None:
    agreement, _token = shop.world.open_agreement()
    answer = await shop.ok(
        "SetBillingAgreementDetails",
        {
            "AmazonBillingAgreementId": agreement.agreement_id,
            "BillingAgreementAttributes.SellerNote": "a b*c~d+e/é<&>",
        },
    )
    assert answer.findtext(".//SellerNote") == "a b*c~d+e/é<&>"


async def test_an_unknown_access_key_is_refused(shop: Shop) -> None:
    wrong = refusal(await shop.post({**shop.signed(STATUS, {}), "AWSAccessKeyId": "AKIANOBODY"}))
    assert (wrong.status, wrong.code) == (403, "InvalidAccessKeyId")


async def test_a_sandbox_account_is_unknown_to_the_live_endpoint(shop: Shop) -> None:
    values = shop.signed(STATUS, {})
    wrong = refusal(await shop.post(values, "/OffAmazonPayments/2013-01-01"))
    assert wrong.code == "InvalidAccessKeyId"


@pytest.mark.parametrize("minutes", [-16, 16])
async def test_a_timestamp_more_than_15_minutes_off_is_refused(shop: Shop, minutes: int) -> None:
    late = datetime.now(UTC) + timedelta(minutes=minutes)
    wrong = await shop.refused(STATUS, {"Timestamp": f"{late:%Y-%m-%dT%H:%M:%SZ}"})
    assert (wrong.status, wrong.code) == (400, "RequestExpired")


async def test_a_timestamp_of_the_simulated_clock_is_accepted_too(shop: Shop) -> None:
    simulated = datetime.fromtimestamp(START + 14 * 60, UTC)
    await shop.ok(STATUS, {"Timestamp": f"{simulated:%Y-%m-%dT%H:%M:%S.000Z}"})


@pytest.mark.parametrize("timestamp", ["yesterday", "2026-11-10T15:30:00"])
async def test_a_timestamp_that_is_none_is_refused(shop: Shop, timestamp: str) -> None:
    assert (await shop.refused(STATUS, {"Timestamp": timestamp})).code == "InvalidParameterValue"


async def test_another_seller_needs_its_token(shop: Shop) -> None:
    other = shop.world.create_merchant(mws_auth_token="amzn.mws.other")
    denied = await shop.refused(STATUS, {"SellerId": other.seller_id})
    assert (denied.status, denied.code) == (401, "AccessDenied")
    wrong = await shop.refused(STATUS, {"SellerId": other.seller_id, "MWSAuthToken": "guess"})
    assert wrong.code == "AccessDenied"
    await shop.ok(STATUS, {"SellerId": other.seller_id, "MWSAuthToken": "amzn.mws.other"})


@pytest.mark.parametrize(
    ("name", "value"), [("SignatureMethod", "HmacSHA1"), ("SignatureVersion", "1"), ("Version", "2014-01-01")]
)
async def test_other_versions_are_refused(shop: Shop, name: str, value: str) -> None:
    assert (await shop.refused(STATUS, {name: value})).code == "InvalidParameterValue"
