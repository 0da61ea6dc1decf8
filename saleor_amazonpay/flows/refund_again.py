"""Amazon could not process a refund: the same is asked for again, three times in all (money.md §5).

`ProcessingFailure` is a definite decline that moved nothing, so what follows is a new attempt under a new reference
id, committed in the transaction that wrote the decline. The refund that was asked for becomes a whole that its
attempts carry out, so that Saleor hears of it once, under the reference it knows: when an attempt has succeeded, or
the last one has failed. The process may die anywhere: an attempt is an intent like every other, and the sweep makes
its call.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from saleor_amazonpay.amazon.port import RefundCall
from saleor_amazonpay.domain.operation import FAILED, Kind, Operation, Phase, reference_id
from saleor_amazonpay.domain.outcome import Outcome, Retry
from saleor_amazonpay.flows.deps import MAX_ATTEMPTS, Deps
from saleor_amazonpay.store import operations, profiles
from saleor_amazonpay.store.sql import Tx

# Before the second attempt, and before the third.
_PAUSES_MS = (60_000, 600_000)


def may_follow(operation: Operation, outcome: Outcome) -> bool:
    """Whether another attempt follows this outcome of a refund."""
    again = outcome.phase in FAILED and outcome.verdict.retry is Retry.AFTER_PAUSE
    return operation.kind is Kind.REFUND and again and operation.attempt < MAX_ATTEMPTS and operation.parameters != "{}"


def next_refund(tx: Tx, deps: Deps, failed: Operation) -> None:
    """Commit the attempt after a failed part of a whole."""
    now, attempt = deps.clock(), failed.attempt + 1
    key = f"{failed.op_key}~{attempt}"
    reference = reference_id(failed.group_id, key)  # the whole's id is a hash over the tenant already
    call = msgspec.json.decode(failed.parameters, type=RefundCall)
    profile = profiles.by_id(tx, failed.profile_id)
    again = Operation.new(
        id=reference,
        tenant_id=failed.tenant_id,
        op_key=key,
        kind=Kind.REFUND,
        profile_id=failed.profile_id,
        wire=profile.wire if profile is not None else failed.wire,
        account=failed.account,
        transaction_id=failed.transaction_id,
        source_id=failed.source_id,
        agreement_id=failed.agreement_id,
        parent_id=failed.parent_id,
        group_id=failed.group_id,
        attempt=attempt,
        amount=failed.money,
        parameters=msgspec.json.encode(replace(call, reference_id=reference)).decode(),
        now=now,
        due_at=now + _PAUSES_MS[failed.attempt - 1],
    )
    operations.insert(tx, again)


def becomes_whole(tx: Tx, deps: Deps, refund: Operation, outcome: Outcome, look_at: int) -> bool:
    """Turn a refund whose first attempt failed into a whole with that attempt as its first part, and commit the second.

    False if it is decided already. `look_at` (ms) is when the sweep looks at the whole again.
    """
    now, verdict = deps.clock(), outcome.verdict
    if not operations.becomes_whole(tx, refund.id, look_at, now):
        return False
    first = replace(
        refund,
        id=reference_id(refund.id, refund.op_key),
        op_key=f"{refund.op_key}~1",
        phase=Phase.DECLINED,
        group_id=refund.id,
        request_event_id="",
        object_id=outcome.object_id or refund.object_id,
        order_reference=outcome.order_reference or refund.order_reference,
        code=verdict.code,
        retry=verdict.retry.value,
        effect=verdict.effect.value,
        state=outcome.state,
        reason=outcome.reason,
        message=outcome.message[:500],
        told="",
        updated_at=now,
        due_at=0,
    )
    operations.enter(tx, first)
    next_refund(tx, deps, first)
    return True
