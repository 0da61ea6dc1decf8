"""Answers to the events about a customer's stored payment methods (contracts §3.9 to §3.12).

In: what happened, in domain terms. Out: the JSON body of a 200, in one of the forms that Saleor accepts; an answer in
no such form would be taken for a failure although the agreement is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

TYPE = "amazon_pay"
_FLOWS = ["INTERACTIVE"]


@dataclass(frozen=True, slots=True)
class StoredMethod:
    """One stored payment method: the app's id of it, its name, and `data` for the storefront."""

    id: str
    name: str
    data: dict[str, Any]


def listed(methods: Sequence[StoredMethod]) -> bytes:
    """Answer LIST_STORED_PAYMENT_METHODS."""
    entries = [
        {"id": each.id, "type": TYPE, "supportedPaymentFlows": _FLOWS, "name": each.name, "data": each.data}
        for each in methods
    ]
    return msgspec.json.encode({"paymentMethods": entries})


def deleted(error: str = "") -> bytes:
    """Answer STORED_PAYMENT_METHOD_DELETE_REQUESTED: done, or why not."""
    return _answer("FAILED_TO_DELETE" if error else "SUCCESSFULLY_DELETED", error=error)


def prepared(data: Any, error: str = "") -> bytes:
    """Answer PAYMENT_GATEWAY_INITIALIZE_TOKENIZATION_SESSION."""
    return _answer("FAILED_TO_INITIALIZE" if error else "SUCCESSFULLY_INITIALIZED", data=data, error=error)


def tokenized(method_id: str, data: Any) -> bytes:
    """Answer a tokenization: the method is stored."""
    return _answer("SUCCESSFULLY_TOKENIZED", id=method_id, data=data)


def action_required(method_id: str, data: Any) -> bytes:
    """Answer a tokenization: the buyer has to do something first. Saleor wants an id, which PROCESS brings back."""
    return _answer("ADDITIONAL_ACTION_REQUIRED", id=method_id, data=data)


def not_tokenized(error: str, data: Any) -> bytes:
    """Answer a tokenization: it will not be stored."""
    return _answer("FAILED_TO_TOKENIZE", error=error, data=data)


def _answer(result: str, **more: Any) -> bytes:
    return msgspec.json.encode({"result": result, **{key: value for key, value in more.items() if value}})
