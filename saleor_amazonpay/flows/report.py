"""Reports to Saleor: what Saleor was told is pending and has been decided, or could not be told in time.

In order per transaction, without `time` (Saleor's clock orders events), repeated with a growing pause for as long as
Saleor is away. Saleor takes the same report twice as one, so that a process that dies between sending and noting
harms nothing (money.md §3).
"""

from __future__ import annotations

from saleor_amazonpay.domain.errors import SaleorError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.each import drain
from saleor_amazonpay.flows.problems import raise_problem
from saleor_amazonpay.saleor.client import Report, ReportResult
from saleor_amazonpay.saleor.events import Action, EventType
from saleor_amazonpay.store import operations, reports, tenants
from saleor_amazonpay.store.reports import KEEP_ACTIONS, PendingReport
from saleor_amazonpay.store.sql import Tx

_FIRST_RETRY_MS = 2_000
_MAX_RETRY_MS = 600_000


async def deliver_reports(deps: Deps) -> int:
    """Send what is due; returns how many were tried. Raises StoreUnavailableError."""
    return await drain(
        deps, reports.due, reports.claim, lambda report: _send(deps, report), lambda report: _put_off(deps, report)
    )


async def _send(deps: Deps, report: PendingReport) -> None:
    tenant = await deps.store.read(lambda tx: tenants.by_id(tx, deps.store.sealer, report.tenant_id))
    if tenant is None or tenant.removed_at:
        await _put_off(deps, report, "the app is not installed there")
        return
    actions = report.actions
    message = Report(
        transaction_id=report.transaction_id,
        type=EventType(report.type),
        psp_reference=report.psp_reference,
        amount=Money(report.amount, report.currency),
        message=report.message,
        external_url=report.external_url or None,
        available_actions=None
        if actions == KEEP_ACTIONS
        else tuple(Action(name) for name in actions.split(",") if name),
    )
    try:
        result = await deps.saleor.report(tenant.api_url, tenant.token, message)
    except SaleorError as error:
        await _put_off(deps, report, str(error))
        return
    if not result.accepted:
        # Repeating a refused report does harm (each leaves a failure event): it is kept for staff to see.
        deps.log.error("Saleor refused a report", operation=report.operation_id, type=report.type, code=result.code)
        await deps.store.write(lambda tx: _refused(tx, deps, report, result))
        return
    await deps.store.write(lambda tx: reports.done(tx, report.id, "already" if result.already_processed else "sent"))


def _refused(tx: Tx, deps: Deps, report: PendingReport, result: ReportResult) -> None:
    reports.done(tx, report.id, f"refused: {result.code} {result.message}")
    money = Money(report.amount, report.currency)
    text = (
        f"Saleor refused {report.type} of {money} on {report.transaction_id} (psp reference {report.psp_reference}): "
        f"{result.code} {result.message}. Compare the payment with Seller Central and correct it in Saleor by hand."
    )
    raise_problem(tx, deps, report.tenant_id, f"report:{report.id}", text, critical=True)


async def _put_off(deps: Deps, report: PendingReport, why: str = "an error of ours") -> None:
    deps.log.warning("report not delivered", operation=report.operation_id, type=report.type, why=why)
    pause = min(_FIRST_RETRY_MS * 2 ** min(report.tries, 20), _MAX_RETRY_MS)
    await deps.store.write(lambda tx: reports.postpone(tx, report.id, deps.clock() + pause))


async def note_delivered(deps: Deps) -> int:
    """Note in one transaction which final answers have left, so that the sweep does not report them again."""
    owed, batch = list(deps.owed), list(deps.delivered)
    if not owed and not batch:
        return 0

    def unit(tx: Tx) -> None:
        for operation_id in owed:
            operations.tell(tx, operation_id)
        for operation_id in batch:
            operations.delivered(tx, operation_id)

    await deps.store.write(unit)
    deps.owed.difference_update(owed)
    deps.delivered.difference_update(batch)
    return len(batch)
