"""Reports to Saleor: what Saleor was told is pending and has been decided, or could not be told in time.

In order per transaction, without `time` (Saleor's clock orders events), repeated with a growing pause for as long as
Saleor is away. Saleor takes the same report twice as one, so that a process that dies between sending and noting
harms nothing (money.md §3). In the same order, once, leaves what the transaction's card shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from saleor_amazonpay.domain.balance import available_actions
from saleor_amazonpay.domain.errors import SaleorError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Operation, Phase
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.amounts import add_up_again
from saleor_amazonpay.flows.conclude import page_of
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.each import drain
from saleor_amazonpay.flows.ledger import add_card, add_reports, add_request_report, is_session
from saleor_amazonpay.flows.problems import raise_problem
from saleor_amazonpay.flows.wording import with_service, with_support
from saleor_amazonpay.saleor.client import Report, ReportResult
from saleor_amazonpay.saleor.events import Action, EventType
from saleor_amazonpay.store import operations, reports, tenants
from saleor_amazonpay.store.reports import CARD, KEEP_ACTIONS, PendingReport
from saleor_amazonpay.store.sealed import UnsealError
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Tenant

_FIRST_RETRY_MS = 2_000
_MAX_RETRY_MS = 600_000
_CARD_TRIES = 5


async def deliver_reports(deps: Deps) -> int:
    """Send what is due; returns how many were tried. Raises StoreUnavailableError."""
    return await drain(
        deps,
        reports.due,
        reports.claim,
        lambda report: _send(deps, report),
        lambda report: _after_an_error(deps, report),
    )


async def _after_an_error(deps: Deps, report: PendingReport) -> None:
    """An error of ours: an event is sent again; how a payment is named is not worth holding its events back."""
    if report.type == CARD:
        await deps.store.write(lambda tx: reports.done(tx, report.id, "an error of ours"))
    else:
        await _put_off(deps, report, "an error of ours")


async def _send(deps: Deps, report: PendingReport) -> None:
    tenant = await deps.store.read(lambda tx: tenants.by_id(tx, deps.store.sealer, report.tenant_id))
    if tenant is None or tenant.removed_at:
        await _put_off(deps, report, "the app is not installed there")
        return
    siblings = await deps.store.read(lambda tx: operations.of_transaction(tx, report.tenant_id, report.transaction_id))
    operation = next((row for row in siblings if row.id == report.operation_id), None)
    try:
        if report.type == CARD:
            result = await _card(deps, tenant, report, operation, siblings)
        else:
            result = await _event(deps, tenant, report, operation, siblings)
    except SaleorError as error:
        if report.type != CARD or (error.retryable and report.tries < _CARD_TRIES):
            await _put_off(deps, report, str(error))
            return
        result = f"refused: {error}"
    if result:
        await deps.store.write(lambda tx: reports.done(tx, report.id, result))


async def _event(
    deps: Deps, tenant: Tenant, report: PendingReport, operation: Operation | None, siblings: Sequence[Operation]
) -> str:
    """Report an event, with what staff may do now and not when it was written; "" if Saleor refused it.

    Raises SaleorError.
    """
    message, url = report.message, report.external_url
    profile = await _profile(deps, operation) if operation is not None else None
    if profile is not None and operation is not None:
        url = url or page_of(deps, profile, operation)
        if report.type.endswith("_FAILURE"):
            say = with_support if is_session(operation) else with_service
            message = say(message, profile.support)
    keep = report.actions == KEEP_ACTIONS
    result = await deps.saleor.report(
        tenant.api_url,
        tenant.token,
        Report(
            transaction_id=report.transaction_id,
            type=EventType(report.type),
            psp_reference=report.psp_reference,
            amount=Money(report.amount, report.currency),
            message=message,
            external_url=url or None,
            available_actions=None if keep else tuple(Action(name) for name in available_actions(siblings)),
        ),
    )
    if not result.accepted:
        # Repeating a refused report does harm (each leaves a failure event): it is kept for staff to see.
        deps.log.error("Saleor refused a report", operation=report.operation_id, type=report.type, code=result.code)
        await deps.store.write(lambda tx: _refused(tx, deps, report, result))
        return ""
    return "already" if result.already_processed else "sent"


def _refused(tx: Tx, deps: Deps, report: PendingReport, result: ReportResult) -> None:
    reports.done(tx, report.id, f"refused: {result.code} {result.message}")
    money = Money(report.amount, report.currency)
    text = (
        f"Saleor refused {report.type} of {money} on {report.transaction_id} (psp reference {report.psp_reference}): "
        f"{result.code} {result.message}. Compare the payment with Seller Central and correct it in Saleor by hand."
    )
    raise_problem(tx, deps, report.tenant_id, f"report:{report.id}", text, critical=True)


async def _card(
    deps: Deps, tenant: Tenant, report: PendingReport, operation: Operation | None, siblings: Sequence[Operation]
) -> str:
    """Name and link the transaction's card; "" if it has to wait. Raises SaleorError.

    Saleor writes the whole row back that it read for this mutation, amounts included, so it must not meet a change of
    the same transaction (contracts, saleor §4.4): it waits while one of ours is under way, and until Saleor has
    surely written what was answered last. If something was asked meanwhile nevertheless, an event of no amount lets
    Saleor add up the amounts again. The answer shows whether Saleor has heard of the payment: an answer that left
    and was lost on the way is reported then, before the shopper, who saw a failure, pays a second time.
    """
    if operation is None or not all(row.final or row.phase is Phase.PENDING for row in siblings):
        # Asleep it holds no event back: what is under way may be for days.
        again = deps.clock() + max(_pause(report), int(deps.timing.card_quiet * 1000))
        await deps.store.write(lambda tx: reports.sleep(tx, report.id, again))
        return ""
    changed = max((row.updated_at for row in siblings if row.id != operation.id), default=0)
    quiet_at = changed + int(deps.timing.card_quiet * 1000)
    if quiet_at > deps.clock():
        await deps.store.write(lambda tx: reports.sleep(tx, report.id, quiet_at))
        return ""
    profile = await _profile(deps, operation)
    page = page_of(deps, profile, operation) if profile is not None else ""
    name = f"Amazon Pay · {operation.order_reference or operation.psp_reference}"
    heard = await deps.saleor.update_transaction(
        tenant.api_url, tenant.token, report.transaction_id, name=name, external_url=page or None
    )
    await deps.store.write(lambda tx: _after_card(tx, deps, report, operation, siblings, heard=heard != ""))
    return "sent"


def _after_card(
    tx: Tx, deps: Deps, report: PendingReport, operation: Operation, before: Sequence[Operation], *, heard: bool
) -> None:
    """Report what Saleor has not heard of, and let it add up what changed while the card was written."""
    if not heard:
        _say_again(tx, deps, operation.id)
    seen = {row.id: row.updated_at for row in before}
    present = operations.of_transaction(tx, report.tenant_id, report.transaction_id)
    if all(seen.get(row.id) == row.updated_at for row in present):
        return
    now = deps.clock()
    add_up_again(tx, operation, f"added-up-{report.id}", now, now + int(deps.timing.card_quiet * 1000))


def _say_again(tx: Tx, deps: Deps, operation_id: str) -> None:
    row = operations.by_id(tx, operation_id)
    if row is None:
        return
    deps.log.warning("Saleor has not heard of a payment", operation=row.id, transaction=row.transaction_id)
    now = deps.clock()
    if row.final:
        add_reports(tx, row, now, now)
    else:
        add_request_report(tx, row, now)


async def _profile(deps: Deps, operation: Operation) -> Profile | None:
    """The profile of an operation, with its account opened if that can be: only pages of Amazon's need it."""
    profile = (await deps.directory.current()).profiles.get(operation.profile_id)
    if profile is not None:
        with suppress(UnsealError):
            await deps.directory.account(profile)
    return profile


async def _put_off(deps: Deps, report: PendingReport, why: str) -> None:
    deps.log.warning("report not delivered", operation=report.operation_id, type=report.type, why=why)
    await deps.store.write(lambda tx: reports.postpone(tx, report.id, deps.clock() + _pause(report)))


def _pause(report: PendingReport) -> int:
    return min(_FIRST_RETRY_MS << min(report.tries, 20), _MAX_RETRY_MS)


async def note_delivered(deps: Deps) -> int:
    """Note in one transaction which final answers have left, so that the sweep does not report them again.

    What staff asked for is reported nevertheless: that an answer left does not say that it arrived, and the money has
    moved. Saleor takes the same event twice as one. A session's answer is checked by the card that follows it.
    """
    owed, batch = list(deps.owed), list(deps.delivered)
    if not owed and not batch:
        return 0

    def unit(tx: Tx) -> None:
        now = deps.clock()
        for operation_id in owed:
            operations.tell(tx, operation_id)
        for operation_id in batch:
            row = operations.delivered(tx, operation_id)
            if row is None:
                continue
            after = now + int(deps.timing.report_delay * 1000)
            if row.final and not is_session(row) and not row.group_id and row.told != "pending":
                add_reports(tx, row, now, after)
            else:
                add_card(tx, row, now, after)

    await deps.store.write(unit)
    deps.owed.difference_update(owed)
    deps.delivered.difference_update(batch)
    return len(batch)
