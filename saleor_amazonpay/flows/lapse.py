"""A reservation that Amazon gave up by itself: expired, or closed before the money was taken.

Saleor's authorized amount is what may still be collected without the buyer, so it stays while the agreement lives: the
next charge authorizes and captures on the agreement. Saleor gets an INFO event that says so (money.md §5).
"""

from __future__ import annotations

from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.domain.outcome import Effect
from saleor_amazonpay.flows.booking import Named
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.imports import bring_in
from saleor_amazonpay.flows.ledger import give_up_rest
from saleor_amazonpay.flows.reading import read_again, refresh
from saleor_amazonpay.flows.wording import sentence
from saleor_amazonpay.store import agreements, operations, reports
from saleor_amazonpay.store.reports import KEEP_ACTIONS, PendingReport
from saleor_amazonpay.store.sql import Tx

_ENDS = frozenset({Kind.CAPTURE, Kind.CANCEL})


async def look_for_lapse(deps: Deps, operation: Operation) -> bool:
    """Read a reservation again and note if it is gone, or book who has taken it. Raises AmazonError."""
    outcome = await read_again(deps, operation)
    if outcome is not None and outcome.verdict.effect is Effect.CAPTURED:
        # Our own captures find themselves by their reference; another was made in Seller Central.
        named = Named(operation.account, operation.profile_id, operation.object_id, operation.order_reference)
        return await bring_in(deps, named) == "imported"
    if outcome is None or outcome.phase is not Phase.GONE:
        return False
    # What becomes of the rest depends on the agreement, and its own notice may come later or never.
    agreement = await deps.store.read(lambda tx: agreements.by_id(tx, operation.agreement_id))
    if agreement is not None:
        await refresh(deps, agreement)

    def unit(tx: Tx) -> bool:
        tx.serialize(operation.tenant_id, operation.transaction_id)
        now = deps.clock()
        siblings = operations.of_transaction(tx, operation.tenant_id, operation.transaction_id)
        if any(one.kind in _ENDS and one.parent_id == operation.id and not one.failed for one in siblings):
            return False  # it ended by our own capture or release, perhaps one that is still under way
        if not operations.lapse(tx, operation.id, outcome.state, outcome.reason, now):
            return False
        if not give_up_rest(tx, deps, operation) and operation.granted:
            reports.add(tx, _info(operation, sentence("lapsed", outcome.reason), now), now)
        return True

    return await deps.store.write(unit)


def _info(operation: Operation, message: str, now: int) -> PendingReport:
    return PendingReport(
        tenant_id=operation.tenant_id,
        transaction_id=operation.transaction_id,
        operation_id=operation.id,
        type="INFO",
        psp_reference=operation.psp_reference,
        amount=0,
        currency=operation.currency,
        message=message,
        external_url="",
        actions=KEEP_ACTIONS,
        due_at=now,
    )
