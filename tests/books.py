"""Three books of every payment: Saleor's, Amazon's and the ledger's, equal to the cent or not."""

from __future__ import annotations

from saleor_amazonpay.cli.books import UNKNOWN, compare
from saleor_amazonpay.domain.balance import balance
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.simulator.amazon import AmazonWorld
from saleor_amazonpay.simulator.shop import Shop
from saleor_amazonpay.store import operations


async def books_agree(saleor: Shop, amazon: AmazonWorld, deps: Deps, *, foreign: bool = False) -> int:
    """Hold the three against each other; returns how many payments there are.

    `foreign`: the merchant account has payments of another system, which neither Saleor nor the ledger knows.
    """
    lines = [line for line in compare(saleor, amazon) if not (foreign and line.transaction_id == UNKNOWN)]
    tenant = await deps.directory.tenant(saleor.api_url)
    assert tenant is not None
    for line in lines:
        # What nobody in Saleor asked for stands in the ledger alone, without a transaction.
        stranger = line.transaction_id == UNKNOWN
        known = line.amazon if stranger else line.saleor
        assert known == line.amazon, line
        key = "" if stranger else line.transaction_id
        rows = await deps.store.read(lambda tx, key=key: operations.of_transaction(tx, tenant.id, key))  # type: ignore[misc]
        present = balance(rows)
        open_refunds = sum(row.amount for row in rows if row.kind == "refund" and row.parent_id and not row.failed)
        ours = (present.authorized, present.captured - open_refunds - present.charged_back)
        assert ours == (int(known.authorized * 100), int(known.charged * 100)), line
    return len(lines)
