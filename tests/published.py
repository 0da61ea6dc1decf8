"""Every answer to a session event or to gateway-initialize, in every test, is held against the published schemas."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from saleor_amazonpay.flows.session_codes import SESSION_CODES, Answer

FOLDER = Path(__file__).resolve().parents[1] / "docs/schemas"
SESSIONS = ("transaction-initialize-session", "transaction-process-session")
GATEWAY = "payment-gateway-initialize-session"
_ENDINGS = {
    "SUCCESS": Answer.SUCCESS,
    "REQUEST": Answer.REQUEST,
    "REQUIRED": Answer.ACTION_REQUIRED,
    "FAILURE": Answer.FAILURE,
}


@cache
def validator(name: str) -> Draft202012Validator:
    schema = json.loads((FOLDER / f"{name}.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def check(path: str, status: int, body: bytes) -> None:
    """Raise if an answer of the app's is not as published; other paths and refused requests are let through."""
    folder, _, event = path.rpartition("/")
    if status != 200 or not folder.endswith("/api/webhooks/saleor") or event not in {*SESSIONS, GATEWAY}:
        return
    answer = json.loads(body)
    if event == GATEWAY:
        validator("gateway-answer").validate(answer["data"])
    else:
        _check_session(answer)


def _check_session(answer: dict[str, Any]) -> None:
    data = answer["data"]
    validator("session-answer").validate(data)
    ending = _ENDINGS[answer["result"].rpartition("_")[2]]
    assert ending in SESSION_CODES[data["code"]].answers, answer
    assert answer.get("message"), answer
    assert "time" not in answer, "Saleor's clock orders events"
    assert float(answer.get("amount", 1)) != 0, "Saleor reads 0 as all that was asked for"
    # A step carries no psp reference, and everything else does (contracts, saleor §3.3).
    assert ("pspReference" in answer) is not (ending is Answer.ACTION_REQUIRED), answer
    if ending is Answer.FAILURE and "support" in data:
        assert data["support"]["phone"] in answer["message"], answer
    if ending in {Answer.SUCCESS, Answer.REQUEST}:
        assert answer["paymentMethodDetails"] == {"type": "OTHER", "name": "amazon"}
        assert isinstance(answer["actions"], list)
