"""A notice of Amazon's: kept at once, then the object it names is read, and the ledger moves forward if it says so.

A notice is never believed beyond "read this object": its states and amounts may be old, reordered or twelve hours
off. It is matched over all profiles of its merchant account, whatever URL it came to (money.md §6).
"""

from __future__ import annotations

from saleor_amazonpay.amazon.port import Notice
from saleor_amazonpay.domain.errors import AmazonError, RefusedError
from saleor_amazonpay.domain.operation import Operation
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.each import drain
from saleor_amazonpay.flows.lapse import look_for_lapse
from saleor_amazonpay.flows.ledger import settle
from saleor_amazonpay.flows.money_call import CAPTURE_DUE, perform
from saleor_amazonpay.flows.reading import read_again, refresh
from saleor_amazonpay.store import agreements, notices, operations
from saleor_amazonpay.store.notices import StoredNotice
from saleor_amazonpay.store.sql import Tx

_FIRST_RETRY_MS = 5_000
_MAX_RETRY_MS = 600_000
# An object of a known payment that we have no record of yet may be our own, still on its way into the ledger.
_LOOK_AGAIN_MS = 3600_000
_MONEY = frozenset({"authorize", "capture", "refund"})


async def receive(deps: Deps, profile: Profile, message_id: str, notice: Notice, message: str) -> bool:
    """Keep a verified notice; False if this message was received before. Raises StoreUnavailableError.

    After this returns the notice cannot be lost: whoever asked may be answered 200.
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
        due_at=now,
    )
    return await deps.store.write(lambda tx: notices.put(tx, kept))


async def handle_notices(deps: Deps) -> int:
    """Handle what is due; returns how many were. Raises StoreUnavailableError."""
    return await drain(
        deps, notices.due, notices.claim, lambda notice: _handle(deps, notice), lambda notice: _put_off(deps, notice)
    )


async def _handle(deps: Deps, notice: StoredNotice) -> None:
    try:
        result = await _result(deps, notice)
    except AmazonError as error:
        deps.log.warning("notice not handled", notice=notice.message_id, amazon_code=error.code)
        await _put_off(deps, notice)
        return
    if result == "unmatched" and deps.clock() - notice.received_at < _LOOK_AGAIN_MS:
        again = deps.clock() + _MAX_RETRY_MS
        await deps.store.write(lambda tx: notices.postpone(tx, notice.message_id, again))
        return
    await deps.store.write(lambda tx: notices.done(tx, notice.message_id, result))
    deps.log.info("notice", notice=notice.message_id, subject=notice.subject, result=result)


async def _put_off(deps: Deps, notice: StoredNotice) -> None:
    pause = min(_FIRST_RETRY_MS * 2 ** min(notice.tries, 20), _MAX_RETRY_MS)
    await deps.store.write(lambda tx: notices.postpone(tx, notice.message_id, deps.clock() + pause))


async def _result(deps: Deps, notice: StoredNotice) -> str:
    """What came of a notice: settled, known, unmatched (a known payment, an unknown object), unknown, noted."""
    if notice.subject in {"agreement", "order"}:
        return await _agreement(deps, notice)
    if notice.subject not in _MONEY:
        return "noted"

    def find(tx: Tx) -> tuple[Operation | None, bool]:
        # Of several operations on one object the undecided one is what the notice is about.
        shared = operations.sharing(tx, notice.account, notice.object_id)
        found = (
            shared[0] if shared else operations.on_account(tx, notice.account, notice.object_id, notice.reference_id)
        )
        order = notice.order_reference
        return found, bool(found or (order and operations.on_order(tx, notice.account, order)))

    operation, known_payment = await deps.store.read(find)
    if operation is None and notice.subject == "authorize" and not notice.reference_id:
        operation = await _named_on_it(deps, notice)
    if operation is None:
        return "unmatched" if known_payment else "unknown"
    if operation.reserved and notice.subject == "authorize":
        return "lapsed" if await look_for_lapse(deps, operation) else "known"
    return "known" if operation.final else await _settle(deps, operation, notice)


async def _named_on_it(deps: Deps, notice: StoredNotice) -> Operation | None:
    """The operation whose reference stands on an object that the ledger has never heard of: its answer was lost."""
    profile = (await deps.directory.current()).profiles[notice.profile_id]
    account = await deps.directory.account(profile)
    try:
        seen = await deps.wires[profile.wire].read_authorization(account, notice.object_id, capture_now=False)
    except RefusedError:
        return None  # nothing of this account's
    if not seen.reference_id:
        return None
    found = await deps.store.read(lambda tx: operations.by_id(tx, seen.reference_id))
    return found if found is not None and found.account == notice.account else None


async def _settle(deps: Deps, operation: Operation, notice: StoredNotice) -> str:
    outcome = await read_again(deps, operation, notice.object_id, notice.subject)
    if outcome is None:
        return "known"
    if outcome.code == CAPTURE_DUE:
        row, _ = await perform(deps, operation)
        return "settled" if row.final else "known"
    row = await deps.store.write(lambda tx: settle(tx, deps, operation, outcome))
    return "settled" if row.final else "known"


async def _agreement(deps: Deps, notice: StoredNotice) -> str:
    find = agreements.on_account if notice.subject == "agreement" else agreements.of_purchase
    known = await deps.store.read(lambda tx: find(tx, notice.account, notice.object_id))
    if known is None:
        # Most order references are made and ended by a single charge on an agreement.
        return "unknown" if notice.subject == "agreement" else "noted"
    await refresh(deps, known)
    return "settled"
