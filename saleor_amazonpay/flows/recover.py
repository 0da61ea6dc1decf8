"""The sweep over operations whose time has come: left behind by a crash, pending at Amazon, or never told.

Amazon is the judge: what has an object is read, what may have reached Amazon is repeated identically. A charge that a
buyer waited for is repeated only while the buyer may still be waiting and Saleor shows that nothing else pays for the
purchase meanwhile; later it is only looked for, and never made (money.md §2).
"""

from __future__ import annotations

from saleor_amazonpay.domain.errors import AmazonError, SaleorError
from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.domain.outcome import Effect, Outcome, Verdict
from saleor_amazonpay.flows import trouble
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.double import paid_twice, still_missing
from saleor_amazonpay.flows.each import for_each
from saleor_amazonpay.flows.ledger import add_reports, add_request_report, is_session, poll_after, settle
from saleor_amazonpay.flows.money_call import CAPTURE_DUE, perform, purchase_of
from saleor_amazonpay.flows.reading import read_again
from saleor_amazonpay.flows.seen import seen_in_saleor
from saleor_amazonpay.store import operations
from saleor_amazonpay.store.sql import Tx

_RUNNING_MS = 10_000
_CLAIM_MS = 60_000
_PUT_OFF_MS = 600_000


async def sweep(deps: Deps) -> int:
    """Look at every operation that is due; returns how many there were. Raises StoreUnavailableError.

    Each is claimed first, so that of several nodes one looks; a node that dies over it holds it for a minute.
    """
    due = await deps.store.read(lambda tx: operations.due(tx, deps.clock()))
    await for_each(deps, due, lambda operation: _take(deps, operation), lambda row: _look_again(deps, row, _PUT_OFF_MS))
    return len(due)


async def _take(deps: Deps, operation: Operation) -> None:
    if await deps.store.write(lambda tx: operations.claim(tx, operation, deps.clock() + _CLAIM_MS)):
        await look(deps, operation)


async def look(deps: Deps, operation: Operation) -> None:
    """Do what is due for one operation."""
    if deps.running.get(operation.id) is not None:
        await _look_again(deps, operation, _RUNNING_MS)
    elif operation.final:
        await _tell(deps, operation)
    elif operation.phase is Phase.PENDING and operation.kind is not Kind.CANCEL:
        await _announce(deps, operation)
        await _poll(deps, operation)
    else:  # the identical repeat of a release reads the authorization afterwards
        await _repeat(deps, operation)


async def _tell(deps: Deps, operation: Operation) -> None:
    """Decided, but no answer is known to have left: report it. Saleor merges it with an answer that did arrive.

    A decline that the buyer can mend is not reported: in Saleor it would end the session, while Saleor's own failure
    for a lost answer does not. But if Saleor was told that it is pending, only a report ends that.
    """
    mendable = is_session(operation) and operation.phase is Phase.REPAIRABLE
    waits = operation.told == "pending"
    if mendable and not waits and not operation.answer_left:
        shown = await _shown(deps, operation)
        if shown is None:
            return  # it is due again
        waits = shown

    def unit(tx: Tx) -> None:
        row = operations.by_id(tx, operation.id)
        if row is None or row.answer_left or row.group_id:
            operations.reported(tx, operation.id)
            return
        now = deps.clock()
        if waits or not mendable:
            add_reports(tx, row, now, now)
        operations.reported(tx, operation.id)

    await deps.store.write(unit)


async def _shown(deps: Deps, operation: Operation) -> bool | None:
    """Whether Saleor has an operation's reference, though no answer is known to have left; None if it cannot be asked.

    Then it was told while the database was away, by a process that ended before it could note that.
    """
    try:
        view = await seen_in_saleor(deps, operation)
    except SaleorError:
        return None
    return view is not None and any(event.psp_reference == operation.psp_reference for event in view.events)


async def _announce(deps: Deps, operation: Operation) -> None:
    """Pending at Amazon, and no answer is known to have left: Saleor must not think that nothing is under way."""
    if operation.answer_left or operation.told or operation.group_id:
        return

    def unit(tx: Tx) -> None:
        row = operations.tell(tx, operation.id)
        if not row.final:
            add_request_report(tx, row, deps.clock())

    await deps.store.write(unit)


async def _poll(deps: Deps, operation: Operation) -> None:
    try:
        outcome = await read_again(deps, operation)
    except AmazonError as error:
        await _not_asked(deps, operation, error)
        outcome = None
    if outcome is not None and outcome.code == CAPTURE_DUE:
        await _look_again(deps, operation, int(deps.timing.patience * 2000))
        deps.running.start(operation.id, perform(deps, operation))
        return
    if outcome is None or outcome.phase is Phase.PENDING:
        await _look_again(deps, operation, poll_after(operation.tries + 1))
        return
    await deps.store.write(lambda tx: settle(tx, deps, operation, outcome))


async def _repeat(deps: Deps, operation: Operation) -> None:
    """The outcome is unknown: the identical repeat is the read, and moves the money at most once."""
    moves = operation.kind is not Kind.AGREEMENT  # asked once more, an agreement pays nothing twice
    wanted = await _still_wanted(deps, operation) if operation.buyer_waits and moves else True
    if wanted is None:
        await _look_again(deps, operation, _RUNNING_MS)
        return
    if not wanted:
        await _find(deps, operation)
        return
    # Far enough ahead that no other node repeats it at the same time.
    await _look_again(deps, operation, int(deps.timing.patience * 2000))
    row = await deps.store.read(lambda tx: operations.by_id(tx, operation.id))
    if row is not None and not row.final:
        deps.running.start(row.id, perform(deps, row))


async def _find(deps: Deps, operation: Operation) -> None:
    """A charge that must not be made any more is looked for; what is not found within a day was never made."""
    account = await deps.directory.account_of(operation.profile_id)
    wire = deps.wires[operation.wire]
    try:
        found = await wire.find(
            account, operation.id, capture_now=operation.kind is Kind.CHARGE, purchase_id=purchase_of(operation)
        )
    except AmazonError as error:
        await _not_asked(deps, operation, error)
        await _look_again(deps, operation, poll_after(operation.tries))
        return
    if found is None and deps.clock() - operation.created_at <= deps.timing.give_up * 1000:
        await _look_again(deps, operation, poll_after(operation.tries))
        return
    outcome = found or Outcome(Verdict(Phase.GONE, "never_made"))
    missing = True
    if outcome.verdict.effect is Effect.CAPTURED:
        answer = await still_missing(deps, operation)
        if answer is None:  # the report would have to wait for Saleor as well
            await _look_again(deps, operation, _RUNNING_MS)
            return
        missing = answer

    def unit(tx: Tx) -> None:
        settle(tx, deps, operation, outcome)
        if not missing:
            paid_twice(tx, deps, operation, outcome.settled_id or outcome.object_id)

    await deps.store.write(unit)


async def _not_asked(deps: Deps, operation: Operation, error: AmazonError) -> None:
    """Amazon could not say what became of an operation: if somebody has to mend something, staff are told."""
    deps.log.warning("operation not looked up", operation=operation.id, amazon_code=error.code)
    await deps.store.write(lambda tx: trouble.waits(tx, deps, operation, error))


async def _still_wanted(deps: Deps, operation: Operation) -> bool | None:
    """Whether the purchase still needs this charge; None if Saleor cannot be asked now."""
    if deps.clock() - operation.created_at > deps.timing.buyer_repeat * 1000:
        return False
    return await still_missing(deps, operation)


async def _look_again(deps: Deps, operation: Operation, wait_ms: int) -> None:
    now = deps.clock()
    await deps.store.write(lambda tx: operations.postpone(tx, operation.id, now + wait_ms, now))
