"""TRANSACTION_REFUND_REQUESTED: give money back, from the newest capture that can carry all of it.

Never more than was taken and not yet given back of that capture, although Amazon allows 15 % above (money.md §5).
"""

from __future__ import annotations

from collections.abc import Sequence

from saleor_amazonpay.amazon.port import RefundCall
from saleor_amazonpay.domain.balance import balance, captures, refundable
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.flows import action
from saleor_amazonpay.flows.action import Asked, Target
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.request import Request
from saleor_amazonpay.saleor.payloads import ActionRequest

_NOTE = 255  # characters Amazon takes for the note the buyer reads


async def refund(deps: Deps, request: Request, asked: ActionRequest) -> bytes:
    """The answer to a refund; pending at first, since Amazon decides later. Raises StoreUnavailableError."""
    return await action.run(deps, request, asked, _plan)


def _plan(asked: Asked, known: Sequence[Operation]) -> Target | str:
    if balance(known).refundable == 0:
        return "nothing_to_refund"
    carrying = (capture for capture in captures(known) if refundable(capture, known) >= asked.amount.minor)
    capture = next(carrying, None)
    if capture is None:
        return "refund_too_much"
    profile = asked.snapshot.profiles[capture.profile_id]
    call = RefundCall(
        capture_id=capture.settled_id or capture.object_id,
        reference_id=asked.reference_id,
        amount=asked.amount,
        note=asked.request.reason[:_NOTE],
        descriptor=profile.descriptor,
    )
    return Target(Kind.REFUND, capture, call)
