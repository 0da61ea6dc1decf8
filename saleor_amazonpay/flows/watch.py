"""Agreements on which a shop may still collect are read once a day, and at once when one may have ended.

Amazon's notices say so, too, but a lost one must not leave a rest in Saleor that nobody can ever collect. What ended is
followed to its end: reservations that Amazon has closed with it are noted as gone, what nothing reserves is given up.
"""

from __future__ import annotations

from collections.abc import Sequence

from saleor_amazonpay.domain.agreement import ENDED, AgreementState
from saleor_amazonpay.domain.balance import balance, open_authorizations
from saleor_amazonpay.domain.errors import AmazonError
from saleor_amazonpay.domain.operation import Operation
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.each import drain
from saleor_amazonpay.flows.lapse import look_for_lapse
from saleor_amazonpay.flows.ledger import DAY_MS, give_up_rest
from saleor_amazonpay.flows.reading import refresh
from saleor_amazonpay.store import agreements, operations
from saleor_amazonpay.store.agreements import Agreement
from saleor_amazonpay.store.sql import Tx

_SOON_MS = 600_000


async def watch_agreements(deps: Deps) -> int:
    """Read what is due; returns how many were. Raises StoreUnavailableError."""

    def claim(tx: Tx, agreement: Agreement, again_at: int) -> bool:
        return agreements.claim_check(tx, agreement, deps.clock(), again_at)

    return await drain(
        deps, agreements.to_check, claim, lambda row: _look(deps, row), lambda row: _next(deps, row, _SOON_MS)
    )


async def _look(deps: Deps, known: Agreement) -> None:
    try:
        agreement = await refresh(deps, known)
        for payment in await _payments(deps, known):
            for reservation in open_authorizations(payment):
                await look_for_lapse(deps, reservation)
    except AmazonError as error:
        deps.log.warning("agreement not read", agreement=known.id, amazon_code=error.code)
        await _next(deps, known, _SOON_MS)
        return
    if agreement.state in ENDED:
        for payment in await _payments(deps, known):
            await _give_up(deps, payment[0])
    await _next(deps, known, _wait(agreement, await _payments(deps, known)))


async def _give_up(deps: Deps, one: Operation) -> None:
    await deps.store.write(lambda tx: give_up_rest(tx, deps, one))


async def _payments(deps: Deps, agreement: Agreement) -> list[list[Operation]]:
    """The operations on an agreement, by transaction."""
    by_transaction: dict[str, list[Operation]] = {}
    for operation in await deps.store.read(lambda tx: operations.of_agreement(tx, agreement.id)):
        by_transaction.setdefault(operation.transaction_id, []).append(operation)
    return list(by_transaction.values())


def _wait(agreement: Agreement, payments: Sequence[Sequence[Operation]]) -> int:
    """Milliseconds until the agreement is read again; 0 once nothing can be collected on it any more."""
    open_ends = any(balance(payment).authorized or balance(payment).busy for payment in payments)
    if not open_ends:
        return 0
    # Canceled takes the reservations along. Amazon may need a moment for that.
    return _SOON_MS if agreement.state is AgreementState.CANCELED else DAY_MS


async def _next(deps: Deps, agreement: Agreement, wait: int) -> None:
    now = deps.clock()
    await deps.store.write(lambda tx: agreements.checked(tx, agreement.id, now, now + wait if wait else 0))
