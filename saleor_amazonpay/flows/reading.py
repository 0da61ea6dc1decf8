"""Read the object of an operation at Amazon again: the judge of every doubt. Only looks, moves nothing."""

from __future__ import annotations

from saleor_amazonpay.domain.agreement import ENDED
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.domain.outcome import Outcome
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.store import agreement_limits, agreements
from saleor_amazonpay.store.agreements import Agreement
from saleor_amazonpay.store.sql import Tx


async def read_again(deps: Deps, operation: Operation, object_id: str = "", subject: str = "") -> Outcome | None:
    """What Amazon says of an operation's object now; None if no object is known. Raises AmazonError.

    `object_id` and `subject` are what a notice named, for an operation whose own answer was lost: a charge has an
    authorization and a capture, and either may be the only one we hear of.
    """
    found = operation.object_id or object_id
    if not found:
        return None
    profile = (await deps.directory.current()).profiles[operation.profile_id]
    account = await deps.directory.account(profile)
    # Looking needs no wire of its own: the present one knows the ids of the one before, which may be gone.
    wire = deps.wires[profile.wire]
    if operation.kind is Kind.REFUND:
        return await wire.read_refund(account, found)
    only_captured = operation.kind is Kind.CHARGE and not operation.object_id and subject == "capture"
    if operation.kind is Kind.CAPTURE or only_captured:
        return await wire.read_capture(account, found)
    if operation.kind in {Kind.AUTHORIZE, Kind.CHARGE}:
        return await wire.read_authorization(account, found, capture_now=operation.kind is Kind.CHARGE)
    return None


async def refresh(deps: Deps, agreement: Agreement) -> Agreement:
    """An agreement as Amazon has it now, noted in the ledger. Raises AmazonError.

    One that has ended is not asked about: it stays so. One that Amazon does not know is left as it was.
    """
    if agreement.state in ENDED:
        return agreement
    profile = (await deps.directory.current()).profiles[agreement.profile_id]
    account = await deps.directory.account(profile)
    view = await deps.wires[profile.wire].read_agreement(account, agreement.amazon_id, purchase_id=agreement.one_time)
    if view is None:
        return agreement
    now = deps.clock()

    def unit(tx: Tx) -> Agreement:
        agreements.update(tx, agreement.id, view.state, view.reason, now)
        agreement_limits.read(tx, agreement.id, view.limit, now)
        return agreements.by_id(tx, agreement.id) or agreement

    return await deps.store.write(unit)
