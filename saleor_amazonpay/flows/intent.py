"""From what is asked for to a committed operation: the intent that stands in the ledger before Amazon is called.

Charge, refund and cancel come here, whether staff asked through Saleor or an order event did. One unit of work decides
over all operations of the transaction, books what has to be booked on the cap, and writes the row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from saleor_amazonpay.domain import holding
from saleor_amazonpay.domain.cap import month_in
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.domain.profile import ProfileState
from saleor_amazonpay.flows import reservation
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.directory import Snapshot
from saleor_amazonpay.flows.money_call import Call, parameters
from saleor_amazonpay.store import agreements, operations
from saleor_amazonpay.store.sql import Tx


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, with what its plan needs. `reference_id` is the new operation's."""

    amount: Money
    reason: str
    reference_id: str
    snapshot: Snapshot
    agreement_id: str  # what Amazon calls the payment's agreement by now


@dataclass(frozen=True, slots=True)
class Target:
    """What a request acts on, and the call it comes to."""

    kind: Kind
    parent: Operation
    call: Call


@dataclass(frozen=True, slots=True)
class Split:
    """One request that takes several calls: what each part acts on and how much, and how its call is made."""

    parts: tuple[tuple[Operation, Money], ...]
    make: Callable[[Operation, Money, str], Call]


# From the transaction's operations (oldest first) to a target, or to the code of why there is none.
Plan = Callable[[Asked, Sequence[Operation]], Target | Split | str]


@dataclass(frozen=True, slots=True)
class Intent:
    """What makes an operation this one and no other. `request_events` are Saleor's, comma separated; empty if none.

    `late`: too little time is left to call Amazon now, so that the sweep has to make the call, at once.
    """

    key: str
    reference_id: str
    transaction_id: str
    amount: Money
    request_events: str = ""
    late: bool = False


def agreement_id_of(tx: Tx, known: Sequence[Operation]) -> str:
    """What Amazon calls the agreement of a payment by now; empty if it has none."""
    agreement = agreements.by_id(tx, known[0].agreement_id) if known and known[0].agreement_id else None
    return agreement.amazon_id if agreement is not None else ""


def commit(tx: Tx, deps: Deps, snapshot: Snapshot, intent: Intent, target: Target) -> tuple[Operation, bool] | str:
    """Write the intent; the row that counts and whether it is new, or the code of why it cannot be.

    The caller holds the transaction's lock (`Tx.serialize`).
    """
    operation = made(deps, intent, target)
    profile = snapshot.profiles[operation.profile_id]
    if target.kind is Kind.CHARGE and profile.state is ProfileState.CLOSED:
        return "profile_closed"
    takeover = None
    if target.kind is Kind.CHARGE:  # the rest, collected on the agreement: a new attempt, which counts in its month
        known = operations.of_transaction(tx, operation.tenant_id, operation.transaction_id)
        takeover = holding.takeover(known, intent.amount.minor, month_in(profile, deps.clock()))
        operation = takeover.on(operation)
    if not operations.insert(tx, operation):
        found = operations.by_id(tx, operation.id)
        return (found, False) if found else "payment_in_progress"
    # After the insert, so that a node that lost the race for the same operation moves nothing.
    if takeover is not None and not reservation.take_over(tx, operation.profile_id, takeover):
        operations.discard(tx, operation.id)
        return "monthly_cap_reached"
    return operation, True


def made(deps: Deps, intent: Intent, target: Target) -> Operation:
    """The row of an intent, as it is before the call."""
    now, parent = deps.clock(), target.parent
    # A later operation uses the profile's present wire, which knows the ids of the one before (money.md §5).
    profile = deps.directory.known(parent.profile_id)
    return Operation.new(
        id=intent.reference_id,
        tenant_id=parent.tenant_id,
        op_key=intent.key,
        kind=target.kind,
        profile_id=parent.profile_id,
        wire=profile.wire if profile is not None else parent.wire,
        account=parent.account,
        transaction_id=intent.transaction_id,
        source_id=parent.source_id,
        agreement_id=parent.agreement_id,
        parent_id=parent.id,
        request_event_id=intent.request_events,
        amount=intent.amount,
        parameters=parameters(target.call),
        now=now,
        due_at=now if intent.late else now + int(deps.timing.call_deadline * 1000),
    )
