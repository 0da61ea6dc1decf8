"""TRANSACTION_CANCELATION_REQUESTED: release what Amazon still holds, and nothing else.

Amazon releases a reservation as a whole, and a capture under way may yet take it: less than the whole and a release
meanwhile are refused with Amazon untouched. A rest that Amazon does not reserve may be given up in parts. The buyer's
agreement stays open (money.md §5).
"""

from __future__ import annotations

from collections.abc import Sequence

from saleor_amazonpay.domain.balance import balance, granted, open_authorizations
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.flows import action
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.intent import Asked, Target
from saleor_amazonpay.flows.money_call import ReleaseCall
from saleor_amazonpay.flows.request import Request
from saleor_amazonpay.saleor.payloads import ActionRequest

_REASON = 255


async def cancel(deps: Deps, request: Request, asked: ActionRequest) -> bytes:
    """The answer to a cancel. Raises StoreUnavailableError."""
    return await action.run(deps, request, asked, plan)


def plan(asked: Asked, known: Sequence[Operation]) -> Target | str:
    """What a cancel comes to."""
    present = balance(known)
    session = granted(known)
    if present.busy:
        return "capture_pending"
    if session is None or present.authorized == 0:
        return "nothing_to_cancel"
    held = open_authorizations(known)
    if asked.amount.minor > present.authorized:
        return "cancel_too_much"
    if held and asked.amount.minor < present.authorized:
        return "cancel_partly"
    # Without a reservation at Amazon the rest is released in our books alone: nobody will collect it any more.
    ids = [reservation.object_id for reservation in held] or [""]
    reason = asked.reason or "released by the shop"
    return Target(Kind.CANCEL, session, ReleaseCall(ids[-1], reason[:_REASON], tuple(ids[:-1])))
