"""How long things live and how much an agreement may be charged per month (contracts §1.5).

Pure arithmetic over the records; whoever changes a state asks here first.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from saleor_amazonpay.simulator.amazon.clock import DAY, HOUR, month_of
from saleor_amazonpay.simulator.amazon.entities import Agreement, Merchant, OrderReference
from saleor_amazonpay.simulator.amazon.money import Money

DRAFT_LIFE = 3 * HOUR
ORDER_LIFE = 180 * DAY
IMMEDIATE_CAPTURE = 7 * DAY  # a later capture is Pending first
MAX_REFUNDS = 10
FINAL_AGREEMENT = frozenset({"Closed", "Canceled"})
FINAL_ORDER = frozenset({"Closed", "Canceled"})


@dataclass(frozen=True, slots=True)
class Limits:
    """An agreement's calendar month."""

    start: float
    end: float
    authorized: Money
    remaining: Money


def limits(agreement: Agreement, now: float) -> Limits:
    """What of this month's limit is used and left; the month is UTC's."""
    first, following = month_of(now)
    used = agreement.authorized.get(month_key(now), Decimal(0))
    left = agreement.limit.of(agreement.limit.amount - used)
    return Limits(first.timestamp(), following.timestamp(), agreement.limit.of(used), left)


def month_key(moment: float) -> str:
    """`2026-11`."""
    return f"{month_of(moment)[0]:%Y-%m}"


def authorization_life(merchant: Merchant) -> float:
    """Seconds until an unused authorization ends."""
    return (2 if merchant.sandbox else 30) * DAY


def max_authorizations(merchant: Merchant) -> int:
    """How many authorizations an order reference may have: 25 in Europe, 10 elsewhere."""
    return 25 if merchant.sca else 10


def order_expiry(order: OrderReference) -> float:
    """When an order reference ends."""
    return order.created_at + ORDER_LIFE
