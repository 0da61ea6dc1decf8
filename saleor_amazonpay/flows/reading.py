"""Read the object of an operation at Amazon again: the judge of every doubt. Only looks, moves nothing."""

from __future__ import annotations

from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.domain.outcome import Outcome
from saleor_amazonpay.flows.deps import Deps


async def read_again(deps: Deps, operation: Operation, object_id: str = "", subject: str = "") -> Outcome | None:
    """What Amazon says of an operation's object now; None if no object is known. Raises AmazonError.

    `object_id` and `subject` are what a notice named, for an operation whose own answer was lost: a charge has an
    authorization and a capture, and either may be the only one we hear of.
    """
    found = operation.object_id or object_id
    if not operation.object_id and operation.kind is Kind.CHARGE and subject == "capture":
        return await _read_capture(deps, operation, found)
    if not found:
        return None
    snapshot = await deps.directory.current()
    account = await deps.directory.account(snapshot.profiles[operation.profile_id])
    wire = deps.wires[operation.wire]
    if operation.kind is Kind.REFUND:
        return await wire.read_refund(account, found)
    if operation.kind is Kind.CAPTURE:
        return await wire.read_capture(account, found)
    if operation.kind in {Kind.AUTHORIZE, Kind.CHARGE}:
        return await wire.read_authorization(account, found, capture_now=operation.kind is Kind.CHARGE)
    return None


async def _read_capture(deps: Deps, operation: Operation, capture_id: str) -> Outcome:
    snapshot = await deps.directory.current()
    account = await deps.directory.account(snapshot.profiles[operation.profile_id])
    return await deps.wires[operation.wire].read_capture(account, capture_id)
