"""An app's answer to a session or an action event: what Saleor makes of it before it touches the ledger.

In: the parsed JSON of the answer and the amount that was asked for. Out: what to book. Raises AnswerRefusedError for
what Saleor books as a failure, AnswerCrashError for what it falls over. One wrong optional field loses the whole
answer: nothing here is mended that Saleor does not mend (contracts §3.1, §3.3, §3.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from saleor_amazonpay.simulator.shop import answer_fields as fields
from saleor_amazonpay.simulator.shop.answer_fields import AnswerCrashError, AnswerRefusedError
from saleor_amazonpay.simulator.shop.ledger import EVENT_TYPES

__all__ = ["ActionAnswer", "AnswerCrashError", "AnswerRefusedError", "EventAnswer", "SessionAnswer"]

_NOT_DELIVERED = "Failed to delivery request."

_SESSION_PSP_REQUIRED = {
    "AUTHORIZATION_SUCCESS",
    "CHARGE_SUCCESS",
    "AUTHORIZATION_REQUEST",
    "CHARGE_REQUEST",
}
_SESSION_PSP_OPTIONAL = {
    "AUTHORIZATION_FAILURE",
    "CHARGE_FAILURE",
    "AUTHORIZATION_ACTION_REQUIRED",
    "CHARGE_ACTION_REQUIRED",
    "CANCEL_SUCCESS",
}


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """The event that an answer reports. `time` None is now; the amount is in major units."""

    type: str
    psp_reference: str | None
    amount: Decimal
    time: datetime | None
    external_url: str
    message: str


@dataclass(frozen=True, slots=True)
class SessionAnswer:
    """A valid answer to TRANSACTION_INITIALIZE_SESSION or _PROCESS_SESSION. `actions` is lower case, as stored."""

    event: EventAnswer
    actions: list[str] | None
    payment_method_details: fields.PaymentMethodDetails | None


@dataclass(frozen=True, slots=True)
class ActionAnswer:
    """A valid answer to an action event; without an event the result is to be reported later.

    `actions` is as stored: lower case from a final answer, upper case, and so unreadable, from an async one.
    """

    psp_reference: str | None
    event: EventAnswer | None
    actions: list[str] | None


def session_answer(body: Any, requested: Decimal) -> SessionAnswer:
    """Read the answer to a session event; `body` None means that none came. Raises both answer errors."""
    answer = _object(body)
    result = answer.get("result")
    if isinstance(result, str) and result in _SESSION_PSP_REQUIRED | _SESSION_PSP_OPTIONAL:
        event = _event(answer, result, requested, psp_required=result in _SESSION_PSP_REQUIRED)
        actions = _stored(fields.actions(answer))
        return SessionAnswer(event, actions, fields.payment_method_details(answer))
    raise _bad_result(result, sorted(EVENT_TYPES))


def action_answer(body: Any, request_type: str, requested: Decimal) -> ActionAnswer:
    """Read the answer to an action event of that request type. Raises both answer errors."""
    answer = _object(body)
    kind = request_type.removesuffix("_REQUEST")
    success, failure = f"{kind}_SUCCESS", f"{kind}_FAILURE"
    result = answer.get("result")
    if result is None:
        # The async form forgets to lower the actions: what it stores can never be read again.
        return ActionAnswer(fields.psp_reference(answer, required=True), None, fields.actions(answer))
    if result not in (success, failure):
        raise _bad_result(result, [success, failure])
    event = _event(answer, result, requested, psp_required=result == success)
    return ActionAnswer(event.psp_reference, event, _stored(fields.actions(answer)))


def _object(body: Any) -> Mapping[str, Any]:
    if body is None:
        raise AnswerRefusedError(_NOT_DELIVERED)
    if not isinstance(body, dict):
        raise AnswerCrashError(f"'{type(body).__name__}' object has no attribute 'get'")
    return body


def _event(answer: Mapping[str, Any], result: str, requested: Decimal, *, psp_required: bool) -> EventAnswer:
    return EventAnswer(
        type=result,
        psp_reference=fields.psp_reference(answer, required=psp_required),
        amount=fields.amount(answer, requested),
        time=fields.time(answer),
        external_url=fields.external_url(answer),
        message=fields.message(answer),
    )


def _stored(actions: list[str] | None) -> list[str] | None:
    return None if actions is None else [action.lower() for action in actions]


def _bad_result(result: Any, possible: list[str]) -> AnswerRefusedError:
    options = ", ".join(possible)
    return AnswerRefusedError(f"Missing or invalid value for `result`: {result}. Possible values: {options}.")
