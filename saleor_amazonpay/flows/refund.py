"""TRANSACTION_REFUND_REQUESTED: give money back, from the newest capture that can carry all of it, else from several.

A refund that no single capture can carry is split over them, newest first; Saleor hears of it once, when all parts are
decided: the sum that succeeded, which may be less than was asked for, or a failure if none did. Never more than was
taken and not yet given back of a capture, although Amazon allows 15 % above (money.md §5).
"""

from __future__ import annotations

from collections.abc import Sequence

from saleor_amazonpay.amazon.port import RefundCall
from saleor_amazonpay.domain.balance import captures, refundable
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.flows import action
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.intent import Asked, Split, Target
from saleor_amazonpay.flows.request import Request
from saleor_amazonpay.saleor.payloads import ActionRequest

_NOTE = 255  # characters Amazon takes for the note the buyer reads


async def refund(deps: Deps, request: Request, asked: ActionRequest) -> bytes:
    """The answer to a refund; pending at first, since Amazon decides later. Raises StoreUnavailableError."""
    return await action.run(deps, request, asked, _plan)


def _plan(asked: Asked, known: Sequence[Operation]) -> Target | Split | str:
    left = [(capture, refundable(capture, known)) for capture in captures(known)]
    total = sum(amount for _, amount in left)
    if total == 0:
        return "nothing_to_refund"
    if asked.amount.minor > total:
        return "refund_too_much"
    whole = next((capture for capture, amount in left if amount >= asked.amount.minor), None)
    if whole is not None:
        return Target(Kind.REFUND, whole, _call(asked, whole, asked.amount, asked.reference_id))
    parts: list[tuple[Operation, Money]] = []
    missing = asked.amount.minor
    for capture, amount in left:
        taken = min(amount, missing)
        if taken:
            parts.append((capture, Money(taken, asked.amount.currency)))
            missing -= taken
    return Split(tuple(parts), lambda capture, amount, reference: _call(asked, capture, amount, reference))


def _call(asked: Asked, capture: Operation, amount: Money, reference_id: str) -> RefundCall:
    profile = asked.snapshot.profiles[capture.profile_id]
    return RefundCall(
        capture_id=capture.settled_id or capture.object_id,
        reference_id=reference_id,
        amount=amount,
        note=asked.reason[:_NOTE],
        descriptor=profile.descriptor,
    )
