"""What initialize and process have in common: from a session event to one attempt at Amazon, and its answer.

The way: claim the bytes and look (one unit) → prepare the agreement if it needs to be → reserve the cap and commit the
operation (one unit; for a known open agreement the same one as the first) → call Amazon → write the outcome and the
answer (one unit) → answer. A returning buyer's charge is two commits and one call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from saleor_amazonpay.amazon.port import AuthorizeCall
from saleor_amazonpay.domain.agreement import AgreementState
from saleor_amazonpay.domain.cap import month_in
from saleor_amazonpay.domain.money import InvalidMoneyError, Money
from saleor_amazonpay.domain.operation import Kind, Operation
from saleor_amazonpay.domain.profile import Profile, ProfileState
from saleor_amazonpay.flows import speak
from saleor_amazonpay.flows.conclude import conclude_session
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.directory import Snapshot
from saleor_amazonpay.flows.double import still_missing
from saleor_amazonpay.flows.gateway import route
from saleor_amazonpay.flows.ledger import is_session
from saleor_amazonpay.flows.money_call import AgreementCall, parameters, perform
from saleor_amazonpay.flows.ownership import charging_app, may_use, needs_token
from saleor_amazonpay.flows.prepare import Prepared, Purchase, Refusal, prepare
from saleor_amazonpay.flows.request import Request, answer_of_copy
from saleor_amazonpay.flows.session_plan import Again, Begun, Join, Plan, Prepare, Refused
from saleor_amazonpay.flows.simulate import played
from saleor_amazonpay.saleor import session_data
from saleor_amazonpay.saleor.payloads import SessionRequest
from saleor_amazonpay.saleor.session_data import SessionData, SessionDataError
from saleor_amazonpay.store import agreements, caps, operations, routes
from saleor_amazonpay.store.agreements import Agreement
from saleor_amazonpay.store.sql import Tx

# Given a transaction's attempts so far (oldest first) and the attempt that the storefront names, says which attempt
# this event is about: an existing one to join, or the number of a new one.
Choose = Callable[[Sequence[Operation], int | None], Operation | int]

_NEVER = 2**62
KINDS = {"charge": Kind.CHARGE, "authorize": Kind.AUTHORIZE}


@dataclass(frozen=True, slots=True)
class Session:
    """One session event with everything that was read from it."""

    deps: Deps
    request: Request
    asked: SessionRequest
    kind: Kind
    amount: Money
    data: SessionData
    snapshot: Snapshot
    choose: Choose
    sure: bool = False  # Saleor was asked whether the purchase still needs another attempt
    # INITIALIZE of a saved agreement: earlier attempts are so rare that the insert itself finds them.
    fresh: bool = False

    @property
    def agreement_id(self) -> str:
        """Amazon's id of what the storefront pays with, in whichever word: a session is an agreement to be."""
        data = self.data
        return data.amazon_billing_agreement_id or data.charge_permission_id or data.amazon_checkout_session_id or ""

    def key(self, attempt: int) -> str:
        """What an attempt's operation is known by."""
        return f"session:{self.asked.transaction_id}:{attempt}"


async def run(deps: Deps, request: Request, asked: SessionRequest, choose: Choose) -> bytes:
    """Answer a session event. Raises StoreUnavailableError only."""
    kind = KINDS[asked.action]
    try:
        amount = Money.parse(asked.amount, asked.currency)
    except InvalidMoneyError:
        return await _refuse(deps, request, kind, None, Refused(Refusal("amount_invalid")))
    try:
        data = session_data.read(asked.data)
    except SessionDataError as error:
        return await _refuse(deps, request, kind, amount, Refused(Refusal("data_invalid", error.message)))
    if not amount and data.recurring is not None:
        kind = Kind.AGREEMENT  # nothing to pay today: the buyer agrees to later charges (money.md §5)
    session = Session(
        deps,
        request,
        asked,
        kind,
        amount,
        data,
        await deps.directory.current(),
        choose,
        fresh=asked.event == "initialize",
    )
    plan = await deps.store.write(lambda tx: _first_look(session, tx))
    if isinstance(plan, bytes):
        return plan
    if plan is None:
        copied = await answer_of_copy(deps, request)
        if copied is not None:
            return copied
        plan = await deps.store.write(lambda tx: _look(session, tx))
    if isinstance(plan, Again):
        session, plan = await _again(session, plan)
    if isinstance(plan, Prepare):
        plan = await _prepare(session, plan)
    return await _carry_out(session, plan)


async def _again(session: Session, plan: Again) -> tuple[Session, Join | Prepare | Begun | Refused]:
    """Look once more, unless something else has paid for the purchase since the shopper saw it fail (money.md §2)."""
    if await still_missing(session.deps, plan.last, untold=True) is False:
        return session, Refused(Refusal("already_paid"), plan.last.attempt + 1)
    sure = replace(session, sure=True)
    found = await session.deps.store.write(lambda tx: _look(sure, tx))
    return sure, found if not isinstance(found, Again) else Refused(Refusal("retry"), plan.last.attempt + 1)


def _first_look(session: Session, tx: Tx) -> Plan | bytes | None:
    claimed = session.request.claim(tx, session.deps.clock())
    if isinstance(claimed, bytes):
        return claimed
    return _look(session, tx) if claimed else None


def _look(session: Session, tx: Tx) -> Plan:
    """Decide in one transaction what this event is, and for a known open agreement commit the operation at once."""
    plan = _plan(session, tx)
    if isinstance(plan, Refused) and session.fresh:
        # A saved agreement's INITIALIZE has not looked yet: what exists is the answer, before any objection.
        chosen = session.choose(_attempts(session, tx), session.data.attempt)
        return Join(chosen) if isinstance(chosen, Operation) else plan
    return plan


def _plan(session: Session, tx: Tx) -> Plan:  # noqa: PLR0911 - one reason after the other
    agreement = (
        agreements.of_tenant(tx, session.request.tenant.id, session.agreement_id) if session.agreement_id else None
    )
    # The order reference of a one-time sale is looked at before each attempt; an agreement for later charges is not.
    saved = agreement is not None and agreement.state is AgreementState.OPEN and agreement.recurring
    quick = session.fresh and saved
    attempt = 1
    if not quick:
        attempts = _attempts(session, tx)
        chosen = session.choose(attempts, session.data.attempt)
        if isinstance(chosen, Operation):
            return Join(chosen)
        if attempts and not session.sure:
            return Again(attempts[-1])
        attempt = chosen
    if not session.amount and session.kind is not Kind.AGREEMENT:
        return Refused(Refusal("already_paid"), attempt)
    profile, refusal = _profile(session, tx, agreement)
    refusal = refusal or _objection(session, profile, agreement)
    if refusal is not None or profile is None:
        return Refused(refusal or Refusal("no_profile"), attempt, profile)
    if agreement is not None and saved:
        return _begin(session, tx, attempt, profile, Prepared(agreement))
    if agreement is not None and operations.in_flight(tx, agreement.id):
        # Setting it up anew for this payment could change what the other one is about (money.md §4).
        return Refused(Refusal("payment_in_progress"), attempt, profile)
    return Prepare(attempt, profile, agreement)


def _attempts(session: Session, tx: Tx) -> list[Operation]:
    known = operations.of_transaction(tx, session.request.tenant.id, session.asked.transaction_id)
    return sorted((op for op in known if is_session(op)), key=lambda op: op.attempt)


def _profile(session: Session, tx: Tx, agreement: Agreement | None) -> tuple[Profile | None, Refusal | None]:
    """An agreement stays with its profile; else the one gateway-initialize chose; else one is chosen now."""
    tenant_id, now = session.request.tenant.id, session.deps.clock()
    chosen = None
    if agreement is None or session.snapshot.profiles[agreement.profile_id].state is not ProfileState.ACTIVE:
        found = (routes.chosen(tx, tenant_id, key, now) for key in session.asked.source.ids)
        chosen = next((key for key in found if key), None)
    if agreement is not None:
        profile = session.snapshot.profiles[agreement.profile_id]
        if profile.state is ProfileState.PAUSED and chosen != profile.id and not _by_app(session, profile):
            return profile, Refusal("profile_paused")
        return profile, Refusal("profile_paused") if profile.state is ProfileState.CLOSED else None
    if chosen is not None and chosen in session.snapshot.profiles:
        profile = session.snapshot.profiles[chosen]
        if profile.state is ProfileState.CLOSED:
            return profile, Refusal("profile_paused")
        room = caps.has_room(tx, profile.id, month_in(profile, now), session.amount.minor)
        return profile, None if room else Refusal("choose_again")
    routed, why = route(tx, session.snapshot, tenant_id, session.asked.source, session.amount, now)
    return routed, None if routed else Refusal(why)


def _by_app(session: Session, profile: Profile) -> bool:
    return charging_app(profile, session.asked.principal)


def _objection(session: Session, profile: Profile | None, agreement: Agreement | None) -> Refusal | None:
    """What speaks against this request before anybody outside is asked."""
    code = ""
    recurring = session.data.recurring is not None
    if profile is None:
        code = "no_profile"
    elif profile.currency != session.amount.currency:
        code = "currency_mismatch"
    elif not session.agreement_id:
        code = "agreement_required"
    elif agreement is not None and not needs_token(agreement):
        # What it may be used for was decided when it was made; by whom, is asked each time.
        allowed = may_use(agreement, profile, session.asked.principal, session.asked.source)
        code = "" if allowed else "agreement_unknown"
    elif recurring and not profile.allow_recurring:
        code = "recurring_not_allowed"
    elif not recurring and not profile.allow_one_time:
        code = "one_time_not_allowed"
    return Refusal(code) if code else None


def _begin(session: Session, tx: Tx, attempt: int, profile: Profile, prepared: Prepared) -> Join | Begun | Refused:
    """Reserve the cap and commit the operation: after this commit, and not before, the money call may begin."""
    if session.request.deadline.left < session.deps.timing.money_call_minimum:
        return Refused(Refusal("retry"), attempt, profile)
    operation, call = _operation(session, tx, attempt, profile, prepared)
    moves = session.kind is not Kind.AGREEMENT
    if not operations.insert(tx, operation):
        # It exists already, or another payment of this purchase on this agreement is under way.
        if operations.by_id(tx, operation.id) is None:
            return Refused(Refusal("payment_in_progress"), attempt, profile)
        chosen = session.choose(_attempts(session, tx), session.data.attempt)
        return Join(chosen) if isinstance(chosen, Operation) else Refused(Refusal("retry"), attempt, profile)
    # Only after the insert: it is let in when no other payment of this purchase is undecided, so that one which was
    # paid up to this moment is seen here. Looked for before, it could be paid between the look and the insert.
    obstacle = _obstacle(session, tx, prepared.agreement) if moves else ""
    if not obstacle and moves and not caps.reserve(tx, profile.id, operation.cap_month, operation.amount):
        obstacle = "monthly_cap_reached"
    if obstacle:
        operations.discard(tx, operation.id)
        return Refused(Refusal(obstacle), attempt, profile)
    return Begun(operation, call)


def _obstacle(session: Session, tx: Tx, agreement: Agreement) -> str:
    """What another transaction of this purchase says against a charge: paid since, or rejected by Amazon for good.

    Saleor counts only what was paid before it fixed this transaction's amount: two clicks without an idempotency key
    each ask for the whole.
    """
    asked = [event.created_at for event in session.asked.events if event.type.endswith("_REQUEST")]
    since = int(min(asked).timestamp() * 1000) if asked else _NEVER
    source_id = session.asked.source.ids[-1]
    return operations.obstacle(tx, agreement.id, source_id, session.asked.transaction_id, since)


def _operation(
    session: Session, tx: Tx, attempt: int, profile: Profile, prepared: Prepared
) -> tuple[Operation, AuthorizeCall | AgreementCall]:
    asked, now = session.asked, session.deps.clock()
    key = session.key(attempt)
    reference = session.request.operation_id(key)
    call = played(tx, session.deps, profile, _call(session, profile, prepared, reference))
    operation = Operation.new(
        id=reference,
        tenant_id=session.request.tenant.id,
        op_key=key,
        kind=session.kind,
        profile_id=profile.id,
        wire=profile.wire,
        account=profile.account,
        transaction_id=asked.transaction_id,
        source_id=asked.source.ids[-1],
        agreement_id=prepared.agreement.id,
        attempt=attempt,
        amount=session.amount,
        parameters=parameters(call),
        buyer_waits=not _by_app(session, profile),
        unresolved=True,
        cap_month=month_in(profile, now),
        cap_booked=session.amount.minor,
        now=now,
        due_at=now + int(session.deps.timing.call_deadline * 1000),
    )
    return replace(operation, synchronous=not session.data.may_pend), call


def _call(session: Session, profile: Profile, prepared: Prepared, reference: str) -> AuthorizeCall | AgreementCall:
    if session.kind is Kind.AGREEMENT:
        return AgreementCall(prepared.agreement.amazon_id)
    return AuthorizeCall(
        agreement_id=prepared.agreement.amazon_id,
        reference_id=reference,
        amount=session.amount,
        capture_now=session.kind is Kind.CHARGE,
        synchronous=not session.data.may_pend,
        order_name=reference,
        store_name=profile.customer_service_sender or profile.alias,
        note=profile.buyer_note,
        descriptor=profile.descriptor,
        inherit_shipping=session.asked.source.shipping_required,
        purchase_id=prepared.purchase_id,
    )


async def _prepare(session: Session, plan: Prepare) -> Join | Begun | Refused:
    """Prepare the agreement within the budget, then commit the operation if there is time left for a money call."""
    deps, request, asked = session.deps, session.request, session.asked
    purchase = Purchase(
        tenant_id=request.tenant.id,
        profile=plan.profile,
        source=asked.source,
        principal=asked.principal,
        data=session.data,
        agreement_id=session.agreement_id,
        amount=session.amount,
        reference_id=request.operation_id(f"agreement:{session.agreement_id}"),
        payment_reference=request.operation_id(session.key(plan.attempt)),
        capture_now=session.kind is Kind.CHARGE,
        buyer_returned=asked.event == "process",
    )
    work = asyncio.ensure_future(prepare(deps, purchase, plan.agreement))
    done, _ = await asyncio.wait({work}, timeout=request.deadline.left)
    if not done:  # it only looks and confirms; the buyer's next try finds what it achieved
        work.add_done_callback(lambda task: None if task.cancelled() else task.exception())
        return Refused(Refusal("retry"), plan.attempt, plan.profile)
    ready = work.result()
    if isinstance(ready, Refusal):
        return Refused(ready, plan.attempt, plan.profile)
    return await deps.store.write(lambda tx: _begin(session, tx, plan.attempt, plan.profile, ready))


async def _carry_out(session: Session, plan: Join | Begun | Refused) -> bytes:
    deps, request = session.deps, session.request
    if isinstance(plan, Refused):
        return await _refuse(deps, request, session.kind, session.amount, plan)
    operation = plan.operation
    profile = session.snapshot.profiles[operation.profile_id]
    conclude = conclude_session(deps, request, profile)
    if isinstance(plan, Begun):
        work = perform(deps, operation, plan.call, conclude.unit)
        deps.running.start(operation.id, work, request.digest.hex())
    return await conclude.within_budget(operation)


async def _refuse(deps: Deps, request: Request, kind: Kind, amount: Money | None, refused: Refused) -> bytes:
    body = speak.session_refusal(
        kind,
        refused.refusal.code,
        requested=amount,
        psp_reference=request.refusal_id,
        attempt=refused.attempt,
        profile=refused.profile,
        detail=refused.refusal.detail,
        object_id=refused.refusal.object_id,
        extra=refused.refusal.data,
    )

    def unit(tx: Tx) -> bytes:
        request.claim(tx, deps.clock())
        return request.answer(tx, body)

    return await deps.store.write(unit)
