"""From a running operation to an answer, within the time budget, whoever works on it.

The psp reference is fixed and "pending" is noted in the same transaction that composes a pending answer: a result that
arrives a moment later finds the note and puts its report into the outbox. Nothing is ever cancelled by the budget.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from saleor_amazonpay.amazon.port import AuthorizeCall
from saleor_amazonpay.domain.operation import Operation, Phase
from saleor_amazonpay.domain.outcome import Retry
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows import speak
from saleor_amazonpay.flows.deps import MAX_ATTEMPTS, Deps
from saleor_amazonpay.flows.money_call import AgreementCall, stored_call
from saleor_amazonpay.flows.request import Request
from saleor_amazonpay.store import operations
from saleor_amazonpay.store.sql import Tx

_WATCH_SECONDS = 0.2
# Saleor reads for 18 seconds; an answer later than this may not have been read, and is reported as well.
_GRACE_SECONDS = 1.0


class Conclusion:
    """How one request is answered from an operation.

    Args:
        compose: words the answer from a row, in its transaction.
        pending: words the answer of an operation that is not decided, without the store.
    """

    def __init__(
        self,
        deps: Deps,
        request: Request,
        compose: Callable[[Tx, Operation], bytes],
        pending: Callable[[Operation], bytes],
    ) -> None:
        self._deps = deps
        self._request = request
        self._compose = compose
        self._pending = pending

    def unit(self, tx: Tx, row: Operation) -> bytes:
        """Fix what this request is answered; part of the transaction that read or wrote `row`."""
        told = row if row.final and row.psp_reference else operations.tell(tx, row.id)
        return self._request.answer(tx, self._compose(tx, told), told.id)

    async def within_budget(self, operation: Operation, *, wait: bool = True) -> bytes:
        """Wait for the operation as long as the budget allows, then answer what is known."""
        try:
            body = await self._outcome(operation) if wait else None
            if body is None:
                body = await self._deps.store.write(lambda tx: self._present(tx, operation.id))
        except Exception:
            # The intent is written, so whatever went wrong here, this is no failure: what is known is said.
            self._deps.log.exception("answered without the ledger", operation=operation.id)
            return self._without_ledger(operation)
        if self._request.deadline.late <= _GRACE_SECONDS:
            self._request.answered.add(operation.id)
        return body

    async def _outcome(self, operation: Operation) -> bytes | None:
        """Wait; the answer, if this request's own call has fixed it already."""
        task = self._deps.running.get(operation.id)
        # Worth waiting for is a call that is out, here or on another node; not what Amazon decides later, and not a
        # call that ended without a result and waits for the sweep.
        if task is None and (operation.phase is not Phase.CALLING or operation.tries):
            return None
        waited: asyncio.Task[Any] = task or asyncio.create_task(self._watch(operation))
        done, _ = await asyncio.wait({waited}, timeout=self._request.deadline.left)
        if task is None:
            waited.cancel()
            return None
        ours = task.get_name() == self._request.digest.hex()
        return task.result()[1] if done and ours and task.exception() is None else None

    def _without_ledger(self, operation: Operation) -> bytes:
        if operation.final and operation.psp_reference:
            return self._pending(operation)
        if operation.psp_reference:
            return self._pending(replace(operation, phase=Phase.CALLING))
        # The reference id is named now, and the ledger is owed that note before anything else is decided.
        self._deps.owed.add(operation.id)
        return self._pending(replace(operation, phase=Phase.CALLING, psp_reference=operation.id))

    def _present(self, tx: Tx, operation_id: str) -> bytes:
        row = operations.by_id(tx, operation_id)
        if row is None:
            raise LookupError(f"operation {operation_id} is not in the ledger")
        return self.unit(tx, row)

    async def _watch(self, operation: Operation) -> None:
        """Another node has the call: look at the ledger until it is decided."""
        key, final = operation.id, False
        while not final:
            await asyncio.sleep(_WATCH_SECONDS)
            found = await self._deps.store.read(lambda tx: operations.by_id(tx, key))
            final = found is None or found.final


def conclude_session(deps: Deps, request: Request, profile: Profile) -> Conclusion:
    """Answers a session event."""

    def pending(row: Operation) -> bytes:
        return speak.session_answer(row, profile, [row], repairable=may_repair(row, deps))

    def compose(tx: Tx, row: Operation) -> bytes:
        # A first charge has no siblings; an authorization may have been captured since.
        alone = row.attempt == 1 and not row.reserved
        siblings = [row] if alone else operations.of_transaction(tx, row.tenant_id, row.transaction_id)
        return speak.session_answer(
            row,
            profile,
            siblings,
            repairable=may_repair(row, deps),
            page=page_of(deps, profile, row),
            object_id=_widgets_for(row),
        )

    return Conclusion(deps, request, compose, pending)


def may_repair(last: Operation, deps: Deps) -> bool:
    """Whether another attempt may follow: declined for good, mendable, told as such, soon enough, and few so far."""
    return (
        last.phase is Phase.REPAIRABLE
        and last.retry != Retry.NEVER
        and last.told != "pending"
        and last.attempt < MAX_ATTEMPTS
        and deps.clock() - last.created_at <= deps.timing.attempt_window * 1000
    )


def _widgets_for(row: Operation) -> str:
    """What Amazon's widgets have to be shown for after a decline: what the buyer would pay with at the next attempt."""
    if row.phase is not Phase.REPAIRABLE:
        return ""
    call = stored_call(row)
    if isinstance(call, AuthorizeCall):
        return call.purchase_id or call.agreement_id
    return call.agreement_id if isinstance(call, AgreementCall) else ""


def conclude_action(deps: Deps, request: Request, profile: Profile) -> Conclusion:
    """Answers a charge, refund or cancel."""

    def pending(row: Operation) -> bytes:
        return speak.action_answer(row, ())

    def compose(tx: Tx, row: Operation) -> bytes:
        siblings = operations.of_transaction(tx, row.tenant_id, row.transaction_id) if row.final else ()
        return speak.action_answer(row, siblings, page_of(deps, profile, row), profile)

    return Conclusion(deps, request, compose, pending)


def page_of(deps: Deps, profile: Profile, row: Operation) -> str:
    """Seller Central's page of an operation, or nothing: never worth an error."""
    account = deps.directory.opened(profile)
    return deps.wires[row.wire].page_of(account, row.order_reference) if account and row.order_reference else ""
