"""One call of MWS: what is sent, what may be repeated, and what an answer means for the money."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
import stamina

from saleor_amazonpay.amazon.mws.calls import READ_TIMEOUT, MwsCalls
from saleor_amazonpay.domain.errors import (
    AmazonError,
    CredentialsRejectedError,
    NotExecutedError,
    OutcomeUnknownError,
    RefusedError,
    WireGoneError,
)
from saleor_amazonpay.http import HttpResponse, TransportError
from tests.amazon import expected_v1 as expected
from tests.amazon.fakes import (
    LOST,
    NO_HOST,
    NOW,
    UNREACHED,
    ScriptedHttp,
    Step,
    account,
    answer,
    error,
    throttled,
)

pytestmark = pytest.mark.anyio

GOOD = answer("Refund", "<RefundDetails/>")
PARAMETERS = {"AmazonCaptureId": "P01-1234567-1234567-C000001", "RefundReferenceId": "ref-1", "Note": ""}


def calls(*script: Step, endpoint: str = "", clock: float = NOW) -> tuple[MwsCalls, ScriptedHttp]:
    http = ScriptedHttp(list(script))
    return MwsCalls(http, lambda: clock, endpoint), http


async def failure(*script: Step, patience: float = 0) -> AmazonError:
    wire, http = calls(*script)
    with pytest.raises(AmazonError) as caught:
        await wire.call(account(), "Refund", PARAMETERS, patience)
    assert not http.script, "the call ended before the script did"
    return caught.value


async def test_a_call_is_a_signed_form_post() -> None:
    wire, http = calls(GOOD)
    await wire.call(account(), "Refund", PARAMETERS, 5)
    sent = http.sent[0]
    assert (sent.method, sent.url) == (
        "POST",
        "https://mws.amazonservices.com/OffAmazonPayments_Sandbox/2013-01-01",
    )
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert sent.headers["User-Agent"].startswith("saleor-amazonpay/")
    assert sent.timeout == READ_TIMEOUT >= 30
    form = sent.form
    assert form.pop("Signature")
    assert form == {
        "AWSAccessKeyId": "TEST_ACCESS_KEY",
        "Action": "Refund",
        "AmazonCaptureId": "P01-1234567-1234567-C000001",
        "RefundReferenceId": "ref-1",
        "SellerId": "TEST_MERCHANT_ID",
        "SignatureMethod": "HmacSHA256",
        "SignatureVersion": "2",
        "Timestamp": "2015-12-31T23:59:58Z",
        "Version": "2013-01-01",
    }


async def test_a_live_account_speaks_to_amazon_whatever_the_endpoint_says() -> None:
    wire, http = calls(GOOD, GOOD, endpoint="http://127.0.0.1:9000")
    await wire.call(account(test_mode=False), "Refund", {}, 0)
    await wire.call(account(test_mode=True), "Refund", {}, 0)
    assert [each.url for each in http.sent] == [
        "https://mws.amazonservices.com/OffAmazonPayments/2013-01-01",
        "http://127.0.0.1:9000/OffAmazonPayments_Sandbox/2013-01-01",
    ]


async def test_a_call_is_signed_for_the_host_it_is_sent_to() -> None:
    to_amazon, first = calls(GOOD)
    to_endpoint, second = calls(GOOD, endpoint="http://127.0.0.1:9000")
    await to_amazon.call(account(), "Refund", {}, 0)
    await to_endpoint.call(account(), "Refund", {}, 0)
    assert first.sent[0].form["Signature"] != second.sent[0].form["Signature"]


async def test_two_profiles_of_one_seller_each_sign_with_their_own_keys() -> None:
    wire, http = calls(GOOD, GOOD, GOOD)
    await wire.call(account(), "Refund", {}, 0)
    await wire.call(account(access_key="OTHER", secret_key="OTHER_SECRET"), "Refund", {}, 0)
    await wire.call(account(mws_auth_token="amzn.mws.token"), "Refund", {}, 0)
    assert [each.form["AWSAccessKeyId"] for each in http.sent] == ["TEST_ACCESS_KEY", "OTHER", "TEST_ACCESS_KEY"]
    assert http.sent[2].form["MWSAuthToken"] == "amzn.mws.token"
    assert len({each.form["Signature"] for each in http.sent}) == 3


async def test_a_profile_without_keys_is_rejected_before_anything_is_sent() -> None:
    wire, http = calls()
    with pytest.raises(CredentialsRejectedError) as caught:
        await wire.call(account(secret_key=""), "Refund", {}, 5)
    assert caught.value.code == "MissingKeys"
    assert not http.sent


async def test_an_answer_carries_its_result_and_request_id() -> None:
    wire, _ = calls(GOOD)
    got = await wire.call(account(), "Refund", {}, 0)
    assert (got.result.name, got.request_id) == ("RefundResult", "req-1")


@pytest.mark.parametrize("result", [None, ""])
async def test_a_missing_or_empty_result_is_a_success(result: str | None) -> None:
    wire, _ = calls(answer("ConfirmBillingAgreement", result))
    got = await wire.call(account(), "ConfirmBillingAgreement", {}, 0)
    assert got.request_id == "req-1"


class Ticking:
    """A clock that is a second later each time it is asked."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        self.now += 1
        return self.now


async def test_a_repeat_is_identical_but_for_timestamp_and_signature() -> None:
    http = ScriptedHttp([LOST, throttled(), GOOD])
    await MwsCalls(http, Ticking()).call(account(), "Refund", PARAMETERS, 5)
    forms = [each.form for each in http.sent]
    assert len({form.pop("Timestamp") for form in forms}) == 3
    assert len({form.pop("Signature") for form in forms}) == 3
    assert forms[0] == forms[1] == forms[2]
    assert forms[0]["RefundReferenceId"] == "ref-1"


@pytest.mark.parametrize(
    "first",
    [
        throttled(),
        LOST,
        UNREACHED,
        error(500, "InternalServerError"),
        error(503, "ServiceUnavailable"),
        HttpResponse(502, b"<html>Bad gateway</html>"),
        HttpResponse(504, b""),
        HttpResponse(200, b"cut off"),
        error(400, "RequestExpired"),
    ],
)
async def test_a_call_is_repeated_until_amazon_answers(first: Step) -> None:
    wire, http = calls(first, GOOD)
    await wire.call(account(), "Refund", PARAMETERS, 5)
    assert len(http.sent) == 2


@pytest.mark.parametrize(
    "only",
    [
        error(400, "InvalidParameterValue"),
        error(403, "AccessDenied"),
        error(400, "NoSuchVersion"),
        HttpResponse(404, b"<html>Not found</html>"),
        NO_HOST,
    ],
)
async def test_a_definite_refusal_is_not_repeated(only: Step) -> None:
    await failure(only, patience=5)


async def test_without_patience_there_is_one_attempt() -> None:
    assert isinstance(await failure(throttled()), NotExecutedError)


class SlowHttp(ScriptedHttp):
    """Takes longer than the test's patience for each request."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout: float = 30.0,
    ) -> HttpResponse:
        await asyncio.sleep(0.02)
        return await super().request(method, url, headers=headers, body=body, timeout=timeout)


async def test_a_call_that_took_all_the_patience_is_not_repeated() -> None:
    http = SlowHttp([LOST])
    with stamina.set_testing(False), pytest.raises(OutcomeUnknownError):
        await MwsCalls(http, lambda: NOW).call(account(), "Refund", PARAMETERS, 0.01)
    assert len(http.sent) == 1


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (LOST, OutcomeUnknownError),
        (error(500, "InternalServerError"), OutcomeUnknownError),
        (error(503, "ServiceUnavailable"), OutcomeUnknownError),
        (HttpResponse(503, b"busy"), OutcomeUnknownError),
        (HttpResponse(502, b""), OutcomeUnknownError),
        (HttpResponse(408, b""), OutcomeUnknownError),
        (HttpResponse(302, b""), OutcomeUnknownError),
        (HttpResponse(200, b""), OutcomeUnknownError),
        (HttpResponse(200, b"<html/>"), OutcomeUnknownError),
        (answer("Capture", ""), OutcomeUnknownError),  # the answer to another call
        (throttled(), NotExecutedError),
        (HttpResponse(429, b""), NotExecutedError),
        (UNREACHED, NotExecutedError),
        (error(400, "RequestExpired"), NotExecutedError),
        (NO_HOST, WireGoneError),
        (HttpResponse(404, b"<html>Not found</html>"), WireGoneError),
        (HttpResponse(410, b""), WireGoneError),
        (error(410, "Whatever"), WireGoneError),
        (error(400, "NoSuchVersion"), WireGoneError),
        (error(403, "X", "The OffAmazonPayments API has been discontinued."), WireGoneError),
        (error(400, "X", "Checkout v1 is no longer supported"), WireGoneError),
        (error(403, "SomethingNew"), CredentialsRejectedError),
        (HttpResponse(403, b"<html>Forbidden</html>"), CredentialsRejectedError),
        (HttpResponse(401, b""), CredentialsRejectedError),
        (error(400, "SomethingNew"), RefusedError),
        (error(404, "InvalidOrderReferenceId"), RefusedError),
        (error(400, "PaymentMethodNotUpdated", "this API payment method was retired"), RefusedError),
        (HttpResponse(400, b"<html>Bad request</html>"), RefusedError),
    ],
)
async def test_an_answer_means_exactly_one_kind_of_error(step: Step, kind: type[AmazonError]) -> None:
    assert type(await failure(step)) is kind


@pytest.mark.parametrize("code", sorted(expected.CREDENTIALS))
@pytest.mark.parametrize("http_status", [400, 401, 403])
async def test_bad_keys_are_no_refusal_of_the_payment(code: str, http_status: int) -> None:
    assert type(await failure(error(http_status, code))) is CredentialsRejectedError


@pytest.mark.parametrize("code", sorted(set(expected.REFUSALS) | expected.UNRESOLVED))
@pytest.mark.parametrize("http_status", [400, 403, 404, 405])
async def test_a_refusal_of_the_payment_is_one_at_any_client_error_status(code: str, http_status: int) -> None:
    assert type(await failure(error(http_status, code))) is RefusedError


async def test_an_error_carries_what_support_needs() -> None:
    got = await failure(error(400, "CurrencyMismatch", "words"))
    assert (got.operation, got.code, got.message, got.http_status, got.request_id) == (
        "Refund",
        "CurrencyMismatch",
        "words",
        400,
        "req-error",
    )


async def test_a_throttles_request_id_is_read_in_its_own_spelling() -> None:
    assert (await failure(throttled())).request_id == "req-throttled"


@pytest.mark.parametrize(
    "later", [throttled(), UNREACHED, error(403, "AccessDenied"), NO_HOST, error(400, "RequestExpired")]
)
async def test_what_was_in_doubt_stays_in_doubt(later: Step) -> None:
    http = ScriptedHttp([LOST, later, later, later])
    with pytest.raises(OutcomeUnknownError) as caught:
        await MwsCalls(http, lambda: NOW).call(account(), "Refund", PARAMETERS, 5)
    assert caught.value.code == "NoAnswer"


async def test_a_definite_refusal_of_the_repeat_settles_the_doubt() -> None:
    got = await failure(LOST, error(400, "CurrencyMismatch"), patience=5)
    assert (type(got), got.code) == (RefusedError, "CurrencyMismatch")


async def test_throttled_throughout_is_certainly_not_executed() -> None:
    got = await failure(throttled(), throttled(), throttled(), throttled(), patience=5)
    assert type(got) is NotExecutedError


async def test_no_error_shows_a_secret() -> None:
    for step in (LOST, error(400, "X"), TransportError("x", sent=False)):
        assert "TEST_SECRET_KEY" not in repr(await failure(step))
