"""ORDER_CANCELLED: the open rest of the order's payments is released, where the profile says so.

Captured money is never given back by itself: whether it is, and when, is for staff to decide (money.md §5).
"""

from __future__ import annotations

from collections.abc import Sequence

from saleor_amazonpay.domain.balance import balance
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.flows import cancel
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.directory import Snapshot
from saleor_amazonpay.flows.unasked import Begun, Wish, begin
from saleor_amazonpay.saleor.views import OrderView
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Tenant

_REASON = "the order was cancelled"


def release_rest(
    tx: Tx, deps: Deps, snapshot: Snapshot, tenant: Tenant, order: OrderView, payments: Sequence[list[Operation]]
) -> list[Begun]:
    """Commit the release of each payment that still has a rest; the caller holds their locks."""
    if order.status != "CANCELED":
        return []
    begun = []
    for known in payments:
        session, rest = known[0], balance(known).authorized
        if not rest or not snapshot.profiles[session.profile_id].release_when_cancelled:
            continue
        key = f"order-cancelled:{order.id}:{session.transaction_id}"
        wish = Wish(key, known, Money(rest, session.currency), _REASON)
        made = begin(tx, deps, snapshot, tenant, wish, cancel.plan, Kind.CANCEL)
        begun += [made] if made is not None else []
    return begun
