"""What took money is read once more after a day, and a last time after thirty, although it is decided.

What is done at Amazon without us is told by notices, and a notice may be lost: a refund of Seller Central would then
stand in no book here until somebody touches the payment. And what we believe to be taken may not be: a capture that
Amazon was still holding back when its authorization already read as used. The first is booked like everything else that
is found; the second cannot be healed here, since the buyer has the goods or the shop has to ask again, and is raised.
What is raised is looked at again, after the last time too, until it is healed: by Amazon, by a report that names what
was missing, or by staff who correct the payment in Saleor.
"""

from __future__ import annotations

from saleor_amazonpay.amazon.port import Sighting
from saleor_amazonpay.domain.errors import AmazonError, SaleorError
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.domain.outcome import Effect
from saleor_amazonpay.flows.amounts import corrected, judge_amounts, problem_key
from saleor_amazonpay.flows.booking import Named
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.each import for_each
from saleor_amazonpay.flows.imports import bring_in_children, sight
from saleor_amazonpay.flows.ledger import DAY_MS
from saleor_amazonpay.flows.problems import clear_problem, raise_problem
from saleor_amazonpay.flows.seen import seen_in_saleor
from saleor_amazonpay.saleor.views import TransactionView
from saleor_amazonpay.store import looks, operations, problems
from saleor_amazonpay.store.looks import Look
from saleor_amazonpay.store.sql import Tx

# In one turn of a node, so that what nobody waits for never uses up the account's quota.
_MOST = 20
_LAST_MS = 30 * DAY_MS
# What Amazon does not answer about for so long is not asked about any more, unless staff wait for it to be healed.
_GIVE_UP_MS = 40 * DAY_MS
# After the last look, how often what is raised is read: it may stand for ever.
_STANDING_MS = 7 * DAY_MS
_CLAIM_MS = 300_000
_FIRST_RETRY_MS = 3600_000


async def look_once_more(deps: Deps) -> int:
    """Look at what is due, at most 20; returns how many were. Raises StoreUnavailableError."""
    waiting = await deps.store.read(lambda tx: looks.due(tx, deps.clock(), _MOST))
    taken = [look for look in waiting if await _claimed(deps, look)]
    await for_each(deps, taken, lambda look: _look(deps, look), lambda look: _put_off(deps, look))
    return len(taken)


async def _claimed(deps: Deps, look: Look) -> bool:
    return await deps.store.write(lambda tx: looks.claim(tx, look, deps.clock() + _CLAIM_MS))


async def _look(deps: Deps, look: Look) -> None:
    paid = await deps.store.read(lambda tx: operations.by_id(tx, look.operation_id))
    if paid is None or not paid.paid:
        await deps.store.write(lambda tx: _forget(tx, deps, look, paid))
        return
    named = Named(paid.account, paid.profile_id, paid.settled_id or paid.object_id, paid.order_reference)
    try:
        _, _, sighting = await sight(deps, named)
        if sighting is not None:
            await bring_in_children(deps, named, sighting)
    except AmazonError as error:
        deps.log.warning("payment not looked at again", operation=paid.id, amazon_code=error.code)
        await _put_off(deps, look)
        return
    try:
        view = await seen_in_saleor(deps, paid)
    except SaleorError as error:
        deps.log.warning("payment not compared", operation=paid.id, saleor_code=error.code)
        view = None  # what Amazon has told is judged all the same
    await deps.store.write(lambda tx: _judge(tx, deps, paid, sighting, view))


async def _put_off(deps: Deps, look: Look) -> None:
    def unit(tx: Tx) -> None:
        paid = operations.by_id(tx, look.operation_id)
        old = paid is None or deps.clock() - paid.updated_at > _GIVE_UP_MS
        if paid is None or (old and not _stands(tx, paid)):
            looks.forget(tx, look.operation_id)
            return
        pause = min(_FIRST_RETRY_MS * 2 ** min(look.tries, 20), _STANDING_MS if old else DAY_MS)
        looks.postpone(tx, paid.id, deps.clock() + pause)

    await deps.store.write(unit)


def _stands(tx: Tx, paid: Operation) -> bool:
    """Whether staff were told of something about a payment that a look may find healed."""
    return any(problems.is_open(tx, paid.tenant_id, key) for key in (*_keys(paid), problem_key(paid)))


def _keys(paid: Operation) -> tuple[str, str]:
    return f"not_taken:{paid.id}", f"unheard:{paid.id}"


def _forget(tx: Tx, deps: Deps, look: Look, paid: Operation | None) -> None:
    """It took no money after all, as the ledger knows by now."""
    looks.forget(tx, look.operation_id)
    if paid is not None:
        for key in _keys(paid):
            clear_problem(tx, deps, paid.tenant_id, key)


def _judge(tx: Tx, deps: Deps, paid: Operation, sighting: Sighting | None, view: TransactionView | None) -> None:
    """Raise what cannot be healed, clear what is healed, and say when the next look is."""
    waiting = sighting is not None and sighting.outcome.phase is Phase.PENDING
    taken = sighting is not None and sighting.outcome.verdict.effect is Effect.CAPTURED
    unheard = _unheard(tx, paid, sighting.refunded) if sighting is not None else 0
    gone = paid.moved or paid.amount if not taken and not waiting else unheard
    not_taken_key, unheard_key = _keys(paid)
    if gone and corrected(tx, deps, paid, view, gone):
        agrees = True
        for key in (not_taken_key, unheard_key, problem_key(paid)):
            clear_problem(tx, deps, paid.tenant_id, key)
    else:
        if taken:
            clear_problem(tx, deps, paid.tenant_id, not_taken_key)
        elif not waiting:
            _tell_not_taken(tx, deps, paid, sighting)
        if unheard:
            _tell_unheard(tx, deps, paid, Money(unheard, paid.currency))
        else:
            clear_problem(tx, deps, paid.tenant_id, unheard_key)
        agrees = judge_amounts(tx, deps, paid, view) and taken and not unheard
    age = deps.clock() - paid.updated_at
    if agrees and age >= _LAST_MS:
        looks.forget(tx, paid.id)
    elif agrees:
        looks.next_at(tx, paid.id, paid.updated_at + _LAST_MS)
    else:
        # What does not agree is looked at again, so that what staff see goes when it is mended.
        looks.next_at(tx, paid.id, deps.clock() + (DAY_MS if age < _LAST_MS else _STANDING_MS))


def _unheard(tx: Tx, paid: Operation, refunded: Money | None) -> int:
    """Minor units that Amazon gave back of a capture without a refund in the ledger, where the wire lists none."""
    if refunded is None:
        return 0
    siblings = operations.of_transaction(tx, paid.tenant_id, paid.transaction_id)
    refunds = [one for one in siblings if one.kind is Kind.REFUND and one.parent_id == paid.id and not one.failed]
    return max(0, refunded.minor - sum(one.amount for one in refunds))


def _tell_not_taken(tx: Tx, deps: Deps, paid: Operation, sighting: Sighting | None) -> None:
    state = f"is {sighting.outcome.state} {sighting.outcome.reason}".rstrip() if sighting else "is not known there"
    text = (
        f"Amazon does not show {paid.money} ({paid.settled_id or paid.object_id}) as taken: it {state}. Saleor shows "
        f"it as charged on the transaction {paid.transaction_id}. Look it up in Seller Central, and correct the "
        "payment in Saleor."
    )
    deps.log.error("a payment is not at Amazon", operation=paid.id)
    raise_problem(tx, deps, paid.tenant_id, _keys(paid)[0], text, critical=True)


def _tell_unheard(tx: Tx, deps: Deps, paid: Operation, unheard: Money) -> None:
    text = (
        f"Amazon has given back {unheard} of a payment of {paid.money} ({paid.settled_id or paid.object_id}), and "
        f"nobody told this app by which refund. Saleor shows it as charged on the transaction {paid.transaction_id}. "
        "Look it up in Seller Central, and correct the payment in Saleor; a settlement report may still bring it in."
    )
    raise_problem(tx, deps, paid.tenant_id, _keys(paid)[1], text)
