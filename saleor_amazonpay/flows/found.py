"""Money that moved without a call of ours, found when a call of ours ran into it.

Its identity is Amazon's object: whoever else finds it, on whichever node, finds it booked.
"""

from __future__ import annotations

from saleor_amazonpay.domain.operation import Kind, Operation, Phase, reference_id
from saleor_amazonpay.domain.outcome import Effect, Outcome, Verdict
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.ledger import add_reports, settle
from saleor_amazonpay.store import operations
from saleor_amazonpay.store.sql import Tx


def book_capture(tx: Tx, deps: Deps, release: Operation, found: Outcome) -> None:
    """Book and report the capture that a release ran into: `found` is the authorization as it is at Amazon."""
    if not found.settled_id or operations.on_account(tx, release.account, found.settled_id, ""):
        return
    siblings = operations.of_transaction(tx, release.tenant_id, release.transaction_id)
    reservation = next((one for one in siblings if one.object_id == found.object_id and one.reserved), None)
    if reservation is None:
        return
    now, key = deps.clock(), f"found:{found.settled_id}"
    capture = Operation.new(
        id=reference_id(release.account, key),
        tenant_id=release.tenant_id,
        op_key=key,
        kind=Kind.CAPTURE,
        profile_id=release.profile_id,
        wire=release.wire,
        account=release.account,
        transaction_id=release.transaction_id,
        source_id=release.source_id,
        agreement_id=release.agreement_id,
        parent_id=reservation.id,
        amount=found.amount or reservation.money,
        parameters="{}",
        now=now,
        due_at=0,
    )
    if not operations.insert(tx, capture):
        return
    taken = Outcome(
        Verdict(Phase.DONE, "ok", effect=Effect.CAPTURED),
        object_id=found.settled_id,
        settled_id=found.settled_id,
        order_reference=found.order_reference,
        state=found.state,
        reason=found.reason,
    )
    row = settle(tx, deps, capture, taken)
    add_reports(tx, row, now, now + int(deps.timing.report_delay * 1000))
    operations.reported(tx, row.id)
