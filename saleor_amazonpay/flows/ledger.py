"""How an outcome enters the ledger, and how the ledger speaks to Saleor.

One unit of work writes what Amazon said, fixes the psp reference, gives the cap back where the money will not come,
and puts a report into the outbox if Saleor was told that the operation is pending. Whoever comes second changes
nothing. After that unit, not before it, Saleor may be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from saleor_amazonpay.domain import holding
from saleor_amazonpay.domain.agreement import ENDED, AgreementState
from saleor_amazonpay.domain.balance import available_actions, balance, granted, unreserved
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import FAILED, FINAL, Kind, Operation, Phase, found_id, reference_id
from saleor_amazonpay.domain.outcome import Effect, Outcome, Retry, Verdict, action_result, session_result
from saleor_amazonpay.flows import reservation
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.refund_again import becomes_whole, may_follow, next_refund
from saleor_amazonpay.flows.trouble import decided, late
from saleor_amazonpay.flows.wording import for_staff, sentence
from saleor_amazonpay.store import agreements, looks, operations, reports, tenants
from saleor_amazonpay.store.reports import CARD, KEEP_ACTIONS, PendingReport
from saleor_amazonpay.store.sql import Tx

SESSION_KINDS = frozenset({Kind.AGREEMENT, Kind.AUTHORIZE, Kind.CHARGE})
_MOVED = frozenset({Effect.AUTHORIZED, Effect.CAPTURED, Effect.REFUNDED})
_SUCCESSES = {
    Effect.CAPTURED: "paid",
    Effect.AUTHORIZED: "authorized",
    Effect.CHARGED_BACK: "charged_back",
    Effect.RETURNED: "chargeback_won",
}
_FIRST_POLL_MS = 30_000
_POLL_MAX_MS = 3600_000
DAY_MS = 24 * 3600_000


def is_session(operation: Operation) -> bool:
    """Whether a session event asked for it; a charge on the rest of an authorization is staff's."""
    return operation.kind in SESSION_KINDS and not operation.parent_id


def psp_reference(operation: Operation, outcome: Outcome) -> str:
    """Amazon's id of the object that says the money moved, if it is known; else our reference id (money.md §3)."""
    if outcome.phase in FAILED or operation.kind is Kind.CANCEL:
        return operation.id
    if operation.parent_id and operation.kind is Kind.CHARGE:
        return outcome.settled_id or operation.id  # only reserved: a failure, with a reference of its own
    if outcome.verdict.effect is Effect.AUTHORIZED:
        return outcome.object_id or operation.id
    if operation.kind is Kind.CHARGE:
        return outcome.settled_id or operation.id
    return outcome.settled_id or outcome.object_id or operation.id


def settle(tx: Tx, deps: Deps, operation: Operation, outcome: Outcome) -> Operation:
    """Write an outcome; returns the row as it is afterwards, whoever wrote it."""
    if operation.group_id:
        tx.serialize(operation.group_id)  # the last part sums up, so the parts must see each other
    elif operation.parent_id:
        tx.serialize(operation.tenant_id, operation.transaction_id)  # what is left of the rest is decided over all rows
    now = deps.clock()
    whole = _carried_by_parts(tx, deps, operation, outcome, now)
    if whole is not None:
        return whole
    if operation.kind is Kind.AUTHORIZE and outcome.verdict.effect is Effect.CAPTURED:
        # Captured in Seller Central before we heard of it: it was reserved, and the capture is found by itself.
        outcome = replace(outcome, verdict=replace(outcome.verdict, effect=Effect.AUTHORIZED), settled_id="")
    failed = outcome.phase in FAILED
    final = outcome.phase in FINAL
    wait = int(deps.timing.unanswered_report * 1000) if final else poll_after(operation.tries)
    # Told without the ledger, while the database was away: the reference that was named then is the reference. Whoever
    # settles what another process began cannot know whether that told it so.
    owed = operation.id in deps.owed
    ours = not operation.tries and deps.running.get(operation.id) is not None
    named = psp_reference(operation, outcome) if ours and not owed else operation.id
    psp = named if final or outcome.object_id else ""
    row = operations.settle(
        tx,
        operation.id,
        outcome,
        psp_reference=psp,
        cap_booked=0 if failed else operation.cap_booked,
        due_at=0 if final and operation.group_id else now + wait,  # Saleor hears of the whole, not of its parts
        now=now,
    )
    if row is None:
        present = operations.by_id(tx, operation.id)
        if present is None:
            raise LookupError(f"operation {operation.id} is not in the ledger")
        if present.failed and outcome.verdict.effect in _MOVED and operation.kind is not Kind.CANCEL:
            return _moved_after_all(tx, deps, present, outcome)
        return present
    reservation.settled(tx, operation, row, now)
    _nothing_reserved(tx, row)
    decided(tx, deps, operation)
    if row.agreement_id:
        _note_agreement(tx, row, outcome, now)
    if row.final:
        _conclude(tx, deps, row, outcome, owed=owed)
    return row


def _conclude(tx: Tx, deps: Deps, row: Operation, outcome: Outcome, *, owed: bool) -> None:
    """What follows from a final outcome: a report, another attempt, or the end of what it belongs to."""
    now = deps.clock()
    if row.paid:
        looks.plan(tx, row.id, now + DAY_MS)
    if row.group_id and may_follow(row, outcome):
        next_refund(tx, deps, row)
    elif row.group_id:
        _sum_up(tx, deps, row.group_id)
    elif owed or row.told == "pending":
        add_reports(tx, row, now, now + int(deps.timing.report_delay * 1000))
        operations.reported(tx, row.id)
    if row.parent_id and row.kind is not Kind.REFUND:
        give_up_rest(tx, deps, row)


def _carried_by_parts(tx: Tx, deps: Deps, refund: Operation, outcome: Outcome, now: int) -> Operation | None:
    """A refund that its attempts decide, as it is then; None if this outcome decides it."""
    if refund.kind is not Kind.REFUND or refund.group_id:
        return None
    present = operations.by_id(tx, refund.id)
    if present is not None and present.whole:
        return present  # what came late was said of its first attempt
    if may_follow(refund, outcome) and becomes_whole(tx, deps, refund, outcome, now + _FIRST_POLL_MS):
        return operations.by_id(tx, refund.id)
    return None


def _moved_after_all(tx: Tx, deps: Deps, failed: Operation, outcome: Outcome) -> Operation:
    """Amazon moved money that the ledger has as failed: an operation of its own, told to Saleor and to staff.

    What was told stays told, and what was given back of the cap is booked once more, even past it.
    """
    now, amazon_id = deps.clock(), outcome.settled_id or outcome.object_id
    row = Operation.found(
        amazon_id=amazon_id,
        kind=failed.kind,
        owner=failed.owner,
        parent_id=failed.parent_id,
        amount=failed.money,
        order_reference=outcome.order_reference or failed.order_reference,
        parameters=failed.parameters,
        # A refund may have been told under Amazon's id while it was pending; that reference has failed in Saleor.
        psp_reference=found_id(failed.account, amazon_id) if failed.psp_reference == amazon_id else amazon_id,
        now=now,
    )
    row = replace(row, attempt=failed.attempt, told="pending")
    if outcome.verdict.effect is Effect.AUTHORIZED:
        # On v2 its capture has the same id, and may be found later.
        key = f"found:{amazon_id}:reserved"
        row = replace(row, id=reference_id(failed.account, key), op_key=key)
    takeover = None
    if failed.kind is not Kind.REFUND:
        siblings = operations.of_transaction(tx, failed.tenant_id, failed.transaction_id)
        takeover = holding.moved(row, siblings, failed.cap_month or reservation.month_now(tx, failed.profile_id, now))
        row = takeover.on(row)
    if not operations.enter(tx, row):
        return operations.by_id(tx, row.id) or failed
    if takeover is not None:
        reservation.take_over(tx, row.profile_id, takeover, moved=True)
    deps.log.error("Amazon moved money that the ledger had as failed", operation=failed.id, amazon_id=amazon_id)
    late(tx, deps, row)
    return settle(tx, deps, row, outcome)


def _note_agreement(tx: Tx, row: Operation, outcome: Outcome, now: int) -> None:
    """What an outcome says of the agreement it was charged on."""
    if outcome.agreement_id:
        agreements.becomes(tx, row.agreement_id, outcome.agreement_id, now)
    if outcome.verdict.retry is Retry.CHANGE_METHOD:
        # The next attempt must not go straight to a charge: the buyer has to choose another method first.
        agreements.update(tx, row.agreement_id, AgreementState.SUSPENDED, outcome.reason, now)
    elif outcome.agreement_state is not None:
        agreements.update(tx, row.agreement_id, outcome.agreement_state, outcome.reason, now)
    if row.final and row.kind in {Kind.CAPTURE, Kind.CANCEL}:
        agreements.look_at(tx, row.agreement_id, now)  # a one-time purchase that may be over
    if row.granted:
        agreements.check(tx, row.agreement_id, now + DAY_MS)
    elif row.code == "agreement_ended":
        agreements.check(tx, row.agreement_id, now)


def give_up_rest(tx: Tx, deps: Deps, of: Operation) -> bool:
    """Give up what is left of a transaction's rest if its agreement has ended; False if there is nothing to give up.

    Reservations that Amazon still holds stay: they can be captured although no new one can be made. What goes is an
    operation of its own, so that all books tell the same, and repeating this does nothing (money.md §5).
    """
    agreement = agreements.by_id(tx, of.agreement_id) if of.agreement_id else None
    if agreement is None or agreement.state not in ENDED:
        return False
    tx.serialize(of.tenant_id, of.transaction_id)
    siblings = operations.of_transaction(tx, of.tenant_id, of.transaction_id)
    session, rest = granted(siblings), unreserved(siblings)
    tenant = tenants.by_id(tx, deps.store.sealer, of.tenant_id)
    if session is None or tenant is None or not rest or balance(siblings).busy:
        return False
    number = sum(one.op_key.startswith("ended:") for one in siblings)
    key, now = f"ended:{session.id}:{number}", deps.clock()
    release = Operation.new(
        id=reference_id(tenant.api_url, key),
        tenant_id=session.tenant_id,
        op_key=key,
        kind=Kind.CANCEL,
        profile_id=session.profile_id,
        wire=session.wire,
        account=session.account,
        transaction_id=session.transaction_id,
        source_id=session.source_id,
        agreement_id=session.agreement_id,
        parent_id=session.id,
        amount=Money(rest, session.currency),
        parameters="{}",
        now=now,
        due_at=0,
    )
    if not operations.insert(tx, release):
        return False
    outcome = Outcome(Verdict(Phase.DONE, "rest_ended", effect=Effect.RELEASED), reason=agreement.reason)
    row = settle(tx, deps, release, outcome)
    add_reports(tx, row, now, now + int(deps.timing.report_delay * 1000))
    operations.reported(tx, row.id)
    return True


def _sum_up(tx: Tx, deps: Deps, group_id: str) -> None:
    """Conclude a split operation when its last part is decided: the sum that succeeded, or a failure."""
    parts = operations.of_group(tx, group_id)
    if not all(part.final for part in parts):
        return
    now = deps.clock()
    done = [part for part in parts if not part.failed]
    last = done[-1] if done else parts[-1]
    whole = operations.sum_up(
        tx,
        group_id,
        phase=last.phase,
        effect=last.effect,
        code=last.code,
        message=last.message,
        moved=sum(part.amount for part in done),
        now=now,
        due_at=now + int(deps.timing.unanswered_report * 1000),
    )
    if whole is not None and whole.told == "pending":
        add_reports(tx, whole, now, now + int(deps.timing.report_delay * 1000))
        operations.reported(tx, whole.id)


def _nothing_reserved(tx: Tx, release: Operation) -> None:
    """A release at Amazon gives up every reservation of the transaction, not only the one it is booked on."""
    if release.kind is not Kind.CANCEL or release.phase is not Phase.DONE or not release.object_id:
        return
    for one in operations.of_transaction(tx, release.tenant_id, release.transaction_id):
        if one.reserved and one.id != release.parent_id:
            operations.lapse(tx, one.id, release.state, release.reason, release.updated_at)


def poll_after(tries: int) -> int:
    """Milliseconds until a pending object is read again: 30 s, doubling up to an hour."""
    return int(min(_FIRST_POLL_MS * 2 ** min(tries, 20), _POLL_MAX_MS))


def add_request_report(tx: Tx, operation: Operation, now: int) -> None:
    """Put "pending" itself into the outbox, for an operation whose answer was lost with its process."""
    words = {Kind.AUTHORIZE: "AUTHORIZATION", Kind.REFUND: "REFUND", Kind.CANCEL: "CANCEL"}
    event = f"{words.get(operation.kind, 'CHARGE')}_REQUEST"
    _add(tx, operation, event, operation.psp_reference, sentence("pending"), KEEP_ACTIONS, now, now)


def reverse_refund(tx: Tx, operation: Operation, now: int, due_at: int) -> None:
    """Take a refund's success back in Saleor's books, because it is told again under another reference."""
    text = "Told again under the reference of its granted refund."
    _add(tx, operation, "REFUND_REVERSE", operation.psp_reference, text, KEEP_ACTIONS, now, due_at)


def add_adjustment(tx: Tx, deps: Deps, operation: Operation, total: Money) -> None:
    """Set what Saleor holds as authorized, before it subtracts what was taken, after an operation's own reports."""
    now = deps.clock()
    due_at = now + int(deps.timing.report_delay * 1000)
    text = "A won chargeback takes nothing of what is still authorized."
    adjusted = replace(operation, amount=total.minor, moved=0)
    _add(tx, adjusted, "AUTHORIZATION_ADJUSTMENT", operation.id, text, KEEP_ACTIONS, now, due_at)


def add_card(tx: Tx, operation: Operation, now: int, due_at: int) -> None:
    """Put what the transaction's card shows into the outbox, once it is known what to show: once per transaction."""
    known = operation.phase is Phase.DONE or (operation.phase is Phase.PENDING and operation.order_reference)
    if known and is_session(operation):
        _add(tx, operation, CARD, "", "", KEEP_ACTIONS, now, due_at)


def add_reports(tx: Tx, operation: Operation, now: int, due_at: int) -> None:
    """Put what Saleor has to hear about a final operation into the outbox."""
    siblings = operations.of_transaction(tx, operation.tenant_id, operation.transaction_id)
    actions = ",".join(available_actions(siblings))
    for kind, psp in final_events(operation):
        failed = kind.endswith("FAILURE")
        words = sentence if is_session(operation) else for_staff
        text = words(operation.code if failed else _success_code(operation), operation.message)
        _add(tx, operation, kind, psp, text, actions, now, due_at)
    add_card(tx, operation, now, due_at)


def add_refusal(tx: Tx, of: Operation, kind: Kind, psp_reference: str, amount: Money, code: str, now: int) -> None:
    """Put into the outbox that something nobody asked for by an action event could not be done on a payment."""
    report = PendingReport(
        tenant_id=of.tenant_id,
        transaction_id=of.transaction_id,
        operation_id=psp_reference,
        type=str(action_result(kind, Phase.DECLINED, "none")),
        psp_reference=psp_reference,
        amount=amount.minor,
        currency=amount.currency,
        message=for_staff(code),
        external_url="",
        actions=KEEP_ACTIONS,
        due_at=now,
    )
    reports.add(tx, report, now)


def _add(
    tx: Tx, operation: Operation, event: str, psp_reference: str, message: str, actions: str, now: int, due_at: int
) -> None:
    if not operation.transaction_id:
        return  # nobody in Saleor asked for it: staff was told by a problem
    report = PendingReport(
        tenant_id=operation.tenant_id,
        transaction_id=operation.transaction_id,
        operation_id=operation.id,
        type=event,
        psp_reference=psp_reference,
        amount=operation.result.minor,
        currency=operation.currency,
        message=message,
        external_url="",
        actions=actions,
        due_at=due_at,
    )
    reports.add(tx, report, now)


def final_events(operation: Operation) -> Sequence[tuple[str, str]]:
    """What Saleor hears of a final operation: (event, psp reference); the last one is what a repeated request gets."""
    if not is_session(operation):
        return [(action_result(operation.kind, operation.phase, operation.effect) or "INFO", operation.psp_reference)]
    result = session_result(operation.kind, operation.phase, operation.effect, told=operation.told, may_repair=False)
    if (
        operation.kind is Kind.CHARGE
        and operation.reserved
        and (operation.told == "pending" or operation.psp_reference != operation.object_id)
    ):
        # Saleor holds an open CHARGE_REQUEST under our reference: only a failure under the same reference closes it,
        # and the reservation is a fact of its own under Amazon's authorization id (contracts, saleor §4.2).
        return [("CHARGE_FAILURE", operation.psp_reference), (result, operation.object_id)]
    return [(result, operation.psp_reference)]


def _success_code(operation: Operation) -> str:
    if operation.phase is not Phase.DONE:
        return operation.code
    if operation.kind is Kind.AGREEMENT:
        return "agreed"
    if operation.kind is Kind.CANCEL:
        return operation.code
    return _SUCCESSES.get(Effect(operation.effect), "ok")
