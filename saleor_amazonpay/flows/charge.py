"""TRANSACTION_CHARGE_REQUESTED: take money that Amazon holds for the shop.

Both wires capture an authorization once. What Saleor shows as authorized after that, or after Amazon's reservation
has lapsed, is what the buyer agreed to and may still be collected without the buyer (money.md §5): on the agreement,
authorized and captured in one call, and never above the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from saleor_amazonpay.amazon.port import AuthorizeCall, CaptureCall
from saleor_amazonpay.domain.balance import balance, granted, open_authorization
from saleor_amazonpay.domain.holding import standing
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.flows import action
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.intent import Asked, Target
from saleor_amazonpay.flows.money_call import stored_call
from saleor_amazonpay.flows.request import Request
from saleor_amazonpay.saleor.payloads import ActionRequest


async def charge(deps: Deps, request: Request, asked: ActionRequest) -> bytes:
    """The answer to a charge. Raises StoreUnavailableError."""
    return await action.run(deps, request, asked, plan)


def plan(asked: Asked, known: Sequence[Operation]) -> Target | str:
    """What a charge comes to."""
    present = balance(known)
    session = granted(known)
    if present.busy:
        return "payment_in_progress"
    if present.authorized == 0 or session is None:
        return "nothing_to_charge"
    if asked.amount.minor > present.authorized:
        return "charge_too_much"
    held = open_authorization(known)
    if held is None or asked.amount.minor > min(held.amount, standing(held, known)):
        return _collect(asked, session)
    profile = asked.snapshot.profiles[held.profile_id]
    call = CaptureCall(
        authorization_id=held.object_id,
        reference_id=asked.reference_id,
        amount=asked.amount,
        descriptor=profile.descriptor,
    )
    return Target(Kind.CAPTURE, held, call)


def _collect(asked: Asked, session: Operation) -> Target | str:
    """Amazon no longer reserves the rest: authorize and take it in one call, on the agreement it was granted on."""
    agreed = stored_call(session)
    if not isinstance(agreed, AuthorizeCall):
        return "not_chargeable"
    reference = asked.reference_id
    call = replace(
        agreed, reference_id=reference, order_name=reference, amount=asked.amount, capture_now=True, simulation=""
    )
    if asked.agreement_id != agreed.agreement_id:
        # What was paid with then has become an agreement since; that is what can be charged again.
        call = replace(call, agreement_id=asked.agreement_id, purchase_id="", synchronous=True)
    return Target(Kind.CHARGE, session, call)
