"""The books as plain JSON values: what a test compares a shop's own ledger with.

Amounts are texts as the API writes them, moments ISO 8601 in UTC. Nothing here changes anything.
"""

from __future__ import annotations

from saleor_amazonpay.simulator.amazon.clock import iso
from saleor_amazonpay.simulator.amazon.core import Books, merchant_of
from saleor_amazonpay.simulator.amazon.entities import (
    Agreement,
    Authorization,
    Capture,
    Chargeback,
    OrderReference,
    Refund,
    Status,
)
from saleor_amazonpay.simulator.amazon.ipn_documents import Subject
from saleor_amazonpay.simulator.amazon.life import limits
from saleor_amazonpay.simulator.amazon.money import Money
from saleor_amazonpay.simulator.amazon.notifications import Notification

Row = dict[str, object]


def snapshot(books: Books, now: float) -> dict[str, list[Row]]:
    """All objects, in the order they were made."""
    return {
        "agreements": [agreement(each, now) for each in books.agreements.values()],
        "order_references": [order(each) for each in books.orders.values()],
        "authorizations": [_authorization(each) for each in books.authorizations.values()],
        "captures": [_capture(each) for each in books.captures.values()],
        "refunds": [refund(each) for each in books.refunds.values()],
        "chargebacks": [chargeback(each) for each in books.chargebacks.values()],
    }


def agreement(each: Agreement, now: float) -> Row:
    """A billing agreement."""
    used = limits(each, now)
    return {
        "id": each.agreement_id,
        **_common(each),
        **_status(each.status),
        "buyer_id": each.buyer.buyer_id,
        "consent": each.consent,
        "authentication": each.authentication,
        "card_id": each.card.card_id if each.card else None,
        "seller_billing_agreement_id": each.attributes.seller_id_text,
        "currency": each.limit.currency,
        "monthly_limit": each.limit.text,
        "remaining": used.remaining.text,
    }


def order(each: OrderReference) -> Row:
    """An order reference."""
    return {
        "id": each.order_id,
        **_common(each),
        **_status(each.status),
        "agreement_id": each.agreement.agreement_id if each.agreement else None,
        "authentication": each.authentication,
        "seller_order_id": each.attributes.seller_id_text,
        **(_money(each.total) if each.total else {"amount": None, "currency": None}),
    }


def refund(each: Refund) -> Row:
    """A refund."""
    return {
        "id": each.refund_id,
        **_common(each),
        **_status(each.status),
        "reference_id": each.reference_id,
        "capture_id": each.capture.capture_id,
        "type": each.type,
        **_money(each.amount),
    }


def chargeback(each: Chargeback) -> Row:
    """A chargeback."""
    return {
        "id": each.chargeback_id,
        **_common(each),
        "state": each.state,
        "won": each.won,
        "reason": each.reason,
        "capture_id": each.capture.capture_id,
        **_money(each.amount),
    }


def notification(each: Notification) -> Row:
    """A notification and what became of it."""
    return {
        "message_id": each.message_id,
        "seller_id": each.merchant.seller_id,
        "environment": each.merchant.environment,
        "type": each.inner.type,
        "event": each.inner.event,
        "object_id": each.inner.object_id,
        "state": each.state,
        "created_at": iso(each.created_at),
        "attempts": [
            {"at": iso(attempt.at), "status": attempt.status, "error": attempt.error} for attempt in each.attempts
        ],
    }


def _authorization(each: Authorization) -> Row:
    parent = each.order.agreement
    return {
        "id": each.authorization_id,
        **_common(each),
        **_status(each.status),
        "reference_id": each.reference_id,
        "order_reference_id": each.order.order_id,
        "agreement_id": parent.agreement_id if parent else None,
        "seller_order_id": each.order.attributes.seller_id_text,
        "capture_now": each.capture_now,
        **_money(each.amount),
        "captured": each.captured.text,
    }


def _capture(each: Capture) -> Row:
    return {
        "id": each.capture_id,
        **_common(each),
        **_status(each.status),
        "reference_id": each.reference_id,
        "authorization_id": each.authorization.authorization_id,
        **_money(each.amount),
        "refunded": each.refunded.text,
    }


def _common(each: Subject) -> Row:
    merchant = merchant_of(each)
    return {
        "seller_id": merchant.seller_id,
        "environment": merchant.environment,
        "created_at": iso(each.created_at),
    }


def _status(status: Status) -> Row:
    return {"state": status.state, "reason": status.reason, "updated_at": iso(status.at)}


def _money(money: Money) -> Row:
    return {"amount": money.text, "currency": money.currency}
