"""The tables of the v2 wire against expectations that were written out by hand, in both directions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from saleor_amazonpay.amazon.codes import CODES
from saleor_amazonpay.amazon.v2 import outcomes
from saleor_amazonpay.amazon.v2.failures import CREDENTIALS, NOT_EXECUTED, answer_of
from saleor_amazonpay.amazon.v2.shapes import Charge, MerchantMetadata, Price, Reason, Refund, Session, Status
from saleor_amazonpay.domain.errors import (
    AmazonError,
    CredentialsRejectedError,
    NotExecutedError,
    OutcomeUnknownError,
    RefusedError,
    WireGoneError,
)
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.outcome import Outcome, Verdict
from saleor_amazonpay.http import HttpResponse
from tests.amazon import expected_v2 as expected
from tests.amazon.expected_v2 import Key, Line
from tests.amazon.fakes_v2 import CHARGE_ID, PERMISSION, REFUND_ID, SESSION_ID, error, told

TABLES = {
    "AUTHORIZATION": (outcomes.AUTHORIZATION, expected.AUTHORIZATION),
    "CHARGE": (outcomes.CHARGE, expected.CHARGE),
    "SLOW_CHARGE": (outcomes.SLOW_CHARGE, expected.SLOW_CHARGE),
    "RELEASE": (outcomes.RELEASE, expected.RELEASE),
    "CAPTURE": (outcomes.CAPTURE, expected.CAPTURE),
    "REFUND": (outcomes.REFUND, expected.REFUND),
    "SESSION": (outcomes.SESSION, expected.SESSION),
}
CASES = [(name, key, line) for name, (_, lines) in TABLES.items() for key, line in lines.items()]


def plain(verdict: Verdict) -> Line:
    return (verdict.phase.value, verdict.code, verdict.retry.value, verdict.effect.value)


def judged(name: str, key: Key) -> Outcome:
    state, reason = key
    status = Status(state, reason or None, "words", None, "20260101T000000Z")
    price = Price(Decimal("94.5"), "USD")
    if name == "REFUND":
        return outcomes.of_refund(Refund(REFUND_ID, status, CHARGE_ID, price), "r")
    if name == "SESSION":
        return outcomes.of_session(Session(SESSION_ID, status), "r")
    taken = Price(Decimal(90), "USD") if state == "Captured" else None
    return outcomes.of_charge(TABLES[name][0], Charge(CHARGE_ID, status, PERMISSION, price, taken), "r")


@pytest.mark.parametrize(("name", "key", "line"), CASES)
def test_a_state_means_what_the_contract_says(name: str, key: Key, line: Line) -> None:
    outcome = judged(name, key)
    assert plain(outcome.verdict) == line
    assert (outcome.state, outcome.reason, outcome.message, outcome.request_id) == (*key, "words", "r")
    assert outcome.updated_at == 1_767_225_600_000
    assert outcome.order_reference == ("" if name == "SESSION" else PERMISSION)


@pytest.mark.parametrize("name", TABLES)
def test_every_line_of_a_table_has_an_expectation(name: str) -> None:
    table, lines = TABLES[name]
    used = {(state, reason) if (state, reason) in table else (state, outcomes.ANY) for state, reason in lines}
    assert set(table) <= used


@pytest.mark.parametrize("name", expected.NAMED)
def test_every_state_and_reason_the_contract_names_has_an_expectation(name: str) -> None:
    states, reasons = expected.NAMED[name]
    lines = TABLES[name][1]
    assert states <= {state for state, _ in lines}
    assert reasons <= {reason for _, reason in lines}


def test_a_charge_is_paid_in_exactly_one_state() -> None:
    for name in ("AUTHORIZATION", "CHARGE", "SLOW_CHARGE", "RELEASE", "CAPTURE"):
        paid = {key for key, verdict in TABLES[name][0].items() if verdict.effect == "captured"}
        assert paid == {("Captured", outcomes.ANY)}, name


def test_no_money_has_moved_where_the_phase_is_not_done() -> None:
    for table, _ in TABLES.values():
        for verdict in table.values():
            assert (verdict.effect == "none") is (verdict.phase != "done")


def test_a_payment_keeps_the_charges_id_from_pending_to_paid() -> None:
    assert judged("SLOW_CHARGE", ("AuthorizationInitiated", "")).settled_id == CHARGE_ID
    assert judged("SLOW_CHARGE", ("Authorized", "")).settled_id == CHARGE_ID
    assert judged("SLOW_CHARGE", ("Captured", "")).settled_id == CHARGE_ID


def test_what_only_reserves_names_no_settling_object() -> None:
    assert judged("CHARGE", ("Authorized", "")).settled_id == ""
    assert judged("AUTHORIZATION", ("AuthorizationInitiated", "")).settled_id == ""
    assert judged("AUTHORIZATION", ("Authorized", "")).object_id == CHARGE_ID


def test_the_captured_amount_counts_once_something_was_captured() -> None:
    assert judged("CHARGE", ("Captured", "")).amount == Money(9000, "USD")
    assert judged("CHARGE", ("Authorized", "")).amount == Money(9450, "USD")


def test_the_permission_a_charge_belongs_to_and_our_reference_come_with_it() -> None:
    assert judged("CHARGE", ("Captured", "")).agreement_id == PERMISSION
    metadata = MerchantMetadata("ref-1")
    made = Charge(CHARGE_ID, Status("Captured"), merchant_metadata=metadata)
    assert outcomes.of_charge(outcomes.CHARGE, made).reference_id == "ref-1"


@pytest.mark.parametrize("code", expected.REFUSALS)
def test_a_refusal_means_what_the_contract_says(code: str) -> None:
    outcome = outcomes.of_refusal(RefusedError("CreateCharge", code, "words", request_id="r"))
    phase, ours, retry = expected.REFUSALS[code]
    assert plain(outcome.verdict) == (phase, ours, retry, "none")
    assert (outcome.reason, outcome.message, outcome.request_id) == (code, "words", "r")


def test_a_refusal_without_a_line_is_a_decline_with_amazons_words() -> None:
    outcome = outcomes.of_refusal(RefusedError("CreateCharge", "SomethingNew", "words"))
    assert plain(outcome.verdict) == ("declined", "refused", "never", "none")


def test_the_tables_of_codes_have_exactly_the_expected_lines() -> None:
    assert set(outcomes.REFUSALS) == set(expected.REFUSALS)
    assert expected.UNRESOLVED == outcomes.UNRESOLVED
    assert expected.CREDENTIALS == CREDENTIALS
    assert expected.NOT_EXECUTED == NOT_EXECUTED
    known = {
        *expected.REFUSALS, *expected.UNRESOLVED, *expected.CREDENTIALS, *expected.NOT_EXECUTED, *expected.UNKNOWN_OUTCOME
    }  # fmt: skip
    assert known >= expected.NAMED_CODES


@pytest.mark.parametrize(("key", "ours"), expected.PERMISSIONS.items())
def test_a_permissions_state_is_the_contracts(key: tuple[str, tuple[str, ...]], ours: str | None) -> None:
    state, reasons = key
    status = Status(state, reasons=[Reason(each) for each in reasons] or None)
    found = outcomes.agreement_state(status)
    assert (None if found is None else found.value) == ours


def test_constraints_and_agreement_refusals_are_the_expected() -> None:
    assert dict(outcomes.CONSTRAINTS) == expected.CONSTRAINTS
    refusals = {state.value: plain(verdict) for state, verdict in outcomes.AGREEMENT_REFUSALS.items()}
    assert refusals == expected.AGREEMENT_REFUSALS


def test_every_code_that_can_come_out_is_explained() -> None:
    verdicts = [verdict for table, _ in TABLES.values() for verdict in table.values()]
    verdicts += [*outcomes.REFUSALS.values(), *outcomes.AGREEMENT_REFUSALS.values()]
    verdicts += [outcomes.REFUSED, outcomes.UNKNOWN_STATE, outcomes.SESSION_USED, outcomes.NOT_REFUNDABLE]
    steps = {*outcomes.CONSTRAINTS.values(), outcomes.UNKNOWN_CONSTRAINT, "amazon_redirect", "recurring_amount_missing"}
    assert {verdict.code for verdict in verdicts} | steps <= set(CODES)


# ---- from an HTTP answer to an error


def raised(response: HttpResponse) -> AmazonError:
    with pytest.raises(AmazonError) as caught:
        answer_of("CreateCharge", response)
    return caught.value


@pytest.mark.parametrize("status", [400, 422, 500, 503])
@pytest.mark.parametrize("code", sorted({*expected.REFUSALS, *expected.UNRESOLVED} - {"InvalidHeaderValue"}))
def test_a_known_code_is_definite_whatever_status_it_comes_with(code: str, status: int) -> None:
    found = raised(error(status, code, "words"))
    assert type(found) is RefusedError
    assert (found.code, found.message, found.http_status, found.request_id) == (code, "words", status, "req-1")


@pytest.mark.parametrize("code", sorted(expected.CREDENTIALS))
@pytest.mark.parametrize("status", [400, 401, 403])
def test_rejected_keys_are_no_decline(code: str, status: int) -> None:
    assert type(raised(error(status, code))) is CredentialsRejectedError


@pytest.mark.parametrize("code", sorted(expected.NOT_EXECUTED))
def test_a_throttled_call_was_not_executed(code: str) -> None:
    assert type(raised(error(429, code))) is NotExecutedError


@pytest.mark.parametrize("code", sorted(expected.UNKNOWN_OUTCOME))
def test_amazons_own_troubles_leave_the_outcome_unknown(code: str) -> None:
    assert type(raised(error(500, code))) is OutcomeUnknownError


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RefusedError),
        (404, RefusedError),
        (422, RefusedError),
        (401, CredentialsRejectedError),
        (403, CredentialsRejectedError),
        (408, OutcomeUnknownError),
        (425, OutcomeUnknownError),
        (429, NotExecutedError),
        (410, WireGoneError),
        (500, OutcomeUnknownError),
        (502, OutcomeUnknownError),
        (301, OutcomeUnknownError),
    ],
)
def test_an_unknown_code_is_judged_by_the_class_of_its_status(status: int, kind: type[AmazonError]) -> None:
    assert type(raised(error(status, "SomethingNew"))) is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, WireGoneError),
        (410, WireGoneError),
        (400, RefusedError),
        (403, CredentialsRejectedError),
        (429, NotExecutedError),
        (503, OutcomeUnknownError),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>gone</html>", b"\xff\xfe", b'{"message":"x"}', b"[]"])
def test_what_pay_api_did_not_write_is_judged_by_its_status(status: int, kind: type[AmazonError], body: bytes) -> None:
    found = raised(HttpResponse(status, body))
    assert (type(found), found.code) == (kind, f"http_{status}")


def test_a_clock_that_is_off_is_no_decline() -> None:
    text = "The value 20261110T150000Z provided for x-amz-pay-date should not be in future"
    assert type(raised(error(400, "InvalidHeaderValue", text))) is NotExecutedError
    assert type(raised(error(400, "InvalidHeaderValue", "x-amz-pay-region"))) is RefusedError


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"chargeId": 7}', b""])
def test_a_success_that_cannot_be_read_leaves_the_outcome_unknown(body: bytes) -> None:
    with pytest.raises(OutcomeUnknownError) as caught:
        answer_of("CreateCharge", HttpResponse(201, body)).read(Charge)
    assert caught.value.code == "UnreadableAnswer"


def test_a_header_is_found_in_any_case() -> None:
    answer = answer_of("GetCharge", HttpResponse(200, told({}).body, {"X-Amz-Pay-Request-Id": "r-9"}))
    assert answer.request_id == "r-9"
