"""What happened to an order in Saleor, and what its payments do about it where their profile says so (money.md §5).

A webhook is kept at once and says what to look at: the order is read, and what it is then decides. An event that comes
twice is one, and its operations have keys of their own, so that acting on it twice is acting once. A payment that is
still being decided is waited for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from saleor_amazonpay.domain.balance import balance
from saleor_amazonpay.domain.errors import SaleorError
from saleor_amazonpay.domain.operation import Operation
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.directory import Snapshot
from saleor_amazonpay.flows.each import drain
from saleor_amazonpay.flows.fulfilled import collect_for
from saleor_amazonpay.flows.ledger import is_session
from saleor_amazonpay.flows.order_cancelled import release_rest
from saleor_amazonpay.flows.unasked import Begun, start
from saleor_amazonpay.saleor.payloads import OrderNotice
from saleor_amazonpay.saleor.views import OrderView
from saleor_amazonpay.store import operations, order_events, tenants
from saleor_amazonpay.store.order_events import OrderEvent
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Tenant

_FIRST_RETRY_MS = 5_000
_MAX_RETRY_MS = 600_000


@dataclass(frozen=True, slots=True)
class _Wait:
    """A payment of the order is still being decided."""


async def receive_order_event(deps: Deps, tenant: Tenant, notice: OrderNotice) -> bool:
    """Keep an event; False if there is nothing to look at, or it was kept before. Raises StoreUnavailableError."""
    if not notice.order_id or not notice.subject_id:
        return False  # deleted in Saleor meanwhile
    now = deps.clock()
    kept = OrderEvent(tenant.id, notice.event, notice.subject_id, notice.order_id, now, now)
    return await deps.store.write(lambda tx: order_events.put(tx, kept))


async def handle_order_events(deps: Deps) -> int:
    """Act on what is due; returns how many were. Raises StoreUnavailableError."""
    return await drain(
        deps,
        order_events.due,
        order_events.claim,
        lambda event: _handle(deps, event),
        lambda event: _put_off(deps, event),
    )


async def _handle(deps: Deps, event: OrderEvent) -> None:
    tenant = await deps.store.read(lambda tx: tenants.by_id(tx, deps.store.sealer, event.tenant_id))
    if tenant is None or tenant.removed_at:
        await _put_off(deps, event)
        return
    try:
        order = await deps.saleor.order(tenant.api_url, tenant.token, event.order_id)
    except SaleorError as error:
        deps.log.warning("order not read", order=event.order_id, why=str(error))
        await _put_off(deps, event)
        return
    snapshot = await deps.directory.current()
    found = await deps.store.write(lambda tx: _act(tx, deps, snapshot, tenant, event, order))
    if isinstance(found, _Wait):
        await _put_off(deps, event)
        return
    for begun in found:
        start(deps, begun)


def _act(
    tx: Tx, deps: Deps, snapshot: Snapshot, tenant: Tenant, event: OrderEvent, order: OrderView | None
) -> Sequence[Begun] | _Wait:
    """In one transaction: commit what is to be done for all payments of the order, and note that it was."""
    if order is None:
        order_events.done(tx, event, "unknown")
        return ()
    payments = []
    for transaction_id in sorted(order.transactions):
        tx.serialize(tenant.id, transaction_id)
        known = operations.of_transaction(tx, tenant.id, transaction_id)
        if known:  # others are other gateways'
            payments.append(known)
    if any(_undecided(known) for known in payments):
        return _Wait()
    if event.event == "cancelled":
        begun = release_rest(tx, deps, snapshot, tenant, order, payments)
    else:
        begun = collect_for(tx, deps, snapshot, tenant, order, event.subject_id, payments)
    order_events.done(tx, event, f"{len(begun)} operations")
    return begun


def _undecided(known: Sequence[Operation]) -> bool:
    return balance(known).busy or any(is_session(one) and not one.final for one in known)


async def _put_off(deps: Deps, event: OrderEvent) -> None:
    pause = min(_FIRST_RETRY_MS * 2 ** min(event.tries, 20), _MAX_RETRY_MS)
    await deps.store.write(lambda tx: order_events.postpone(tx, event, deps.clock() + pause))
