"""The second table: what Saleor is told, written out by hand from money.md §3."""

from __future__ import annotations

import itertools

import pytest

from saleor_amazonpay.domain.operation import FINAL, Kind, Phase
from saleor_amazonpay.domain.outcome import action_result, session_result

SESSION = {
    ("charge", "calling", "none"): "CHARGE_REQUEST",
    ("charge", "pending", "none"): "CHARGE_REQUEST",
    ("charge", "done", "captured"): "CHARGE_SUCCESS",
    ("charge", "done", "authorized"): "AUTHORIZATION_SUCCESS",  # reserved money is not failed
    ("charge", "repairable", "none"): "CHARGE_ACTION_REQUIRED",
    ("charge", "declined", "none"): "CHARGE_FAILURE",
    ("charge", "gone", "none"): "CHARGE_FAILURE",
    ("authorize", "calling", "none"): "AUTHORIZATION_REQUEST",
    ("authorize", "pending", "none"): "AUTHORIZATION_REQUEST",
    ("authorize", "done", "authorized"): "AUTHORIZATION_SUCCESS",
    ("authorize", "done", "captured"): "CHARGE_SUCCESS",
    ("authorize", "repairable", "none"): "AUTHORIZATION_ACTION_REQUIRED",
    ("authorize", "declined", "none"): "AUTHORIZATION_FAILURE",
    ("authorize", "gone", "none"): "AUTHORIZATION_FAILURE",
}


@pytest.mark.parametrize(("case", "expected"), SESSION.items())
def test_what_a_session_is_answered(case: tuple[str, str, str], expected: str) -> None:
    kind, phase, effect = case
    assert session_result(Kind(kind), Phase(phase), effect, told="", may_repair=True) == expected


def test_the_session_table_has_a_line_for_every_phase() -> None:
    assert {(kind, phase) for kind, phase, _ in SESSION} == set(itertools.product(("charge", "authorize"), Phase))


@pytest.mark.parametrize(("told", "may_repair"), [("pending", True), ("", False)])
def test_a_decline_that_cannot_be_mended_in_this_transaction_is_a_failure(told: str, may_repair: bool) -> None:
    result = session_result(Kind.CHARGE, Phase.REPAIRABLE, "none", told=told, may_repair=may_repair)
    assert result == "CHARGE_FAILURE"


@pytest.mark.parametrize(
    ("kind", "word"), [("charge", "CHARGE"), ("capture", "CHARGE"), ("refund", "REFUND"), ("cancel", "CANCEL")]
)
def test_what_an_action_is_answered(kind: str, word: str) -> None:
    assert action_result(Kind(kind), Phase.DONE, "captured") == f"{word}_SUCCESS"
    for phase in FINAL - {Phase.DONE}:
        assert action_result(Kind(kind), phase, "none") == f"{word}_FAILURE"
    for phase in set(Phase) - FINAL:
        assert action_result(Kind(kind), phase, "none") is None


def test_a_charge_on_the_rest_that_was_only_reserved_is_a_failure() -> None:
    assert action_result(Kind.CHARGE, Phase.DONE, "authorized") == "CHARGE_FAILURE"
