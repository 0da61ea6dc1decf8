"""Operations that no action event of Saleor's asked for: an order was cancelled or fulfilled.

Nobody waits for an answer, so all that Saleor hears are reports: what is pending as a request, what is decided as a
success or failure, both under one psp reference. A process that dies before it reports leaves a row that the sweep
reports.
"""

from __future__ import annotations

from dataclasses import dataclass

from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation, reference_id
from saleor_amazonpay.flows.deps import Deps, Settled
from saleor_amazonpay.flows.directory import Snapshot
from saleor_amazonpay.flows.intent import Asked, Intent, Plan, Target, agreement_id_of, commit
from saleor_amazonpay.flows.ledger import add_refusal, add_reports, add_request_report
from saleor_amazonpay.flows.money_call import Call, perform
from saleor_amazonpay.store import operations
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Tenant


@dataclass(frozen=True, slots=True)
class Begun:
    """A committed operation and its call, which is ours to make."""

    operation: Operation
    call: Call


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done with one payment: `key` makes it happen once."""

    key: str
    payment: list[Operation]
    amount: Money
    reason: str


def begin(tx: Tx, deps: Deps, snapshot: Snapshot, tenant: Tenant, wish: Wish, plan: Plan, kind: Kind) -> Begun | None:
    """Commit an operation; None if it exists already, or nothing can be done, of which Saleor is told."""
    session = wish.payment[0]
    reference = reference_id(tenant.api_url, wish.key)
    if operations.by_id(tx, reference) is not None:
        return None
    target = plan(Asked(wish.amount, wish.reason, reference, snapshot, agreement_id_of(tx, wish.payment)), wish.payment)
    intent = Intent(wish.key, reference, session.transaction_id, wish.amount)
    committed = commit(tx, deps, snapshot, intent, target) if isinstance(target, Target) else str(target)
    if isinstance(committed, str):
        now = deps.clock()
        add_refusal(tx, session, kind, reference, wish.amount, committed, now)
        return None
    operation, new = committed
    return Begun(operation, target.call) if new and isinstance(target, Target) else None


def start(deps: Deps, begun: Begun) -> None:
    """Make the call; what comes of it is reported at once."""

    async def work() -> Settled:
        row, _ = settled = await perform(deps, begun.operation, begun.call)
        await deps.store.write(lambda tx: _tell(tx, deps, row.id))
        return settled

    deps.running.start(begun.operation.id, work())


def _tell(tx: Tx, deps: Deps, operation_id: str) -> None:
    row = operations.by_id(tx, operation_id)
    if row is None or row.told:
        return  # the sweep was first
    now = deps.clock()
    if row.final:
        add_reports(tx, row, now, now)
        operations.reported(tx, row.id)
    else:
        told = operations.tell(tx, row.id)
        add_request_report(tx, told, now)
