"""The books of Checkout v2 as plain JSON values, beside those of v1 (`/control/books`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saleor_amazonpay.simulator.amazon.clock import iso
from saleor_amazonpay.simulator.amazon.v2.entities import Charge, Dispute, Permission, Refund, Session, State

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.v2.pay import Pay

Row = dict[str, object]


def pay_snapshot(pay: Pay) -> dict[str, list[Row]]:
    """All objects, in the order they were made; what v1 made stands in v1's lists."""
    books = pay.books
    return {
        "checkout_sessions": [session(each) for each in books.sessions.values()],
        "charge_permissions": [
            permission(pay, each) for each in books.permissions.values() if not (each.agreement or each.order)
        ],
        "charges": [charge(each) for each in books.charges.values() if each.old is None],
        "charge_refunds": [refund(each) for each in books.refunds.values() if each.old is None],
        "disputes": [dispute(each) for each in books.disputes.values()],
    }


def session(each: Session) -> Row:
    """A checkout session."""
    return {
        "id": each.session_id,
        **_state(each.state),
        "type": each.kind,
        "confirmed": each.confirmed,
        "reference_id": each.metadata.get("merchantReferenceId"),
        "charge_permission_id": each.permission.permission_id if each.permission else None,
        "charge_id": each.charge.charge_id if each.charge else None,
        "redirect": each.redirect,
    }


def permission(pay: Pay, each: Permission) -> Row:
    """A charge permission."""
    return {
        "id": each.permission_id,
        **_state(each.state),
        "type": each.kind,
        "buyer_id": each.buyer.buyer_id,
        "card_id": each.card.card_id if each.card else None,
        "currency": each.limit.currency,
        "limit": each.limit.text,
        "balance": each.limit.of(pay.permissions.balance(each)).text,
    }


def charge(each: Charge) -> Row:
    """A charge."""
    return {
        "id": each.charge_id,
        **_state(each.state),
        "charge_permission_id": each.permission.permission_id,
        "reference_id": each.metadata.get("merchantReferenceId"),
        "amount": each.amount.text,
        "currency": each.amount.currency,
        "captured": each.captured.text if each.captured else None,
        "refunded": each.refunded.text,
    }


def refund(each: Refund) -> Row:
    """A refund."""
    return {
        "id": each.refund_id,
        **_state(each.state),
        "charge_id": each.charge.charge_id,
        "amount": each.amount.text,
        "currency": each.amount.currency,
    }


def dispute(each: Dispute) -> Row:
    """A dispute."""
    return {
        "id": each.dispute_id,
        **_state(each.state),
        "charge_id": each.charge.charge_id,
        "reason_given": each.reason,
        "resolution": each.resolution,
        "amount": each.amount.text,
        "currency": each.amount.currency,
    }


def _state(state: State) -> Row:
    return {"state": state.name, "reason": ", ".join(state.reasons), "updated_at": iso(state.at)}
