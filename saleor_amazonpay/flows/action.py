"""What charge, refund and cancel have in common: staff or an app asked, and the answer is due within the budget.

The way: claim the bytes, find out which operation this request is, plan it, commit it (one unit) → call Amazon →
write the outcome and the answer (one unit) → answer, or answer "pending" and report later. What was asked for by
staff or an app is always finished, also after a crash.

Which operation a request is (money.md §1): its key is the newest request event of that kind and amount that Saleor
has no psp reference for. If Saleor never got the answer of an earlier operation of the same kind and amount, and that
one has not definitely failed, then this request is that operation: otherwise a lost answer, and staff who press
again, would be a second refund.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from saleor_amazonpay.domain.money import InvalidMoneyError, Money
from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.flows import speak
from saleor_amazonpay.flows.adopt import UNKNOWN, adopt
from saleor_amazonpay.flows.conclude import conclude_action
from saleor_amazonpay.flows.deps import Deps, Settled
from saleor_amazonpay.flows.directory import Snapshot
from saleor_amazonpay.flows.intent import Asked, Intent, Plan, Split, Target, agreement_id_of, commit, made
from saleor_amazonpay.flows.ledger import reverse_refund
from saleor_amazonpay.flows.money_call import Call, perform
from saleor_amazonpay.flows.request import Request, answer_of_copy
from saleor_amazonpay.flows.simulate import played
from saleor_amazonpay.saleor.payloads import ActionRequest, EventView
from saleor_amazonpay.store import operations
from saleor_amazonpay.store.sql import Tx

NOTHING_LEFT = {"charge": "nothing_to_charge", "refund": "nothing_to_refund", "cancel": "nothing_to_cancel"}


@dataclass(frozen=True, slots=True)
class _Begun:
    operation: Operation
    calls: tuple[tuple[Operation, Call], ...]


async def run(deps: Deps, request: Request, asked: ActionRequest, plan: Plan) -> bytes:
    """Answer an action event. Raises StoreUnavailableError."""
    try:
        amount = Money.parse(asked.amount, asked.currency)
    except InvalidMoneyError:
        return await _refuse(deps, request, asked, "amount_invalid", None)
    snapshot = await deps.directory.current()

    def look(tx: Tx, claimed: bytes | bool, adopted: str | None = None) -> Operation | _Begun | bytes | str | None:
        if not isinstance(claimed, bool):
            return claimed
        return _decide(deps, request, asked, amount, snapshot, plan, adopted, tx) if claimed else None

    found = await deps.store.write(lambda tx: look(tx, request.claim(tx, deps.clock())))
    if found is None:
        found = await answer_of_copy(deps, request)
        if found is None:  # the copy's node is gone or slow: what the ledger knows is the answer
            found = await deps.store.write(lambda tx: look(tx, True))
    if isinstance(found, str):
        adopted = await adopt(deps, request, asked)
        found = await deps.store.write(lambda tx: look(tx, True, adopted))
    if isinstance(found, bytes | str) or found is None:
        return found if isinstance(found, bytes) else await _refuse(deps, request, asked, "internal", amount)
    operation = found.operation if isinstance(found, _Begun) else found
    profile = snapshot.profiles[operation.profile_id]
    conclude = conclude_action(deps, request, profile)
    late = isinstance(found, _Begun) and _late(deps, request)
    if isinstance(found, _Begun) and not late:
        whole = found.calls[0][0].id == operation.id
        work = (
            perform(deps, operation, found.calls[0][1], conclude.unit) if whole else _one_by_one(deps, operation, found)
        )
        deps.running.start(operation.id, work, request.digest.hex() if whole else "")
    return await conclude.within_budget(operation, wait=not late)


def _decide(
    deps: Deps,
    request: Request,
    asked: ActionRequest,
    amount: Money,
    snapshot: Snapshot,
    plan: Plan,
    adopted: str | None,
    tx: Tx,
) -> Operation | _Begun | bytes | str:
    """In one transaction: the operation this request is, or a new one committed, or the answer that refuses it.

    A code alone says that the ledger does not know the payment, which has yet to be looked for; `adopted` is then what
    came of that.
    """
    # Two requests at once must see each other: what may still be refunded is decided over all rows of the transaction.
    tx.serialize(request.tenant.id, asked.transaction_id)
    known = operations.of_transaction(tx, request.tenant.id, asked.transaction_id)
    if not known and adopted is None:
        return UNKNOWN
    waiting = asked.unanswered()
    code = (adopted or UNKNOWN) if not known else "request_missing" if not waiting else ""
    if not code:
        same = _same_operation(request, asked, known, waiting)
        if same is not None:
            return _relinked(deps, request, asked, same, known, tx) or same
    if not code and not amount:
        code = NOTHING_LEFT[asked.kind]
    key = f"{asked.kind}:{asked.transaction_id}:{waiting[-1].id if waiting else ''}"
    # Every open request of this kind and amount: should an older one arrive later, it finds itself here.
    events = ",".join(event.id for event in waiting)
    intent = Intent(key, request.operation_id(key), asked.transaction_id, amount, events, _late(deps, request))
    target = code or plan(Asked(amount, asked.reason, intent.reference_id, snapshot, agreement_id_of(tx, known)), known)
    if isinstance(target, str):
        return _refused(request, asked, amount, target, known, tx)
    if isinstance(target, Split):
        return _begin_split(deps, request, intent, target, snapshot, tx)
    target = replace(target, call=played(tx, deps, snapshot.profiles[target.parent.profile_id], target.call))
    committed = commit(tx, deps, snapshot, intent, target)
    if isinstance(committed, str):
        return _refused(request, asked, amount, committed, known, tx)
    operation, new = committed
    return _Begun(operation, ((operation, target.call),)) if new else operation


def _begin_split(
    deps: Deps, request: Request, intent: Intent, split: Split, snapshot: Snapshot, tx: Tx
) -> Operation | _Begun:
    """Commit the request's operation and its parts together: each part is a call of its own, with its own reference."""
    first = Target(Kind.REFUND, split.parts[0][0], split.make(*split.parts[0], ""))
    # Its parts act, are due, and sum it up.
    whole = replace(made(deps, intent, first), parent_id="", parameters="{}", due_at=0)
    if not operations.insert(tx, whole):
        return operations.by_id(tx, whole.id) or whole
    calls = []
    for number, (parent, amount) in enumerate(split.parts):
        key = f"{intent.key}:{number}"
        part = Intent(key, request.operation_id(key), intent.transaction_id, amount, late=intent.late)
        call = split.make(parent, amount, part.reference_id)
        call = played(tx, deps, snapshot.profiles[parent.profile_id], call)
        operation = replace(made(deps, part, Target(Kind.REFUND, parent, call)), group_id=whole.id)
        operations.insert(tx, operation)
        calls.append((operation, call))
    return _Begun(whole, tuple(calls))


def _late(deps: Deps, request: Request) -> bool:
    """Whether too little of the budget is left to begin a call: the sweep, for which it is due at once, makes it."""
    return request.deadline.left < deps.timing.money_call_minimum


async def _one_by_one(deps: Deps, whole: Operation, begun: _Begun) -> Settled:
    """Make the calls of a split operation; each settles itself, and the last one sums up."""
    for operation, call in begun.calls:
        deps.running.start(operation.id, perform(deps, operation, call))
        task = deps.running.get(operation.id)
        if task is not None:
            await asyncio.wait({task})
    row = await deps.store.read(lambda tx: operations.by_id(tx, whole.id))
    return row or whole, None


def _refused(
    request: Request, asked: ActionRequest, amount: Money, code: str, known: Sequence[Operation], tx: Tx
) -> bytes:
    body = speak.action_refusal(asked.kind, code, psp_reference=request.refusal_id, requested=amount, siblings=known)
    return request.answer(tx, body)


def _same_operation(
    request: Request, asked: ActionRequest, known: Sequence[Operation], waiting: Sequence[EventView]
) -> Operation | None:
    """The operation that this request is, if it exists: its own, or one whose answer Saleor never got."""
    mine = waiting[-1].id
    events = {event.id for event in waiting}
    for operation in reversed(known):
        covered = set(operation.request_event_id.split(","))
        if mine in covered:
            return operation
        if covered & events and not operation.failed and not _heard(request, asked, operation, covered):
            return operation
    return None


def _heard(request: Request, asked: ActionRequest, operation: Operation, covered: set[str]) -> bool:
    """Whether a request event of Saleor's got the answer of an operation: under its reference, or the linked one.

    Only Saleor's own events have an idempotency key: one that we reported answers no request. And none that is older
    than the operation's: on v2 the session that was asked to charge has the reference of a later capture.
    """
    asking = f"{asked.kind.upper()}_REQUEST"
    since = min((event.age_key for event in asked.events if event.id in covered), default=None)
    return any(
        event.psp_reference in {operation.psp_reference, _linked_id(request, operation, event.id)}
        for event in asked.events
        if event.type == asking
        and event.psp_reference
        and event.idempotency_key
        and (since is None or event.age_key >= since)
    )


def _linked_id(request: Request, operation: Operation, event_id: str) -> str:
    """Under which reference a granted refund's success is told again to a request of Saleor's."""
    return request.operation_id(f"linked:{operation.id}:{event_id}")


def _relinked(
    deps: Deps, request: Request, asked: ActionRequest, same: Operation, known: Sequence[Operation], tx: Tx
) -> bytes | None:
    """The answer for a granted refund whose success Saleor has only as an unlinked report (money.md §1).

    Saleor links a refund to its grant by the request's psp reference, so the success is told again under a reference
    of this request, and the event that stands alone is taken back.
    """
    reported = any(
        event.type == "REFUND_SUCCESS" and event.psp_reference == same.psp_reference for event in asked.events
    )
    if asked.granted_refund is None or not reported or same.phase is not Phase.DONE:
        return None
    linked = replace(same, psp_reference=_linked_id(request, same, asked.unanswered()[-1].id))
    now = deps.clock()
    reverse_refund(tx, same, now, now + int(deps.timing.report_delay * 1000))
    return request.answer(tx, speak.action_answer(linked, known), same.id)


async def _refuse(deps: Deps, request: Request, asked: ActionRequest, code: str, amount: Money | None) -> bytes:
    body = speak.action_refusal(asked.kind, code, psp_reference=request.refusal_id, requested=amount)

    def unit(tx: Tx) -> bytes:
        request.claim(tx, deps.clock())
        return request.answer(tx, body)

    return await deps.store.write(unit)
