"""Document, schemas and code say the same of what a storefront sends and reads."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from saleor_amazonpay.cli.schemas import schemas, write
from saleor_amazonpay.domain.outcome import Retry
from saleor_amazonpay.flows.session_codes import SESSION_CODES
from saleor_amazonpay.flows.wording import SENTENCES
from saleor_amazonpay.saleor import session_data
from saleor_amazonpay.saleor.session_data import SessionDataError
from tests.published import validator

ROOT = Path(__file__).resolve().parents[1]
DOC = (ROOT / "docs/session-data.md").read_text()
# Codes of actions that staff asked for, and inner words: no storefront sees them.
NOT_FOR_SESSIONS = {
    "ok", "unknown_state", "released", "lapsed", "capture_due", "capture_failed", "not_refundable", "not_chargeable",
    "nothing_to_charge", "nothing_to_refund", "nothing_to_cancel", "refund_too_much", "charge_too_much", "cancel_partly",
    "capture_pending", "already_captured", "unknown_payment", "no_content", "request_missing", "internal",
    "rest_ended", "cancel_too_much", "profile_closed", "retry_removal", "payment_not_read", "charged_back",
    "chargeback_won",
}  # fmt: skip


def rows(heading: str) -> dict[str, list[str]]:
    """A table of the document by its first column, which is code."""
    section = DOC.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines]
    return {line[0].strip("`"): line[1:] for line in cells}


@pytest.mark.parametrize("name", schemas())
def test_the_published_schemas_are_the_codes(name: str) -> None:
    published = json.loads((ROOT / f"docs/schemas/{name}.json").read_text())
    assert published == schemas()[name], "write them again: saleor-amazonpay schemas"
    Draft202012Validator.check_schema(published)
    assert f"schemas/{name}.json" in DOC


def test_they_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    files = write(tmp_path / "new")
    assert {file.stem for file in files} == set(schemas())
    assert {file.name for file in (ROOT / "docs/schemas").iterdir()} == {file.name for file in files}


def test_every_code_stands_in_the_document_with_its_answers_meaning_and_remedy() -> None:
    expected = {
        code: [", ".join(each.value.replace("_", " ") for each in known.answers), known.meaning, known.remedy]
        for code, known in SESSION_CODES.items()
    }
    assert rows("Codes") == expected


@pytest.mark.parametrize(
    ("heading", "name", "shape"),
    [("In", "session-data", "SessionData"), ("Gateway-initialize", "gateway-data", "PageData")],
)
def test_every_key_that_may_be_sent_stands_in_the_document(heading: str, name: str, shape: str) -> None:
    documented = rows(heading)
    properties = schemas()[name]["$defs"][shape]["properties"]
    assert {key: documented[key][1] for key in properties} == {
        key: value["description"] for key, value in properties.items()
    }


def test_every_key_that_is_read_stands_in_the_document() -> None:
    assert set(schemas()["session-answer"]["$defs"]["SessionAnswer"]["properties"]) <= set(rows("Out"))
    assert set(re.findall(r"`(\w+)`", rows("Out")["retry"][0])) == {each.value for each in Retry}


def test_every_code_has_a_sentence_and_every_sentence_is_a_code_or_staffs() -> None:
    assert set(SENTENCES) == set(SESSION_CODES) | NOT_FOR_SESSIONS
    assert not set(SESSION_CODES) & NOT_FOR_SESSIONS


def test_a_remedy_is_a_whole_sentence() -> None:
    for code, known in SESSION_CODES.items():
        assert known.meaning.endswith("."), code
        assert known.remedy.endswith("."), code


GOOD: list[Any] = [
    None,
    {},
    {"unknown": {"anything": [1]}},
    {"amazonBillingAgreementId": "C01-1", "accessToken": "Atza|x", "attempt": 1},
    {"recurring": {"frequency": {"unit": "Month", "value": "1"}}},
    {"recurring": {"frequency": {"unit": "Variable", "value": "0"}, "amount": 9.99}},
    {"recurring": {"frequency": {"unit": "Day", "value": "12"}, "amount": "9.99"}},
    {"successUrl": "https://s/ok", "failureUrl": "http://127.0.0.1:3000/no"},
    *({"authenticationStatus": each} for each in ("Success", "Failure", "Abandoned", None)),
]
BAD: list[Any] = [
    [],
    "text",
    {"amazonBillingAgreementId": ""},
    {"amazonBillingAgreementId": 7},
    {"amazonBillingAgreementId": "a b"},
    {"accessToken": "a b"},
    {"attempt": 0},
    {"attempt": "1"},
    {"recurring": True},
    {"recurring": {"frequency": {"unit": "Fortnight", "value": "1"}}},
    {"recurring": {"frequency": {"unit": "Month", "value": 1}}},
    {"recurring": {"frequency": {"unit": "Month", "value": "1"}, "amount": -1}},
    {"recurring": {"frequency": {"unit": "Month", "value": "1"}, "amount": "NaN"}},
    {"successUrl": "javascript:alert(1)"},
    {"authenticationStatus": "success"},
]


@pytest.mark.parametrize("data", GOOD, ids=str)
def test_what_the_schema_allows_is_read(data: Any) -> None:
    validator("session-data").validate(data)
    session_data.read(json.dumps(data).encode())


@pytest.mark.parametrize("data", BAD, ids=str)
def test_what_the_schema_forbids_is_refused(data: Any) -> None:
    with pytest.raises(ValidationError):
        validator("session-data").validate(data)
    with pytest.raises(SessionDataError):
        session_data.read(json.dumps(data).encode())
