"""The money calls of the v1 wire: what is sent, what comes of it, and what happens in doubt."""

from __future__ import annotations

import json

import pytest

from saleor_amazonpay.amazon.mws.wire import MwsWire
from saleor_amazonpay.amazon.port import AuthorizeCall, CaptureCall, RefundCall
from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.errors import (
    CredentialsRejectedError,
    NotExecutedError,
    OutcomeUnknownError,
    RefusedError,
    WireGoneError,
)
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.domain.outcome import Effect, Outcome, Retry
from saleor_amazonpay.http import HttpResponse
from tests.amazon.fakes import (
    LOST,
    NO_HOST,
    NOW,
    ScriptedHttp,
    Step,
    account,
    agreement,
    answer,
    authorization_read,
    authorized,
    capture,
    error,
    refund,
    throttled,
)

pytestmark = pytest.mark.anyio

AUTHORIZATION_ID = "P01-1234567-1234567-A000001"
CAPTURE_ID = "P01-1234567-1234567-C000001"
AUTHORIZE = "AuthorizeOnBillingAgreement"


def wire(*script: Step) -> tuple[MwsWire, ScriptedHttp]:
    http = ScriptedHttp(list(script))
    return MwsWire(http, clock=lambda: NOW), http


def charge_call(**changes: object) -> AuthorizeCall:
    fields: dict[str, object] = {
        "agreement_id": "C01-1111111-1111111",
        "reference_id": "ref-1",
        "amount": Money(9450, "USD"),
        "capture_now": True,
        "synchronous": True,
        **changes,
    }
    return AuthorizeCall(**fields)  # type: ignore[arg-type]


CAPTURE = CaptureCall(AUTHORIZATION_ID, "ref-c", Money(9450, "USD"), note="thanks", descriptor="SHOP")
REFUND = RefundCall(CAPTURE_ID, "ref-r", Money(500, "USD"), note="broken", descriptor="SHOP")


async def charged(*script: Step, **changes: object) -> tuple[Outcome, ScriptedHttp]:
    mws, http = wire(*script)
    outcome = await mws.authorize(account(), charge_call(**changes), 5)
    assert not http.script, "not all of the script was used"
    return outcome, http


async def test_a_charge_sends_everything_the_contract_asks_for() -> None:
    _, http = await charged(
        authorized("Closed", "MaxCapturesProcessed", captures=(CAPTURE_ID,)),
        note="your order",
        descriptor="A SHOP WITH A LONG NAME",
        store_name="Shop",
        order_name="ref-1",
    )
    form = http.sent[0].form
    own = {"AWSAccessKeyId", "SellerId", "Signature", "SignatureMethod", "SignatureVersion", "Timestamp", "Version"}
    assert {name: value for name, value in form.items() if name not in own} == {
        "Action": AUTHORIZE,
        "AmazonBillingAgreementId": "C01-1111111-1111111",
        "AuthorizationReferenceId": "ref-1",
        "AuthorizationAmount.Amount": "94.50",
        "AuthorizationAmount.CurrencyCode": "USD",
        "SellerAuthorizationNote": "your order",
        "TransactionTimeout": "0",
        "CaptureNow": "true",
        "SoftDescriptor": "A SHOP WITH A LO",
        "InheritShippingAddress": "true",
        "SellerOrderAttributes.SellerOrderId": "ref-1",
        "SellerOrderAttributes.StoreName": "Shop",
    }


async def test_an_asynchronous_reservation_has_a_day_and_no_descriptor() -> None:
    _, http = await charged(
        authorized("Pending"),
        capture_now=False,
        synchronous=False,
        inherit_shipping=False,
        descriptor="SHOP",
    )
    form = http.sent[0].form
    assert form["TransactionTimeout"] == "1440"
    assert form["CaptureNow"] == "false"
    assert form["InheritShippingAddress"] == "false"
    assert form["SellerOrderAttributes.SellerOrderId"] == "ref-1"
    assert "SoftDescriptor" not in form


async def test_yen_are_sent_without_decimals() -> None:
    _, http = await charged(authorized("Pending"), amount=Money(1200, "JPY"))
    assert http.sent[0].form["AuthorizationAmount.Amount"] == "1200"


async def test_a_simulation_takes_the_notes_place_in_the_sandbox_only() -> None:
    simulation = json.dumps({"SandboxSimulation": {"State": "Declined", "ReasonCode": "AmazonRejected"}})
    mws, http = wire(authorized("Pending"), authorized("Pending"))
    call = charge_call(note="hello", simulation=simulation)
    await mws.authorize(account(test_mode=True), call, 0)
    await mws.authorize(account(test_mode=False), call, 0)
    assert [each.form["SellerAuthorizationNote"] for each in http.sent] == [simulation, "hello"]


async def test_a_synchronous_charge_is_paid_and_names_its_capture() -> None:
    outcome, _ = await charged(authorized("Closed", "MaxCapturesProcessed", captures=(CAPTURE_ID,)))
    assert (outcome.phase, outcome.code, outcome.verdict.effect) == (Phase.DONE, "ok", Effect.CAPTURED)
    assert (outcome.object_id, outcome.settled_id) == (AUTHORIZATION_ID, CAPTURE_ID)
    assert outcome.order_reference == "P01-1234567-1234567"
    assert outcome.amount == Money(9450, "USD")
    assert outcome.updated_at == 1_451_606_399_123
    assert (outcome.request_id, outcome.message) == ("req-1", "words of Amazon")


async def test_a_charge_that_only_reserved_is_not_failed() -> None:
    outcome, _ = await charged(authorized("Open"))
    assert (outcome.phase, outcome.code, outcome.verdict.effect) == (
        Phase.DONE,
        "capture_failed",
        Effect.AUTHORIZED,
    )


@pytest.mark.parametrize(
    ("soft", "code", "retry"),
    [
        ("true", "soft_decline", Retry.NEW_ATTEMPT),
        ("false", "payment_method", Retry.CHANGE_METHOD),
        ("", "payment_method", Retry.CHANGE_METHOD),
    ],
)
async def test_soft_decline_decides_what_an_invalid_method_means(soft: str, code: str, retry: Retry) -> None:
    outcome, _ = await charged(authorized("Declined", "InvalidPaymentMethod", soft=soft))
    assert (outcome.phase, outcome.code, outcome.verdict.retry) == (Phase.REPAIRABLE, code, retry)


@pytest.mark.parametrize(
    ("read", "phase", "code", "effect"),
    [
        (capture("Completed"), Phase.DONE, "ok", Effect.CAPTURED),
        (capture("Pending"), Phase.PENDING, "pending", Effect.NONE),
        (capture("Declined", "ProcessingFailure"), Phase.DONE, "capture_failed", Effect.AUTHORIZED),
    ],
)
async def test_an_open_charge_that_names_a_capture_is_decided_by_it(
    read: Step, phase: Phase, code: str, effect: Effect
) -> None:
    outcome, http = await charged(authorized("Open", captures=(CAPTURE_ID,)), read)
    assert (outcome.phase, outcome.code, outcome.verdict.effect) == (phase, code, effect)
    assert http.sent[1].form["AmazonCaptureId"] == CAPTURE_ID
    assert outcome.object_id == AUTHORIZATION_ID


@pytest.mark.parametrize("unread", [error(403, "AccessDenied"), NO_HOST, error(404, "InvalidTransactionId")])
async def test_a_charge_whose_capture_cannot_be_read_is_pending_and_never_unexecuted(unread: Step) -> None:
    outcome, _ = await charged(authorized("Open", captures=(CAPTURE_ID,)), unread)
    assert (outcome.phase, outcome.object_id) == (Phase.PENDING, AUTHORIZATION_ID)


async def test_a_reservation_that_is_open_needs_no_second_look() -> None:
    outcome, http = await charged(authorized("Open", captures=(CAPTURE_ID,)), capture_now=False)
    assert outcome.verdict.effect is Effect.AUTHORIZED
    assert http.actions == [AUTHORIZE]


async def test_a_lost_answer_is_asked_for_again_under_the_same_reference() -> None:
    outcome, http = await charged(
        LOST, throttled(), authorized("Closed", "MaxCapturesProcessed", captures=(CAPTURE_ID,))
    )
    assert outcome.verdict.effect is Effect.CAPTURED
    assert [each.form["AuthorizationReferenceId"] for each in http.sent] == ["ref-1"] * 3


@pytest.mark.parametrize("unreadable", [answer(AUTHORIZE, ""), answer(AUTHORIZE, "<AuthorizationDetails/>")])
async def test_an_answer_without_an_authorization_leaves_the_outcome_unknown(unreadable: HttpResponse) -> None:
    mws, _ = wire(*[unreadable] * 4)
    with pytest.raises(OutcomeUnknownError):
        await mws.authorize(account(), charge_call(), 0)


async def test_amazons_monthly_limit_is_a_decline_with_its_own_code() -> None:
    outcome, _ = await charged(error(400, "PeriodicAmountExceeded", "cannot exceed 500.00"))
    assert (outcome.phase, outcome.code) == (Phase.DECLINED, "monthly_limit")
    assert outcome.message == "cannot exceed 500.00"
    assert outcome.object_id == ""


@pytest.mark.parametrize(
    ("state", "phase", "code"),
    [
        ("Suspended", Phase.REPAIRABLE, "payment_method"),
        ("Closed", Phase.REPAIRABLE, "agreement_ended"),
        ("Canceled", Phase.REPAIRABLE, "agreement_ended"),
        ("Draft", Phase.REPAIRABLE, "agreement_draft"),
        ("Open", Phase.REPAIRABLE, "agreement_status"),
    ],
)
async def test_a_charge_refused_for_the_agreements_state_is_explained_by_reading_it(
    state: str, phase: Phase, code: str
) -> None:
    outcome, _ = await charged(error(400, "InvalidBillingAgreementStatus", "words"), agreement(state))
    assert (outcome.phase, outcome.code, outcome.message) == (phase, code, "words")
    assert outcome.agreement_state == AgreementState(state.lower())


@pytest.mark.parametrize("unread", [NO_HOST, error(404, "InvalidBillingAgreementId")])
async def test_such_a_refusal_stands_if_the_agreement_cannot_be_read(unread: Step) -> None:
    outcome, _ = await charged(error(400, "InvalidBillingAgreementStatus"), unread)
    assert (outcome.phase, outcome.code) == (Phase.DECLINED, "agreement_status")


@pytest.mark.parametrize("code", ["DuplicateReferenceId", "DuplicateRequest"])
async def test_a_used_reference_is_in_doubt_and_never_declined(code: str) -> None:
    mws, _ = wire(error(400, code))
    with pytest.raises(OutcomeUnknownError) as caught:
        await mws.authorize(account(), charge_call(), 0)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (error(403, "InvalidAccountStatus"), CredentialsRejectedError),
        (throttled(), NotExecutedError),
        (NO_HOST, WireGoneError),
        (HttpResponse(404, b"gone"), WireGoneError),
        (LOST, OutcomeUnknownError),
    ],
)
async def test_no_money_call_makes_a_decline_of_what_is_none(step: Step, kind: type[Exception]) -> None:
    mws, _ = wire(step, step, step)
    with pytest.raises(kind):
        await mws.authorize(account(), charge_call(), 0)
    with pytest.raises(kind):
        await mws.capture(account(), CAPTURE, 0)
    with pytest.raises(kind):
        await mws.refund(account(), REFUND, 0)


async def test_a_capture_sends_its_parameters_and_is_read() -> None:
    mws, http = wire(capture("Completed", action="Capture"))
    outcome = await mws.capture(account(), CAPTURE, 5)
    form = http.sent[0].form
    assert form["AmazonAuthorizationId"] == AUTHORIZATION_ID
    assert form["CaptureReferenceId"] == "ref-c"
    assert (form["CaptureAmount.Amount"], form["CaptureAmount.CurrencyCode"]) == ("94.50", "USD")
    assert (form["SellerCaptureNote"], form["SoftDescriptor"]) == ("thanks", "SHOP")
    assert (outcome.object_id, outcome.settled_id) == (CAPTURE_ID, CAPTURE_ID)
    assert outcome.verdict.effect is Effect.CAPTURED


async def test_a_late_capture_is_pending_and_no_failure() -> None:
    mws, _ = wire(capture("Pending", action="Capture"))
    assert (await mws.capture(account(), CAPTURE, 5)).phase is Phase.PENDING


@pytest.mark.parametrize("code", ["InvalidAuthorizationStatus", "TransactionCountExceeded", "DuplicateReferenceId"])
async def test_a_refused_capture_that_was_ours_already_is_found(code: str) -> None:
    mws, http = wire(
        error(400, code),
        authorization_read("Closed", "MaxCapturesProcessed", captures=(CAPTURE_ID,)),
        capture("Completed", reference="ref-c"),
    )
    outcome = await mws.capture(account(), CAPTURE, 5)
    assert (outcome.verdict.effect, outcome.settled_id) == (Effect.CAPTURED, CAPTURE_ID)
    assert http.actions == ["Capture", "GetAuthorizationDetails", "GetCaptureDetails"]


async def test_a_capture_of_somebody_else_is_not_taken_for_ours() -> None:
    mws, _ = wire(
        error(400, "InvalidAuthorizationStatus", "words"),
        authorization_read("Closed", "MaxCapturesProcessed", captures=(CAPTURE_ID,)),
        capture("Completed", reference="another"),
    )
    outcome = await mws.capture(account(), CAPTURE, 5)
    assert (outcome.phase, outcome.code) == (Phase.DECLINED, "authorization_status")


async def test_a_capture_of_an_expired_authorization_says_that_it_expired() -> None:
    mws, _ = wire(error(400, "InvalidAuthorizationStatus"), authorization_read("Closed", "ExpiredUnused"))
    outcome = await mws.capture(account(), CAPTURE, 5)
    assert (outcome.phase, outcome.code) == (Phase.GONE, "expired")


@pytest.mark.parametrize("unread", [error(403, "AccessDenied"), NO_HOST])
async def test_a_refusal_that_cannot_be_checked_leaves_the_capture_in_doubt(unread: Step) -> None:
    mws, _ = wire(error(400, "InvalidAuthorizationStatus"), unread)
    with pytest.raises(OutcomeUnknownError):
        await mws.capture(account(), CAPTURE, 5)


async def test_a_capture_on_what_does_not_exist_is_refused_after_all() -> None:
    mws, _ = wire(error(400, "InvalidAuthorizationStatus"), error(404, "InvalidTransactionId"))
    assert (await mws.capture(account(), CAPTURE, 5)).code == "authorization_status"


@pytest.mark.parametrize("parent", [authorization_read("Open"), authorization_read("Closed", "ExpiredUnused")])
async def test_a_used_capture_reference_without_a_capture_stays_in_doubt(parent: Step) -> None:
    mws, _ = wire(error(400, "DuplicateReferenceId"), parent)
    with pytest.raises(OutcomeUnknownError):
        await mws.capture(account(), CAPTURE, 5)


async def test_a_refund_sends_the_capture_and_its_reason() -> None:
    mws, http = wire(refund("Pending", action="Refund"))
    outcome = await mws.refund(account(), REFUND, 5)
    form = http.sent[0].form
    assert (form["AmazonCaptureId"], form["RefundReferenceId"]) == (CAPTURE_ID, "ref-r")
    assert (form["RefundAmount.Amount"], form["SellerRefundNote"]) == ("5.00", "broken")
    assert (outcome.phase, outcome.object_id) == (Phase.PENDING, "P01-1234567-1234567-R000001")
    assert outcome.amount == Money(500, "USD")


async def test_a_refused_refund_that_was_ours_already_is_found() -> None:
    mws, http = wire(
        error(405, "CaptureNotRefundable"),
        capture("Closed", "MaxAmountRefunded", refunds=("P01-1234567-1234567-R000001", "R2")),
        refund("Completed", object_id="R2", reference="another"),
        refund("Completed"),
    )
    outcome = await mws.refund(account(), REFUND, 5)
    assert (outcome.verdict.effect, outcome.object_id) == (Effect.REFUNDED, "P01-1234567-1234567-R000001")
    assert [each.form.get("AmazonRefundId") for each in http.sent[2:]] == ["R2", "P01-1234567-1234567-R000001"]


async def test_the_eleventh_refund_is_declined_as_one_too_many() -> None:
    mws, _ = wire(error(400, "TransactionCountExceeded"), capture("Completed"))
    assert (await mws.refund(account(), REFUND, 5)).code == "count_exceeded"


async def test_long_notes_are_cut_to_amazons_limit() -> None:
    mws, http = wire(refund("Pending", action="Refund"))
    await mws.refund(account(), RefundCall(CAPTURE_ID, "r", Money(1, "USD"), note="x" * 300), 0)
    assert len(http.sent[0].form["SellerRefundNote"]) == 255


async def test_reads_name_the_object_and_judge_it() -> None:
    mws, http = wire(authorization_read("Open"), authorization_read("Open"), capture("Completed"), refund("Completed"))
    reserved = await mws.read_authorization(account(), AUTHORIZATION_ID, capture_now=False)
    half = await mws.read_authorization(account(), AUTHORIZATION_ID, capture_now=True)
    taken = await mws.read_capture(account(), CAPTURE_ID)
    given = await mws.read_refund(account(), "P01-1234567-1234567-R000001")
    assert [each.code for each in (reserved, half, taken, given)] == ["ok", "capture_failed", "ok", "ok"]
    assert http.sent[0].form["AmazonAuthorizationId"] == AUTHORIZATION_ID
    assert http.sent[2].form["AmazonCaptureId"] == CAPTURE_ID
    assert http.sent[3].form["AmazonRefundId"] == "P01-1234567-1234567-R000001"


async def test_reading_what_amazon_does_not_know_is_a_refusal_and_no_outcome() -> None:
    mws, _ = wire(error(404, "InvalidTransactionId"))
    with pytest.raises(RefusedError):
        await mws.read_capture(account(), CAPTURE_ID)
