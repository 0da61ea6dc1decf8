"""Contract sections 5.7, 5.8 and 6: simulations, notifications, and every state and reason of v2."""

from __future__ import annotations

import json
from typing import Any

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from saleor_amazonpay.simulator.amazon.clock import DAY
from tests.simulator.amazon.mailbox import URL, Mailbox
from tests.simulator.amazon.v2.demonstrations import Demonstration, Table, account
from tests.simulator.amazon.v2.shop import PayShop

pytestmark = pytest.mark.anyio
row = Table()
SLOW = {"captureNow": False, "canHandlePendingAuthorization": True}


async def canceled(pay: PayShop, code: str) -> tuple[str, str]:
    session = await pay.confirmed()
    body = {"chargeAmount": pay.money("10.00")}
    status, _reason = await pay.refused("POST", f"/checkoutSessions/{session}/complete", body, code=code)
    assert status == 422
    return await pay.state(f"/checkoutSessions/{session}")


@row("5.7 Complete: BuyerCanceled, AmazonCanceled, Declined, AuthorizationInitiated")
async def _(pay: PayShop) -> None:
    for code in ("BuyerCanceled", "AmazonCanceled", "Declined"):
        assert await canceled(pay, code) == ("Canceled", code)
    session = await pay.confirmed("10.00", "Authorize", canHandlePendingAuthorization=True)
    done = await pay.complete(session, status=202, code="AuthorizationInitiated")
    assert await pay.state(f"/charges/{done['chargeId']}") == ("AuthorizationInitiated", "")


@row("5.7 Create Charge: declines and CaptureInitiated")
async def _(pay: PayShop) -> None:
    for code in ("SoftDeclined", "HardDeclined", "AmazonRejected", "TransactionTimedOut", "ProcessingFailure"):
        body = pay.charge_body(await pay.permission())
        assert await pay.refused("POST", "/charges", body, code=code) == (422, code)
    made = await pay.charge(await pay.permission(), code="CaptureInitiated")
    assert made["statusDetails"]["state"] == "CaptureInitiated"
    pay.world.advance(60)
    assert await pay.state(f"/charges/{made['chargeId']}") == ("Captured", "")


@row("5.7 Capture: CaptureInitiated, AmazonRejected")
async def _(pay: PayShop) -> None:
    made = await pay.charge(await pay.permission(), captureNow=False)
    path, body = f"/charges/{made['chargeId']}/capture", {"captureAmount": pay.money("10.00")}
    assert await pay.refused("POST", path, body, code="AmazonRejected") == (422, "AmazonRejected")
    done = await pay.ok("POST", path, body, code="CaptureInitiated")
    assert done["statusDetails"]["state"] == "CaptureInitiated"


@row("5.7 wrong code, or outside the sandbox: InvalidSandboxSimulationSpecified")
async def _(pay: PayShop) -> None:
    wanted = (400, "InvalidSandboxSimulationSpecified")
    body = pay.charge_body(await pay.permission())
    assert await pay.refused("POST", "/charges", body, code="BuyerCanceled") == wanted
    live = account(pay, key="LIVE-1", sandbox=False)
    body = live.charge_body(await live.permission())
    assert await live.refused("POST", "/charges", body, code="SoftDeclined") == wanted


@row("5.7 test cards: canceled by the buyer, declined on the page")
async def _(pay: PayShop) -> None:
    session = await pay.opened()
    back = pay.world.pay.finish(session, "cancel")
    assert back.endswith(f"amazonCheckoutSessionId={session}")
    assert await pay.state(f"/checkoutSessions/{session}") == ("Canceled", "BuyerCanceled")
    session = await pay.confirmed(card=pay.card(Behaviour.DECLINE_HARD))
    assert await pay.state(f"/checkoutSessions/{session}") == ("Canceled", "Declined")


@row("5.7 test cards: AuthorizationInitiated, then Authorized or HardDeclined")
async def _(pay: PayShop) -> None:
    for behaviour, state in (
        (Behaviour.TIMED_OUT, ("Authorized", "")),
        (Behaviour.DECLINE_HARD, ("Declined", "HardDeclined")),
    ):
        session = await pay.confirmed(
            "10.00", "Authorize", card=pay.card(behaviour), canHandlePendingAuthorization=True
        )
        done = await pay.complete(session, status=202)
        path = f"/charges/{done['chargeId']}"
        assert await pay.state(path) == ("AuthorizationInitiated", "")
        pay.world.advance(60)
        assert await pay.state(path) == state


@row("5.8 CHARGE_PERMISSION, CHARGE, REFUND and CHARGEBACK, without any state")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    mailbox = Mailbox()
    pay.world.http = mailbox
    pay.merchant.ipn_url = URL
    made = await pay.charge(permission)
    await pay.ok("POST", "/refunds", {"chargeId": made["chargeId"], "refundAmount": pay.money("1.00")}, status=201)
    dispute = pay.world.pay.dispute(made["chargeId"])
    pay.world.pay.end(permission)
    await pay.world.deliver_due()
    told: list[dict[str, Any]] = [json.loads(each.message) for each in pay.world.notifications.log]
    assert [each["ObjectType"] for each in told] == ["CHARGE", "REFUND", "CHARGEBACK", "CHARGE_PERMISSION"]
    assert {frozenset(each) for each in told} == {
        frozenset(
            {"MerchantID", "ObjectType", "ObjectId", "ChargePermissionId", "NotificationType", "NotificationId",
             "NotificationVersion"}
        )
    }  # fmt: skip
    assert {each["ChargePermissionId"] for each in told} == {permission}
    assert [each["ObjectId"] for each in told][2] == dispute.dispute_id
    assert {each.state for each in pay.world.notifications.log} == {"delivered"}


# ---- 6.1


@row("6.1 Chargeable")
async def _(pay: PayShop) -> None:
    assert await pay.state(f"/chargePermissions/{await pay.permission()}") == ("Chargeable", "")


@row("6.1 NonChargeable PaymentMethodInvalid")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    await pay.refused("POST", "/charges", pay.charge_body(permission), code="HardDeclined")
    assert await pay.state(f"/chargePermissions/{permission}") == ("NonChargeable", "PaymentMethodInvalid")
    refused = await pay.refused("POST", "/charges", pay.charge_body(permission))
    assert refused == (422, "InvalidChargePermissionStatus")


@row("6.1 NonChargeable PaymentMethodExpired, PaymentMethodDeleted, BillingAddressDeleted")
async def _(pay: PayShop) -> None:
    for reason in ("PaymentMethodExpired", "PaymentMethodDeleted", "BillingAddressDeleted"):
        permission = await pay.permission()
        card = pay.card(Behaviour.OK)
        pay.world.pay.change_method(permission, card)
        pay.world.spoil_card(pay.world.buyer.buyer_id, card, reason)  # type: ignore[arg-type]
        assert await pay.state(f"/chargePermissions/{permission}") == ("NonChargeable", reason)


@row("6.1 Closed MerchantClosed and MerchantCanceled")
async def _(pay: PayShop) -> None:
    for cancels, reason in ((False, "MerchantClosed"), (True, "MerchantCanceled")):
        permission = await pay.permission()
        body = {"closureReason": "x", "cancelPendingCharges": cancels}
        for _ in range(2):
            await pay.ok("DELETE", f"/chargePermissions/{permission}/close", body)
        assert await pay.state(f"/chargePermissions/{permission}") == ("Closed", reason)


@row("6.1 Closed BuyerCanceled and AmazonCanceled")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    pay.world.pay.end(permission, "buyer")
    assert await pay.state(f"/chargePermissions/{permission}") == ("Closed", "BuyerCanceled")
    permission = await pay.permission()
    pay.world.pay.end(permission, "amazon")
    assert await pay.state(f"/chargePermissions/{permission}") == ("Closed", "AmazonCanceled")


@row("6.1 Closed Expired")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    pay.world.advance(396 * DAY)
    assert await pay.state(f"/chargePermissions/{permission}") == ("Closed", "Expired")


# ---- 6.4


@row("6.4 AuthorizationInitiated, Authorized, CaptureInitiated, Captured")
async def _(pay: PayShop) -> None:
    made = await pay.charge(await pay.permission(), code="AuthorizationInitiated", **SLOW)
    path = f"/charges/{made['chargeId']}"
    assert await pay.state(path) == ("AuthorizationInitiated", "")
    pay.world.advance(60)
    assert await pay.state(path) == ("Authorized", "")
    pay.world.advance(8 * DAY)
    await pay.ok("POST", f"{path}/capture", {"captureAmount": pay.money("10.00")})
    assert await pay.state(path) == ("CaptureInitiated", "")
    pay.world.advance(60)
    assert await pay.state(path) == ("Captured", "")


@row("6.4 Declined: SoftDeclined, HardDeclined, AmazonRejected, ProcessingFailure")
async def _(pay: PayShop) -> None:
    for reason in ("SoftDeclined", "HardDeclined", "AmazonRejected", "ProcessingFailure"):
        made = await pay.charge(await pay.permission(), code=reason, **SLOW)
        pay.world.advance(60)
        assert await pay.state(f"/charges/{made['chargeId']}") == ("Declined", reason)


@row("6.4 Declined TransactionTimedOut, given time authorized")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    pay.world.pay.change_method(permission, pay.card(Behaviour.TIMED_OUT))
    assert await pay.refused("POST", "/charges", pay.charge_body(permission)) == (422, "TransactionTimedOut")
    made = await pay.charge(permission, **SLOW)
    pay.world.advance(60)
    assert await pay.state(f"/charges/{made['chargeId']}") == ("Authorized", "")


@row("6.4 AmazonRejected cancels the permission too")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    await pay.refused("POST", "/charges", pay.charge_body(permission), code="AmazonRejected")
    assert await pay.state(f"/chargePermissions/{permission}") == ("Closed", "AmazonCanceled")


@row("6.4 Canceled ExpiredUnused after 30 days")
async def _(pay: PayShop) -> None:
    made = await pay.charge(await pay.permission(), captureNow=False)
    pay.world.advance(30 * DAY)
    assert await pay.state(f"/charges/{made['chargeId']}") == ("Canceled", "ExpiredUnused")


@row("6.4 Canceled AmazonCanceled")
async def _(pay: PayShop) -> None:
    made = await pay.charge(await pay.permission(), captureNow=False)
    pay.world.pay.cancel_by_amazon(made["chargeId"])
    assert await pay.state(f"/charges/{made['chargeId']}") == ("Canceled", "AmazonCanceled")


@row("6.4 Canceled MerchantCanceled")
async def _(pay: PayShop) -> None:
    made = await pay.charge(await pay.permission(), code="AuthorizationInitiated", **SLOW)
    await pay.ok("DELETE", f"/charges/{made['chargeId']}/cancel", {"cancellationReason": "x"})
    pay.world.advance(60)
    assert await pay.state(f"/charges/{made['chargeId']}") == ("Canceled", "MerchantCanceled")


@row("6.4 Canceled ChargePermissionCanceled")
async def _(pay: PayShop) -> None:
    permission = await pay.permission()
    made = await pay.charge(permission, captureNow=False)
    pay.world.pay.end(permission)
    assert await pay.state(f"/charges/{made['chargeId']}") == ("Canceled", "ChargePermissionCanceled")


async def refunded(pay: PayShop, code: str = "") -> tuple[str, str]:
    made = await pay.charge(await pay.permission())
    body = {"chargeId": made["chargeId"], "refundAmount": pay.money("1.00")}
    refund = await pay.ok("POST", "/refunds", body, status=201, code=code)
    assert refund["statusDetails"]["state"] == "RefundInitiated"
    pay.world.advance(60)
    return await pay.state(f"/refunds/{refund['refundId']}")


@row("6.4 refund RefundInitiated, Refunded")
async def _(pay: PayShop) -> None:
    assert await refunded(pay) == ("Refunded", "")


@row("6.4 refund Declined AmazonRejected, ProcessingFailure")
async def _(pay: PayShop) -> None:
    for code in ("AmazonRejected", "ProcessingFailure"):
        assert await refunded(pay, code) == ("Declined", code)


@row("6.4 session Open, Completed")
async def _(pay: PayShop) -> None:
    session = await pay.confirmed()
    assert await pay.state(f"/checkoutSessions/{session}") == ("Open", "")
    await pay.complete(session)
    assert await pay.state(f"/checkoutSessions/{session}") == ("Completed", "")


@row("6.4 session Canceled BuyerCanceled, Declined, AmazonCanceled, Expired")
async def _(pay: PayShop) -> None:
    for code in ("BuyerCanceled", "Declined", "AmazonCanceled"):
        assert await canceled(pay, code) == ("Canceled", code)
    session = await pay.opened()
    pay.world.advance(DAY)
    assert await pay.state(f"/checkoutSessions/{session}") == ("Canceled", "Expired")


@pytest.mark.parametrize("demonstration", row.cases())
async def test_the_contract(demonstration: Demonstration, pay: PayShop) -> None:
    await demonstration(pay)
