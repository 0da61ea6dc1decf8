"""TRANSACTION_INITIALIZE_SESSION: a buyer, or a listed app without the buyer, begins to pay.

Saleor's idempotency key adds nothing here: the same key is the same transaction. INITIALIZE makes the first attempt,
or joins what the transaction already has; it never starts another one (money.md §1).
"""

from __future__ import annotations

from collections.abc import Sequence

from saleor_amazonpay.domain.operation import Operation
from saleor_amazonpay.flows import session
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.request import Request
from saleor_amazonpay.saleor.payloads import SessionRequest


async def initialize(deps: Deps, request: Request, asked: SessionRequest) -> bytes:
    """The answer to an INITIALIZE. Raises StoreUnavailableError."""
    return await session.run(deps, request, asked, _first)


def _first(attempts: Sequence[Operation], _named: int | None) -> Operation | int:
    return attempts[-1] if attempts else 1
