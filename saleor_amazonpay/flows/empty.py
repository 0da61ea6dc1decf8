"""Saleor's own retry of an action event after a 5xx: an empty body with a valid signature (contracts, saleor §3.7).

It names neither transaction nor request, so Amazon is never touched for it. The ledger answers: with the one
operation whose answer never left, if there is exactly one that it can mean.
"""

from __future__ import annotations

from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.flows import speak
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.request import Request
from saleor_amazonpay.saleor.payloads import ActionKind
from saleor_amazonpay.store import operations
from saleor_amazonpay.store.sql import Tx

# Saleor's retries come 10, 20, 40, 80 and 160 seconds after one another.
_SINCE_MS = 6 * 60 * 1000
_UNTIL_MS = 10 * 1000
_KINDS: dict[ActionKind, frozenset[Kind]] = {
    "charge": frozenset({Kind.CAPTURE, Kind.CHARGE}),
    "refund": frozenset({Kind.REFUND}),
    "cancel": frozenset({Kind.CANCEL}),
}


class AmbiguousRetryError(Exception):
    """Several operations could be meant: Saleor should try again later, when fewer are left."""


async def empty_retry(deps: Deps, request: Request, kind: ActionKind) -> bytes:
    """The answer to an empty action event. Raises AmbiguousRetryError, StoreUnavailableError."""

    def unit(tx: Tx) -> tuple[bytes, str]:
        now = deps.clock()
        meant = [
            operation
            for operation in operations.unanswered(tx, request.tenant.id, now - _SINCE_MS, now - _UNTIL_MS)
            if operation.kind in _KINDS[kind]
        ]
        if len(meant) > 1:
            raise AmbiguousRetryError
        if not meant:
            # Its own reference each time: two such failures must not be one event in Saleor.
            reference = request.operation_id(f"empty:{kind}:{now}")
            return speak.action_refusal(kind, "no_content", psp_reference=reference, requested=None), ""
        return _told(tx, meant[0]), meant[0].id

    body, operation_id = await deps.store.write(unit)
    if operation_id:
        request.answered.add(operation_id)
    return body


def _told(tx: Tx, operation: Operation) -> bytes:
    row = operation if operation.final and operation.psp_reference else operations.tell(tx, operation.id)
    siblings = operations.of_transaction(tx, row.tenant_id, row.transaction_id)
    return speak.action_answer(row, siblings)
