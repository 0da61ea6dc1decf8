"""An app's answer written to the ledger: what is booked, what is merged, what becomes a failure (contracts §3.3, §3.7).

In: the request event and the parsed answer (None: none came). Out: the event that tells the outcome. A failure that
Saleor makes itself is never counted: the money may have moved, and a later report of the app still counts. Nothing
here waits, so two answers can not be written into one another.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from saleor_amazonpay.simulator.shop import answer_fields, answers
from saleor_amazonpay.simulator.shop.answers import AnswerCrashError, AnswerRefusedError, EventAnswer
from saleor_amazonpay.simulator.shop.ledger import (
    INCOMING,
    KINDS,
    NEVER_DUPLICATES,
    GrantedRefund,
    TransactionEvent,
    TransactionItem,
)
from saleor_amazonpay.simulator.shop.people import InstalledApp
from saleor_amazonpay.simulator.shop.world import World

OTHER_AMOUNT = "The transaction with provided `pspReference` and `type` already exists with different amount."
SECOND_AUTHORIZATION = (
    "Event with `AUTHORIZATION_SUCCESS` already reported for the transaction. "
    "Use `AUTHORIZATION_ADJUSTMENT` to change the authorization amount."
)


def existing_event(transaction: TransactionItem, kind: str, psp: str | None) -> TransactionEvent | None:
    """The event that another one of that type and psp reference would repeat; nulls repeat each other."""
    if kind in NEVER_DUPLICATES:
        return None
    same = (event for event in transaction.ledger if event.type == kind and event.psp == psp)
    return next(same, None)


def already_authorized(transaction: TransactionItem) -> bool:
    """Whether there is an AUTHORIZATION_SUCCESS: a transaction takes only one."""
    return any(event.type == "AUTHORIZATION_SUCCESS" for event in transaction.ledger)


def failure_of(kind: str) -> str:
    """The failure that stands for an event of this type: of its own kind; INFO and the like stay what they are."""
    prefix, _, role = kind.partition("_")
    return kind if role == "ACTION_REQUIRED" or prefix not in KINDS else f"{prefix}_FAILURE"


def fail(
    world: World,
    transaction: TransactionItem,
    kind: str,
    value: Decimal,
    psp: str | None,
    cause: str,
    granted_refund: GrantedRefund | None = None,
) -> TransactionEvent:
    """Book a failure of Saleor's own making: not counted, by nobody."""
    return world.event_create(
        transaction, failure_of(kind), value, psp=psp, message=cause, granted_refund=granted_refund
    )


def fail_request(world: World, transaction: TransactionItem, request: TransactionEvent, cause: str) -> TransactionEvent:
    """Book that a request came to nothing."""
    message = answer_fields.truncate(cause)
    return fail(world, transaction, request.type, request.value, request.psp, message, request.granted_refund)


def settle_session(
    world: World, transaction: TransactionItem, request: TransactionEvent, app: InstalledApp, body: Any
) -> TransactionEvent:
    """Book the answer to a session event. Raises AnswerCrashError."""
    try:
        answer = answers.session_answer(body, request.value)
        _check_columns(answer.event)
        if answer.event.type in ("AUTHORIZATION_REQUEST", "CHARGE_REQUEST"):
            event = _become_pending(world, request, app, answer.event)
        else:
            event = _record(world, transaction, app, answer.event, None)
            request.psp = event.psp
    except AnswerRefusedError as refused:
        return fail_request(world, transaction, request, str(refused))
    if answer.payment_method_details is not None:
        transaction.payment_method_details = answer.payment_method_details
    if event.type in INCOMING:
        transaction.psp = event.psp
        if answer.actions is not None:
            transaction.available_actions = answer.actions
        transaction.recalculate(world.now())
    elif event.psp and event.psp != transaction.psp:
        transaction.psp, transaction.modified_at = event.psp, world.now()
    return event


def settle_action(
    world: World, transaction: TransactionItem, request: TransactionEvent, app: InstalledApp, body: Any
) -> TransactionEvent | None:
    """Book the answer to an action event; None if the result is still to be reported. Raises AnswerCrashError."""
    event: TransactionEvent | None = None
    try:
        answer = answers.action_answer(body, request.type, request.value)
        if answer.psp_reference is not None:
            _check_psp_reference(answer.psp_reference)
            request.psp, request.counted = answer.psp_reference, True
        if answer.event is not None:
            _check_columns(answer.event)
            event = _record(world, transaction, app, answer.event, request.granted_refund)
    except AnswerRefusedError as refused:
        event = fail_request(world, transaction, request, str(refused))
    else:
        if answer.actions is not None:
            transaction.available_actions = answer.actions
        transaction.recalculate(world.now())
    if request.granted_refund is not None:
        request.granted_refund.refresh()
    return event


def _become_pending(
    world: World, request: TransactionEvent, app: InstalledApp, answer: EventAnswer
) -> TransactionEvent:
    """A pending answer adds no event: it overwrites the request, which counts from now on."""
    request.type, request.value, request.psp = answer.type, answer.amount, answer.psp_reference
    request.counted, request.created_by = True, app
    request.created_at = answer.time or world.now()
    request.message = answer.message
    request.external_url = answer.external_url or request.external_url
    return request


def _record(
    world: World,
    transaction: TransactionItem,
    app: InstalledApp,
    answer: EventAnswer,
    granted_refund: GrantedRefund | None,
) -> TransactionEvent:
    """The event of an answer, new or the one it repeats. Raises AnswerRefusedError for what contradicts the ledger."""
    known = existing_event(transaction, answer.type, answer.psp_reference)
    if known is not None:
        if known.value != answer.amount:
            raise AnswerRefusedError(OTHER_AMOUNT)
        return known
    if answer.type == "AUTHORIZATION_SUCCESS" and already_authorized(transaction):
        raise AnswerRefusedError(SECOND_AUTHORIZATION)
    return world.event_create(
        transaction,
        answer.type,
        answer.amount,
        created_at=answer.time,
        psp=answer.psp_reference,
        message=answer.message,
        external_url=answer.external_url,
        counted=True,
        created_by=app,
        granted_refund=granted_refund,
    )


def _check_psp_reference(psp: str | None) -> None:
    if psp is not None and len(psp) > answer_fields.MAX_PSP_REFERENCE:
        raise AnswerCrashError("value too long for type character varying(512)")


def _check_columns(answer: EventAnswer) -> None:
    """What passes validation and then does not fit the table. Raises AnswerCrashError."""
    _check_psp_reference(answer.psp_reference)
    if len(answer.external_url) > answer_fields.MAX_URL:
        raise AnswerCrashError("value too long for type character varying(200)")
    if answer.amount.adjusted() >= answer_fields.MAX_WHOLE_DIGITS:
        raise AnswerCrashError("numeric field overflow")
