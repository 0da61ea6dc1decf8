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
    from collections.abc import Mapping
    from datetime import datetime

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


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel of the shop as its API shows it."""

    id: str
    slug: str
    name: str
    currency_code: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class CallerView:
    """Whose token it is: `staff` or `app`, and what they may do in this shop. `name` is the e-mail, or the app's id."""

    kind: str
    id: str
    name: str
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class BegunSession:
    """A transaction that this app began itself: its id, the event Saleor made of it, and our own answer's `data`."""

    transaction_id: str
    event: str
    message: str
    code: str


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


@dataclass(frozen=True, slots=True)
class OrderLineView:
    """One line of an order: how many were ordered, and what all of them cost."""

    id: str
    quantity: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class FulfillmentView:
    """One fulfillment: quantities by order line."""

    id: str
    status: str
    created_at: datetime
    quantities: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order at the moment of reading. Amounts are exact decimals in `currency`, with taxes."""

    id: str
    status: str
    currency: str
    total: Decimal
    lines: tuple[OrderLineView, ...]
    fulfillments: tuple[FulfillmentView, ...]  # oldest first
    transactions: tuple[str, ...]


def order_view(shape: replies.WholeOrder) -> OrderView:
    """Turn the API's answer into a view."""
    return OrderView(
        id=shape.id,
        status=shape.status,
        currency=shape.total.gross.currency,
        total=shape.total.gross.amount,
        lines=tuple(OrderLineView(line.id, line.quantity, line.total_price.gross.amount) for line in shape.lines),
        fulfillments=tuple(sorted(map(_fulfillment, shape.fulfillments), key=lambda one: (one.created_at, one.id))),
        transactions=tuple(transaction.id for transaction in shape.transactions),
    )


def _fulfillment(shape: replies.Fulfillment) -> FulfillmentView:
    quantities: dict[str, int] = {}
    for line in shape.lines or ():
        if line.order_line is not None:
            quantities[line.order_line.id] = quantities.get(line.order_line.id, 0) + line.quantity
    return FulfillmentView(shape.id, shape.status, shape.created, quantities)


@dataclass(frozen=True, slots=True)
class WebhookView:
    """One of the app's webhooks as Saleor has it; `events` are upper-case names."""

    id: str
    target_url: str
    query: str
    events: frozenset[str]


@dataclass(frozen=True, slots=True)
class Installation:
    """What Saleor has of this app: its own version, and the app's permissions and webhooks."""

    schema_version: tuple[int, ...]
    permissions: frozenset[str]
    webhooks: tuple[WebhookView, ...]


def installation(shape: replies.AppWebhooksData) -> Installation | None:
    """Turn the API's answer into a view; None if the token is no app's."""
    if shape.app is None:
        return None
    number = tuple(int(part) for part in shape.shop.schema_version.split(".") if part.isdigit())
    return Installation(
        number,
        frozenset(permission.code for permission in shape.app.permissions or ()),
        tuple(map(_webhook, shape.app.webhooks or ())),
    )


def _webhook(shape: replies.Webhook) -> WebhookView:
    events = frozenset(event.event_type for event in (*shape.sync_events, *shape.async_events))
    return WebhookView(shape.id, shape.target_url, shape.subscription_query or "", events)
