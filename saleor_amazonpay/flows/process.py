"""TRANSACTION_PROCESS_SESSION: the buyer has done the next step, or pays again after a decline that can be mended.

PROCESS carries no key, and its body differs at every click. What tells one attempt from the next is the ledger: an
open attempt is joined, a new one is begun only after the last was definitely declined and can be repaired; an attempt
that the storefront names (`data.attempt`) and that exists is the one it gets (money.md §1, §3).
"""

from __future__ import annotations

from collections.abc import Sequence

from saleor_amazonpay.domain.operation import Operation
from saleor_amazonpay.flows import session
from saleor_amazonpay.flows.conclude import may_repair
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.request import Request
from saleor_amazonpay.saleor.payloads import SessionRequest


async def process(deps: Deps, request: Request, asked: SessionRequest) -> bytes:
    """The answer to a PROCESS. Raises StoreUnavailableError."""

    def choose(attempts: Sequence[Operation], named: int | None) -> Operation | int:
        if not attempts:
            return 1
        if named is not None and named <= attempts[-1].attempt:
            return next(attempt for attempt in reversed(attempts) if attempt.attempt <= named)
        return attempts[-1].attempt + 1 if may_repair(attempts[-1], deps) else attempts[-1]

    return await session.run(deps, request, asked, choose)
