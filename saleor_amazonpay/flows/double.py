"""A charge that turned up late, and a buyer who paid otherwise meanwhile: staff is offered the refund (money.md §2)."""

from __future__ import annotations

from saleor_amazonpay.domain.errors import SaleorError
from saleor_amazonpay.domain.operation import Operation
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.problems import raise_problem
from saleor_amazonpay.flows.seen import seen_in_saleor
from saleor_amazonpay.store.sql import Tx


async def still_missing(deps: Deps, operation: Operation, *, untold: bool = False) -> bool | None:
    """Whether Saleor shows that nothing else pays for what an operation was to pay; None if it cannot be asked now.

    `untold` is what counts where Saleor refuses to tell: nothing is made in a buyer's back without its word.
    """
    try:
        view = await seen_in_saleor(deps, operation)
    except SaleorError:
        return None
    if view is None or view.coverage is None:
        return untold
    return view.coverage.missing >= operation.money.decimal


def paid_twice(tx: Tx, deps: Deps, operation: Operation, amazon_id: str) -> None:
    """Let staff know of a purchase that Amazon Pay and something else paid for."""
    text = (
        f"A purchase seems to be paid twice: Amazon took {operation.money} ({amazon_id}) on the Saleor transaction "
        f"{operation.transaction_id} later than the buyer waited for, and another payment covers the purchase. "
        "Refund this transaction in Saleor if that is so."
    )
    raise_problem(tx, deps, operation.tenant_id, f"paid_twice:{operation.id}", text, critical=True)
