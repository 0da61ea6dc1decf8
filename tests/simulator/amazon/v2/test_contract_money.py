"""Contract sections 0, 5.4 and 5.5: sessions, permissions, charges, refunds, and what v1 left behind."""

from __future__ import annotations

import base64
import csv
import hmac
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from saleor_amazonpay.simulator.amazon.clock import DAY
from saleor_amazonpay.simulator.amazon.v2.keys import KeyPair
from saleor_amazonpay.simulator.amazon.v2.reports import SETTLEMENT
from tests.simulator.amazon.shop import Shop, state, text
from tests.simulator.amazon.v2.demonstrations import Demonstration, Table, account
from tests.simulator.amazon.v2.shop import MONTHLY, RESULT, PayShop

pytestmark = pytest.mark.anyio
row = Table()


# ---- 5.4: sessions


@row("5.4 Create Checkout Session")
async def _(pay: PayShop) -> None:
    body = {
        "webCheckoutDetails": {"checkoutReviewReturnUrl": "https://shop.example/review"},
        "storeId": pay.merchant.store_id,
        "scopes": ["name"],
        "chargePermissionType": "OneTime",
    }
    made = await pay.ok("POST", "/checkoutSessions", body, status=201)
    assert made["statusDetails"]["state"] == "Open"
    assert "BuyerNotAssociated" in {each["constraintId"] for each in made["constraints"]}
    assert await pay.refused("POST", "/checkoutSessions", {**body, "storeId": "x"}) == (400, "InvalidParameterValue")
    del body["storeId"]
    assert await pay.refused("POST", "/checkoutSessions", body) == (400, "MissingParameterValue")


@row("5.4 Get and Update Checkout Session: constraints until it can be confirmed, then amazonPayRedirectUrl")
async def _(pay: PayShop) -> None:
    session, _back = pay.world.pay.open_session()
    path = f"/checkoutSessions/{session.session_id}"
    told = await pay.ok("GET", path)
    assert {each["constraintId"] for each in told["constraints"]} == {
        "ChargeAmountNotSet", "CheckoutResultReturnUrlNotSet", "PaymentIntentNotSet",
    }  # fmt: skip
    assert told["webCheckoutDetails"]["amazonPayRedirectUrl"] is None
    told = await pay.ok("PATCH", path, pay.setting())
    assert told["constraints"] == []
    assert told["webCheckoutDetails"]["amazonPayRedirectUrl"].endswith(f"/checkout/{session.session_id}")
    recurring = await pay.ok("PATCH", path, {"chargePermissionType": "Recurring"})
    assert [each["constraintId"] for each in recurring["constraints"]] == ["RecurringFrequencyNotSet"]


@row("5.4 Complete Checkout Session: 200")
async def _(pay: PayShop) -> None:
    session = await pay.opened()
    body = {"chargeAmount": pay.money("10.00")}
    path = f"/checkoutSessions/{session}/complete"
    assert await pay.refused("POST", path, body) == (422, "InvalidCheckoutSessionStatus")
    assert pay.world.pay.finish(session) == f"{RESULT}?amazonCheckoutSessionId={session}"
    done = await pay.complete(session)
    assert done["statusDetails"]["state"] == "Completed"
    charge = await pay.ok("GET", f"/charges/{done['chargeId']}")
    assert (charge["statusDetails"]["state"], charge["captureAmount"]) == ("Captured", pay.money("10.00"))
    assert charge["merchantMetadata"]["merchantReferenceId"] == "ref-1"
    assert await pay.refused("POST", path, body) == (422, "InvalidCheckoutSessionStatus")
    assert len(pay.world.pay.books.charges) == 1
    # What is set anew has to be confirmed anew.
    again = await pay.confirmed()
    await pay.ok("PATCH", f"/checkoutSessions/{again}", pay.setting("12.00"))
    refused = await pay.refused("POST", f"/checkoutSessions/{again}/complete", {"chargeAmount": pay.money("12.00")})
    assert refused == (422, "InvalidCheckoutSessionStatus")


@row("5.4 Complete Checkout Session: 202 while the authorization is pending")
async def _(pay: PayShop) -> None:
    card = pay.card(Behaviour.TIMED_OUT)
    session = await pay.confirmed("10.00", "Authorize", card=card, canHandlePendingAuthorization=True)
    done = await pay.complete(session, status=202)
    path = f"/charges/{done['chargeId']}"
    assert await pay.state(path) == ("AuthorizationInitiated", "")
    pay.world.advance(60)
    assert await pay.state(path) == ("Authorized", "")
    captured = await pay.ok("POST", f"{path}/capture", {"captureAmount": pay.money("10.00")})
    assert captured["statusDetails"]["state"] == "Captured"


@row("5.4 Complete with another amount is AmountMismatch")
async def _(pay: PayShop) -> None:
    session = await pay.confirmed()
    body = {"chargeAmount": pay.money("9.99")}
    assert await pay.refused("POST", f"/checkoutSessions/{session}/complete", body) == (422, "AmountMismatch")
    assert await pay.state(f"/checkoutSessions/{session}") == ("Open", "")


@row("5.4 Finalize Checkout Session")
async def _(pay: PayShop) -> None:
    session = await pay.opened()
    body = {"paymentIntent": "AuthorizeWithCapture", "chargeAmount": pay.money("10.00")}
    done = await pay.ok("POST", f"/checkoutSessions/{session}/finalize", body)
    assert await pay.state(f"/charges/{done['chargeId']}") == ("Captured", "")


# ---- 5.4: permissions, charges, refunds


@row("5.4 Get, Update and Close Charge Permission")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    path = f"/chargePermissions/{permission}"
    told = await pay.ok("GET", path)
    assert told["chargePermissionType"] == "Recurring"
    assert told["recurringMetadata"] == MONTHLY
    changed = await pay.ok("PATCH", path, {"merchantMetadata": {"noteToBuyer": "hi"}})
    assert changed["merchantMetadata"] == {**told["merchantMetadata"], "noteToBuyer": "hi"}
    reserved = await pay.charge(permission, captureNow=False)
    closed = await pay.ok("DELETE", f"{path}/close", {"closureReason": "done", "cancelPendingCharges": True})
    assert closed["statusDetails"]["state"] == "Closed"
    assert await pay.state(f"/charges/{reserved['chargeId']}") == ("Canceled", "ChargePermissionCanceled")
    assert await pay.refused("POST", "/charges", pay.charge_body(permission)) == (422, "InvalidChargePermissionStatus")


@row("5.4 Create Charge: 201")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    made = await pay.charge(permission, "12.34", softDescriptor="TEA HOUSE")
    assert made["statusDetails"]["state"] == "Captured"
    assert (made["captureAmount"], made["softDescriptor"]) == (pay.money("12.34"), "TEA HOUSE")
    assert made["chargePermissionId"] == permission


@row("5.4 Update Charge is for payment service providers")
async def _(pay: PayShop) -> None:
    made = await pay.charge(await pay.permission())
    body = {"statusDetails": {"state": "Canceled", "reasonCode": "ExpiredUnused"}}
    assert await pay.refused("PATCH", f"/charges/{made['chargeId']}", body) == (401, "UnauthorizedAccess")


@row("5.4 Capture, once, fully or in part")
async def _(pay: PayShop) -> None:
    made = await pay.charge(await pay.permission(), captureNow=False)
    path = f"/charges/{made['chargeId']}/capture"
    too_much = {"captureAmount": pay.money("10.01")}
    assert await pay.refused("POST", path, too_much) == (422, "TransactionAmountExceeded")
    done = await pay.ok("POST", path, {"captureAmount": pay.money("4.00")})
    assert (done["statusDetails"]["state"], done["captureAmount"]) == ("Captured", pay.money("4.00"))
    assert await pay.refused("POST", path, {"captureAmount": pay.money("6.00")}) == (422, "InvalidChargeStatus")


@row("5.4 Cancel Charge")
async def _(pay: PayShop) -> None:
    made = await pay.charge(await pay.permission(), captureNow=False)
    path = f"/charges/{made['chargeId']}/cancel"
    for _ in range(2):
        done = await pay.ok("DELETE", path, {"cancellationReason": "sold out"})
        assert (done["statusDetails"]["state"], done["statusDetails"]["reasonCode"]) == ("Canceled", "MerchantCanceled")
    taken = await pay.charge(await pay.permission())
    body = {"cancellationReason": "no"}
    assert await pay.refused("DELETE", f"/charges/{taken['chargeId']}/cancel", body) == (422, "InvalidChargeStatus")


@row("5.4 Create and Get Refund")
async def _(pay: PayShop) -> None:
    made = await pay.charge(await pay.permission())
    body = {"chargeId": made["chargeId"], "refundAmount": pay.money("3.00"), "softDescriptor": "SORRY"}
    refund = await pay.ok("POST", "/refunds", body, status=201)
    path = f"/refunds/{refund['refundId']}"
    assert await pay.state(path) == ("RefundInitiated", "")
    pay.world.advance(60)
    assert await pay.state(path) == ("Refunded", "")
    assert (await pay.ok("GET", f"/charges/{made['chargeId']}"))["refundedAmount"] == pay.money("3.00")
    reserved = await pay.charge(await pay.permission(), captureNow=False)
    body = {"chargeId": reserved["chargeId"], "refundAmount": pay.money("1.00")}
    assert await pay.refused("POST", "/refunds", body) == (422, "InvalidChargeStatus")


@row("8.36 refunds: captured plus the lesser of 15 % and 75, ten at most")
async def _(pay: PayShop) -> None:
    made = await pay.charge(await pay.permission())
    body: dict[str, Any] = {"chargeId": made["chargeId"], "refundAmount": pay.money("11.51")}
    assert await pay.refused("POST", "/refunds", body) == (422, "TransactionAmountExceeded")
    body["refundAmount"] = pay.money("1.15")
    for _ in range(10):
        await pay.ok("POST", "/refunds", body, status=201)
    assert await pay.refused("POST", "/refunds", body) == (422, "TransactionCountExceeded")


@row("5.4 Buyer")
async def _(pay: PayShop) -> None:
    token = pay.world.issue_token(pay.world.buyer.buyer_id, pay.merchant)
    told = await pay.ok("GET", f"/buyers/{quote(token.token, safe='')}")
    assert (told["buyerId"], told["postalCode"]) == (pay.world.buyer.buyer_id, "60602")
    assert await pay.refused("GET", "/buyers/nobody") == (404, "ResourceNotFound")


@row("5.4 Reports and report documents: a settlement whose fees add up")
async def _(pay: PayShop) -> None:
    made = await pay.charge(await pay.permission(), "100.00")
    await pay.ok("POST", "/refunds", {"chargeId": made["chargeId"], "refundAmount": pay.money("40.00")}, status=201)
    pay.world.advance(60)
    pay.world.pay.dispute(made["chargeId"], Decimal("10.00"))
    asked = await pay.ok("POST", "/reports", {"reportType": SETTLEMENT}, status=201)
    report = await pay.ok("GET", f"/reports/{asked['reportId']}")
    assert report["processingStatus"] == "COMPLETED"
    assert (await pay.ok("GET", "/reports"))["reports"] == [report]
    document = await pay.ok("GET", f"/report-documents/{report['reportDocumentId']}")
    answer = await pay.http.request("GET", document["url"], headers={})
    lines = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert [(each["TransactionType"], each["TransactionAmount"]) for each in lines] == [
        ("Capture", "100.00"), ("Refund", "-40.00"), ("Chargeback", "-10.00"),
    ]  # fmt: skip
    assert [each["TotalTransactionFee"] for each in lines] == ["-3.20", "1.16", "-20.00"]
    for each in lines:
        net = Decimal(each["TransactionAmount"]) + Decimal(each["TotalTransactionFee"])
        assert net == Decimal(each["NetTransactionAmount"])
    assert await pay.refused("POST", "/reports", {"reportType": "x"}) == (400, "InvalidParameterValue")


@row("5.4 Disputes, where a merchant may read them")
async def _(pay: PayShop) -> None:
    made = await pay.charge(await pay.permission())
    dispute = pay.world.pay.dispute(made["chargeId"], Decimal("4.00"))
    path = f"/disputes/{dispute.dispute_id}"
    told = await pay.ok("GET", path)
    assert (told["disputeAmount"], told["statusDetails"]["state"]) == (pay.money("4.00"), "UnderReview")
    pay.world.pay.resolve(dispute.dispute_id, "MerchantWon")
    told = await pay.ok("GET", path)
    assert (told["statusDetails"]["state"], told["resolution"]) == ("Resolved", "MerchantWon")
    pay.world.pay.disputes_visible = False
    assert await pay.refused("GET", path) == (401, "UnauthorizedAccess")


@row("5.4 a permission lists reasons, everything else has one reasonCode")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    pay.world.pay.end(permission)
    status = (await pay.ok("GET", f"/chargePermissions/{permission}"))["statusDetails"]
    assert [each["reasonCode"] for each in status["reasons"]] == ["BuyerCanceled"]
    assert "reasonCode" not in status
    session = await pay.opened()
    pay.world.pay.finish(session, "cancel")
    status = (await pay.ok("GET", f"/checkoutSessions/{session}"))["statusDetails"]
    assert (status["reasonCode"], "reasons" in status) == ("BuyerCanceled", False)


async def one_time(pay: PayShop, total: str = "100.00", amount: str = "1.00") -> tuple[str, str]:
    """A permission for a whole order of which a first part was charged: both ids."""
    session = await pay.confirmed(amount, totalOrderAmount=pay.money(total))
    done = await pay.complete(session, amount)
    return done["chargePermissionId"], done["chargeId"]


@row("5.4 one-time: 25 charges at most")
async def _(pay: PayShop) -> None:
    permission, _charge = await one_time(pay)
    for _ in range(24):
        await pay.charge(permission, "1.00")
    refused = await pay.refused("POST", "/charges", pay.charge_body(permission, "1.00"))
    assert refused == (422, "TransactionCountExceeded")


@row("5.4 one-time: the sum within amountLimit, closed when amountBalance is 0, refunds give nothing back")
async def _(pay: PayShop) -> None:
    permission, charge = await one_time(pay, "100.00", "60.00")
    path = f"/chargePermissions/{permission}"
    assert (await pay.ok("GET", path))["limits"] == {
        "amountLimit": pay.money("100.00"), "amountBalance": pay.money("40.00"),
    }  # fmt: skip
    await pay.ok("POST", "/refunds", {"chargeId": charge, "refundAmount": pay.money("60.00")}, status=201)
    pay.world.advance(60)
    too_much = pay.charge_body(permission, "40.01")
    assert await pay.refused("POST", "/charges", too_much) == (422, "TransactionAmountExceeded")
    reserved = await pay.charge(permission, "40.00", captureNow=False)
    assert await pay.state(path) == ("Chargeable", "")
    await pay.ok("POST", f"/charges/{reserved['chargeId']}/capture", {"captureAmount": pay.money("40.00")})
    assert (await pay.state(path))[0] == "Closed"


# ---- 5.5


@row("5.5 recurring: session, completion, later charges")
async def _(pay: PayShop) -> None:
    more = {"chargePermissionType": "Recurring", "recurringMetadata": MONTHLY}
    done = await pay.complete(await pay.confirmed(more=more))
    for _ in range(3):
        assert (await pay.charge(done["chargePermissionId"]))["statusDetails"]["state"] == "Captured"
    assert await pay.state(f"/chargePermissions/{done['chargePermissionId']}") == ("Chargeable", "")


@row("5.5 free trial: Confirm makes a permission and no charge")
async def _(pay: PayShop) -> None:
    more = {"chargePermissionType": "Recurring", "recurringMetadata": MONTHLY}
    done = await pay.complete(await pay.confirmed("10.00", "Confirm", more=more))
    assert done["chargeId"] is None
    assert pay.world.pay.books.charges == {}
    assert (await pay.charge(done["chargePermissionId"]))["statusDetails"]["state"] == "Captured"


@row("5.5 a session is open for 24 hours and kept for 30 days")
async def _(pay: PayShop) -> None:
    session = await pay.confirmed()
    path = f"/checkoutSessions/{session}"
    pay.world.advance(DAY - 1)
    assert await pay.state(path) == ("Open", "")
    pay.world.advance(1)
    assert await pay.state(path) == ("Canceled", "Expired")
    body = {"chargeAmount": pay.money("10.00")}
    assert await pay.refused("POST", f"{path}/complete", body) == (422, "CheckoutSessionCanceled")
    pay.world.advance(29 * DAY + 1)
    assert await pay.refused("GET", path) == (404, "ResourceNotFound")


@row("5.5 one-time permission: 180 days, 13 months with extendExpiration")
async def _(pay: PayShop) -> None:
    short, _charge = await one_time(pay)
    session = await pay.confirmed("1.00", totalOrderAmount=pay.money("100.00"), extendExpiration=True)
    long = (await pay.complete(session, "1.00"))["chargePermissionId"]
    pay.world.advance(180 * DAY)
    assert await pay.state(f"/chargePermissions/{short}") == ("Closed", "Expired")
    assert await pay.state(f"/chargePermissions/{long}") == ("Chargeable", "")
    pay.world.advance(215 * DAY)
    assert await pay.state(f"/chargePermissions/{long}") == ("Closed", "Expired")


@row("5.5 recurring permission: 13 months, anew with each charge")
async def _(pay: PayShop) -> None:
    charged, idle = await pay.permission(), await pay.permission()
    pay.world.advance(390 * DAY)
    await pay.charge(charged)
    pay.world.advance(10 * DAY)
    assert await pay.state(f"/chargePermissions/{idle}") == ("Closed", "Expired")
    assert await pay.state(f"/chargePermissions/{charged}") == ("Chargeable", "")


@row("5.5 recurring: a limit per calendar month")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    await pay.charge(permission, "990.00")
    told = await pay.ok("GET", f"/chargePermissions/{permission}")
    assert told["limits"]["amountBalance"] == pay.money("10.00")
    body = pay.charge_body(permission, "10.01")
    assert await pay.refused("POST", "/charges", body) == (422, "TransactionAmountExceeded")
    pay.world.advance(31 * DAY)
    await pay.charge(permission, "990.00")


@row("5.5 the buyer changes the payment method at Amazon")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    pay.world.pay.change_method(permission, pay.card(Behaviour.DECLINE_HARD))
    assert await pay.refused("POST", "/charges", pay.charge_body(permission)) == (422, "HardDeclined")
    assert await pay.state(f"/chargePermissions/{permission}") == ("NonChargeable", "PaymentMethodInvalid")
    pay.world.pay.change_method(permission, pay.card(Behaviour.OK))
    assert (await pay.charge(permission))["statusDetails"]["state"] == "Captured"


@row("5.5 metadata of a closed permission: one-time, and only what is empty")
async def _(pay: PayShop) -> None:
    permission, _charge = await one_time(pay)
    path = f"/chargePermissions/{permission}"
    await pay.ok("DELETE", f"{path}/close", {"closureReason": "done"})
    await pay.ok("PATCH", path, {"merchantMetadata": {"noteToBuyer": "late"}})
    again = {"merchantMetadata": {"noteToBuyer": "later"}}
    assert await pay.refused("PATCH", path, again) == (422, "ChargePermissionNotModifiable")
    recurring = await pay.permission()
    path = f"/chargePermissions/{recurring}"
    await pay.ok("DELETE", f"{path}/close", {"closureReason": "done"})
    assert await pay.refused("PATCH", path, again) == (422, "ChargePermissionNotModifiable")


@row("5.5 Europe: a changed plan needs a new checkout")
async def _(pay: PayShop) -> None:
    weekly = {"recurringMetadata": {"frequency": {"unit": "Week", "value": "1"}}}
    path = f"/chargePermissions/{await pay.permission()}"
    assert (await pay.ok("PATCH", path, weekly))["recurringMetadata"]["frequency"]["unit"] == "Week"
    europe = account(pay, region="de")
    path = f"/chargePermissions/{await europe.permission()}"
    assert await europe.refused("PATCH", path, weekly) == (400, "InvalidParameterValue")


# ---- 0: what v1 left behind


def old(pay: PayShop) -> Shop:
    return Shop(pay.world, pay.merchant)


@row("0 a billing agreement is a charge permission under its own id")
async def _(pay: PayShop) -> None:
    shop = old(pay)
    draft, _token = pay.world.open_agreement()
    assert await pay.refused("GET", f"/chargePermissions/{draft.agreement_id}") == (404, "ResourceNotFound")
    agreement = await shop.open_agreement()
    told = await pay.ok("GET", f"/chargePermissions/{agreement}")
    assert (told["chargePermissionType"], told["statusDetails"]["state"]) == ("Recurring", "Chargeable")
    await shop.charge(agreement, "900.00")
    assert (await pay.ok("GET", f"/chargePermissions/{agreement}"))["limits"]["amountBalance"] == pay.money("100.00")
    made = await pay.charge(agreement, "60.00")
    assert made["statusDetails"]["state"] == "Captured"
    # One limit for both interfaces.
    refused = await shop.refused("AuthorizeOnBillingAgreement", shop.charge_values(agreement, "40.01"))
    assert refused.code == "PeriodicAmountExceeded"
    await pay.ok("DELETE", f"/chargePermissions/{agreement}/close", {"closureReason": "done"})
    assert await shop.state("BillingAgreement", agreement) == ("Closed", "SellerClosed")
    other = await shop.open_agreement()
    pay.world.close_agreement(other)
    assert await pay.state(f"/chargePermissions/{other}") == ("Closed", "BuyerClosed")


@row("0 an order reference is a one-time charge permission, closed with cancelPendingCharges")
async def _(pay: PayShop) -> None:
    shop = old(pay)
    order, _token = pay.world.open_order()
    total = {
        "OrderReferenceAttributes.OrderTotal.Amount": "50.00",
        "OrderReferenceAttributes.OrderTotal.CurrencyCode": "USD",
    }
    await shop.ok("SetOrderReferenceDetails", {"AmazonOrderReferenceId": order.order_id, **total})
    await shop.ok("ConfirmOrderReference", {"AmazonOrderReferenceId": order.order_id})
    made = await pay.charge(order.order_id, "20.00", captureNow=False)
    body = {"closureReason": "gone", "cancelPendingCharges": True}
    told = await pay.ok("DELETE", f"/chargePermissions/{order.order_id}/close", body)
    assert told["statusDetails"]["state"] == "Closed"
    assert await pay.state(f"/charges/{made['chargeId']}") == ("Canceled", "ChargePermissionCanceled")


@row("0 an authorization is a charge with its 21st character C, captured and canceled under it")
async def _(pay: PayShop) -> None:
    shop = old(pay)
    agreement = await shop.open_agreement()
    ids = [text(await shop.charge(agreement), "AmazonAuthorizationId") for _ in range(2)]
    charges = [each[:20] + "C" + each[21:] for each in ids]
    assert await pay.state(f"/charges/{charges[0]}") == ("Authorized", "")
    done = await pay.ok("POST", f"/charges/{charges[0]}/capture", {"captureAmount": pay.money("10.00")})
    assert (done["statusDetails"]["state"], done["captureAmount"]) == ("Captured", pay.money("10.00"))
    assert await shop.state("Authorization", ids[0]) == ("Closed", "MaxCapturesProcessed")
    done = await pay.ok("DELETE", f"/charges/{charges[1]}/cancel", {"cancellationReason": "no"})
    assert done["statusDetails"]["reasonCode"] == "MerchantCanceled"
    assert await shop.state("Authorization", ids[1]) == ("Closed", "SellerClosed")


@row("0 a capture is a charge and is refunded as one")
async def _(pay: PayShop) -> None:
    shop = old(pay)
    capture = await shop.captured()
    assert await pay.state(f"/charges/{capture}") == ("Captured", "")
    body = {"chargeId": capture, "refundAmount": pay.money("4.00")}
    refund = await pay.ok("POST", "/refunds", body, status=201)
    pay.world.advance(60)
    assert await pay.state(f"/refunds/{refund['refundId']}") == ("Refunded", "")
    assert await shop.state("Refund", refund["refundId"]) == ("Completed", "")
    told = await shop.ok("GetCaptureDetails", {"AmazonCaptureId": capture})
    assert text(told, "RefundedAmount/Amount") == "4.00"
    assert state(told, "CaptureStatus")[0] == "Completed"


@row("0 v1's notifications go on arriving for v1's objects")
async def _(pay: PayShop) -> None:
    capture = await old(pay).captured()
    pay.merchant.ipn_url = "https://shop.example/ipn"
    body = {"chargeId": capture, "refundAmount": pay.money("4.00")}
    await pay.ok("POST", "/refunds", body, status=201)
    pay.world.advance(60)
    kinds = [each.inner.type for each in pay.world.notifications.log]
    assert kinds == ["PaymentRefund"]


@row("0 a recurring permission has the form of a billing agreement's id")
async def _(pay: PayShop) -> None:
    assert (await pay.permission()).startswith("C01-")
    live = account(pay, key="LIVE-1", sandbox=False)
    assert (await live.permission()).startswith("B01-")
    permission, charge = await one_time(pay)
    assert permission.startswith("S01-")
    assert charge.startswith(f"{permission}-C")


async def upgraded(pay: PayShop, pem: str, secret: str = "") -> tuple[int, bytes]:
    values = {
        "AWSAccessKeyId": pay.merchant.access_key,
        "Action": "GetPublicKeyId",
        "SellerId": pay.merchant.seller_id,
        "SignatureMethod": "HmacSHA256",
        "SignatureVersion": "2",
        "Timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "PublicKey": pem,
    }
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(values[name], safe='-_.~')}" for name in sorted(values))
    signed = f"GET\npay-api.amazon.com\n/live/v2/publicKeyId\n{query}"
    secret = secret or pay.merchant.secret_key
    signature = base64.b64encode(hmac.digest(secret.encode(), signed.encode(), "sha256")).decode()
    url = f"https://pay-api.amazon.com/live/v2/publicKeyId?{query}&Signature={quote(signature, safe='')}"
    answer = await pay.http.request("GET", url, headers={})
    return answer.status, answer.body


@row("0 key upgrade: the MWS secret buys a public key id")
async def _(pay: PayShop) -> None:
    pem = KeyPair.shared().public
    pay.merchant.public_keys.clear()
    assert (await upgraded(pay, pem, "wrong"))[0] == 403
    assert (await upgraded(pay, "no key"))[0] == 400
    status, body = await upgraded(pay, pem)
    assert status == 200
    pay.key_id, pay.prefix = next(iter(pay.merchant.public_keys)), "/sandbox/v2"
    assert pay.key_id.encode() in body
    assert await pay.refused("GET", "/charges/x") == (404, "ResourceNotFound")


@row("8.30 and 8.31 old objects and old secrets after a move")
async def _(pay: PayShop) -> None:
    shop = old(pay)
    capture = await shop.captured()
    made = await pay.charge(await pay.permission())
    # Both interfaces go on, each with its own key.
    assert await shop.state("Capture", capture) == ("Completed", "")
    assert await pay.state(f"/charges/{made['chargeId']}") == ("Captured", "")
    assert (
        await shop.refused("GetCaptureDetails", {"AmazonCaptureId": made["chargeId"]})
    ).code == "InvalidTransactionId"


@pytest.mark.parametrize("demonstration", row.cases())
async def test_the_contract(demonstration: Demonstration, pay: PayShop) -> None:
    await demonstration(pay)
