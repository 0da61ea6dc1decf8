"""TRANSACTION_CANCELATION_REQUESTED: release what Amazon still holds, and nothing else.

Amazon releases a reservation as a whole, and a capture under way may yet take it: both are refused with Amazon
untouched. The buyer's agreement stays open (money.md §5).
"""

from __future__ import annotations

from collections.abc import Sequence

from saleor_amazonpay.domain.balance import balance, granted, open_authorization
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.flows import action
from saleor_amazonpay.flows.action import Asked, Target
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.money_call import ReleaseCall
from saleor_amazonpay.flows.request import Request
from saleor_amazonpay.saleor.payloads import ActionRequest

_REASON = 255


async def cancel(deps: Deps, request: Request, asked: ActionRequest) -> bytes:
    """The answer to a cancel. Raises StoreUnavailableError."""
    return await action.run(deps, request, asked, _plan)


def _plan(asked: Asked, known: Sequence[Operation]) -> Target | str:
    present = balance(known)
    session = granted(known)
    if present.busy:
        return "capture_pending"
    if session is None or present.authorized == 0:
        return "nothing_to_cancel"
    if asked.amount.minor != present.authorized:
        return "cancel_partly"
    held = open_authorization(known)
    reason = asked.request.reason or "released by the shop"
    # Without a reservation at Amazon the rest is released in our books alone: nobody will collect it any more.
    call = ReleaseCall(authorization_id=held.object_id if held else "", reason=reason[:_REASON])
    return Target(Kind.CANCEL, session, call)
