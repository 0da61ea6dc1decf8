"""Checkout sessions and charge permissions: from what the storefront has to Ready, or to the buyer's next step."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256

from saleor_amazonpay.amazon.port import BuyerStep, Delivery, Page, Plan, Ready, Terms
from saleor_amazonpay.amazon.v2.signing import string_to_sign
from saleor_amazonpay.amazon.v2.wire import V2Wire
from saleor_amazonpay.domain.address import PostalAddress
from saleor_amazonpay.domain.agreement import AgreementState, MonthlyLimit
from saleor_amazonpay.domain.errors import (
    CredentialsRejectedError,
    OutcomeUnknownError,
    RefusedError,
    TokenRefusedError,
)
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Phase
from tests.amazon.fakes import LOST, NOW, ScriptedHttp, Step
from tests.amazon.fakes_v2 import (
    PERMISSION,
    REDIRECT,
    SESSION_ID,
    account,
    body_of,
    error,
    money,
    permission,
    session,
    told,
)
from tests.amazon.rsa_keys import key

pytestmark = pytest.mark.anyio

MONTHLY = Plan("Month", "1", Money(9450, "USD"))


def wire(*script: Step) -> tuple[V2Wire, ScriptedHttp]:
    http = ScriptedHttp(list(script))
    return V2Wire(http, clock=lambda: NOW), http


def terms(**changes: Any) -> Terms:
    fields: dict[str, Any] = {
        "reference_id": "agreement-1",
        "payment_reference": "ref-1",
        "amount": Money(9450, "USD"),
        "recurring": False,
        "capture_now": True,
        "store_name": "Shop",
        "note": "call us",
        "success_url": "https://shop.example/result",
        "failure_url": "https://shop.example/cart",
        **changes,
    }
    return Terms(**fields)


async def prepared(*script: Step, agreement_id: str = SESSION_ID, **changes: Any) -> tuple[Any, ScriptedHttp]:
    v2, http = wire(*script)
    step = await v2.prepare(account(), agreement_id, terms(**changes))
    assert not http.script, "not all of the script was used"
    return step, http


async def test_a_session_is_set_and_the_buyer_sent_to_confirm() -> None:
    step, http = await prepared(session(intent=None, reference=""), session())
    assert isinstance(step, BuyerStep)
    assert (step.code, dict(step.data)) == ("amazon_redirect", {"amazonPayRedirectUrl": REDIRECT})
    assert step.agreement.state is AgreementState.DRAFT
    assert (http.sent[1].method, http.sent[1].url.rpartition("/")[2]) == ("PATCH", SESSION_ID)
    assert body_of(http.sent[1]) == {
        "webCheckoutDetails": {
            "checkoutResultReturnUrl": "https://shop.example/result",
            "checkoutCancelUrl": "https://shop.example/cart",
        },
        "paymentDetails": {
            "paymentIntent": "AuthorizeWithCapture",
            "chargeAmount": money("94.50"),
            "canHandlePendingAuthorization": False,
        },
        "merchantMetadata": {
            "merchantReferenceId": "ref-1",
            "merchantStoreName": "Shop",
            "noteToBuyer": "call us",
            "customInformation": "agreement-1",
        },
        "chargePermissionType": "OneTime",
    }


async def test_what_is_said_at_the_first_call_is_said_again_before_the_buyer_is_back() -> None:
    step, http = await prepared(session(), session())
    assert step.code == "amazon_redirect"
    assert len(http.sent) == 2


async def test_a_buyer_who_is_back_from_exactly_these_terms_may_be_charged() -> None:
    step, http = await prepared(session(), buyer_returned=True)
    assert isinstance(step, Ready)
    assert step.purchase_id == SESSION_ID
    assert step.agreement.buyer_id == "amzn1.account.BUYER"
    assert len(http.sent) == 1


@pytest.mark.parametrize(
    "was",
    [
        {"amount": "80.00"},
        {"reference": "another"},
        {"intent": "Authorize"},
        {"kind": "Recurring"},
        {"pending": True},
        {"intent": None},
    ],
)
async def test_whatever_has_changed_is_confirmed_anew(was: dict[str, Any]) -> None:
    step, http = await prepared(session(**was), session(), buyer_returned=True)
    assert step.code == "amazon_redirect"
    assert http.sent[1].method == "PATCH"


@pytest.mark.parametrize(
    ("capture_now", "may_pend", "intent", "pending"),
    [
        (True, False, "AuthorizeWithCapture", False),
        (True, True, "Authorize", True),
        (False, False, "Authorize", False),
        (False, True, "Authorize", True),
    ],
)
async def test_amazon_is_never_asked_to_capture_what_may_pend(
    capture_now: bool, may_pend: bool, intent: str, pending: bool
) -> None:
    _, http = await prepared(session(intent=None), session(), capture_now=capture_now, may_pend=may_pend)
    details = body_of(http.sent[1])["paymentDetails"]
    assert (details["paymentIntent"], details["canHandlePendingAuthorization"]) == (intent, pending)


async def test_a_recurring_checkout_says_how_often_in_texts() -> None:
    _, http = await prepared(session(intent=None), session(), recurring=True, plan=MONTHLY)
    body = body_of(http.sent[1])
    assert body["chargePermissionType"] == "Recurring"
    assert body["recurringMetadata"] == {"frequency": {"unit": "Month", "value": "1"}, "amount": money("94.50")}


@pytest.mark.parametrize(
    ("constraints", "code"),
    [
        (("ShippingAddressNotSet",), "address_missing"),
        (("PaymentMethodNotAllowed", "BuyerEqualsSeller"), "buyer_is_seller"),
        (("BuyerNotAssociated",), "session_sign_in"),
        (("SomethingNew",), "constraint"),
    ],
)
async def test_constraints_are_named_before_the_buyer_is_sent_anywhere(constraints: tuple[str, ...], code: str) -> None:
    step, _ = await prepared(session(intent=None), session(constraints=constraints))
    assert (step.code, dict(step.data)) == (code, {})
    assert step.constraints[0].description == f"{constraints[0]} it is"


@pytest.mark.parametrize(
    ("reason", "code"),
    [("BuyerCanceled", "buyer_canceled"), ("Declined", "session_declined"), ("Expired", "session_expired")],
)
async def test_a_canceled_session_is_over(reason: str, code: str) -> None:
    step, http = await prepared(session("Canceled", reason), buyer_returned=True)
    assert step.code == code
    assert len(http.sent) == 1


async def test_a_completed_session_is_ready_for_the_payment_it_was_set_to_and_no_other() -> None:
    step, _ = await prepared(session("Completed"), buyer_returned=True)
    assert (type(step), step.purchase_id) == (Ready, SESSION_ID)
    step, _ = await prepared(session("Completed"), buyer_returned=True, payment_reference="another")
    assert step.code == "session_used"


async def test_a_session_without_a_page_to_go_to_is_unreadable() -> None:
    v2, _ = wire(session(intent=None), session(redirect=None))
    with pytest.raises(OutcomeUnknownError):
        await v2.prepare(account(), SESSION_ID, terms())


async def test_an_unknown_session_is_refused() -> None:
    v2, _ = wire(error(404, "ResourceNotFound"))
    with pytest.raises(RefusedError):
        await v2.prepare(account(), SESSION_ID, terms())


# ---- a free trial: the agreement alone


async def test_a_trial_names_the_later_amount_and_charges_nothing() -> None:
    step, http = await prepared(
        session(intent=None), session(intent="Confirm"), amount=Money(0, "USD"), recurring=True, plan=MONTHLY
    )
    assert step.code == "amazon_redirect"
    assert body_of(http.sent[1])["paymentDetails"] == {"paymentIntent": "Confirm", "chargeAmount": money("94.50")}


async def test_a_confirmed_trial_becomes_an_agreement() -> None:
    step, http = await prepared(
        session(intent="Confirm", kind="Recurring"),
        session("Completed", intent="Confirm", kind="Recurring", charged=False),
        permission("Chargeable"),
        amount=Money(0, "USD"), recurring=True, plan=MONTHLY, buyer_returned=True,
    )  # fmt: skip
    assert isinstance(step, Ready)
    assert (step.agreement.amazon_id, step.purchase_id) == (PERMISSION, "")
    assert http.sent[1].url.endswith(f"/checkoutSessions/{SESSION_ID}/complete")
    assert body_of(http.sent[1]) == {"chargeAmount": money("94.50")}


async def test_a_trial_that_was_confirmed_before_is_found_confirmed() -> None:
    step, _ = await prepared(
        session(intent="Confirm", kind="Recurring"),
        error(422, "InvalidCheckoutSessionStatus"),
        session("Completed", intent="Confirm", kind="Recurring", charged=False),
        permission("Chargeable"),
        amount=Money(0, "USD"), recurring=True, plan=MONTHLY, buyer_returned=True,
    )  # fmt: skip
    assert isinstance(step, Ready)


async def test_a_trial_that_nobody_confirmed_is_told_so() -> None:
    step, _ = await prepared(
        session(intent="Confirm", kind="Recurring"),
        error(422, "InvalidCheckoutSessionStatus"),
        session(intent="Confirm", kind="Recurring"),
        amount=Money(0, "USD"), recurring=True, plan=MONTHLY, buyer_returned=True,
    )  # fmt: skip
    assert step.code == "authentication"


async def test_a_trial_needs_the_amount_of_later_payments() -> None:
    step, http = await prepared(
        session(intent=None), amount=Money(0, "USD"), recurring=True, plan=Plan("Month", "1"), buyer_returned=True
    )
    assert step.code == "recurring_amount_missing"
    assert len(http.sent) == 1


# ---- charge permissions


async def test_a_chargeable_permission_is_ready_and_charged_itself() -> None:
    step, _ = await prepared(permission("Chargeable"), agreement_id=PERMISSION)
    assert isinstance(step, Ready)
    assert step.purchase_id == ""
    limit = MonthlyLimit(Money(50000, "USD"), Money(40550, "USD"), "", "")
    assert (step.agreement.limit, step.agreement.consent) == (limit, True)


@pytest.mark.parametrize(
    ("state", "reason", "code", "link"),
    [
        ("NonChargeable", "PaymentMethodExpired", "payment_method", True),
        ("NonChargeable", "MFAFailed", "authentication", True),
        ("NonChargeable", "ChargeInProgress", "agreement_status", False),
        ("Closed", "BuyerCanceled", "agreement_ended", False),
        ("SomethingNew", "", "payment_method", True),
    ],
)
async def test_a_permission_that_cannot_be_charged_says_what_the_buyer_can_do(
    state: str, reason: str, code: str, link: bool
) -> None:
    step, _ = await prepared(permission(state, *([reason] if reason else [])), agreement_id=PERMISSION)
    url = f"https://payments.amazon.com/jr/your-account/ba/{PERMISSION}"
    assert (step.code, dict(step.data)) == (code, {"amazonPayWalletUrl": url} if link else {})


@pytest.mark.parametrize(
    ("state", "phase", "code"),
    [
        ("Chargeable", Phase.DONE, "ok"),
        ("NonChargeable", Phase.REPAIRABLE, "payment_method"),
        ("Closed", Phase.REPAIRABLE, "agreement_ended"),
    ],
)
async def test_a_permission_is_good_if_it_is_chargeable(state: str, phase: Phase, code: str) -> None:
    v2, _ = wire(permission(state))
    outcome = await v2.validate(account(), PERMISSION, 0)
    assert (outcome.phase, outcome.code, outcome.object_id) == (phase, code, PERMISSION)


@pytest.mark.parametrize("agreement_id", [SESSION_ID, PERMISSION, "C01-1234567-1234567"])
async def test_an_id_amazon_does_not_know_is_none(agreement_id: str) -> None:
    v2, _ = wire(error(404, "ResourceNotFound"))
    assert await v2.read_agreement(account(), agreement_id) is None


async def test_reading_keeps_nothing_of_the_person_but_the_id() -> None:
    v2, _ = wire(session())
    view = await v2.read_agreement(account(), SESSION_ID)
    assert view is not None
    assert view.buyer_id == "amzn1.account.BUYER"
    assert "Jane" not in repr(view)


async def test_a_completed_session_reads_as_the_permission_it_became() -> None:
    v2, _ = wire(session("Completed", kind="Recurring"))
    view = await v2.read_agreement(account(), SESSION_ID)
    assert view is not None
    assert (view.amazon_id, view.state, view.consent) == (PERMISSION, AgreementState.OPEN, True)


async def test_closing_leaves_charges_under_way_alone() -> None:
    v2, http = wire(permission("Closed"), permission("Closed", "MerchantClosed"))
    view = await v2.close(account(), PERMISSION, "all done", 0)
    assert view.state is AgreementState.CLOSED
    assert http.sent[0].method == "DELETE"
    assert body_of(http.sent[0]) == {"closureReason": "all done", "cancelPendingCharges": False}


async def test_closing_what_is_closed_is_done_and_what_cannot_be_closed_is_said() -> None:
    v2, _ = wire(error(422, "InvalidChargePermissionStatus"), permission("Closed", "BuyerCanceled"))
    assert (await v2.close(account(), PERMISSION, "done", 0)).state is AgreementState.CANCELED
    v2, _ = wire(error(422, "InvalidChargePermissionStatus"), permission("Chargeable"))
    with pytest.raises(RefusedError):
        await v2.close(account(), PERMISSION, "done", 0)


async def test_a_buyer_token_names_its_buyer() -> None:
    v2, http = wire(told({"buyerId": "amzn1.account.X", "email": "x@example.com"}))
    assert await v2.buyer_of(account(), "token+/=") == "amzn1.account.X"
    assert http.sent[0].url.endswith("/v2/buyers/token%2B%2F%3D")
    for answer in (error(404, "ResourceNotFound"), told({})):
        v2, _ = wire(answer)
        with pytest.raises(TokenRefusedError):
            await v2.buyer_of(account(), "token")
    v2, _ = wire(error(403, "UnauthorizedAccess"))
    with pytest.raises(CredentialsRejectedError):
        await v2.buyer_of(account(), "token")


# ---- the button


def test_the_button_is_signed_over_the_text_the_page_passes_on() -> None:
    v2, http = wire()
    page = Page("https://shop.example/review", "https://shop.example/cart", Money(9450, "USD"), plan=MONTHLY)
    told_ = v2.storefront(account(), page)
    button: Any = told_["button"]
    config = button.pop("createCheckoutSessionConfig")
    key().public_key().verify(
        base64.b64decode(config["signature"]),
        string_to_sign(config["payloadJSON"].encode()),
        PSS(MGF1(SHA256()), 32),
        SHA256(),
    )
    assert (config["algorithm"], config["publicKeyId"]) == ("AMZN-PAY-RSASSA-PSS-V2", "SANDBOX-AE1")
    assert json.loads(config["payloadJSON"]) == {
        "webCheckoutDetails": {
            "checkoutReviewReturnUrl": "https://shop.example/review",
            "checkoutCancelUrl": "https://shop.example/cart",
        },
        "storeId": "amzn1.application-oa2-client.store",
        "scopes": ["name", "email", "shippingAddress", "billingAddress"],
        "chargePermissionType": "Recurring",
        "recurringMetadata": {"frequency": {"unit": "Month", "value": "1"}, "amount": money("94.50")},
    }
    assert button == {
        "merchantId": "A2MERCHANT",
        "publicKeyId": "SANDBOX-AE1",
        "ledgerCurrency": "USD",
        "productType": "PayAndShip",
        "placement": "Checkout",
        "estimatedOrderAmount": money("94.50"),
    }
    assert told_["checkoutScriptUrl"] == "https://static-na.payments-amazon.com/checkout.js"
    assert http.sent == []


def test_addresses_the_shop_does_not_deliver_to_are_not_offered() -> None:
    v2, _ = wire()
    delivery = Delivery(("US", "CA"), po_boxes=False, packstations=False)
    button: Any = v2.storefront(account(), Page("https://shop.example/r", delivery=delivery))["button"]
    assert json.loads(button["createCheckoutSessionConfig"]["payloadJSON"])["deliverySpecifications"] == {
        "specialRestrictions": ["RestrictPOBoxes", "RestrictPackstations"],
        "addressRestrictions": {"type": "Allowed", "restrictions": {"CA": {}, "US": {}}},
    }


def test_digital_goods_ask_for_no_address() -> None:
    v2, _ = wire()
    page = Page("https://shop.example/r", shipping=False, delivery=Delivery(("US",)))
    button: Any = v2.storefront(account(), page)["button"]
    assert button["productType"] == "PayOnly"
    payload = json.loads(button["createCheckoutSessionConfig"]["payloadJSON"])
    assert "deliverySpecifications" not in payload
    assert payload["scopes"] == ["name", "email", "billingAddress"]


def test_an_older_key_has_to_say_sandbox_and_without_a_return_url_nothing_is_signed() -> None:
    v2, _ = wire()
    button: Any = v2.storefront(account(public_key_id="AE1"))["button"]
    assert button["sandbox"] is True
    assert "createCheckoutSessionConfig" not in button


def test_keys_that_cannot_sign_give_no_button() -> None:
    v2, _ = wire()
    with pytest.raises(CredentialsRejectedError):
        v2.storefront(account(private_key="nonsense"), Page("https://shop.example/r"))


# ---- credentials, pages


async def test_being_told_that_nothing_is_there_proves_the_keys() -> None:
    v2, http = wire(error(404, "ResourceNotFound"))
    assert [(each.name, each.ok) for each in await v2.check(account())] == [("payments", True)]
    assert http.sent[0].url.endswith("/v2/chargePermissions/S00-0000000-0000000")
    v2, http = wire(error(404, "ResourceNotFound"))
    await v2.check(account(test_mode=False))
    assert http.sent[0].url.endswith("/v2/chargePermissions/P00-0000000-0000000")


async def test_wrong_keys_and_a_missing_store_are_named() -> None:
    v2, _ = wire(error(403, "InvalidRequestSignature", "unable to verify"))
    checks = await v2.check(account(store_id=""))
    assert [(each.name, each.ok) for each in checks] == [("payments", False), ("store_id", False)]
    assert "InvalidRequestSignature" in checks[0].message
    v2, _ = wire(LOST, LOST, LOST, LOST)
    with pytest.raises(OutcomeUnknownError):
        await v2.check(account())


@pytest.mark.parametrize(
    ("region", "host"),
    [("us", "sellercentral.amazon.com"), ("eu", "sellercentral-europe.amazon.com"), ("jp", "sellercentral-japan.amazon.com")],
)  # fmt: skip
def test_seller_centrals_page_is_the_orders(region: str, host: str) -> None:
    v2, _ = wire()
    page = v2.page_of(account(region=region), f"{PERMISSION}-C000001")
    assert page == f"https://{host}/hz/me/pmd/payment-details?orderReferenceId={PERMISSION}"
    assert v2.page_of(account(), SESSION_ID) == ""


async def test_a_sessions_address_is_read_in_neutral_words_and_a_permission_has_none_for_a_checkout() -> None:
    told_address = {
        "name": "Jane Doe", "addressLine1": "10 Ditka Ave", "addressLine2": "Suite 2500", "addressLine3": None,
        "city": "Chicago", "county": None, "district": "Loop", "stateOrRegion": "IL", "postalCode": "60602",
        "countryCode": "US", "phoneNumber": "800-000-0000",
    }  # fmt: skip
    v2, http = wire(told({"checkoutSessionId": SESSION_ID, "shippingAddress": told_address}))
    found = await v2.shipping_address(account(), SESSION_ID, "")
    assert found == PostalAddress(
        "Jane Doe", ("10 Ditka Ave", "Suite 2500", ""), "Chicago", "Loop", "IL", "60602", "US", "800-000-0000"
    )
    assert repr(found) == "PostalAddress(US)"
    assert http.sent[0].method == "GET"
    v2, http = wire(told({"checkoutSessionId": SESSION_ID, "shippingAddress": None}))
    assert await v2.shipping_address(account(), SESSION_ID, "") is None
    v2, http = wire()
    assert await v2.shipping_address(account(), PERMISSION, "") is None
    assert not http.sent
