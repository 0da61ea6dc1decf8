"""Whether Saleor shows of a payment what the ledger has, and what is done if it does not.

Saleor adds up a transaction's amounts from its events without a lock (contracts, saleor §4.4): what it is told and what
it is answered in the same milliseconds may each be added up without the other, and an amount is lost although both
events are there. An event of no amount lets it add up again. What still differs then cannot be healed from here.
"""

from __future__ import annotations

from collections.abc import Sequence

from saleor_amazonpay.domain.balance import balance
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.problems import clear_problem, raise_problem
from saleor_amazonpay.saleor.views import TransactionView
from saleor_amazonpay.store import operations, reports
from saleor_amazonpay.store.reports import KEEP_ACTIONS, PendingReport
from saleor_amazonpay.store.sql import Tx

# What was decided since then may have been on its way while Saleor was asked.
_QUIET_MS = 600_000


def judge_amounts(tx: Tx, deps: Deps, operation: Operation, view: TransactionView | None) -> bool:
    """Hold the ledger against what Saleor showed; returns False if that has to be looked at again.

    The first time Saleor is made to add up again, the second time staff are told. While something is under way, or
    waits to be reported, nothing is said: then the two may differ, and will not for long.
    """
    if view is None or reports.waiting(tx, operation.tenant_id, operation.transaction_id):
        return True
    now = deps.clock()
    rows = operations.of_transaction(tx, operation.tenant_id, operation.transaction_id)
    if _unsettled(view, rows, now):
        return True
    key = problem_key(operation)
    left = _charged(rows)
    # Below nothing is a surplus, which is raised where it is found, and no amount of money.
    charged = None if left < 0 else Money(left, operation.currency)
    if charged is None or view.charged == charged.decimal:
        clear_problem(tx, deps, operation.tenant_id, key)
        return True
    deps.log.error("Saleor shows other amounts", transaction=operation.transaction_id, shown=str(view.charged))
    if not add_up_again(tx, rows[0], "added-up-again", now, now):
        shown = view.charged.quantize(charged.decimal)
        text = (
            f"Saleor shows {shown} {view.currency} as charged on the transaction {operation.transaction_id}, but "
            f"Amazon has {charged}. Compare the payment with Seller Central and correct it in Saleor by hand."
        )
        raise_problem(tx, deps, operation.tenant_id, key, text, critical=True)
    return False


def problem_key(operation: Operation) -> str:
    """The App Problem about a transaction whose amounts differ."""
    return f"amounts:{operation.transaction_id}"


def corrected(tx: Tx, deps: Deps, operation: Operation, view: TransactionView | None, gone: int) -> bool:
    """Whether somebody has taken out of Saleor by hand what the ledger has and Amazon has not: `gone` minor units."""
    if view is None or reports.waiting(tx, operation.tenant_id, operation.transaction_id):
        return False
    rows = operations.of_transaction(tx, operation.tenant_id, operation.transaction_id)
    left = _charged(rows) - gone
    if left < 0 or _unsettled(view, rows, deps.clock()):
        return False
    return view.charged == Money(left, operation.currency).decimal


def _unsettled(view: TransactionView, rows: Sequence[Operation], now: int) -> bool:
    waiting = view.authorize_pending + view.charge_pending + view.refund_pending + view.cancel_pending
    return bool(waiting) or not all(row.final and row.updated_at < now - _QUIET_MS for row in rows)


def _charged(rows: Sequence[Operation]) -> int:
    """Minor units that Saleor shows as charged: taken, and neither given back nor taken back by the buyer's bank."""
    present = balance(rows)
    given = sum(row.amount for row in rows if row.kind is Kind.REFUND and row.parent_id and not row.failed)
    return present.captured - given - present.charged_back


def add_up_again(tx: Tx, operation: Operation, reference: str, now: int, due_at: int) -> bool:
    """Have Saleor add up an operation's transaction at `due_at` (ms); False if `reference` has done that before."""
    info = PendingReport(
        tenant_id=operation.tenant_id,
        transaction_id=operation.transaction_id,
        operation_id=operation.id,
        type="INFO",
        psp_reference=reference,
        amount=0,
        currency=operation.currency,
        message="The amounts were added up again.",
        external_url="",
        actions=KEEP_ACTIONS,
        due_at=due_at,
    )
    return reports.add(tx, info, now)
