"""FULFILLMENT_CREATED and _APPROVED: take the money for what has been sent, where the profile says so.

What is taken is what is owed for everything sent up to this fulfillment, less what was taken on the order before, also
by staff. So the last one takes the remainder (sending, rounding), a fulfillment that is cancelled and made again is
paid once, and one whose charge failed is paid with the next. Only payments of this app, the newest first, each never
above its rest. Nothing is ever refunded by itself (money.md §5).
"""

from __future__ import annotations

from collections.abc import Sequence

from saleor_amazonpay.domain.balance import balance, granted
from saleor_amazonpay.domain.money import DIGITS, Money
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.domain.shipment import OrderedLine, owed_for
from saleor_amazonpay.flows import charge
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.directory import Snapshot
from saleor_amazonpay.flows.unasked import Begun, Wish, begin
from saleor_amazonpay.saleor.views import OrderView
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Tenant

_SENT = "FULFILLED"


def collect_for(
    tx: Tx,
    deps: Deps,
    snapshot: Snapshot,
    tenant: Tenant,
    order: OrderView,
    fulfillment_id: str,
    payments: Sequence[list[Operation]],
) -> list[Begun]:
    """Commit the charges for one fulfillment; the caller holds the locks of the order's payments."""
    key = f"fulfillment:{fulfillment_id}:"
    if any(one.op_key.startswith(key) for known in payments for one in known):
        return []
    missing = _owed(order, fulfillment_id) - sum(balance(known).captured for known in payments)
    begun = []
    newest_first = sorted(payments, key=lambda known: known[0].created_at, reverse=True)
    for known in newest_first:
        session, rest = granted(known), balance(known).authorized
        if session is None or missing <= 0 or not rest:
            continue
        if session.currency != order.currency or not snapshot.profiles[session.profile_id].capture_when_fulfilled:
            continue
        amount = Money(min(rest, missing), session.currency)
        wish = Wish(f"{key}{session.transaction_id}", known, amount, "")
        made = begin(tx, deps, snapshot, tenant, wish, charge.plan, Kind.CHARGE)
        if made is not None:
            begun.append(made)
            missing -= amount.minor
    return begun


def _owed(order: OrderView, fulfillment_id: str) -> int:
    """What is owed for everything sent up to and with this fulfillment; 0 if it does not stand (any more)."""
    sent = []
    for fulfillment in order.fulfillments:
        if fulfillment.status == _SENT:
            sent.append(fulfillment.quantities)
        if fulfillment.id == fulfillment_id:
            if fulfillment.status != _SENT:
                return 0
            break
    else:
        return 0
    digits = DIGITS.get(order.currency)
    if digits is None:
        return 0
    lines = [OrderedLine(line.id, line.quantity, int(line.total.scaleb(digits))) for line in order.lines]
    return owed_for(int(order.total.scaleb(digits)), lines, sent)
