"""What a webhook is answered: built, checked against Saleor's rules and encoded here, and nowhere else.

In: what happened, in domain terms. Out: the JSON body of a 200. What must never happen: an answer that Saleor
rejects although money moved, an amount of 0 that Saleor reads as everything, or `actions` in a pending
answer, which breaks the transaction until it is repaired by hand (contracts §3.6). `time` is never sent:
Saleor's own clock orders the events (money §3). Rules: contracts §3.1, §3.3, §3.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from saleor_amazonpay.saleor import fields
from saleor_amazonpay.saleor.events import (
    ACTION_RESULTS,
    SESSION_ACTION_REQUIRED,
    SESSION_MOVED,
    SESSION_RESULTS,
    Action,
    EventType,
)
from saleor_amazonpay.saleor.fields import UnsendableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from saleor_amazonpay.domain.money import Money

# The Dashboard shows its Amazon logo for a payment method of this name (contracts §3.1).
PAYMENT_METHOD = "amazon"
MAX_PAYMENT_METHOD = 256

_NOT_JSON = (TypeError, ValueError, OverflowError, RecursionError)  # what encoding raises


def gateway(data: Any) -> bytes:
    """Answer PAYMENT_GATEWAY_INITIALIZE_SESSION with any JSON value for the storefront.

    `data` goes out as null if it cannot be encoded: the key itself must exist (contracts §3.2).
    """
    try:
        return msgspec.json.encode({"data": data})
    except _NOT_JSON:
        return b'{"data":null}'


def session(
    result: EventType,
    *,
    psp_reference: str | None,
    requested: Money | None,
    amount: Money | None = None,
    data: Any = None,
    message: str | None = None,
    actions: Iterable[Action] | None = None,
    external_url: str | None = None,
    payment_method_name: str = PAYMENT_METHOD,
) -> bytes:
    """Answer TRANSACTION_INITIALIZE_SESSION or TRANSACTION_PROCESS_SESSION.

    Args:
        result: a success, request, action-required or failure of authorization or charge.
        psp_reference: the operation's; a refused operation has one of its own, because Saleor confuses
            failures without one (contracts §3.3). None for an action required, and only there: no money call
            is out then.
        requested: what Saleor asked for; None only if it was no amount of Amazon Pay, which is a failure.
        amount: what happened, if that is known; left out of the answer when it equals `requested`.
        data: any JSON value for the storefront; the step the buyer has to take. Left out if it cannot be
            encoded.
        message: for staff, and readable by the storefront; cut to 512 characters.
        actions: what staff may do next; None keeps, empty clears. Saleor reads them on success and request
            only.
        external_url: the payment in Seller Central; left out if Saleor would refuse it.
        payment_method_name: what the Dashboard shows the payment as; sent on success and request.

    Raises UnsendableError.
    """
    if result not in SESSION_RESULTS:
        raise UnsendableError(f"{result} answers no session")
    answer = _answer(result, psp_reference, requested, amount, message, external_url)
    if result in SESSION_MOVED:
        answer["actions"] = fields.actions(actions)
        name = fields.message(payment_method_name)
        if name is not None and len(name) <= MAX_PAYMENT_METHOD:
            answer["paymentMethodDetails"] = {"type": "OTHER", "name": name}
    try:
        return _encode(answer | {"data": data})
    except _NOT_JSON:
        return _encode(answer)


def action(
    result: EventType,
    *,
    psp_reference: str,
    requested: Money | None,
    amount: Money | None = None,
    message: str | None = None,
    actions: Iterable[Action] | None = None,
    external_url: str | None = None,
) -> bytes:
    """Answer TRANSACTION_CHARGE_, _REFUND_ or _CANCELATION_REQUESTED with a final success or failure.

    Arguments as in `session`. A failure, too, carries a psp reference: only that closes Saleor's request
    (contracts §3.7). Raises UnsendableError.
    """
    if result not in ACTION_RESULTS:
        raise UnsendableError(f"{result} answers no action")
    answer = _answer(result, psp_reference, requested, amount, message, external_url)
    answer["actions"] = fields.actions(actions)
    return _encode(answer)


def action_pending(psp_reference: str) -> bytes:
    """Answer an action event whose result will be reported later, under this same psp reference.

    It says nothing else: `actions` here would corrupt the transaction (contracts §3.6).
    Raises UnsendableError.
    """
    return _encode({"pspReference": fields.psp_reference(psp_reference)})


def _answer(
    result: EventType,
    psp_reference: str | None,
    requested: Money | None,
    amount: Money | None,
    message: str | None,
    external_url: str | None,
) -> dict[str, Any]:
    if (psp_reference is None) is not (result in SESSION_ACTION_REQUIRED):
        raise UnsendableError(f"{result} with psp reference {psp_reference!r}")
    return {
        "result": result.value,
        "pspReference": None if psp_reference is None else fields.psp_reference(psp_reference),
        "amount": fields.differing_amount(requested, amount),
        "message": fields.message(message),
        "externalUrl": fields.external_url(external_url),
    }


def _encode(answer: dict[str, Any]) -> bytes:
    return msgspec.json.encode({key: value for key, value in answer.items() if value is not None})
