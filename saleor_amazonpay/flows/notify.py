"""A notice of Amazon's: kept at once, then the object it names is read, and the ledger moves forward if it says so.

A notice is never believed beyond "read this object": its states and amounts may be old, reordered or twelve hours
off. It is matched over all profiles of its merchant account, whatever URL it came to. An object of a payment we know
that is no operation of ours is looked up again for an hour, and then brought in (money.md §6).
"""

from __future__ import annotations

import math
from dataclasses import replace

from saleor_amazonpay.amazon.port import Notice
from saleor_amazonpay.domain.errors import AmazonError
from saleor_amazonpay.domain.operation import Operation
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows import trouble
from saleor_amazonpay.flows.booking import Named
from saleor_amazonpay.flows.chargebacks import received
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.each import drain
from saleor_amazonpay.flows.imports import WEIGHTS, bring_in, settle_again
from saleor_amazonpay.flows.lapse import look_for_lapse
from saleor_amazonpay.flows.money_call import CAPTURE_DUE, perform
from saleor_amazonpay.flows.reading import read_again, refresh
from saleor_amazonpay.flows.topics import proven
from saleor_amazonpay.store import agreements, at_amazon, notices
from saleor_amazonpay.store.notices import StoredNotice
from saleor_amazonpay.store.sql import Tx

_FIRST_RETRY_MS = 5_000
_MAX_RETRY_MS = 600_000
# An object of a known payment that we have no record of yet may be our own, still on its way into the ledger.
_LOOK_AGAIN_MS = 3600_000
# A topic that nothing has shown to be Amazon's may be shown to be by another notice of it.
_UNPROVEN_MS = 24 * 3600_000
# As long as Amazon itself would go on (contracts, amazon §3.5): what it never answers is not asked about for ever.
_GIVE_UP_MS = 14 * 24 * 3600_000
_MONEY = frozenset({"authorize", "capture", "refund"})
_AGAIN = {"unmatched": _LOOK_AGAIN_MS, "unproven": _UNPROVEN_MS, "in_doubt": math.inf}


async def receive(
    deps: Deps,
    profile: Profile,
    message_id: str,
    notice: Notice,
    message: str,
    topic_account: str = "",
    wait: int = 0,
) -> bool:
    """Keep a verified notice; False if this message was received before. Raises StoreUnavailableError.

    `topic_account` is the AWS account of its topic, if nothing has shown yet that it is Amazon Pay's; `wait`: after how
    many ms it is handled. After this returns the notice cannot be lost: whoever asked may be answered 200.
    """
    now = deps.clock()
    kept = StoredNotice(
        message_id=message_id,
        profile_id=profile.id,
        account=f"{notice.seller_id}:{'sandbox' if notice.test_mode else 'live'}",
        subject="sample" if notice.is_sample else notice.subject,
        object_id=notice.object_id,
        order_reference=notice.order_reference,
        reference_id=notice.reference_id,
        message=message,
        received_at=now,
        due_at=now + wait,
        topic_account=topic_account,
    )
    return await deps.store.write(lambda tx: notices.put(tx, kept))


async def handle_notices(deps: Deps) -> int:
    """Handle what is due; returns how many were. Raises StoreUnavailableError."""
    return await drain(
        deps, notices.due, notices.claim, lambda notice: _handle(deps, notice), lambda notice: _put_off(deps, notice)
    )


async def _handle(deps: Deps, notice: StoredNotice) -> None:
    age = deps.clock() - notice.received_at
    try:
        result = await _result(deps, notice, last=age >= _LOOK_AGAIN_MS)
    except AmazonError as error:
        deps.log.warning("notice not handled", notice=notice.message_id, amazon_code=error.code)
        if age < _GIVE_UP_MS:
            await _put_off(deps, notice)
            return
        result = "given_up"
    if age < _AGAIN.get(result, 0):
        again = deps.clock() + _MAX_RETRY_MS * (1 if age < trouble.LONG_MS else 6)
        await deps.store.write(lambda tx: _later(tx, deps, notice, result, again))
        return
    await deps.store.write(lambda tx: _done(tx, deps, notice, result))
    deps.handled[result] += 1
    deps.log.info("notice", notice=notice.message_id, subject=notice.subject, result=result)


def _later(tx: Tx, deps: Deps, notice: StoredNotice, result: str, again: int) -> None:
    notices.postpone(tx, notice.message_id, again)
    if result == "in_doubt" and deps.clock() - notice.received_at >= trouble.LONG_MS:
        for family in at_amazon.on_order(tx, notice.account, notice.order_reference)[:1]:
            trouble.in_doubt(tx, deps, family, notice.object_id)


def _done(tx: Tx, deps: Deps, notice: StoredNotice, result: str) -> None:
    notices.done(tx, notice.message_id, result)
    if notice.subject == "refund" and deps.clock() - notice.received_at >= trouble.LONG_MS:
        for family in at_amazon.on_order(tx, notice.account, notice.order_reference)[:1]:
            trouble.not_in_doubt(tx, deps, family, notice.object_id)


async def _put_off(deps: Deps, notice: StoredNotice) -> None:
    pause = min(_FIRST_RETRY_MS * 2 ** min(notice.tries, 20), _MAX_RETRY_MS)
    await deps.store.write(lambda tx: notices.postpone(tx, notice.message_id, deps.clock() + pause))


async def _result(deps: Deps, notice: StoredNotice, *, last: bool) -> str:
    """What came of a notice.

    settled, lapsed or imported: the ledger moved. known, noted: nothing new. unmatched: an object of a known payment
    that the ledger does not know, which is looked up again until `last`. in_doubt: it may be a refund of ours that is
    undecided, and is looked up again until that is decided. unknown: none of ours. unproven: nothing is done for it,
    its topic may be anybody's.
    """
    known = (await deps.directory.current()).profiles
    if notice.profile_id not in known:
        # Its profile was deleted meanwhile, which no payment was ever made on: any other of the account may read.
        other = next((each.id for each in known.values() if each.account == notice.account), None)
        if other is None:
            return "unknown"
        notice = replace(notice, profile_id=other)
    if not await proven(deps, notice):
        return "unproven"
    if notice.subject in {"agreement", "order"}:
        return await _agreement(deps, notice)
    if notice.subject == "chargeback":
        return await received(deps, notice, last=last)
    return await _money(deps, notice, last=last) if notice.subject in _MONEY else "noted"


async def _money(deps: Deps, notice: StoredNotice, *, last: bool) -> str:
    """A notice of an authorization, capture or refund."""
    operation = await deps.store.read(lambda tx: _matched(tx, notice))
    if operation is not None:
        return await _known(deps, operation, notice, last=last)
    told, known_payment = await _told(deps, notice)
    if known_payment and told.reference_id and not last:
        return "unmatched"  # somebody else's: no operation of ours has the reference on it
    named = Named(notice.account, notice.profile_id, notice.object_id, notice.order_reference)
    return await bring_in(deps, named, only_ours=not last)


def _matched(tx: Tx, notice: StoredNotice) -> Operation | None:
    """The operation a notice is about: of several on one object the undecided one."""
    shared = at_amazon.sharing(tx, notice.account, notice.object_id)
    if shared:
        return shared[0]
    found = at_amazon.on_account(tx, notice.account, notice.object_id, notice.reference_id)
    if found is not None and found.whole:  # its attempts have the objects
        return next(iter(at_amazon.of_object(tx, notice.account, notice.object_id)), found)
    return found


async def _told(deps: Deps, notice: StoredNotice) -> tuple[Notice, bool]:
    """A notice in full, and whether the ledger knows its payment."""
    profile = (await deps.directory.current()).profiles[notice.profile_id]
    told = deps.wires[profile.wire].notice(notice.message)
    family = await deps.store.read(
        lambda tx: at_amazon.of_payment(tx, notice.account, notice.order_reference, told.agreement_id)
    )
    return told, bool(family)


async def _known(deps: Deps, operation: Operation, notice: StoredNotice, *, last: bool) -> str:
    """A notice of an operation's object."""
    if operation.reserved and notice.subject == "authorize":
        return "lapsed" if await look_for_lapse(deps, operation) else "known"
    if not operation.final:
        return await _settle(deps, operation, notice)
    if operation.failed:
        return await settle_again(deps, operation, notice.object_id, notice.subject)
    # Decided; but the notice may name refunds that nobody has told us of.
    told, _ = await _told(deps, notice)
    result = "known"
    for made in told.made_of_it if notice.subject == "capture" else ():
        if not await deps.store.read(lambda tx, made=made: at_amazon.of_object(tx, notice.account, made)):  # type: ignore[misc]
            named = Named(notice.account, notice.profile_id, made, notice.order_reference)
            result = min(result, await bring_in(deps, named, only_ours=not last), key=WEIGHTS.index)
    return result


async def _settle(deps: Deps, operation: Operation, notice: StoredNotice) -> str:
    outcome = await read_again(deps, operation, notice.object_id, notice.subject)
    if outcome is not None and outcome.code == CAPTURE_DUE:
        row, _ = await perform(deps, operation)
        return "settled" if row.final else "known"
    return await settle_again(deps, operation, notice.object_id, notice.subject)


async def _agreement(deps: Deps, notice: StoredNotice) -> str:
    find = agreements.on_account if notice.subject == "agreement" else agreements.of_purchase
    known = await deps.store.read(lambda tx: find(tx, notice.account, notice.object_id))
    if known is None:
        # Most order references are made and ended by a single charge on an agreement.
        return "unknown" if notice.subject == "agreement" else await _order(deps, notice)
    await refresh(deps, known)
    if notice.subject == "order":
        await _order(deps, notice)
    return "settled"


async def _order(deps: Deps, notice: StoredNotice) -> str:
    """An order reference ended before it was used up: what was authorized on it may have ended with it."""
    family = await deps.store.read(lambda tx: at_amazon.on_order(tx, notice.account, notice.object_id))
    results = []
    for operation in family:
        if operation.reserved:
            results.append("lapsed" if await look_for_lapse(deps, operation) else "known")
        elif not operation.final and operation.object_id:
            results.append(await settle_again(deps, operation, "", ""))
    return next((each for each in ("lapsed", "settled", "known") if each in results), "noted")
