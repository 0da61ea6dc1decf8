"""pay-api's answers written by hand in the shapes of contracts §5.4, and an account with keys of its own."""

from __future__ import annotations

import json
from typing import Any

from saleor_amazonpay.amazon.port import Account
from saleor_amazonpay.http import HttpResponse
from tests.amazon.fakes import Sent
from tests.amazon.rsa_keys import private_pem

SESSION_ID = "bd504926-f659-4ad7-a1a9-9a747aaf5275"
PERMISSION = "S01-1111111-1111111"
CHARGE_ID = "S01-1111111-1111111-C000001"
REFUND_ID = "S01-1111111-1111111-R000001"
REDIRECT = "https://payments.amazon.com/checkout/processing?amazonCheckoutSessionId=" + SESSION_ID
AT = "20260101T101010Z"


def account(*, test_mode: bool = True, region: str = "us", public_key_id: str = "", **more: str) -> Account:
    keys = {
        "public_key_id": public_key_id or ("SANDBOX-AE1" if test_mode else "LIVE-AE1"),
        "private_key": private_pem(),
        "store_id": "amzn1.application-oa2-client.store",
        **more,
    }
    return Account("A2MERCHANT", region, test_mode, keys)


def told(body: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(status, json.dumps(body).encode(), {"x-amz-pay-request-id": "req-1"})


def error(status: int, code: str, message: str = "because") -> HttpResponse:
    return told({"reasonCode": code, "message": message}, status)


def status(state: str, reason: str | None = None) -> dict[str, Any]:
    return {
        "state": state,
        "reasonCode": reason,
        "reasonDescription": "words of Amazon" if reason else None,
        "lastUpdatedTimestamp": AT,
    }


def money(amount: str, currency: str = "USD") -> dict[str, str]:
    return {"amount": amount, "currencyCode": currency}


def charge(state: str, reason: str | None = None, *, http: int = 200, **more: Any) -> HttpResponse:
    return told(
        {
            "chargeId": CHARGE_ID,
            "chargePermissionId": PERMISSION,
            "chargeAmount": money("94.50"),
            "captureAmount": money("94.50") if state == "Captured" else None,
            "captureNow": True,
            "merchantMetadata": {"merchantReferenceId": "ref-1"},
            "statusDetails": status(state, reason),
            "somethingNew": {"of": "Amazon"},
            **more,
        },
        http,
    )


def refund(state: str, reason: str | None = None, http: int = 200) -> HttpResponse:
    return told(
        {
            "refundId": REFUND_ID,
            "chargeId": CHARGE_ID,
            "refundAmount": money("5.00"),
            "statusDetails": status(state, reason),
        },
        http,
    )


def session(
    state: str = "Open",
    reason: str | None = None,
    *,
    reference: str = "ref-1",
    intent: str | None = "AuthorizeWithCapture",
    amount: str = "94.50",
    kind: str = "OneTime",
    constraints: tuple[str, ...] = (),
    redirect: str | None = REDIRECT,
    http: int = 200,
    charged: bool = True,
    pending: bool = False,
) -> HttpResponse:
    done = state == "Completed"
    return told(
        {
            "checkoutSessionId": SESSION_ID,
            "webCheckoutDetails": {"amazonPayRedirectUrl": redirect},
            "paymentDetails": None
            if intent is None
            else {
                "paymentIntent": intent,
                "canHandlePendingAuthorization": pending,
                "chargeAmount": money(amount),
            },
            "merchantMetadata": {"merchantReferenceId": reference},
            "buyer": {"buyerId": "amzn1.account.BUYER", "name": "Jane", "email": "jane@example.com"},
            "statusDetails": status(state, reason),
            "constraints": [{"constraintId": each, "description": f"{each} it is"} for each in constraints],
            "chargePermissionId": PERMISSION if done else None,
            "chargeId": CHARGE_ID if done and charged else None,
            "chargePermissionType": kind,
        },
        http,
    )


def permission(state: str, *reasons: str, kind: str = "Recurring") -> HttpResponse:
    return told(
        {
            "chargePermissionId": PERMISSION,
            "chargePermissionType": kind,
            "limits": {"amountLimit": money("500.00"), "amountBalance": money("405.50")},
            "buyer": {"buyerId": "amzn1.account.BUYER"},
            "statusDetails": {
                "state": state,
                "reasons": [{"reasonCode": each, "reasonDescription": "words"} for each in reasons] or None,
                "lastUpdatedTimestamp": AT,
            },
        }
    )


def body_of(sent: Sent) -> Any:
    return json.loads(sent.body)
