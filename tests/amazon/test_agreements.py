"""Bringing an agreement to where it may be charged, or saying what the buyer has to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from saleor_amazonpay.amazon.mws.wire import MwsWire
from saleor_amazonpay.amazon.port import BuyerStep, Plan, Ready, Terms
from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.errors import (
    CredentialsRejectedError,
    OutcomeUnknownError,
    RefusedError,
    TokenRefusedError,
    WireGoneError,
)
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Phase
from saleor_amazonpay.http import HttpResponse
from tests.amazon.fakes import NOW, ScriptedHttp, Step, account, agreement, answer, error, throttled

pytestmark = pytest.mark.anyio

BA = "C01-1111111-1111111"
SET = "SetBillingAgreementDetails"
GET = "GetBillingAgreementDetails"
CONFIRM = "ConfirmBillingAgreement"
CONFIRMED = answer(CONFIRM, "")
TERMS = Terms(reference_id="ref-1", amount=Money(1000, "USD"), recurring=True, store_name="Shop", note="Call 555-0100")

TERMS_AND_URLS = replace(TERMS, success_url="https://s/ok", failure_url="https://s/no")


def wire(*script: Step) -> tuple[MwsWire, ScriptedHttp]:
    http = ScriptedHttp(list(script))
    return MwsWire(http, clock=lambda: NOW), http


async def prepared(*script: Step, terms: Terms = TERMS, region: str = "us") -> tuple[Ready | BuyerStep, ScriptedHttp]:
    mws, http = wire(*script)
    result = await mws.prepare(account(region=region), BA, terms)
    assert not http.script, "not all of the script was used"
    return result, http


async def test_a_draft_is_set_confirmed_and_read_again() -> None:
    result, http = await prepared(agreement("Draft"), agreement("Draft", action=SET), CONFIRMED, agreement("Open"))
    assert isinstance(result, Ready)
    assert result.agreement.state is AgreementState.OPEN
    assert http.actions == [GET, SET, CONFIRM, GET]
    form = http.sent[1].form
    assert form["AmazonBillingAgreementId"] == BA
    seller = "BillingAgreementAttributes.SellerBillingAgreementAttributes"
    assert form[f"{seller}.SellerBillingAgreementId"] == "ref-1"
    assert form[f"{seller}.StoreName"] == "Shop"
    assert form["BillingAgreementAttributes.SellerNote"] == "Call 555-0100"


async def test_an_open_agreement_is_ready_without_touching_it() -> None:
    result, http = await prepared(agreement("Open"))
    assert isinstance(result, Ready)
    assert http.actions == [GET]
    limit = result.agreement.limit
    assert limit is not None
    assert (limit.limit, limit.remaining) == (Money(50000, "USD"), Money(40550, "USD"))
    assert limit.period_end == "2016-01-01T00:00:00.000Z"
    assert result.agreement.consent is True


@pytest.mark.parametrize(
    ("region", "customer", "kind", "amount"),
    [
        ("uk", True, "CustomerInitiatedTransaction", "9.99"),
        ("de", False, "MerchantInitiatedTransaction", "9.99"),
        ("us", True, None, None),
        ("jp", False, None, None),
    ],
)
async def test_type_and_constant_amount_are_sent_where_customers_must_authenticate(
    region: str, customer: bool, kind: str | None, amount: str | None
) -> None:
    terms = replace(TERMS_AND_URLS, customer_initiated=customer, plan=Plan("Month", "1", Money(999, "GBP")))
    _, http = await prepared(
        agreement("Draft"),
        agreement("Draft", action=SET),
        CONFIRMED,
        agreement("Open"),
        terms=terms,
        region=region,
    )
    assert http.sent[1].form.get("BillingAgreementAttributes.BillingAgreementType") == kind
    assert http.sent[1].form.get("BillingAgreementAttributes.SubscriptionAmount.Amount") == amount


@pytest.mark.parametrize("missing", ["success_url", "failure_url"])
async def test_a_confirmation_page_that_knows_no_way_back_is_never_opened(missing: str) -> None:
    terms = replace(TERMS_AND_URLS, **{missing: ""})  # type: ignore[arg-type]
    result, http = await prepared(agreement("Draft"), agreement("Draft", action=SET), terms=terms, region="uk")
    assert isinstance(result, BuyerStep)
    assert result.code == "return_urls_required"
    assert http.actions == [GET, SET]


async def test_without_a_buyer_nobody_is_sent_to_a_confirmation_page() -> None:
    script = (agreement("Draft"), agreement("Draft", action=SET), CONFIRMED, agreement("Open"))
    result, _ = await prepared(*script, terms=replace(TERMS, buyer_present=False), region="uk")
    assert isinstance(result, Ready)


@pytest.mark.parametrize("said", ["", "Abandoned"])
async def test_who_left_the_confirmation_page_is_sent_again_without_a_second_set(said: str) -> None:
    terms = replace(TERMS_AND_URLS, confirming=True, authentication=said)
    result, http = await prepared(agreement("Draft"), CONFIRMED, agreement("Draft"), terms=terms, region="de")
    assert isinstance(result, BuyerStep)
    assert result.code == "authentication"
    assert http.actions == [GET, CONFIRM, GET]


@pytest.mark.parametrize(("said", "code"), [("Failure", "authentication_failed"), ("Success", "retry")])
async def test_what_the_return_address_says_is_a_hint_while_amazon_shows_a_draft(said: str, code: str) -> None:
    terms = replace(TERMS_AND_URLS, confirming=True, authentication=said)
    result, http = await prepared(agreement("Draft"), terms=terms, region="uk")
    assert isinstance(result, BuyerStep)
    assert result.code == code
    assert http.actions == [GET]


@pytest.mark.parametrize("said", ["Failure", "Success", "Abandoned"])
async def test_an_open_agreement_may_be_charged_whatever_the_return_address_says(said: str) -> None:
    terms = replace(TERMS_AND_URLS, confirming=True, authentication=said)
    result, _ = await prepared(agreement("Open"), terms=terms, region="uk")
    assert isinstance(result, Ready)


async def test_a_word_from_a_page_nobody_was_sent_to_is_no_word() -> None:
    terms = replace(TERMS_AND_URLS, authentication="Failure")
    script = (agreement("Draft"), agreement("Draft", action=SET), CONFIRMED, agreement("Draft"))
    result, _ = await prepared(*script, terms=terms, region="uk")
    assert isinstance(result, BuyerStep)
    assert result.code == "authentication"


async def test_after_another_method_a_suspended_agreement_waits_for_the_page_too() -> None:
    script = (agreement("Suspended"), CONFIRMED, agreement("Suspended"))
    result, _ = await prepared(*script, terms=TERMS_AND_URLS, region="uk")
    assert isinstance(result, BuyerStep)
    assert result.code == "authentication"


VALIDATE = "ValidateBillingAgreement"


async def test_a_validated_agreement_is_good_and_is_its_own_proof() -> None:
    mws, http = wire(answer(VALIDATE, "<ValidationResult>Success</ValidationResult>"))
    outcome = await mws.validate(account(), BA, 0)
    assert (outcome.phase, outcome.object_id) == (Phase.DONE, BA)
    assert http.actions == [VALIDATE]


async def test_an_agreement_that_cannot_be_validated_is_read() -> None:
    mws, _ = wire(error(400, "InvalidBillingAgreementStatus"), agreement("Closed"))
    outcome = await mws.validate(account(), BA, 0)
    assert (outcome.phase, outcome.code, outcome.agreement_state) == (
        Phase.REPAIRABLE,
        "agreement_ended",
        AgreementState.CLOSED,
    )


async def test_return_addresses_go_with_the_confirmation_only_if_there_are_any() -> None:
    script = (agreement("Draft"), agreement("Draft", action=SET), CONFIRMED, agreement("Open"))
    _, without = await prepared(*script)
    terms = Terms("ref-1", Money(1, "USD"), recurring=True, success_url="https://s/ok", failure_url="https://s/no")
    _, with_urls = await prepared(*script, terms=terms)
    assert "SuccessUrl" not in without.sent[2].form
    assert with_urls.sent[2].form["SuccessUrl"] == "https://s/ok"
    assert with_urls.sent[2].form["FailureUrl"] == "https://s/no"


@pytest.mark.parametrize("tag", ["ConstraintID", "ConstraintId"])
@pytest.mark.parametrize(
    ("constraints", "code"),
    [
        (("BuyerConsentNotSet",), "consent_missing"),
        (("PaymentMethodNotAllowed",), "payment_method"),
        (("BuyerConsentNotSet", "PaymentPlanNotSet"), "payment_method"),
        (("BuyerConsentNotSet", "PaymentPlanNotSet", "ShippingAddressNotSet"), "address_missing"),
        (("ShippingAddressNotSet", "BuyerEqualsSeller"), "buyer_is_seller"),
        (("SomethingNew",), "constraint"),
        (("SomethingNew", "BuyerConsentNotSet"), "consent_missing"),
    ],
)
async def test_a_constraint_in_the_answer_to_set_stops_before_confirm(
    constraints: tuple[str, ...], code: str, tag: str
) -> None:
    result, http = await prepared(agreement("Draft"), agreement("Draft", *constraints, action=SET, tag=tag))
    assert isinstance(result, BuyerStep)
    assert result.code == code
    assert [each.amazon_id for each in result.constraints] == list(constraints)
    assert result.constraints[0].description == f"{constraints[0]} it is"
    assert CONFIRM not in http.actions


async def test_constraints_before_set_do_not_stop_it_since_set_may_lift_them() -> None:
    result, _ = await prepared(
        agreement("Draft", "PaymentMethodNotAllowed"),
        agreement("Draft", action=SET),
        CONFIRMED,
        agreement("Open"),
    )
    assert isinstance(result, Ready)


async def test_a_set_that_comes_second_reads_again_and_goes_on() -> None:
    result, http = await prepared(agreement("Draft"), error(405, "BillingAgreementNotModifiable"), agreement("Open"))
    assert isinstance(result, Ready)
    assert http.actions == [GET, SET, GET]


async def test_a_set_whose_answer_has_no_details_reads_again() -> None:
    result, _ = await prepared(
        agreement("Draft"),
        *[answer(SET, None)] * 4,
        agreement("Draft"),
        CONFIRMED,
        agreement("Open"),
    )
    assert isinstance(result, Ready)


async def test_constraints_that_confirm_finds_come_from_a_new_read() -> None:
    result, _ = await prepared(
        agreement("Draft"),
        agreement("Draft", action=SET),
        error(400, "BillingAgreementConstraintsExist"),
        agreement("Draft", "BuyerConsentNotSet"),
    )
    assert isinstance(result, BuyerStep)
    assert result.code == "consent_missing"


async def test_constraints_that_nobody_names_are_still_a_step() -> None:
    result, _ = await prepared(
        agreement("Draft"),
        agreement("Draft", action=SET),
        error(400, "BillingAgreementConstraintsExist"),
        agreement("Draft"),
    )
    assert isinstance(result, BuyerStep)
    assert result.code == "constraint"


async def test_a_confirm_that_comes_second_reads_again_and_goes_on() -> None:
    result, _ = await prepared(
        agreement("Draft"),
        agreement("Draft", action=SET),
        error(405, "BillingAgreementNotModifiable"),
        agreement("Open"),
    )
    assert isinstance(result, Ready)


async def test_a_suspended_agreement_is_confirmed_again_without_set() -> None:
    result, http = await prepared(agreement("Suspended", reason="InvalidPaymentMethod"), CONFIRMED, agreement("Open"))
    assert isinstance(result, Ready)
    assert http.actions == [GET, CONFIRM, GET]


@pytest.mark.parametrize("refusal", [CONFIRMED, error(400, "PaymentMethodNotUpdated")])
async def test_an_agreement_that_stays_suspended_needs_another_method(refusal: Step) -> None:
    result, _ = await prepared(
        agreement("Suspended", reason="InvalidPaymentMethod"),
        refusal,
        agreement("Suspended", reason="InvalidPaymentMethod"),
    )
    assert isinstance(result, BuyerStep)
    assert (result.code, result.agreement.reason) == ("payment_method", "InvalidPaymentMethod")


async def test_a_draft_that_confirm_does_not_open_waits_for_amazons_page() -> None:
    result, _ = await prepared(agreement("Draft"), agreement("Draft", action=SET), CONFIRMED, agreement("Draft"))
    assert isinstance(result, BuyerStep)
    assert result.code == "authentication"


@pytest.mark.parametrize("state", ["Canceled", "Closed"])
async def test_an_ended_agreement_needs_a_new_one(state: str) -> None:
    result, http = await prepared(agreement(state, reason="Stale"))
    assert isinstance(result, BuyerStep)
    assert result.code == "agreement_ended"
    assert http.actions == [GET]


async def test_a_state_nobody_knows_is_never_ready_and_never_ended() -> None:
    result, _ = await prepared(agreement("Thawing"), CONFIRMED, agreement("Thawing"))
    assert isinstance(result, BuyerStep)
    assert result.agreement.state is AgreementState.SUSPENDED
    assert "Thawing" in result.agreement.reason


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (error(400, "InvalidParameterValue"), RefusedError),
        (error(403, "AccessDenied"), CredentialsRejectedError),
        (HttpResponse(410, b""), WireGoneError),
    ],
)
async def test_other_refusals_of_confirm_are_raised(refusal: Step, kind: type[Exception]) -> None:
    mws, _ = wire(agreement("Suspended"), refusal)
    with pytest.raises(kind):
        await mws.prepare(account(), BA, TERMS)


async def test_an_unanswered_confirm_is_not_taken_for_one() -> None:
    mws, _ = wire(agreement("Suspended"), *[HttpResponse(500, b"")] * 4)
    with pytest.raises(OutcomeUnknownError):
        await mws.prepare(account(), BA, TERMS)


async def test_preparing_what_amazon_does_not_know_is_refused() -> None:
    mws, _ = wire(error(404, "InvalidBillingAgreementId"))
    with pytest.raises(RefusedError) as caught:
        await mws.prepare(account(), BA, TERMS)
    assert caught.value.code == "InvalidBillingAgreementId"


async def test_reading_what_amazon_does_not_know_is_none() -> None:
    mws, _ = wire(error(404, "InvalidBillingAgreementId"))
    assert await mws.read_agreement(account(), BA) is None


async def test_reading_with_a_token_sends_it_as_amazon_issued_it() -> None:
    mws, http = wire(agreement("Draft"))
    await mws.read_agreement(account(), BA, "Atza%7CIwEB")
    assert http.sent[0].form["AccessToken"] == "Atza|IwEB"
    assert "AddressConsentToken" not in http.sent[0].form


async def test_reading_with_a_token_amazon_refuses_says_so() -> None:
    mws, _ = wire(error(400, "InvalidAddressConsentToken"))
    with pytest.raises(TokenRefusedError):
        await mws.read_agreement(account(), BA, "Atza|x")


async def test_a_dead_host_is_never_taken_for_a_dead_agreement() -> None:
    mws, _ = wire(HttpResponse(404, b"<html/>"))
    with pytest.raises(WireGoneError):
        await mws.read_agreement(account(), BA)


async def test_a_throttled_read_is_repeated() -> None:
    mws, _ = wire(throttled(), agreement("Open"))
    view = await mws.read_agreement(account(), BA)
    assert view is not None
    assert view.state is AgreementState.OPEN
