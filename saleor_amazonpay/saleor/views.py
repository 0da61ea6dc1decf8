"""A Saleor transaction as its API shows it now: amounts, events, and what else pays for the same purchase.

Read before a charge is repeated that a buyer once waited for: it may have been paid by other means meanwhile,
and repeating it then would be a double payment although Amazon sees one charge only (money §2).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from saleor_amazonpay.saleor.payloads import EventView, SourceKind, event_views

if TYPE_CHECKING:
    from saleor_amazonpay.saleor import replies


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a transaction pays for: the total, and what other transactions hold of it, pending or not."""

    kind: SourceKind
    id: str
    total: Decimal
    by_others: Decimal

    @property
    def missing(self) -> Decimal:
        """What is left for this transaction to pay; 0 if others cover everything."""
        return max(self.total - self.by_others, Decimal(0))


@dataclass(frozen=True, slots=True)
class TransactionView:
    """A transaction at the moment of reading. Amounts are exact decimals in `currency`."""

    id: str
    psp_reference: str
    currency: str
    authorized: Decimal
    authorize_pending: Decimal
    charged: Decimal
    charge_pending: Decimal
    refunded: Decimal
    refund_pending: Decimal
    canceled: Decimal
    cancel_pending: Decimal
    events: tuple[EventView, ...]
    coverage: Coverage | None


def transaction_view(shape: replies.Transaction) -> TransactionView:
    """Turn the API's answer into a view."""
    return TransactionView(
        id=shape.id,
        psp_reference=shape.psp_reference,
        currency=shape.authorized_amount.currency,
        authorized=shape.authorized_amount.amount,
        authorize_pending=shape.authorize_pending_amount.amount,
        charged=shape.charged_amount.amount,
        charge_pending=shape.charge_pending_amount.amount,
        refunded=shape.refunded_amount.amount,
        refund_pending=shape.refund_pending_amount.amount,
        canceled=shape.canceled_amount.amount,
        cancel_pending=shape.cancel_pending_amount.amount,
        events=event_views(shape.events),
        coverage=_coverage(shape),
    )


def _coverage(shape: replies.Transaction) -> Coverage | None:
    if shape.order is not None:
        order = shape.order
        return Coverage("order", order.id, order.total.gross.amount, _held(order.transactions, shape.id))
    if shape.checkout is not None:
        checkout = shape.checkout
        held = _held(checkout.transactions or [], shape.id)
        return Coverage("checkout", checkout.id, checkout.total_price.gross.amount, held)
    return None


def _held(transactions: list[replies.Sibling], without: str) -> Decimal:
    return sum((_holds(other) for other in transactions if other.id != without), Decimal(0))


def _holds(other: replies.Sibling) -> Decimal:
    """What one transaction holds; one with more refunded than charged takes nothing from the others."""
    charged = other.charged_amount.amount + other.charge_pending_amount.amount
    authorized = other.authorized_amount.amount + other.authorize_pending_amount.amount
    return max(charged + authorized, Decimal(0))
