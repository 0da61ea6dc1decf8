"""The v1 wire's public configuration, its Seller Central pages, the buyer behind a token, and the check of keys."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from saleor_amazonpay.amazon.mws.wire import MwsWire
from saleor_amazonpay.amazon.port import Check, Wire
from saleor_amazonpay.domain.errors import (
    NotExecutedError,
    OutcomeUnknownError,
    TokenRefusedError,
    WireGoneError,
)
from saleor_amazonpay.http import HttpResponse
from tests.amazon.fakes import LOST, NO_HOST, NOW, ScriptedHttp, Step, account, answer, error

pytestmark = pytest.mark.anyio

CLIENT = "amzn1.application-oa2-client.test"


def wire(*script: Step, endpoint: str = "") -> tuple[Wire, ScriptedHttp]:
    http = ScriptedHttp(list(script))
    return MwsWire(http, endpoint, lambda: NOW), http


def tokeninfo(**fields: object) -> HttpResponse:
    known = {"aud": CLIENT, "user_id": "amzn1.account.K2LI23KL2LK2", "exp": 3597, "iss": "https://www.amazon.com"}
    return HttpResponse(200, json.dumps({**known, **fields}).encode())


def test_the_storefront_gets_everything_public_and_nothing_else() -> None:
    mws, _ = wire()
    assert mws.storefront(account(region="de")) == {
        "sellerId": "TEST_MERCHANT_ID",
        "clientId": CLIENT,
        "region": "eu",
        "environment": "sandbox",
        "widgetsUrl": "https://static-eu.payments-amazon.com/OffAmazonPayments/eur/sandbox/lpa/js/Widgets.js",
        "scopes": "profile payments:widget payments:shipping_address",
        "confirmationFlow": True,
    }


def test_the_storefront_loads_the_script_from_the_endpoint_in_test_mode_only() -> None:
    mws, _ = wire(endpoint="http://127.0.0.1:9000")
    assert mws.storefront(account())["widgetsUrl"] == "http://127.0.0.1:9000/OffAmazonPayments/us/sandbox/js/Widgets.js"
    live = mws.storefront(account(test_mode=False))
    assert live["widgetsUrl"] == "https://static-na.payments-amazon.com/OffAmazonPayments/us/js/Widgets.js"
    assert live["environment"] == "live"


@pytest.mark.parametrize(
    "object_id", ["P01-1234567-1234567", "P01-1234567-1234567-A000001", "P01-1234567-1234567-C000001"]
)
def test_an_objects_page_is_its_orders(object_id: str) -> None:
    mws, _ = wire()
    page = mws.page_of(account(region="uk", test_mode=False), object_id)
    assert page == (
        "https://sellercentral-europe.amazon.com/hz/me/pmd/payment-details?orderReferenceId=P01-1234567-1234567"
    )
    assert len(page) <= 200


@pytest.mark.parametrize(
    "object_id", ["", "ref-1", "C01-1111111-1111111", "B01-1111111-1111111", "P01-1234567-123456<>", "x" * 300]
)
def test_what_is_no_order_has_no_page(object_id: str) -> None:
    mws, _ = wire()
    assert mws.page_of(account(), object_id) == ""


async def test_the_buyer_of_a_token_is_amazons_user_id() -> None:
    mws, http = wire(tokeninfo())
    assert await mws.buyer_of(account(), "Atza%7CIwEB") == "amzn1.account.K2LI23KL2LK2"
    sent = http.sent[0]
    assert (sent.method, sent.url) == ("GET", "https://api.sandbox.amazon.com/auth/o2/tokeninfo")
    assert sent.headers["x-amz-access-token"] == "Atza|IwEB"
    assert "Atza" not in sent.url


async def test_a_test_token_is_asked_about_at_the_endpoint_and_a_live_one_is_not() -> None:
    mws, http = wire(tokeninfo(), tokeninfo(), endpoint="http://127.0.0.1:9000")
    await mws.buyer_of(account(test_mode=True), "Atza|x")
    await mws.buyer_of(account(test_mode=False), "Atza|x")
    assert [each.url for each in http.sent] == [
        "http://127.0.0.1:9000/auth/o2/tokeninfo",
        "https://api.amazon.com/auth/o2/tokeninfo",
    ]


@pytest.mark.parametrize(
    "response",
    [
        tokeninfo(aud="amzn1.application-oa2-client.another-shop"),
        tokeninfo(aud="another", app_id=CLIENT),
        tokeninfo(user_id=""),
        HttpResponse(200, b"{}"),
        HttpResponse(400, b'{"error": "invalid_token", "error_description": "no"}'),
        HttpResponse(401, b""),
    ],
)
async def test_a_token_that_is_not_this_shops_is_refused(response: HttpResponse) -> None:
    mws, _ = wire(response)
    with pytest.raises(TokenRefusedError):
        await mws.buyer_of(account(), "Atza|x")


async def test_no_token_fits_a_profile_without_a_client_id() -> None:
    mws, _ = wire(tokeninfo(aud=""))
    with pytest.raises(TokenRefusedError):
        await mws.buyer_of(account(client_id=""), "Atza|x")


@pytest.mark.parametrize("token", ["", "a\r\nx-evil: 1", "a%0d%0ab", "with space", "ü", "x" * 5000])
async def test_what_cannot_be_a_token_is_refused_without_asking(token: str) -> None:
    mws, http = wire()
    with pytest.raises(TokenRefusedError):
        await mws.buyer_of(account(), token)
    assert not http.sent


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (HttpResponse(500, b""), NotExecutedError),
        (HttpResponse(200, b"<html>"), NotExecutedError),
        (LOST, OutcomeUnknownError),
        (NO_HOST, WireGoneError),
    ],
)
async def test_a_token_is_not_refused_because_amazon_is_down(step: Step, kind: type[Exception]) -> None:
    mws, _ = wire(step)
    with pytest.raises(kind):
        await mws.buyer_of(account(), "Atza|x")


NO_SUCH_ORDER = error(404, "InvalidOrderReferenceId")


async def test_an_active_account_passes_the_check() -> None:
    mws, http = wire(NO_SUCH_ORDER, answer("GetMerchantAccountStatus", "<AccountStatus>ACTIVE</AccountStatus>"))
    assert await mws.check(account()) == [Check("payments", ok=True), Check("account", ok=True)]
    assert http.actions == ["GetOrderReferenceDetails", "GetMerchantAccountStatus"]


async def test_an_inactive_account_does_not_and_its_keys_are_right() -> None:
    mws, _ = wire(NO_SUCH_ORDER, answer("GetMerchantAccountStatus", "<AccountStatus>INACTIVE</AccountStatus>"))
    payments, check = await mws.check(account())
    assert payments.ok
    assert not check.ok
    assert not check.rejected
    assert "INACTIVE" in check.message


@pytest.mark.parametrize(("test_mode", "order"), [(True, "S00-0000000-0000000"), (False, "P00-0000000-0000000")])
async def test_an_order_that_cannot_exist_proves_the_keys(test_mode: bool, order: str) -> None:
    mws, http = wire(NO_SUCH_ORDER, error(400, "InvalidAction"))
    assert await mws.check(account(test_mode=test_mode)) == [Check("payments", ok=True)]
    assert http.sent[0].form["AmazonOrderReferenceId"] == order


async def test_each_permission_is_reported_by_itself() -> None:
    mws, _ = wire(NO_SUCH_ORDER, error(403, "AccessDenied", "not this one"))
    payments, status = await mws.check(account())
    assert payments.ok
    assert (status.ok, status.rejected, status.message) == (False, False, "AccessDenied: not this one")


@pytest.mark.parametrize(
    ("step", "rejected"),
    [
        (error(403, "InvalidAccessKeyId", "no such key"), True),
        (error(403, "SignatureDoesNotMatch", "no such key"), True),
        (error(400, "InvalidParameterValue", "no such key"), False),
    ],
)
async def test_wrong_keys_fail_the_check_with_amazons_words(step: Step, rejected: bool) -> None:
    mws, _ = wire(step, error(400, "InvalidAction"))
    [check] = await mws.check(account())
    assert (check.ok, check.rejected) == (False, rejected)
    assert "no such key" in check.message


async def test_amazons_words_come_without_the_accounts_secrets() -> None:
    mws, _ = wire(error(403, "SignatureDoesNotMatch", "expected with key secret-CANARY-key over POST"))
    mine = replace(account(), credentials={**account().credentials, "secret_key": "secret-CANARY-key"})
    [check] = await mws.check(mine)
    assert "CANARY" not in repr(check)
    assert "expected with key *** over POST" in check.message


async def test_a_check_amazon_does_not_answer_says_nothing_about_the_keys() -> None:
    mws, _ = wire(NO_HOST)
    with pytest.raises(WireGoneError):
        await mws.check(account())


def test_the_wire_is_called_mws() -> None:
    assert wire()[0].name == "mws"
