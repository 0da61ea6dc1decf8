"""One-time purchases are closed with their last operation, once everything on them is final (money.md §5).

The buyer agreed to one purchase, so nothing must stay behind that could be charged: not after the money was taken or
released, and not after a decline that nobody repaired. Closing moves no money and takes back none; it may be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from saleor_amazonpay.domain.agreement import ENDED, AgreementState
from saleor_amazonpay.domain.balance import balance
from saleor_amazonpay.domain.errors import AmazonError, RefusedError
from saleor_amazonpay.domain.operation import Operation, Phase
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.each import drain
from saleor_amazonpay.flows.prepare import DRAFT_LIFE_MS
from saleor_amazonpay.store import agreements, operations
from saleor_amazonpay.store.agreements import Agreement
from saleor_amazonpay.store.sql import Tx

_LOOK_AGAIN_MS = 600_000
_REST_MS = 24 * 3600 * 1000  # a capture or release of the rest makes it due at once
_REASON = "the purchase is complete"


async def close_purchases(deps: Deps) -> int:
    """Close what is over; returns how many were looked at. Raises StoreUnavailableError."""

    def claim(tx: Tx, agreement: Agreement, again_at: int) -> bool:
        return agreements.claim(tx, agreement, deps.clock(), again_at)

    return await drain(
        deps, agreements.due, claim, lambda row: _look(deps, row), lambda row: _later(deps, row, _LOOK_AGAIN_MS)
    )


async def _look(deps: Deps, agreement: Agreement) -> None:
    known = await deps.store.read(lambda tx: operations.of_agreement(tx, agreement.id))
    # What has ended, or was never confirmed and so ends by itself, needs nothing.
    state: AgreementState | None = agreement.state
    if state is not AgreementState.DRAFT and state not in ENDED:
        wait = still_open(known, deps.clock())
        state = None if wait else await _close(deps, agreement)
        if state is None:
            await _later(deps, agreement, wait or _LOOK_AGAIN_MS)
            return
    found = state or agreement.state

    def unit(tx: Tx) -> None:
        agreements.update(tx, agreement.id, found, agreement.reason, deps.clock())
        agreements.look_at(tx, agreement.id, 0)

    await deps.store.write(unit)


def still_open(known: Sequence[Operation], now: int) -> int:
    """Milliseconds until a purchase should be looked at again; 0 if it is over.

    Args:
        known: every operation on its agreement.
        now: milliseconds UTC.
    """
    if not all(operation.final for operation in known):
        return _LOOK_AGAIN_MS
    by_transaction = groupby(
        sorted(known, key=lambda one: (one.transaction_id, one.created_at, one.attempt, one.id)),
        key=lambda one: one.transaction_id,
    )
    if any(balance(list(operations_)).authorized for _, operations_ in by_transaction):
        return _REST_MS
    if any(operation.phase is Phase.DONE for operation in known):
        return 0
    # Only declines: as long as Amazon keeps a draft, the buyer may mend it or begin a new transaction on it.
    newest = max((operation.updated_at for operation in known), default=0)
    return max(0, newest + DRAFT_LIFE_MS - now)


async def _close(deps: Deps, agreement: Agreement) -> AgreementState | None:
    """Where it stands afterwards; None if that is not known yet."""
    profile = (await deps.directory.current()).profiles[agreement.profile_id]
    account = await deps.directory.account(profile)
    wire, patience = deps.wires[profile.wire], deps.timing.patience
    try:
        view = await wire.close(account, agreement.amazon_id, _REASON, patience, purchase_id=agreement.purchase_id)
    except AmazonError as error:
        deps.log.warning("purchase not closed", agreement=agreement.id, amazon_code=error.code)
        return agreement.state if type(error) is RefusedError else None
    return view.state


async def _later(deps: Deps, agreement: Agreement, wait_ms: int) -> None:
    await deps.store.write(lambda tx: agreements.look_at(tx, agreement.id, deps.clock() + wait_ms))
