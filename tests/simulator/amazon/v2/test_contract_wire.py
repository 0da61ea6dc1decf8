"""Contract sections 5.1, 5.2, 5.3 and 5.6: requests, signatures, buttons, errors, keys and throttling."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from saleor_amazonpay.http import TransportError
from saleor_amazonpay.simulator.amazon import Behaviour, Fault
from saleor_amazonpay.simulator.amazon.entities import Address
from saleor_amazonpay.simulator.amazon.v2.pay import ForgedButtonError
from tests.simulator.amazon.v2.demonstrations import Demonstration, Table, account
from tests.simulator.amazon.v2.shop import MONTHLY, V1, V2, PayShop, sign

pytestmark = pytest.mark.anyio
row = Table()
NOWHERE = "/charges/S01-0000000-0000001-C000001"
NOT_FOUND = (404, "ResourceNotFound")
FORGED = (403, "InvalidRequestSignature")


# ---- 5.1


@row("5.1 a key with a prefix is called at /v2, one without at /sandbox/v2 and /live/v2")
async def _(pay: PayShop) -> None:
    assert await pay.refused("GET", NOWHERE) == NOT_FOUND
    pay.prefix = "/sandbox/v2"
    assert await pay.refused("GET", NOWHERE) == (404, "ResourceNotFound")
    bare = account(pay, "/sandbox/v2", "AE1")
    made = await bare.opened()
    assert (await bare.ok("GET", f"/checkoutSessions/{made}"))["releaseEnvironment"] == "Sandbox"
    bare.prefix = "/live/v2"
    assert await bare.refused("GET", NOWHERE) == (401, "UnauthorizedAccess")
    live = account(pay, "/live/v2", "AE2", sandbox=False)
    assert await live.refused("GET", NOWHERE) == NOT_FOUND


@row("5.1 both forms of x-amz-pay-date")
async def _(pay: PayShop) -> None:
    now = datetime.now(UTC)
    for form in ("%Y%m%dT%H%M%SZ", "%Y-%m-%dT%H:%M:%SZ"):
        assert await pay.refused("GET", NOWHERE, date=now.strftime(form)) == NOT_FOUND
    assert await pay.refused("GET", NOWHERE, date=now.strftime("%d.%m.%Y")) == (400, "InvalidHeaderValue")


@row("5.1 a date of the future is InvalidHeaderValue")
async def _(pay: PayShop) -> None:
    ahead = max(datetime.now(UTC), datetime.fromtimestamp(pay.world.now(), UTC)) + timedelta(minutes=5)
    answer = await pay.raw("GET", NOWHERE, date=ahead.strftime("%Y%m%dT%H%M%SZ"))
    assert (answer.status, json.loads(answer.body)["reasonCode"]) == (400, "InvalidHeaderValue")
    assert b"x-amz-pay-date should not be in future" in answer.body


@row("8.38 a fast clock")
async def _(pay: PayShop) -> None:
    old = min(datetime.now(UTC), datetime.fromtimestamp(pay.world.now(), UTC)) - timedelta(hours=1)
    assert await pay.refused("GET", NOWHERE, date=old.strftime("%Y%m%dT%H%M%SZ")) == (400, "InvalidHeaderValue")
    # A test's clock may stand elsewhere than the shop's: real time counts too.
    pay.world.clock.advance(90 * 86400)
    assert await pay.refused("GET", NOWHERE) == NOT_FOUND


@row("5.1 x-amz-pay-region in any case, but the account's")
async def _(pay: PayShop) -> None:
    assert await pay.refused("GET", NOWHERE, headers={"x-amz-pay-region": "NA"}) == NOT_FOUND
    assert await pay.refused("GET", NOWHERE, headers={"x-amz-pay-region": "eu"}) == (400, "InvalidHeaderValue")
    pay.host = "pay-api.amazon.eu"
    assert await pay.refused("GET", NOWHERE) == (401, "UnauthorizedAccess")


@row("5.1 the simulation code is never signed")
async def _(pay: PayShop) -> None:
    headers = {"x-amz-pay-simulation-code": "SoftDeclined"}
    assert await pay.refused("GET", NOWHERE, headers=headers) == FORGED
    assert await pay.refused("GET", NOWHERE, code="SoftDeclined") == NOT_FOUND


@row("5.1 every answer has x-amz-pay-request-id")
async def _(pay: PayShop) -> None:
    first, second = await pay.raw("GET", NOWHERE), await pay.raw("GET", NOWHERE)
    ids = {each.headers["x-amz-pay-request-id"] for each in (first, second)}
    assert len(ids) == 2
    assert "" not in ids


@row("5.1 MWS keys are not accepted")
async def _(pay: PayShop) -> None:
    pay.key_id = pay.merchant.access_key
    pay.prefix = "/sandbox/v2"
    assert await pay.refused("GET", NOWHERE) == (401, "UnauthorizedAccess")


# ---- 5.2


@row("5.2 AMZN-PAY-RSASSA-PSS with salt 20")
async def _(pay: PayShop) -> None:
    pay.algorithm = V1
    assert await pay.refused("GET", NOWHERE) == NOT_FOUND


@row("5.2 AMZN-PAY-RSASSA-PSS-V2 with salt 32")
async def _(pay: PayShop) -> None:
    pay.algorithm = V2
    assert await pay.refused("GET", NOWHERE) == NOT_FOUND


@row("5.2 a DELETE with a body hashes the body")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    body = {"closureReason": "ümlaut", "cancelPendingCharges": False}
    told = await pay.ok("DELETE", f"/chargePermissions/{permission}/close", body)
    assert told["statusDetails"]["state"] == "Closed"


@row("5.2 a query is signed sorted")
async def _(pay: PayShop) -> None:
    kinds = "reportTypes=_GET_FLAT_FILE_OFFAMAZONPAYMENTS_SETTLEMENT_DATA_"
    for query in (f"{kinds}&processingStatuses=COMPLETED", f"processingStatuses=COMPLETED&{kinds}", ""):
        assert (await pay.ok("GET", f"/reports?{query}"))["reports"] == []


@row("5.2 additional signed headers are taken")
async def _(pay: PayShop) -> None:
    assert await pay.refused("GET", NOWHERE, headers={"user-agent": "a shop's own"}) == NOT_FOUND


@row("5.2 another body, path or salt does not fit")
async def _(pay: PayShop) -> None:
    assert await pay.refused("GET", NOWHERE, salt=64) == FORGED
    headers = pay.signed("POST", "/v2/charges", b"{}", {"x-amz-pay-idempotency-key": "k"})
    for path, body in (("/v2/charges", b'{"a":1}'), ("/v2/refunds", b"{}")):
        answer = await pay.http.request("POST", f"https://{pay.host}{path}", headers=headers, body=body)
        assert (answer.status, json.loads(answer.body)["reasonCode"]) == FORGED


# ---- 5.3


def button(pay: PayShop, algorithm: str = V2, **more: Any) -> dict[str, str]:
    body = {
        "webCheckoutDetails": {"checkoutReviewReturnUrl": "https://shop.example/review?a=1"},
        "storeId": pay.merchant.store_id,
        **more,
    }
    payload = json.dumps(body, ensure_ascii=False)
    return {
        "payloadJSON": payload,
        "publicKeyId": pay.key_id,
        "algorithm": algorithm,
        "signature": sign(pay.private, algorithm, payload.encode()),
    }


@row("5.3 a button's payload is verified byte for byte, with both algorithms")
async def _(pay: PayShop) -> None:
    for algorithm in (V1, V2):
        session, back = pay.world.pay.open_session(button(pay, algorithm, merchantMetadata={"noteToBuyer": "Zürich"}))
        assert back == f"https://shop.example/review?a=1&amazonCheckoutSessionId={session.session_id}"
        told = await pay.ok("GET", f"/checkoutSessions/{session.session_id}")
        assert told["merchantMetadata"]["noteToBuyer"] == "Zürich"
        assert told["buyer"]["buyerId"] == pay.world.buyer.buyer_id
    good = button(pay)
    for change in (
        {"payloadJSON": good["payloadJSON"].replace(": ", ":")},
        {"algorithm": V1},
        {"publicKeyId": "unknown"},
        {"signature": ""},
    ):
        with pytest.raises(ForgedButtonError):
            pay.world.pay.open_session({**good, **change})


@row("5.3 addresses the shop does not deliver to are not chosen")
async def _(pay: PayShop) -> None:
    abroad = {"addressRestrictions": {"type": "Allowed", "restrictions": {"DE": {}}}}
    session, _back = pay.world.pay.open_session(button(pay, deliverySpecifications=abroad))
    told = await pay.ok("PATCH", f"/checkoutSessions/{session.session_id}", pay.setting())
    assert [each["constraintId"] for each in told["constraints"]] == ["ShippingAddressNotSet"]
    assert told["webCheckoutDetails"]["amazonPayRedirectUrl"] is None
    german = pay.world.create_buyer(address=Address(country="DE"))
    session, _back = pay.world.pay.open_session(button(pay, deliverySpecifications=abroad), german.buyer_id)
    told = await pay.ok("PATCH", f"/checkoutSessions/{session.session_id}", pay.setting())
    assert told["constraints"] == []
    digital, _back = pay.world.pay.open_session(button(pay, deliverySpecifications=abroad), product="PayOnly")
    assert digital.address is None
    assert (await pay.ok("GET", f"/checkoutSessions/{digital.session_id}"))["shippingAddress"] is None


# ---- 5.6


@row("5.6 body: reasonCode and message")
async def _(pay: PayShop) -> None:
    answer = await pay.raw("GET", NOWHERE)
    assert answer.status == 404
    assert json.loads(answer.body) == {
        "reasonCode": "ResourceNotFound", "message": "The charge 'S01-0000000-0000001-C000001' does not exist",
    }  # fmt: skip


@row("5.6 a decline of a synchronous charge is an HTTP error")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    pay.world.pay.change_method(permission, pay.card(Behaviour.DECLINE_SOFT))
    before = len(pay.world.pay.books.charges)
    assert await pay.refused("POST", "/charges", pay.charge_body(permission)) == (422, "SoftDeclined")
    assert len(pay.world.pay.books.charges) == before


@row("5.6 keys: required for POST, 32 of A-Za-z0-9_-")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    body = pay.charge_body(permission)
    assert await pay.refused("POST", "/charges", body, key="") == (400, "MissingHeader")
    for key in ("x" * 33, "with space", "ü"[:0] + "a.b"):
        assert await pay.refused("POST", "/charges", body, key=key) == (400, "InvalidHeaderValue")
    await pay.ok("POST", "/charges", body, status=201, key="A" * 30 + "_-")


@row("8.27 a UUID with dashes is no key")
async def _(pay: PayShop) -> None:
    key = "0b3c2a86-8a1d-4a58-9d1f-0d2f6d6d4a11"
    assert await pay.refused("POST", "/charges", {}, key=key) == (400, "InvalidHeaderValue")


@row("5.6 the same key gets the saved first answer, a decline too, for ever")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    body = pay.charge_body(permission, captureNow=False)
    first = await pay.ok("POST", "/charges", body, status=201, key="k-1")
    await pay.ok("POST", f"/charges/{first['chargeId']}/capture", {"captureAmount": pay.money("10.00")})
    pay.world.clock.advance(400 * 86400)
    again = await pay.ok("POST", "/charges", body, status=201, key="k-1")
    assert again == first
    assert len(pay.world.pay.books.charges) == 1
    fresh = await pay.permission()
    declined = pay.charge_body(fresh)
    assert await pay.refused("POST", "/charges", declined, key="k-2", code="SoftDeclined") == (422, "SoftDeclined")
    assert await pay.refused("POST", "/charges", declined, key="k-2") == (422, "SoftDeclined")
    await pay.ok("POST", "/charges", declined, status=201, key="k-3")


@row("5.6 the same key with another body is DuplicateIdempotencyKey")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    made = await pay.charge(permission, key="k-1")
    other = pay.charge_body(permission, "11.00")
    assert await pay.refused("POST", "/charges", other, key="k-1") == (400, "DuplicateIdempotencyKey")
    refund = {"chargeId": made["chargeId"], "refundAmount": pay.money("1.00")}
    assert await pay.refused("POST", "/refunds", refund, key="k-1") == (400, "DuplicateIdempotencyKey")


@row("5.6 throttling: published buckets, 429")
async def _(pay: PayShop) -> None:
    pay.world.throttling = True
    for path, size in ((NOWHERE, 5), ("/chargePermissions/C01-0000000-0000001", 10), ("/refunds/S01-x", 5)):
        for _ in range(size):
            assert await pay.refused("GET", path) == NOT_FOUND
        assert await pay.refused("GET", path) == (429, "TooManyRequests")
    for _ in range(2):
        assert (await pay.refused("POST", "/charges", {}))[0] != 429
    assert await pay.refused("POST", "/charges", {}) == (429, "TooManyRequests")
    pay.world.clock.advance(1)
    assert (await pay.refused("POST", "/charges", {}))[0] != 429
    live = account(pay, key="LIVE-1", sandbox=False)
    for _ in range(10):
        assert (await live.refused("POST", "/charges", {}))[0] != 429
    assert await live.refused("POST", "/charges", {}) == (429, "TooManyRequests")


@row("5.6 InvalidParameterValue")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    for amount in ("1.234", "1,000.00", "0", "-1", "", "1e3"):
        refused = await pay.refused("POST", "/charges", pay.charge_body(permission, amount))
        assert refused == (400, "InvalidParameterValue"), amount
    number = {**pay.charge_body(permission), "chargeAmount": {"amount": 10, "currencyCode": "USD"}}
    assert await pay.refused("POST", "/charges", number) == (400, "InvalidParameterValue")


@row("5.6 InvalidParameterCombination")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    wanted = (400, "InvalidParameterCombination")
    both = pay.charge_body(permission, canHandlePendingAuthorization=True)
    assert await pay.refused("POST", "/charges", both) == wanted
    described = pay.charge_body(permission, captureNow=False, softDescriptor="SHOP")
    assert await pay.refused("POST", "/charges", described) == wanted
    session, _back = pay.world.pay.open_session()
    body = pay.setting(canHandlePendingAuthorization=True)
    assert await pay.refused("PATCH", f"/checkoutSessions/{session.session_id}", body) == wanted


@row("5.6 MissingParameterValue")
async def _(pay: PayShop) -> None:
    wanted = (400, "MissingParameterValue")
    assert await pay.refused("POST", "/charges", {"chargeAmount": pay.money("1.00")}) == wanted
    permission = await pay.permission()
    assert await pay.refused("POST", "/charges", {"chargePermissionId": permission}) == wanted
    assert await pay.refused("DELETE", f"/chargePermissions/{permission}/close", {}) == wanted


@row("5.6 InvalidRequestFormat")
async def _(pay: PayShop) -> None:
    assert await pay.refused("POST", "/charges", [1]) == (400, "InvalidRequestFormat")


@row("5.4 a field the call does not have is UnrecognizedField")
async def _(pay: PayShop) -> None:
    assert await pay.refused("POST", "/charges", {"chargePermissionID": "x"}) == (400, "UnrecognizedField")
    body = {**pay.setting(), "chargeAmount": pay.money("1.00")}
    session, _back = pay.world.pay.open_session()
    assert await pay.refused("PATCH", f"/checkoutSessions/{session.session_id}", body) == (400, "UnrecognizedField")


@row("5.6 CurrencyMismatch")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    body = {**pay.charge_body(permission), "chargeAmount": {"amount": "1.00", "currencyCode": "EUR"}}
    assert await pay.refused("POST", "/charges", body) == (400, "CurrencyMismatch")


@row("5.6 ResourceNotFound")
async def _(pay: PayShop) -> None:
    for path in ("/charges/x", "/refunds/x", "/chargePermissions/x", "/checkoutSessions/x", "/disputes/x", "/nothing"):
        assert await pay.refused("GET", path) == NOT_FOUND
    stranger = account(pay)
    session = await pay.opened()
    assert await stranger.refused("GET", f"/checkoutSessions/{session}") == NOT_FOUND


@row("5.6 UnsupportedOperation")
async def _(pay: PayShop) -> None:
    assert await pay.refused("DELETE", "/charges", {}) == (405, "UnsupportedOperation")


@row("5.6 UnauthorizedAccess, InvalidAccountStatus, InvalidRequestSignature")
async def _(pay: PayShop) -> None:
    pay.merchant.active = False
    assert await pay.refused("GET", NOWHERE) == (403, "InvalidAccountStatus")
    pay.merchant.active = True
    pay.key_id = "SANDBOX-UNKNOWN"
    assert await pay.refused("GET", NOWHERE) == (401, "UnauthorizedAccess")
    answer = await pay.http.request("GET", f"https://{pay.host}/v2/charges/x", headers={})
    assert json.loads(answer.body)["reasonCode"] == "MissingHeader"


@row("5.6 InternalServerError, ServiceUnavailable and lost answers can be ordered")
async def _(pay: PayShop) -> None:
    faults = pay.world.faults
    for code, status in (("InternalServerError", 500), ("ServiceUnavailable", 503), ("ProcessingFailure", 422)):
        faults.add(Fault("refuse", action="CreateCharge", code=code))
        assert await pay.refused("POST", "/charges", {}) == (status, code)
    faults.add(Fault("throttle", action="CreateCharge"))
    assert await pay.refused("POST", "/charges", {}) == (429, "TooManyRequests")
    permission = await pay.permission()
    faults.add(Fault("drop", action="CreateCharge"))
    with pytest.raises(TransportError) as caught:
        await pay.raw("POST", "/charges", pay.charge_body(permission), key="k-9")
    assert caught.value.sent
    assert len(pay.world.pay.books.charges) == 1
    await pay.ok("POST", "/charges", pay.charge_body(permission), status=201, key="k-9")
    assert len(pay.world.pay.books.charges) == 1
    faults.add(Fault("host_gone"))
    with pytest.raises(TransportError) as caught:
        await pay.raw("GET", NOWHERE)
    assert caught.value.unresolved


@row("5.5 frequency.value is a text")
async def _(pay: PayShop) -> None:
    session, _back = pay.world.pay.open_session()
    path = f"/checkoutSessions/{session.session_id}"
    for value in (1, "one", ""):
        body = {"recurringMetadata": {"frequency": {"unit": "Month", "value": value}}}
        assert await pay.refused("PATCH", path, body) == (400, "InvalidParameterValue")
    await pay.ok("PATCH", path, {"recurringMetadata": MONTHLY})


@row("8.9 a store name of more than 50 characters fails")
async def _(pay: PayShop) -> None:
    session, _back = pay.world.pay.open_session()
    body = {"merchantMetadata": {"merchantStoreName": "S" * 51}}
    path = f"/checkoutSessions/{session.session_id}"
    assert await pay.refused("PATCH", path, body) == (400, "InvalidParameterValue")
    permission = await pay.permission()
    charge = pay.charge_body(permission, merchantMetadata={"merchantStoreName": "S" * 51})
    assert await pay.refused("POST", "/charges", charge) == (400, "InvalidParameterValue")


@pytest.mark.parametrize("demonstration", row.cases())
async def test_the_contract(demonstration: Demonstration, pay: PayShop) -> None:
    await demonstration(pay)
