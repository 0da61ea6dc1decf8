"""TRANSACTION_CHARGE_REQUESTED: take money that Amazon holds for the shop.

Both wires capture an authorization once. The capture never exceeds the rest that Saleor shows as authorized.
"""

from __future__ import annotations

from collections.abc import Sequence

from saleor_amazonpay.amazon.port import CaptureCall
from saleor_amazonpay.domain.balance import balance, open_authorization
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.flows import action
from saleor_amazonpay.flows.action import Asked, Target
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.request import Request
from saleor_amazonpay.saleor.payloads import ActionRequest


async def charge(deps: Deps, request: Request, asked: ActionRequest) -> bytes:
    """The answer to a charge. Raises StoreUnavailableError."""
    return await action.run(deps, request, asked, _plan)


def _plan(asked: Asked, known: Sequence[Operation]) -> Target | str:
    present = balance(known)
    if present.busy:
        return "payment_in_progress"
    if present.authorized == 0:
        return "nothing_to_charge"
    if asked.amount.minor > present.authorized:
        return "charge_too_much"
    held = open_authorization(known)
    if held is None:
        return "not_chargeable"
    profile = asked.snapshot.profiles[held.profile_id]
    call = CaptureCall(
        authorization_id=held.object_id,
        reference_id=asked.reference_id,
        amount=asked.amount,
        descriptor=profile.descriptor,
    )
    return Target(Kind.CAPTURE, held, call)
