"""The one order reference of a one-time sale on a Draft agreement: made once, found again, never above its total."""

from __future__ import annotations

from dataclasses import replace

import pytest

from saleor_amazonpay.amazon.mws.wire import MwsWire
from saleor_amazonpay.amazon.port import AuthorizeCall, BuyerStep, Ready, Terms
from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.errors import CredentialsRejectedError, OutcomeUnknownError, RefusedError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.domain.outcome import Effect
from saleor_amazonpay.http import HttpResponse
from tests.amazon.fakes import (
    NOW,
    ScriptedHttp,
    Step,
    account,
    agreement,
    answer,
    authorization,
    authorization_read,
    error,
    order,
)

pytestmark = pytest.mark.anyio

BA = "C01-1111111-1111111"
OR = "S01-7654321-7654321"
GET_BA = "GetBillingAgreementDetails"
CREATE = "CreateOrderReferenceForId"
SET = "SetOrderReferenceDetails"
CONFIRM = "ConfirmOrderReference"
GET = "GetOrderReferenceDetails"
LIST = "ListOrderReference"
CLOSE = "CloseOrderReference"
CONFIRMED = answer(CONFIRM, None)
NOT_AT_ONCE = error(400, "InvalidBillingAgreementStatus")
MADE_BEFORE = error(405, "OrderReferenceCountExceeded")
TERMS = Terms("ref-1", Money(1000, "USD"), recurring=False, store_name="Shop", note="Call 555-0100")
EUROPE = replace(TERMS, success_url="https://s/ok", failure_url="https://s/no")


def wire(*script: Step) -> tuple[MwsWire, ScriptedHttp]:
    http = ScriptedHttp(list(script))
    return MwsWire(http, clock=lambda: NOW), http


async def prepared(*script: Step, terms: Terms = TERMS, region: str = "us") -> tuple[Ready | BuyerStep, ScriptedHttp]:
    mws, http = wire(*script)
    result = await mws.prepare(account(region=region), BA, terms)
    assert not http.script, "not all of the script was used"
    return result, http


def listed(*orders: str) -> HttpResponse:
    each = "".join(
        f"<OrderReference><AmazonOrderReferenceId>{key}</AmazonOrderReferenceId></OrderReference>" for key in orders
    )
    return answer(LIST, f"<OrderReferenceList>{each}</OrderReferenceList>")


async def test_the_order_is_made_and_confirmed_at_once_if_amazon_does_that() -> None:
    result, http = await prepared(agreement("Draft"), order("Open", action=CREATE))
    assert isinstance(result, Ready)
    assert (result.purchase_id, result.agreement.state) == (OR, AgreementState.OPEN)
    assert http.actions == [GET_BA, CREATE]
    form = http.sent[1].form
    assert (form["Id"], form["IdType"], form["ConfirmNow"]) == (BA, "BillingAgreement", "true")
    assert form["InheritShippingAddress"] == "true"
    prefix = "OrderReferenceAttributes"
    assert (form[f"{prefix}.OrderTotal.Amount"], form[f"{prefix}.OrderTotal.CurrencyCode"]) == ("10.00", "USD")
    assert form[f"{prefix}.SellerOrderAttributes.SellerOrderId"] == "ref-1"
    assert form[f"{prefix}.SellerNote"] == "Call 555-0100"


async def test_goods_that_are_not_shipped_inherit_no_address() -> None:
    terms = replace(TERMS, inherit_shipping=False)
    _, http = await prepared(agreement("Draft"), order("Open", action=CREATE), terms=terms)
    assert http.sent[1].form["InheritShippingAddress"] == "false"


@pytest.mark.parametrize(
    "refusal", ["InvalidBillingAgreementStatus", "BillingAgreementConstraintsExist", "ConstraintsExist"]
)
async def test_refused_at_once_it_is_made_set_and_confirmed_by_calls_of_their_own(refusal: str) -> None:
    result, http = await prepared(
        agreement("Draft"),
        error(400, refusal),
        order("Draft", action=CREATE, total=""),
        order("Draft", action=SET),
        CONFIRMED,
        order("Open"),
    )
    assert isinstance(result, Ready)
    assert http.actions == [GET_BA, CREATE, CREATE, SET, CONFIRM, GET]
    assert [each.form["ConfirmNow"] for each in http.sent[1:3]] == ["true", "false"]
    assert http.sent[4].form["ExpectImmediateAuthorization"] == "true"
    assert "SuccessUrl" not in http.sent[4].form


async def test_a_total_that_was_taken_with_the_order_is_not_set_again() -> None:
    _, http = await prepared(agreement("Draft"), NOT_AT_ONCE, order("Draft", action=CREATE), CONFIRMED, order("Open"))
    assert http.actions == [GET_BA, CREATE, CREATE, CONFIRM, GET]


async def test_consent_is_not_asked_for_one_purchase() -> None:
    result, _ = await prepared(agreement("Draft", "BuyerConsentNotSet"), order("Open", action=CREATE))
    assert isinstance(result, Ready)


async def test_nothing_is_made_before_the_buyer_has_chosen_what_it_inherits() -> None:
    result, http = await prepared(
        agreement("Draft", "BuyerConsentNotSet", "PaymentPlanNotSet", "ShippingAddressNotSet")
    )
    assert isinstance(result, BuyerStep)
    assert result.code == "address_missing"
    assert "consent_missing" not in [each.code for each in result.constraints]
    assert http.actions == [GET_BA]


async def test_an_order_whose_answer_was_lost_is_found_by_our_reference() -> None:
    result, http = await prepared(agreement("Draft"), MADE_BEFORE, listed(OR), order("Open"))
    assert isinstance(result, Ready)
    assert result.purchase_id == OR
    assert http.actions == [GET_BA, CREATE, LIST, GET]
    assert (http.sent[2].form["QueryId"], http.sent[2].form["QueryIdType"]) == ("ref-1", "SellerOrderId")


async def test_an_order_that_is_not_ours_ends_the_agreements_use() -> None:
    result, _ = await prepared(agreement("Draft"), MADE_BEFORE, listed())
    assert isinstance(result, BuyerStep)
    assert (result.code, result.purchase_id) == ("agreement_draft", "")


async def test_a_known_order_is_read_and_none_is_made() -> None:
    terms = replace(TERMS, purchase_id=OR)
    result, http = await prepared(order("Open"), terms=terms)
    assert isinstance(result, Ready)
    assert http.actions == [GET]


async def test_after_a_decline_the_order_is_confirmed_again_once_another_method_is_chosen() -> None:
    terms = replace(TERMS, purchase_id=OR)
    result, http = await prepared(order("Suspended"), CONFIRMED, order("Open"), terms=terms)
    assert isinstance(result, Ready)
    assert http.actions == [GET, CONFIRM, GET]


@pytest.mark.parametrize("refusal", ["PaymentMethodNotUpdated", "InvalidOrderReferenceStatus", "ConstraintsExist"])
async def test_an_order_that_stays_suspended_says_what_it_needs(refusal: str) -> None:
    terms = replace(TERMS, purchase_id=OR)
    result, _ = await prepared(order("Suspended"), error(400, refusal), order("Suspended"), terms=terms)
    assert isinstance(result, BuyerStep)
    expected = {"PaymentMethodNotUpdated": "payment_method", "ConstraintsExist": "constraint"}
    assert (result.code, result.purchase_id) == (expected.get(refusal, "agreement_status"), OR)


@pytest.mark.parametrize("state", ["Canceled", "Closed"])
async def test_an_order_that_has_ended_needs_a_new_agreement(state: str) -> None:
    result, _ = await prepared(order(state), terms=replace(TERMS, purchase_id=OR))
    assert isinstance(result, BuyerStep)
    assert result.code == "agreement_ended"


async def test_nothing_is_charged_above_the_total_that_was_confirmed() -> None:
    more = replace(TERMS, purchase_id=OR, amount=Money(1001, "USD"))
    result, _ = await prepared(order("Open"), terms=more)
    assert isinstance(result, BuyerStep)
    assert result.code == "amount_changed"
    less = replace(more, amount=Money(999, "USD"))
    assert isinstance((await prepared(order("Open"), terms=less))[0], Ready)


async def test_the_total_of_a_draft_follows_the_amount() -> None:
    terms = replace(TERMS, purchase_id=OR, amount=Money(2000, "USD"))
    result, http = await prepared(
        order("Draft"), order("Draft", action=SET, total="20.00"), CONFIRMED, order("Open", total="20.00"), terms=terms
    )
    assert isinstance(result, Ready)
    assert http.sent[1].form["OrderReferenceAttributes.OrderTotal.Amount"] == "20.00"


async def test_what_the_order_lacks_is_a_step_for_the_order() -> None:
    result, _ = await prepared(
        agreement("Draft"), NOT_AT_ONCE, order("Draft", "PaymentMethodNotAllowed", action=CREATE)
    )
    assert isinstance(result, BuyerStep)
    assert (result.code, result.purchase_id) == ("payment_method", OR)


async def test_in_europe_the_buyer_confirms_the_order_at_amazon() -> None:
    result, http = await prepared(
        agreement("Draft"),
        order("Draft", action=CREATE),
        CONFIRMED,
        order("Draft", confirming=True),
        terms=replace(EUROPE, amount=Money(1000, "USD")),
        region="uk",
    )
    assert isinstance(result, BuyerStep)
    assert (result.code, result.purchase_id) == ("authentication", OR)
    assert http.sent[1].form["ConfirmNow"] == "false"
    assert http.sent[2].form["SuccessUrl"] == "https://s/ok"


@pytest.mark.parametrize(
    ("said", "code", "actions"),
    [
        ("Abandoned", "authentication", [GET, CONFIRM, GET]),
        ("", "authentication", [GET, CONFIRM, GET]),
        ("Success", "retry", [GET]),
        ("Failure", "authentication_failed", [GET]),
    ],
)
async def test_back_from_the_page_the_order_decides_and_is_never_set_again(
    said: str, code: str, actions: list[str]
) -> None:
    terms = replace(EUROPE, purchase_id=OR, authentication=said)
    steps = [order("Draft", confirming=True), CONFIRMED, order("Draft", confirming=True)]
    result, http = await prepared(*steps[: len(actions)], terms=terms, region="de")
    assert isinstance(result, BuyerStep)
    assert (result.code, http.actions) == (code, actions)


async def test_an_agreement_that_was_confirmed_meanwhile_is_charged_itself() -> None:
    result, _ = await prepared(agreement("Open"))
    assert isinstance(result, Ready)
    assert result.purchase_id == ""


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [(error(403, "AccessDenied"), CredentialsRejectedError), (error(400, "CurrencyMismatch"), RefusedError)],
)
async def test_other_refusals_are_raised(refusal: Step, kind: type[Exception]) -> None:
    mws, _ = wire(agreement("Draft"), refusal)
    with pytest.raises(kind):
        await mws.prepare(account(), BA, TERMS)


async def test_an_order_without_an_id_is_in_doubt_and_found_the_next_time() -> None:
    mws, _ = wire(agreement("Draft"), answer(CREATE, "<OrderReferenceDetails/>"))
    with pytest.raises(OutcomeUnknownError):
        await mws.prepare(account(), BA, TERMS)


CALL = AuthorizeCall(BA, "ref-a", Money(1000, "USD"), capture_now=True, synchronous=True, purchase_id=OR)
AUTHORIZED = authorization("Closed", "MaxCapturesProcessed", captures=(f"{OR}-C000001",), object_id=f"{OR}-A000001")


async def test_the_charge_goes_to_the_order_and_says_nothing_of_the_agreement() -> None:
    mws, http = wire(answer("Authorize", AUTHORIZED))
    outcome = await mws.authorize(account(), CALL, 0)
    assert outcome.verdict.effect is Effect.CAPTURED
    assert (outcome.order_reference, outcome.settled_id) == (OR, f"{OR}-C000001")
    form = http.sent[0].form
    assert (form["AmazonOrderReferenceId"], form["AuthorizationReferenceId"]) == (OR, "ref-a")
    assert "AmazonBillingAgreementId" not in form
    assert "SellerOrderAttributes.SellerOrderId" not in form
    assert "InheritShippingAddress" not in form, "the order has inherited it, or not, when it was made"


@pytest.mark.parametrize(
    ("state", "code", "phase"),
    [
        ("Suspended", "payment_method", Phase.REPAIRABLE),
        ("Closed", "agreement_ended", Phase.REPAIRABLE),
        ("Canceled", "agreement_ended", Phase.REPAIRABLE),
        ("Open", "agreement_status", Phase.REPAIRABLE),
    ],
)
async def test_a_charge_refused_for_the_orders_state_is_explained_by_reading_it(
    state: str, code: str, phase: Phase
) -> None:
    mws, _ = wire(error(400, "InvalidOrderReferenceStatus"), order(state))
    outcome = await mws.authorize(account(), CALL, 0)
    assert (outcome.code, outcome.phase) == (code, phase)
    assert outcome.agreement_state == AgreementState(state.lower())


@pytest.mark.parametrize(
    ("refusal", "code"),
    [("TransactionAmountExceeded", "amount_exceeded"), ("TransactionCountExceeded", "count_exceeded")],
)
async def test_the_orders_limits_are_amazons_to_judge(refusal: str, code: str) -> None:
    mws, _ = wire(error(400, refusal))
    assert (await mws.authorize(account(), CALL, 0)).code == code


async def test_a_charge_on_an_order_is_looked_for_in_that_order() -> None:
    mws, http = wire(
        order("Open", authorizations=(f"{OR}-A000001", f"{OR}-A000002")),
        authorization_read("Declined", "ProcessingFailure", object_id=f"{OR}-A000002", reference="ref-b"),
        authorization_read("Open", object_id=f"{OR}-A000001", reference="ref-a"),
    )
    found = await mws.find(account(), "ref-a", capture_now=False, purchase_id=OR)
    assert found is not None
    assert found.object_id == f"{OR}-A000001"
    assert http.actions[0] == GET


async def test_an_open_order_is_closed() -> None:
    mws, http = wire(order("Open"), answer(CLOSE, ""))
    assert (await mws.close(account(), BA, "over", 0, purchase_id=OR)).state is AgreementState.CLOSED
    assert http.sent[1].form["ClosureReason"] == "over"


@pytest.mark.parametrize("state", ["Closed", "Canceled", "Draft"])
async def test_what_has_ended_or_ends_by_itself_is_not_closed(state: str) -> None:
    mws, http = wire(order(state))
    assert (await mws.close(account(), BA, "over", 0, purchase_id=OR)).state == AgreementState(state.lower())
    assert http.actions == [GET]


async def test_an_order_that_amazon_will_not_close_is_read_again() -> None:
    mws, _ = wire(order("Open"), error(400, "InvalidCloseAttempt"), order("Closed", reason="MaxAmountCharged"))
    assert (await mws.close(account(), BA, "over", 0, purchase_id=OR)).state is AgreementState.CLOSED


async def test_the_state_of_a_one_time_agreement_is_its_orders() -> None:
    mws, _ = wire(order("Suspended", reason="InvalidPaymentMethod"))
    view = await mws.read_agreement(account(), BA, purchase_id=OR)
    assert view is not None
    assert (view.amazon_id, view.state) == (BA, AgreementState.SUSPENDED)
