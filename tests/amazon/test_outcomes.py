"""The tables of the v1 wire against expectations that were written out by hand, in both directions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from saleor_amazonpay.amazon.codes import CODES
from saleor_amazonpay.amazon.mws import outcomes
from saleor_amazonpay.amazon.mws.agreements import _AFTER_THE_PAGE
from saleor_amazonpay.amazon.mws.failures import CREDENTIALS
from saleor_amazonpay.amazon.mws.orders import _UNMENDED
from saleor_amazonpay.amazon.mws.shapes import AuthorizationDetails, CaptureDetails, RefundDetails, Status
from saleor_amazonpay.domain.errors import RefusedError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.outcome import Outcome, Verdict
from tests.amazon import expected_v1 as expected
from tests.amazon.expected_v1 import Key, Line

FOLDER = Path(outcomes.__file__).parent
TABLES = {
    "AUTHORIZATION": (outcomes.AUTHORIZATION, expected.AUTHORIZATION),
    "CHARGE": (outcomes.CHARGE, expected.CHARGE),
    "RELEASE": (outcomes.RELEASE, expected.RELEASE),
    "CAPTURE": (outcomes.CAPTURE, expected.CAPTURE),
    "REFUND": (outcomes.REFUND, expected.REFUND),
}
CASES = [(name, key, line) for name, (_, lines) in TABLES.items() for key, line in lines.items()]


def plain(verdict: Verdict) -> Line:
    return (verdict.phase.value, verdict.code, verdict.retry.value, verdict.effect.value)


def judged(name: str, key: Key, captures: tuple[str, ...] = ()) -> Outcome:
    state, reason, soft = key
    status = Status(state, reason, "words", 7)
    amount = Money(9450, "USD")
    if name == "CAPTURE":
        return outcomes.of_capture(CaptureDetails("P01-1234567-1234567-C000001", "r", amount, (), status))
    if name == "REFUND":
        return outcomes.of_refund(RefundDetails("P01-1234567-1234567-R000001", "r", amount, status))
    details = AuthorizationDetails(
        "P01-1234567-1234567-A000001", "r", amount, Money(0, "USD"), captures, status, soft == "true"
    )
    return outcomes.of_authorization(TABLES[name][0], details)


@pytest.mark.parametrize(("name", "key", "line"), CASES)
def test_a_state_means_what_the_contract_says(name: str, key: Key, line: Line) -> None:
    outcome = judged(name, key)
    assert plain(outcome.verdict) == line
    assert (outcome.state, outcome.reason, outcome.message, outcome.updated_at) == (key[0], key[1], "words", 7)
    assert outcome.order_reference == "P01-1234567-1234567"


@pytest.mark.parametrize("name", TABLES)
def test_every_line_of_a_table_has_an_expectation(name: str) -> None:
    table, lines = TABLES[name]
    used = set()
    for state, reason, soft in lines:
        exact = outcomes.SOFT if soft == "true" and reason == "InvalidPaymentMethod" else reason
        used.add((state, exact) if (state, exact) in table else (state, outcomes.ANY))
    assert set(table) <= used


@pytest.mark.parametrize("name", expected.NAMED)
def test_every_state_and_reason_the_contract_names_has_an_expectation(name: str) -> None:
    states, reasons = expected.NAMED[name]
    lines = TABLES[name][1]
    assert states <= {state for state, _, _ in lines}
    assert reasons <= {reason for _, reason, _ in lines}


def test_closed_is_paid_for_exactly_one_reason() -> None:
    paid = {
        key
        for name in ("AUTHORIZATION", "CHARGE", "RELEASE")
        for key, verdict in TABLES[name][0].items()
        if verdict.effect == "captured"
    }
    assert paid == {("Closed", "MaxCapturesProcessed")}


def test_a_charge_is_taken_although_amazon_says_nothing_was_captured_yet() -> None:
    outcome = judged("CHARGE", ("Closed", "MaxCapturesProcessed", ""), ("P01-1234567-1234567-C000001",))
    assert outcome.settled_id == "P01-1234567-1234567-C000001"
    assert outcome.object_id == "P01-1234567-1234567-A000001"
    assert outcome.amount == Money(9450, "USD")


def test_the_captured_amount_counts_once_amazon_names_one() -> None:
    status = Status("Closed", "MaxCapturesProcessed")
    details = AuthorizationDetails("A", "r", Money(9450, "USD"), Money(5000, "USD"), ("C",), status, soft_decline=False)
    assert outcomes.of_authorization(outcomes.AUTHORIZATION, details).amount == Money(5000, "USD")


def test_an_authorization_that_is_not_paid_names_no_settling_object() -> None:
    assert judged("CHARGE", ("Closed", "AmazonClosed", ""), ("P01-1234567-1234567-C000001",)).settled_id == ""


@pytest.mark.parametrize("code", expected.REFUSALS)
def test_a_refusal_means_what_the_contract_says(code: str) -> None:
    outcome = outcomes.of_refusal(RefusedError("Refund", code, "words", request_id="r"))
    phase, ours, retry = expected.REFUSALS[code]
    assert plain(outcome.verdict) == (phase, ours, retry, "none")
    assert (outcome.reason, outcome.message, outcome.request_id) == (code, "words", "r")


@pytest.mark.parametrize("code", sorted(expected.UNLISTED_REFUSALS))
def test_a_refusal_without_a_line_is_a_decline_with_amazons_words(code: str) -> None:
    outcome = outcomes.of_refusal(RefusedError("Refund", code, "words"))
    assert plain(outcome.verdict) == ("declined", "refused", "never", "none")
    assert outcome.message == "words"


def test_the_refusal_tables_have_exactly_the_expected_lines() -> None:
    assert set(outcomes.REFUSALS) == set(expected.REFUSALS)
    assert expected.UNRESOLVED == outcomes.UNRESOLVED
    assert expected.CREDENTIALS == CREDENTIALS
    assert not outcomes.UNRESOLVED & set(outcomes.REFUSALS)


def test_agreement_states_and_constraints_are_the_contracts() -> None:
    assert {name: state.value for name, state in outcomes.AGREEMENT_STATES.items()} == expected.AGREEMENT_STATES
    assert dict(outcomes.CONSTRAINTS) == expected.CONSTRAINTS
    refusals = {state.value: plain(verdict) for state, verdict in outcomes.AGREEMENT_REFUSALS.items()}
    assert refusals == expected.AGREEMENT_REFUSALS


def test_every_code_that_can_come_out_is_explained() -> None:
    verdicts = [verdict for table, _ in TABLES.values() for verdict in table.values()]
    verdicts += [*outcomes.REFUSALS.values(), *outcomes.AGREEMENT_REFUSALS.values()]
    verdicts += [outcomes.REFUSED, outcomes.UNKNOWN_STATE, *outcomes.VALIDATION.values()]
    source = "".join((FOLDER / name).read_text() for name in ("agreements.py", "orders.py"))
    steps = set(re.findall(r'BuyerStep\((?:held or )?"(\w+)"', source)) | set(re.findall(r'return "(\w+)"', source))
    steps |= {*_AFTER_THE_PAGE.values(), *_UNMENDED.values(), "authentication", "payment_method"}
    assert len(steps) > 5, "the source is read wrongly"
    steps |= {*outcomes.CONSTRAINTS.values(), outcomes.UNKNOWN_CONSTRAINT}
    assert {verdict.code for verdict in verdicts} | steps <= set(CODES)


def test_a_validation_says_whether_the_agreement_is_good() -> None:
    said = {
        ("Success", ""): ("done", "ok", "never"),
        ("Failure", "InvalidPaymentMethod"): ("repairable", "payment_method", "change_method"),
        ("Failure", "ValidationTimedOut"): ("repairable", "timed_out", "new_attempt"),
        ("Failure", "SomethingNew"): ("declined", "declined", "never"),
        ("", ""): ("declined", "declined", "never"),
    }
    for (result, reason), expected_ in said.items():
        outcome = outcomes.of_validation("C01-1", result, reason, "req")
        assert plain(outcome.verdict) == (*expected_, "none")
        assert (outcome.object_id, outcome.reason) == ("C01-1", reason)


def test_no_money_has_moved_where_the_phase_is_not_done() -> None:
    for table, _ in TABLES.values():
        for verdict in table.values():
            assert (verdict.effect == "none") is (verdict.phase != "done")
