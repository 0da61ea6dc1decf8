"""The money calls of the v2 wire: what is sent, what comes of it, and what happens in doubt."""

from __future__ import annotations

import re
from typing import Any

import pytest

from saleor_amazonpay.amazon.port import AuthorizeCall, CaptureCall, RefundCall
from saleor_amazonpay.amazon.v2.ids import child_key
from saleor_amazonpay.amazon.v2.wire import V2Wire
from saleor_amazonpay.domain.errors import (
    CredentialsRejectedError,
    NotExecutedError,
    OutcomeUnknownError,
    WireGoneError,
)
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.domain.outcome import Effect, Outcome, Retry
from saleor_amazonpay.http import HttpResponse
from tests.amazon.fakes import LOST, NO_HOST, NOW, ScriptedHttp, Step
from tests.amazon.fakes_v2 import (
    CHARGE_ID,
    PERMISSION,
    REFUND_ID,
    SESSION_ID,
    account,
    body_of,
    charge,
    error,
    money,
    permission,
    refund,
    session,
    told,
)

pytestmark = pytest.mark.anyio

THROTTLED = error(429, "TooManyRequests")


def wire(*script: Step) -> tuple[V2Wire, ScriptedHttp]:
    http = ScriptedHttp(list(script))
    return V2Wire(http, clock=lambda: NOW), http


def charge_call(**changes: Any) -> AuthorizeCall:
    fields: dict[str, Any] = {
        "agreement_id": PERMISSION,
        "reference_id": "ref-1",
        "amount": Money(9450, "USD"),
        "capture_now": True,
        "synchronous": True,
        **changes,
    }
    return AuthorizeCall(**fields)


async def charged(*script: Step, patience: float = 5, **changes: Any) -> tuple[Outcome, ScriptedHttp]:
    v2, http = wire(*script)
    outcome = await v2.authorize(account(), charge_call(**changes), patience)
    assert not http.script, "not all of the script was used"
    return outcome, http


def paths(http: ScriptedHttp) -> list[str]:
    return [f"{each.method} {each.url.removeprefix('https://pay-api.amazon.com')}" for each in http.sent]


# ---- a later payment


async def test_the_rest_of_a_one_time_sale_of_v1_is_charged_on_its_order_reference() -> None:
    order = "S01-7654321-7654321"
    _, http = await charged(charge("Captured", http=201), agreement_id="C01-1-1", purchase_id=order)
    assert body_of(http.sent[0])["chargePermissionId"] == order
    v2, http = wire()
    assert await v2.find(account(), "ref-1", capture_now=True, purchase_id=order) is None
    assert http.sent == [], "nothing lists charges, and an order reference is no session"


async def test_what_a_one_time_sale_of_v1_was_charged_on_is_closed() -> None:
    order = "S01-7654321-7654321"
    v2, http = wire(HttpResponse(200, b"{}"), permission("Closed"))
    await v2.close(account(), "C01-1-1", "over", 0, purchase_id=order)
    assert all(order in each.url for each in http.sent)


async def test_a_charge_sends_everything_the_contract_asks_for() -> None:
    _, http = await charged(
        charge("Captured", http=201), descriptor="A SHOP WITH A LONG NAME", store_name="S" * 60, note="your order"
    )
    sent = http.sent[0]
    assert paths(http) == ["POST /v2/charges"]
    assert body_of(sent) == {
        "chargePermissionId": PERMISSION,
        "chargeAmount": {"amount": "94.50", "currencyCode": "USD"},
        "captureNow": True,
        "canHandlePendingAuthorization": False,
        "softDescriptor": "A SHOP WITH A LO",
        "merchantMetadata": {
            "merchantReferenceId": "ref-1", "merchantStoreName": "S" * 50, "noteToBuyer": "your order",
        },
    }  # fmt: skip
    assert sent.headers["x-amz-pay-idempotency-key"] == "ref-1"
    assert "x-amz-pay-simulation-code" not in sent.headers


async def test_yen_are_sent_without_decimals() -> None:
    _, http = await charged(charge("Captured"), amount=Money(1200, "JPY"))
    assert body_of(http.sent[0])["chargeAmount"]["amount"] == "1200"


async def test_a_paid_charge_is_one_object() -> None:
    outcome, _ = await charged(charge("Captured", http=201))
    assert (outcome.phase, outcome.code, outcome.verdict.effect) == (Phase.DONE, "ok", Effect.CAPTURED)
    assert outcome.object_id == outcome.settled_id == CHARGE_ID
    assert (outcome.agreement_id, outcome.order_reference) == (PERMISSION, PERMISSION)
    assert outcome.amount == Money(9450, "USD")
    assert outcome.request_id == "req-1"


@pytest.mark.parametrize(
    ("code", "phase", "ours", "retry"),
    [
        ("SoftDeclined", Phase.REPAIRABLE, "soft_decline", Retry.NEW_ATTEMPT),
        ("HardDeclined", Phase.REPAIRABLE, "payment_method", Retry.CHANGE_METHOD),
        ("AmazonRejected", Phase.DECLINED, "amazon_rejected", Retry.NEVER),
        ("TransactionTimedOut", Phase.REPAIRABLE, "timed_out", Retry.ASYNCHRONOUSLY),
        ("ProcessingFailure", Phase.REPAIRABLE, "processing_failure", Retry.AFTER_PAUSE),
    ],
)
@pytest.mark.parametrize("status", [400, 422, 500])
async def test_a_synchronous_decline_comes_as_an_error_and_is_one(
    code: str, phase: Phase, ours: str, retry: Retry, status: int
) -> None:
    outcome, _ = await charged(error(status, code, "words"))
    assert (outcome.phase, outcome.code, outcome.verdict.retry) == (phase, ours, retry)
    assert (outcome.message, outcome.object_id) == ("words", "")


@pytest.mark.parametrize(
    ("state", "reasons", "phase", "code"),
    [
        ("NonChargeable", ("PaymentMethodExpired",), Phase.REPAIRABLE, "payment_method"),
        ("NonChargeable", ("ChargeInProgress",), Phase.REPAIRABLE, "agreement_status"),
        ("Chargeable", (), Phase.REPAIRABLE, "agreement_status"),
        ("Closed", ("BuyerCanceled",), Phase.REPAIRABLE, "agreement_ended"),
    ],
)
async def test_a_charge_refused_for_the_permissions_state_is_explained_by_reading_it(
    state: str, reasons: tuple[str, ...], phase: Phase, code: str
) -> None:
    outcome, http = await charged(error(422, "InvalidChargePermissionStatus"), permission(state, *reasons))
    assert (outcome.phase, outcome.code) == (phase, code)
    assert paths(http)[1] == f"GET /v2/chargePermissions/{PERMISSION}"


@pytest.mark.parametrize("unread", [NO_HOST, error(404, "ResourceNotFound")])
async def test_such_a_refusal_stands_if_the_permission_cannot_be_read(unread: Step) -> None:
    outcome, _ = await charged(error(422, "InvalidChargePermissionStatus"), unread)
    assert (outcome.phase, outcome.code) == (Phase.DECLINED, "agreement_status")


async def test_a_lost_answer_is_asked_for_again_under_the_same_key_and_body() -> None:
    outcome, http = await charged(LOST, error(503, "ServiceUnavailable"), charge("Captured"))
    assert outcome.verdict.effect is Effect.CAPTURED
    assert {each.headers["x-amz-pay-idempotency-key"] for each in http.sent} == {"ref-1"}
    assert len({each.body for each in http.sent}) == 1


async def test_a_used_key_is_in_doubt_and_never_declined() -> None:
    v2, _ = wire(error(400, "DuplicateIdempotencyKey"))
    with pytest.raises(OutcomeUnknownError) as caught:
        await v2.authorize(account(), charge_call(), 0)
    assert caught.value.code == "DuplicateIdempotencyKey"


async def test_a_charge_that_only_reserved_is_not_failed() -> None:
    outcome, _ = await charged(charge("Authorized"))
    assert (outcome.phase, outcome.code, outcome.settled_id) == (Phase.DONE, "capture_failed", "")


async def test_a_reservation_neither_captures_nor_names_a_descriptor() -> None:
    outcome, http = await charged(charge("Authorized", captureNow=False), capture_now=False, descriptor="SHOP")
    assert outcome.verdict.effect is Effect.AUTHORIZED
    body = body_of(http.sent[0])
    assert (body["captureNow"], "softDescriptor" in body) == (False, False)


# ---- taking its time


async def test_a_charge_that_may_pend_asks_to_reserve_and_waits() -> None:
    waiting = charge("AuthorizationInitiated", captureNow=False)
    outcome, http = await charged(waiting, waiting, synchronous=False)
    body = body_of(http.sent[0])
    assert (body["captureNow"], body["canHandlePendingAuthorization"]) == (False, True)
    assert (outcome.phase, outcome.code, outcome.settled_id) == (Phase.PENDING, "pending", CHARGE_ID)


async def test_an_authorization_at_once_is_captured_at_once_by_us() -> None:
    reserved = charge("Authorized", captureNow=False)
    outcome, http = await charged(
        reserved, reserved, charge("Captured", captureNow=False), synchronous=False, descriptor="SHOP"
    )
    assert (outcome.phase, outcome.verdict.effect, outcome.settled_id) == (Phase.DONE, Effect.CAPTURED, CHARGE_ID)
    assert paths(http)[2] == f"POST /v2/charges/{CHARGE_ID}/capture"
    assert body_of(http.sent[2]) == {"captureAmount": money("94.50"), "softDescriptor": "SHOP"}
    assert http.sent[2].headers["x-amz-pay-idempotency-key"] == child_key("ref-1", "capture")


async def test_the_identical_repeat_goes_on_where_the_first_attempt_stopped() -> None:
    """Amazon repeats its first answer, "initiated"; what became of it is read, then taken."""
    first = charge("AuthorizationInitiated", captureNow=False)
    now = charge("Authorized", captureNow=False)
    outcome, http = await charged(first, now, charge("Captured", captureNow=False), synchronous=False)
    assert outcome.verdict.effect is Effect.CAPTURED
    assert [each.split()[0] for each in paths(http)] == ["POST", "GET", "POST"]


async def test_reading_a_reserved_slow_charge_says_that_the_capture_is_due() -> None:
    v2, _ = wire(charge("Authorized", captureNow=False))
    outcome = await v2.read_authorization(account(), CHARGE_ID, capture_now=True)
    assert (outcome.phase, outcome.code) == (Phase.PENDING, "capture_due")


async def test_a_capture_that_amazon_refuses_leaves_the_money_reserved() -> None:
    reserved = charge("Authorized", captureNow=False)
    outcome, _ = await charged(reserved, reserved, error(422, "AmazonRejected", "no"), synchronous=False)
    assert (outcome.phase, outcome.code, outcome.verdict.effect) == (Phase.DONE, "capture_failed", Effect.AUTHORIZED)
    assert (outcome.settled_id, outcome.message) == ("", "no")


@pytest.mark.parametrize("step", [LOST, THROTTLED, NO_HOST, error(403, "UnauthorizedAccess")])
async def test_a_capture_without_an_answer_stays_due(step: Step) -> None:
    reserved = charge("Authorized", captureNow=False)
    outcome, _ = await charged(reserved, reserved, step, patience=0, synchronous=False)
    assert (outcome.phase, outcome.code, outcome.settled_id) == (Phase.PENDING, "capture_due", CHARGE_ID)


# ---- a first payment


async def test_a_first_payment_completes_the_session_and_reads_its_charge() -> None:
    outcome, http = await charged(session("Completed"), charge("Captured"), purchase_id=SESSION_ID)
    assert paths(http) == [f"POST /v2/checkoutSessions/{SESSION_ID}/complete", f"GET /v2/charges/{CHARGE_ID}"]
    assert body_of(http.sent[0]) == {"chargeAmount": money("94.50")}
    assert http.sent[0].headers["x-amz-pay-idempotency-key"] == "ref-1"
    assert (outcome.verdict.effect, outcome.settled_id) == (Effect.CAPTURED, CHARGE_ID)
    assert outcome.agreement_id == PERMISSION


async def test_a_completed_session_whose_charge_cannot_be_read_is_pending_and_never_unexecuted() -> None:
    outcome, _ = await charged(session("Completed"), NO_HOST, purchase_id=SESSION_ID)
    assert (outcome.phase, outcome.object_id, outcome.agreement_id) == (Phase.PENDING, CHARGE_ID, PERMISSION)


async def test_an_authorization_that_takes_its_time_is_pending() -> None:
    outcome, _ = await charged(
        session("Completed", intent="Authorize", pending=True, http=202),
        charge("AuthorizationInitiated", captureNow=False),
        purchase_id=SESSION_ID,
        synchronous=False,
    )
    assert (outcome.phase, outcome.settled_id) == (Phase.PENDING, CHARGE_ID)


@pytest.mark.parametrize("refusal", ["InvalidCheckoutSessionStatus", "AmountMismatch", "SomethingNew"])
async def test_a_refused_completion_is_a_success_if_the_session_says_so(refusal: str) -> None:
    outcome, http = await charged(error(422, refusal), session("Completed"), charge("Captured"), purchase_id=SESSION_ID)
    assert outcome.verdict.effect is Effect.CAPTURED
    assert paths(http)[1] == f"GET /v2/checkoutSessions/{SESSION_ID}"


@pytest.mark.parametrize("changes", [{"reference": "another"}, {"amount": "12.00"}])
async def test_a_completed_session_never_pays_a_second_time(changes: dict[str, str]) -> None:
    outcome, _ = await charged(
        error(422, "InvalidCheckoutSessionStatus"), session("Completed", **changes), purchase_id=SESSION_ID
    )
    assert (outcome.phase, outcome.code, outcome.object_id) == (Phase.DECLINED, "session_used", "")


@pytest.mark.parametrize(
    ("refusal", "reason", "code"),
    [
        ("CheckoutSessionCanceled", "BuyerCanceled", "buyer_canceled"),
        ("CheckoutSessionCanceled", "Declined", "session_declined"),
        ("InvalidCheckoutSessionStatus", "Expired", "session_expired"),
        ("Declined", "Declined", "session_declined"),
        ("HardDeclined", "Declined", "payment_method"),
        ("SoftDeclined", "Declined", "soft_decline"),
    ],
)
async def test_a_canceled_session_lets_the_buyer_begin_another(refusal: str, reason: str, code: str) -> None:
    outcome, _ = await charged(error(422, refusal), session("Canceled", reason), purchase_id=SESSION_ID)
    # No agreement exists that could be suspended: another method means another session.
    assert (outcome.phase, outcome.code, outcome.verdict.retry) == (Phase.REPAIRABLE, code, Retry.NEW_ATTEMPT)


async def test_amazons_rejection_of_a_session_is_final() -> None:
    outcome, _ = await charged(
        error(422, "AmazonRejected"), session("Canceled", "AmazonCanceled"), purchase_id=SESSION_ID
    )
    assert (outcome.phase, outcome.code) == (Phase.DECLINED, "amazon_rejected")


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        ("InvalidCheckoutSessionStatus", "authentication"),
        ("AmountMismatch", "amount_mismatch"),
        ("MFANotCompleted", "authentication"),
    ],
)
async def test_an_open_session_was_not_charged(refusal: str, code: str) -> None:
    outcome, _ = await charged(error(422, refusal), session("Open"), purchase_id=SESSION_ID)
    assert (outcome.phase, outcome.code, outcome.object_id) == (Phase.REPAIRABLE, code, "")


async def test_a_refused_completion_is_in_doubt_while_the_session_cannot_be_read() -> None:
    v2, _ = wire(error(422, "InvalidCheckoutSessionStatus"), *[LOST] * 4)
    with pytest.raises(OutcomeUnknownError):
        await v2.authorize(account(), charge_call(purchase_id=SESSION_ID), 0)


async def test_a_used_key_of_a_completion_is_in_doubt_while_the_session_is_open() -> None:
    v2, _ = wire(error(400, "DuplicateIdempotencyKey"), session("Open"))
    with pytest.raises(OutcomeUnknownError):
        await v2.authorize(account(), charge_call(purchase_id=SESSION_ID), 0)


async def test_an_unanswered_completion_is_repeated_and_the_repeat_is_the_read() -> None:
    outcome, http = await charged(LOST, session("Completed"), charge("Captured"), purchase_id=SESSION_ID)
    assert outcome.verdict.effect is Effect.CAPTURED
    assert {each.headers.get("x-amz-pay-idempotency-key") for each in http.sent[:2]} == {"ref-1"}


# ---- finding one


async def test_a_first_payment_is_found_by_its_session() -> None:
    v2, http = wire(session("Completed"), charge("Captured"))
    outcome = await v2.find(account(), "ref-1", capture_now=True, purchase_id=SESSION_ID)
    assert outcome is not None
    assert (outcome.verdict.effect, outcome.agreement_id) == (Effect.CAPTURED, PERMISSION)
    assert [each.method for each in http.sent] == ["GET", "GET"]


@pytest.mark.parametrize("read", [session("Open"), session("Completed", reference="another")])
async def test_a_session_that_has_not_paid_this_is_none(read: Step) -> None:
    v2, _ = wire(read)
    assert await v2.find(account(), "ref-1", capture_now=True, purchase_id=SESSION_ID) is None


async def test_a_canceled_session_can_pay_no_more() -> None:
    v2, _ = wire(session("Canceled", "BuyerCanceled"))
    outcome = await v2.find(account(), "ref-1", capture_now=True, purchase_id=SESSION_ID)
    assert outcome is not None
    assert outcome.code == "buyer_canceled"


async def test_a_session_that_amazon_keeps_no_longer_tells_of_nothing() -> None:
    v2, _ = wire(HttpResponse(404, b'{"reasonCode": "ResourceNotFound", "message": "no such session"}'))
    assert await v2.find(account(), "ref-1", capture_now=True, purchase_id=SESSION_ID) is None


async def test_a_later_charge_cannot_be_looked_for_and_nothing_is_asked() -> None:
    v2, http = wire()
    assert await v2.find(account(), "ref-1", capture_now=True) is None
    assert http.sent == []


async def test_an_unreadable_look_is_never_none() -> None:
    v2, _ = wire(*[HttpResponse(200, b"<html>")] * 4)
    with pytest.raises(OutcomeUnknownError):
        await v2.find(account(), "ref-1", capture_now=True, purchase_id=SESSION_ID)


# ---- capture, refund, release


CAPTURE = CaptureCall(CHARGE_ID, "ref-c", Money(9450, "USD"), note="thanks", descriptor="SHOP")
REFUND = RefundCall(CHARGE_ID, "ref-r", Money(500, "USD"), note="broken", descriptor="SHOP")


async def test_a_capture_takes_what_is_reserved_under_its_own_key() -> None:
    v2, http = wire(charge("Captured"))
    outcome = await v2.capture(account(), CAPTURE, 0)
    assert outcome.verdict.effect is Effect.CAPTURED
    assert paths(http) == [f"POST /v2/charges/{CHARGE_ID}/capture"]
    assert body_of(http.sent[0]) == {"captureAmount": money("94.50"), "softDescriptor": "SHOP"}
    assert http.sent[0].headers["x-amz-pay-idempotency-key"] == "ref-c"


async def test_a_capture_after_seven_days_is_pending() -> None:
    v2, _ = wire(charge("CaptureInitiated"))
    outcome = await v2.capture(account(), CAPTURE, 0)
    assert (outcome.phase, outcome.settled_id) == (Phase.PENDING, CHARGE_ID)


@pytest.mark.parametrize(
    ("read", "phase", "code"),
    [
        (charge("Captured"), Phase.DONE, "ok"),
        (charge("CaptureInitiated"), Phase.PENDING, "pending"),
        (charge("Captured", captureAmount=money("3.00")), Phase.DECLINED, "authorization_status"),
        (charge("Canceled", "ExpiredUnused"), Phase.GONE, "expired"),
        (charge("Authorized"), Phase.DECLINED, "authorization_status"),
    ],
)
async def test_a_refused_capture_is_believed_only_after_reading_the_charge(read: Step, phase: Phase, code: str) -> None:
    v2, _ = wire(error(422, "InvalidChargeStatus"), read)
    outcome = await v2.capture(account(), CAPTURE, 0)
    assert (outcome.phase, outcome.code) == (phase, code)


async def test_a_refused_capture_whose_charge_cannot_be_read_is_in_doubt() -> None:
    v2, _ = wire(error(422, "InvalidChargeStatus"), *[LOST] * 4)
    with pytest.raises(OutcomeUnknownError):
        await v2.capture(account(), CAPTURE, 0)


async def test_a_refund_is_pending_first() -> None:
    v2, http = wire(refund("RefundInitiated", http=201))
    outcome = await v2.refund(account(), REFUND, 0)
    assert (outcome.phase, outcome.object_id, outcome.order_reference) == (Phase.PENDING, REFUND_ID, PERMISSION)
    assert body_of(http.sent[0]) == {
        "chargeId": CHARGE_ID,
        "refundAmount": money("5.00"),
        "softDescriptor": "SHOP",
    }
    assert http.sent[0].headers["x-amz-pay-idempotency-key"] == "ref-r"


@pytest.mark.parametrize(
    ("code", "ours"), [("InvalidChargeStatus", "not_refundable"), ("TransactionAmountExceeded", "amount_exceeded")]
)
async def test_a_refused_refund_says_why(code: str, ours: str) -> None:
    v2, _ = wire(error(422, code))
    assert (await v2.refund(account(), REFUND, 0)).code == ours


async def test_a_release_is_judged_by_the_charge_read_afterwards() -> None:
    v2, http = wire(charge("Canceled", "MerchantCanceled"), charge("Canceled", "MerchantCanceled"))
    outcome = await v2.release(account(), CHARGE_ID, "r" * 300, 0)
    assert (outcome.phase, outcome.verdict.effect) == (Phase.DONE, Effect.RELEASED)
    assert paths(http)[0] == f"DELETE /v2/charges/{CHARGE_ID}/cancel"
    assert body_of(http.sent[0]) == {"cancellationReason": "r" * 255}
    assert "x-amz-pay-idempotency-key" not in http.sent[0].headers


@pytest.mark.parametrize(
    ("read", "code", "effect"),
    [
        (charge("Captured"), "ok", Effect.CAPTURED),
        (charge("Canceled", "ExpiredUnused"), "released", Effect.RELEASED),
        (charge("Authorized"), "authorization_status", Effect.NONE),
    ],
)
async def test_a_refused_release_says_what_the_charge_says(read: Step, code: str, effect: Effect) -> None:
    v2, _ = wire(error(422, "InvalidChargeStatus"), read)
    outcome = await v2.release(account(), CHARGE_ID, "no", 0)
    assert (outcome.code, outcome.verdict.effect) == (code, effect)


async def test_a_release_that_cannot_be_read_is_in_doubt() -> None:
    v2, _ = wire(charge("Canceled"), *[LOST] * 4)
    with pytest.raises(OutcomeUnknownError):
        await v2.release(account(), CHARGE_ID, "no", 0)


# ---- ids of v1


async def test_what_v1_began_goes_on_under_its_new_ids() -> None:
    old = "S01-5797829-1888777-A043451"
    new = "S01-5797829-1888777-C043451"
    v2, http = wire(*[charge("Authorized")] * 5, refund("RefundInitiated"))
    await v2.read_authorization(account(), old, capture_now=False)
    await v2.read_capture(account(), old)
    await v2.capture(account(), CaptureCall(old, "ref-c", Money(1, "USD")), 0)
    await v2.release(account(), old, "no", 0)
    await v2.refund(account(), RefundCall(new, "ref-r", Money(1, "USD")), 0)
    assert paths(http)[:5] == [
        f"GET /v2/charges/{new}",
        f"GET /v2/charges/{new}",
        f"POST /v2/charges/{new}/capture",
        f"DELETE /v2/charges/{new}/cancel",
        f"GET /v2/charges/{new}",
    ]
    assert body_of(http.sent[5])["chargeId"] == new


async def test_a_billing_agreement_is_charged_as_a_charge_permission() -> None:
    _, http = await charged(charge("Captured"), agreement_id="C01-1234567-1234567")
    assert body_of(http.sent[0])["chargePermissionId"] == "C01-1234567-1234567"


# ---- what is no decline, and what never leaves


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (error(403, "InvalidAccountStatus"), CredentialsRejectedError),
        (error(401, "UnauthorizedAccess"), CredentialsRejectedError),
        (THROTTLED, NotExecutedError),
        (NO_HOST, WireGoneError),
        (HttpResponse(404, b"gone"), WireGoneError),
        (LOST, OutcomeUnknownError),
    ],
)
async def test_no_money_call_makes_a_decline_of_what_is_none(step: Step, kind: type[Exception]) -> None:
    calls = (
        lambda v2: v2.authorize(account(), charge_call(), 0),
        lambda v2: v2.authorize(account(), charge_call(purchase_id=SESSION_ID), 0),
        lambda v2: v2.capture(account(), CAPTURE, 0),
        lambda v2: v2.refund(account(), REFUND, 0),
    )
    for call in calls:
        v2, _ = wire(step)
        with pytest.raises(kind):
            await call(v2)


@pytest.mark.parametrize(("key", "test_mode"), [("SANDBOX-AE1", False), ("LIVE-AE1", True)])
async def test_a_key_of_the_other_environment_never_leaves_the_process(key: str, test_mode: bool) -> None:
    wrong = account(test_mode=test_mode, public_key_id=key)
    v2, http = wire()
    for call in (
        v2.authorize(wrong, charge_call(), 5),
        v2.capture(wrong, CAPTURE, 5),
        v2.refund(wrong, REFUND, 5),
        v2.release(wrong, CHARGE_ID, "no", 5),
        v2.read_agreement(wrong, PERMISSION),
    ):
        with pytest.raises(CredentialsRejectedError) as caught:
            await call
        assert caught.value.code == "WrongEnvironment"
    assert http.sent == []
    assert not (await v2.check(wrong))[0].ok


async def test_a_simulation_is_asked_for_in_the_sandbox_only_and_is_not_signed() -> None:
    v2, http = wire(charge("Captured"), charge("Captured"))
    await v2.authorize(account(), charge_call(simulation="HardDeclined"), 0)
    await v2.authorize(account(test_mode=False), charge_call(simulation="HardDeclined"), 0)
    assert [each.headers.get("x-amz-pay-simulation-code") for each in http.sent] == ["HardDeclined", None]
    signed = re.search(r"SignedHeaders=(\S+),", http.sent[0].headers["authorization"])
    assert signed is not None
    assert "x-amz-pay-simulation-code" not in signed[1]


@pytest.mark.parametrize("body", [told({}), HttpResponse(200, b"<html>"), told([])])
async def test_a_success_without_a_charge_leaves_the_outcome_unknown(body: HttpResponse) -> None:
    v2, _ = wire(body)
    with pytest.raises(OutcomeUnknownError):
        await v2.authorize(account(), charge_call(), 0)
