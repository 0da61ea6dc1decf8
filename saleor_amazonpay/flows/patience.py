"""Amazon could not decide while the buyer waited: ask again at once, and let it take its time.

`TransactionTimedOut` is a definite decline that moved nothing, so what follows is a new attempt with a new reference
id; it is committed in the transaction that wrote the decline. Saleor is answered `*_REQUEST`, and hears the result
when Amazon has decided (money.md §3).
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from saleor_amazonpay.amazon.port import AuthorizeCall
from saleor_amazonpay.domain.cap import month_in
from saleor_amazonpay.domain.operation import Operation, Phase, reference_id
from saleor_amazonpay.domain.outcome import Retry
from saleor_amazonpay.flows.deps import MAX_ATTEMPTS, Deps
from saleor_amazonpay.flows.ledger import is_session
from saleor_amazonpay.store import caps, operations, profiles, tenants
from saleor_amazonpay.store.sql import Tx


def next_attempt(
    tx: Tx, deps: Deps, declined: Operation, call: AuthorizeCall
) -> tuple[Operation, AuthorizeCall] | None:
    """Commit the asynchronous attempt that follows a timed-out one; None if none may follow."""
    wanted = declined.phase is Phase.REPAIRABLE and declined.retry == Retry.ASYNCHRONOUSLY and call.synchronous
    if not wanted or not is_session(declined) or declined.told or declined.attempt >= MAX_ATTEMPTS:
        return None
    tenant = tenants.by_id(tx, deps.store.sealer, declined.tenant_id)
    profile = profiles.by_id(tx, declined.profile_id)
    if tenant is None or profile is None:
        return None
    now, attempt = deps.clock(), declined.attempt + 1
    key = f"session:{declined.transaction_id}:{attempt}"
    reference = reference_id(tenant.api_url, key)
    month = month_in(profile, now)
    if not caps.reserve(tx, profile.id, month, declined.amount):
        return None
    again = replace(call, reference_id=reference, order_name=reference, synchronous=False, simulation="")
    operation = Operation.new(
        id=reference,
        tenant_id=declined.tenant_id,
        op_key=key,
        kind=declined.kind,
        profile_id=declined.profile_id,
        wire=profile.wire,  # the present one: it may have moved while the first attempt was out
        account=declined.account,
        transaction_id=declined.transaction_id,
        source_id=declined.source_id,
        agreement_id=declined.agreement_id,
        attempt=attempt,
        amount=declined.money,
        parameters=msgspec.json.encode(again).decode(),
        buyer_waits=declined.buyer_waits,
        unresolved=True,
        cap_month=month,
        cap_booked=declined.amount,
        now=now,
        due_at=now + int(deps.timing.call_deadline * 1000),
    )
    operation = replace(operation, synchronous=False)
    if operations.insert(tx, operation):
        return operation, again
    caps.withdraw(tx, profile.id, month, declined.amount)  # somebody else has begun it
    return None
