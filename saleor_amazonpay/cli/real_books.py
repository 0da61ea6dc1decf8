"""How a Saleor that exists shows a payment: what is asked of it, and the answer as the books the demo compares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from saleor_amazonpay.simulator.shop.amounts import Amounts
from saleor_amazonpay.simulator.shop.ledger import Books, TransactionEvent

_MONEY = ("authorized", "authorizePending", "charged", "chargePending", "refunded", "refundPending", "canceled",
          "cancelPending")  # fmt: skip
_AMOUNTS = " ".join(f"{name}Amount {{ amount }}" for name in _MONEY)
TRANSACTION = (
    f"id name message pspReference externalUrl actions {_AMOUNTS} order {{ id }} "
    "events { type pspReference message externalUrl createdAt amount { amount currency } } "
    "paymentMethodDetails { __typename name }"
)
SESSION = (
    f"transaction {{ {TRANSACTION} }} transactionEvent {{ type pspReference message amount {{ amount }} }} data "
    "errors { field code message }"
)


class SaleorRefusedError(Exception):
    """Saleor did not do what it was asked; the message is its own."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """A checkout and what it costs."""

    checkout_id: str
    total: Decimal


def books_of(shown: dict[str, Any]) -> Books:
    """Saleor's answer about a transaction as `Books`: events in the order written, amounts in major units."""
    names = ("authorized", "authorize_pending", "charged", "charge_pending", "refunded", "refund_pending",
             "canceled", "cancel_pending")  # fmt: skip
    amounts = Amounts(
        **{name: Decimal(str(shown[f"{key}Amount"]["amount"])) for name, key in zip(names, _MONEY, strict=True)}
    )
    events = [
        TransactionEvent(
            number, each["type"], Decimal(str(each["amount"]["amount"])), each["amount"]["currency"],
            datetime.fromisoformat(each["createdAt"]).astimezone(UTC), each["pspReference"], each["message"],
        )
        for number, each in enumerate(shown["events"])
    ]  # fmt: skip
    events.sort(key=lambda event: event.created_at)
    currency = events[0].currency if events else ""
    return Books(shown["id"], currency, shown["pspReference"] or "", amounts, tuple(events))
