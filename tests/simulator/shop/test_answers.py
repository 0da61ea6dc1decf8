"""Which answers Saleor takes, which it refuses, and what it makes of them (contracts §3.1, §3.3, §3.6)."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from saleor_amazonpay.simulator.shop.answers import (
    AnswerCrashError,
    AnswerRefusedError,
    action_answer,
    session_answer,
)

_ASKED = Decimal("10.50")
_GOOD = {"result": "CHARGE_SUCCESS", "pspReference": "P1"}


def _session(**changes: Any) -> Any:
    return session_answer({**_GOOD, **changes}, _ASKED)


@pytest.mark.parametrize(
    "result",
    ["AUTHORIZATION_SUCCESS", "CHARGE_SUCCESS", "AUTHORIZATION_REQUEST", "CHARGE_REQUEST"],
)
def test_money_that_moves_needs_a_psp_reference(result: str) -> None:
    assert session_answer({"result": result, "pspReference": "P"}, _ASKED).event.psp_reference == "P"
    for psp in ({}, {"pspReference": None}, {"pspReference": 5}):
        with pytest.raises(AnswerRefusedError, match="pspReference"):
            session_answer({"result": result, **psp}, _ASKED)


@pytest.mark.parametrize(
    "result",
    [
        "AUTHORIZATION_FAILURE",
        "CHARGE_FAILURE",
        "AUTHORIZATION_ACTION_REQUIRED",
        "CHARGE_ACTION_REQUIRED",
        "CANCEL_SUCCESS",
    ],
)
def test_where_no_money_moves_a_psp_reference_is_optional_but_never_a_number(result: str) -> None:
    assert session_answer({"result": result}, _ASKED).event.psp_reference is None
    with pytest.raises(AnswerRefusedError, match="pspReference"):
        session_answer({"result": result, "pspReference": 5}, _ASKED)


@pytest.mark.parametrize("result", ["charge_success", "REFUND_SUCCESS", "INFO", "", None, 1, ["CHARGE_SUCCESS"]])
def test_any_other_session_result_is_refused(result: Any) -> None:
    with pytest.raises(AnswerRefusedError, match="result"):
        session_answer({"result": result, "pspReference": "P"}, _ASKED)


def test_an_empty_psp_reference_is_taken() -> None:
    assert _session(pspReference="").event.psp_reference == ""


def test_unknown_keys_are_ignored() -> None:
    assert _session(something={"else": 1}).event.type == "CHARGE_SUCCESS"


@pytest.mark.parametrize(
    ("amount", "booked"),
    [
        (None, "10.50"),
        (0, "10.50"),
        ("0.00", "10.50"),
        (0.0004, "10.50"),
        (3, "3"),
        (3.5, "3.5"),
        ("4.25", "4.25"),
        (-2, "-2"),
        (1.2345, "1.234"),
        (1.2355, "1.236"),
        (99, "99"),
    ],
)
def test_an_amount_is_taken_as_number_or_text_and_zero_means_all(amount: Any, booked: str) -> None:
    assert _session(amount=amount).event.amount == Decimal(booked)


@pytest.mark.parametrize("amount", ["", "abc", "NaN", "Infinity", True, [], {}])
def test_an_amount_that_is_none_loses_the_whole_answer(amount: Any) -> None:
    with pytest.raises(AnswerRefusedError, match="amount"):
        _session(amount=amount)


@pytest.mark.parametrize(
    ("time", "read"),
    [
        ("2026-05-01T10:00:00+02:00", datetime(2026, 5, 1, 8, tzinfo=UTC)),
        ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01T10:00:00", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01", datetime(2026, 5, 1, tzinfo=UTC)),
        (1767225600, datetime(2026, 1, 1, tzinfo=UTC)),
        (None, None),
    ],
)
def test_a_time_is_iso_text_or_a_number(time: Any, read: datetime | None) -> None:
    assert _session(time=time).event.time == read


@pytest.mark.parametrize("time", ["", "Jan 1 2026", "1767225600", "yesterday", [], {}])
def test_any_other_time_loses_the_whole_answer(time: Any) -> None:
    with pytest.raises(AnswerRefusedError, match="time"):
        _session(time=time)


def test_an_external_url_is_kept_in_its_normal_form() -> None:
    assert _session(externalUrl="https://x.example").event.external_url == "https://x.example/"
    assert _session(externalUrl=None).event.external_url == ""


@pytest.mark.parametrize("url", ["", "/relative", "x.example/a", "ftp://x.example/", "mailto:a@b.c", 5, {}])
def test_any_other_external_url_loses_the_whole_answer(url: Any) -> None:
    with pytest.raises(AnswerRefusedError, match="externalUrl"):
        _session(externalUrl=url)


def test_a_message_is_anything_and_cut_to_512_characters() -> None:
    assert _session(message=None).event.message == ""
    assert _session(message={"a": 1}).event.message == "{'a': 1}"
    assert _session(message="x" * 512).event.message == "x" * 512
    assert _session(message="x" * 600).event.message == "x" * 511 + "…"


def test_a_cut_message_keeps_letters_and_accents_together() -> None:
    cut = _session(message="q\u0323" * 400).event.message
    assert len(cut) <= 512
    assert not unicodedata.combining(cut[-1])


@pytest.mark.parametrize(
    ("actions", "stored"),
    [
        (None, None),
        ([], []),
        (["REFUND", "CHARGE", "REFUND"], ["refund", "charge"]),
        (["refund", "VOID", 5, None, {}], []),
    ],
)
def test_unknown_actions_are_dropped(actions: Any, stored: list[str] | None) -> None:
    assert _session(actions=actions).actions == stored


@pytest.mark.parametrize("actions", ["REFUND", {"REFUND": 1}, 5])
def test_actions_that_are_no_list_lose_the_whole_answer(actions: Any) -> None:
    with pytest.raises(AnswerRefusedError, match="actions"):
        _session(actions=actions)


@pytest.mark.parametrize(
    "details",
    [
        None,
        {"type": "OTHER", "name": "amazon"},
        {"type": "OTHER", "name": "amazon", "lastDigits": 5},
        {"type": "CARD", "name": "Visa", "brand": "visa", "firstDigits": "4111", "lastDigits": "1111"},
        {"type": "CARD", "name": "Visa", "expMonth": 12, "expYear": 2030, "brand": None},
        {"type": "GIFT_CARD", "name": "Card", "brand": "x", "lastChars": "ab12"},
    ],
)
def test_flawless_payment_method_details_are_taken(details: Any) -> None:
    read = _session(paymentMethodDetails=details).payment_method_details
    assert (read.name if read is not None else None) == (details["name"] if details is not None else None)


@pytest.mark.parametrize(
    "details",
    [
        {},
        "OTHER",
        {"type": "OTHER"},
        {"type": "other", "name": "amazon"},
        {"type": "PAYPAL", "name": "x"},
        {"type": "OTHER", "name": None},
        {"type": "OTHER", "name": "n" * 257},
        {"type": "CARD", "name": "Visa", "firstDigits": "411111"},
        {"type": "CARD", "name": "Visa", "lastDigits": 1111},
        {"type": "CARD", "name": "Visa", "brand": "b" * 41},
        {"type": "CARD", "name": "Visa", "expMonth": 13},
        {"type": "CARD", "name": "Visa", "expMonth": 0},
        {"type": "CARD", "name": "Visa", "expYear": 30},
        {"type": "GIFT_CARD", "name": "Card", "lastChars": "abc12"},
    ],
)
def test_any_flaw_in_payment_method_details_loses_the_whole_answer(details: Any) -> None:
    with pytest.raises(AnswerRefusedError, match="paymentMethodDetails"):
        _session(paymentMethodDetails=details)


@pytest.mark.parametrize("kind", ["CHARGE", "REFUND", "CANCEL"])
def test_an_action_answer_is_final_by_its_success_or_failure(kind: str) -> None:
    done = action_answer({"result": f"{kind}_SUCCESS", "pspReference": "P"}, f"{kind}_REQUEST", _ASKED)
    failed = action_answer({"result": f"{kind}_FAILURE"}, f"{kind}_REQUEST", _ASKED)
    assert done.event is not None
    assert failed.event is not None
    assert (done.event.amount, failed.event.psp_reference) == (_ASKED, None)
    with pytest.raises(AnswerRefusedError, match="pspReference"):
        action_answer({"result": f"{kind}_SUCCESS"}, f"{kind}_REQUEST", _ASKED)


@pytest.mark.parametrize("result", ["", "CHARGE_SUCCESS", "REFUND_REQUEST", "refund_success", False, 0])
def test_an_action_answer_with_any_other_result_is_refused(result: Any) -> None:
    with pytest.raises(AnswerRefusedError, match="Missing or invalid value for `result`"):
        action_answer({"result": result, "pspReference": "P"}, "REFUND_REQUEST", _ASKED)


def test_an_action_answer_without_result_is_to_be_reported_later() -> None:
    answer = action_answer({"pspReference": "P", "result": None, "amount": "no number"}, "CHARGE_REQUEST", _ASKED)
    assert (answer.psp_reference, answer.event, answer.actions) == ("P", None, None)
    for body in ({}, {"pspReference": None}, {"pspReference": 7}, {"error": {"code": "x"}}):
        with pytest.raises(AnswerRefusedError, match="pspReference"):
            action_answer(body, "CHARGE_REQUEST", _ASKED)


def test_actions_of_an_async_answer_stay_upper_case_and_of_a_final_one_do_not() -> None:
    body = {"pspReference": "P", "actions": ["REFUND", "nonsense"]}
    assert action_answer(body, "CHARGE_REQUEST", _ASKED).actions == ["REFUND"]
    final = body | {"result": "CHARGE_SUCCESS"}
    assert action_answer(final, "CHARGE_REQUEST", _ASKED).actions == ["refund"]


@pytest.mark.parametrize("body", [[], [{"result": "CHARGE_SUCCESS"}], "text", 5, True])
def test_json_that_is_no_object_breaks_saleor(body: Any) -> None:
    with pytest.raises(AnswerCrashError):
        session_answer(body, _ASKED)
    with pytest.raises(AnswerCrashError):
        action_answer(body, "CHARGE_REQUEST", _ASKED)


def test_no_answer_is_a_failed_delivery() -> None:
    with pytest.raises(AnswerRefusedError, match="Failed to delivery request"):
        session_answer(None, _ASKED)
