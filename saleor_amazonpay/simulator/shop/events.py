"""The webhook events this shop sends, and the objects their subscriptions read (contracts §3).

In: what happened. Out: a record with every field the event has in Saleor; the subscription of each webhook then
selects from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from saleor_amazonpay.simulator.shop.ids import global_id
from saleor_amazonpay.simulator.shop.ledger import GrantedRefund, TransactionEvent, TransactionItem
from saleor_amazonpay.simulator.shop.people import (
    HANDLE_PAYMENTS,
    MANAGE_CHECKOUTS,
    MANAGE_ORDERS,
    InstalledApp,
    Requestor,
)
from saleor_amazonpay.simulator.shop.purchases import Purchase
from saleor_amazonpay.simulator.shop.resolve import Record

VERSION = "3.24.0-a.0"


@dataclass(frozen=True, slots=True)
class EventKind:
    """An event: the type of its payload, the permission an app needs to get it ("" for none), sync or async."""

    typename: str
    permission: str
    sync: bool


_PAYMENT = {
    "PAYMENT_GATEWAY_INITIALIZE_SESSION": "PaymentGatewayInitializeSession",
    "TRANSACTION_INITIALIZE_SESSION": "TransactionInitializeSession",
    "TRANSACTION_PROCESS_SESSION": "TransactionProcessSession",
    "TRANSACTION_CHARGE_REQUESTED": "TransactionChargeRequested",
    "TRANSACTION_REFUND_REQUESTED": "TransactionRefundRequested",
    "TRANSACTION_CANCELATION_REQUESTED": "TransactionCancelationRequested",
    "LIST_STORED_PAYMENT_METHODS": "ListStoredPaymentMethods",
    "STORED_PAYMENT_METHOD_DELETE_REQUESTED": "StoredPaymentMethodDeleteRequested",
    "PAYMENT_GATEWAY_INITIALIZE_TOKENIZATION_SESSION": "PaymentGatewayInitializeTokenizationSession",
    "PAYMENT_METHOD_INITIALIZE_TOKENIZATION_SESSION": "PaymentMethodInitializeTokenizationSession",
    "PAYMENT_METHOD_PROCESS_TOKENIZATION_SESSION": "PaymentMethodProcessTokenizationSession",
}
KINDS: Mapping[str, EventKind] = {
    **{name: EventKind(typename, HANDLE_PAYMENTS, sync=True) for name, typename in _PAYMENT.items()},
    "CHECKOUT_FULLY_AUTHORIZED": EventKind("CheckoutFullyAuthorized", MANAGE_CHECKOUTS, sync=False),
    "CHECKOUT_FULLY_PAID": EventKind("CheckoutFullyPaid", MANAGE_CHECKOUTS, sync=False),
    "ORDER_CREATED": EventKind("OrderCreated", MANAGE_ORDERS, sync=False),
    "ORDER_CANCELLED": EventKind("OrderCancelled", MANAGE_ORDERS, sync=False),
    "FULFILLMENT_CREATED": EventKind("FulfillmentCreated", MANAGE_ORDERS, sync=False),
    "FULFILLMENT_APPROVED": EventKind("FulfillmentApproved", MANAGE_ORDERS, sync=False),
    "APP_UPDATED": EventKind("AppUpdated", "", sync=False),
    "APP_DELETED": EventKind("AppDeleted", "", sync=False),
}

# Each kind of request event, with the webhook event that carries it to the app.
ACTION_EVENTS = {
    "CHARGE": "TRANSACTION_CHARGE_REQUESTED",
    "REFUND": "TRANSACTION_REFUND_REQUESTED",
    "CANCEL": "TRANSACTION_CANCELATION_REQUESTED",
}


@dataclass(frozen=True, slots=True)
class Issue:
    """Who gets an event, when it is issued and who caused it."""

    recipient: InstalledApp
    issued_at: datetime
    principal: Requestor = None

    def record(self, event: str, values: Mapping[str, Any]) -> Record:
        """The event with its own fields beside those that every event has."""
        common = {
            "issuedAt": self.issued_at,
            "version": VERSION,
            "recipient": self.recipient,
            "issuingPrincipal": self.principal,
        }
        return Record(KINDS[event].typename, {**common, **values})


def gateway_session(issue: Issue, source: Purchase, amount: Decimal, data: Any) -> Record:
    """PAYMENT_GATEWAY_INITIALIZE_SESSION."""
    values = {"sourceObject": source, "data": data, "amount": amount}
    return issue.record("PAYMENT_GATEWAY_INITIALIZE_SESSION", values)


def transaction_session(
    issue: Issue,
    event: str,
    transaction: TransactionItem,
    request: TransactionEvent,
    data: Any,
    customer_ip: str | None,
) -> Record:
    """TRANSACTION_INITIALIZE_SESSION, which has the idempotency key, or TRANSACTION_PROCESS_SESSION, which has not."""
    action = {
        "amount": request.value,
        "currency": transaction.currency,
        "actionType": "CHARGE" if request.type == "CHARGE_REQUEST" else "AUTHORIZATION",
    }
    values = {
        "transaction": transaction,
        "sourceObject": transaction.source,
        "data": data,
        "merchantReference": transaction.id,
        "customerIpAddress": customer_ip,
        "idempotencyKey": request.idempotency_key,
        "action": Record("TransactionProcessAction", action),
    }
    return issue.record(event, values)


def transaction_action(
    issue: Issue, transaction: TransactionItem, request: TransactionEvent, granted: GrantedRefund | None
) -> Record:
    """One of the three action events.

    A refund without a granted refund does not say so: Saleor resolves it to an object that has nothing but the id of
    "None" (contracts §3.5).
    """
    action = request.type.removesuffix("_REQUEST")
    asked = {"amount": request.value, "currency": transaction.currency, "actionType": action}
    nothing = Record("OrderGrantedRefund", {"id": global_id("OrderGrantedRefund", None)})
    values = {
        "transaction": transaction,
        "action": Record("TransactionAction", asked),
        "grantedRefund": granted or nothing,
    }
    return issue.record(ACTION_EVENTS[action], values)
