"""What Amazon has and no call of ours made: booked to the Saleor transaction that owns it, and reported there.

A refund or capture made in Seller Central, an A-Z refund, a charge of another system on an agreement we know. The
object is read at Amazon before anything is written; what a notice said of it is never used. Its row's key is made of
its id, so that two notices, two nodes, or a notice and a later read write one row; a process that dies anywhere leaves
a notice that is handled again (money.md §6).
"""

from __future__ import annotations

from dataclasses import replace

from saleor_amazonpay.amazon.port import Sighting
from saleor_amazonpay.domain.operation import FAILED, Operation
from saleor_amazonpay.domain.outcome import Effect
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.booking import Named, enter, own
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.double import paid_twice, still_missing
from saleor_amazonpay.flows.ledger import settle
from saleor_amazonpay.flows.reading import read_again
from saleor_amazonpay.store import agreements, at_amazon
from saleor_amazonpay.store.sql import Tx

# What came of several objects is what came of the one that matters most.
WEIGHTS = ("in_doubt", "imported", "settled", "unmatched", "known", "noted", "unknown")


async def bring_in(deps: Deps, named: Named, *, only_ours: bool = False, seen: frozenset[str] = frozenset()) -> str:
    """Read an object and book what it moved, with everything that was made of it. Raises AmazonError.

    `seen` are the objects that led here, which are not read once more. Returns imported, settled or known (it is an
    operation of ours), noted (it moved nothing), in_doubt (it may be one of ours that is undecided), unmatched (it is
    not ours, and with `only_ours` not booked yet) or unknown (of no payment and no agreement we know).
    """
    family, profile, sighting = await sight(deps, named)
    if sighting is None:
        return "unknown"
    result = await _ours(deps, named, sighting)
    if result is None:
        result = await _others(deps, named, profile, sighting, known=bool(family), only_ours=only_ours, seen=seen)
    children = await bring_in_children(deps, named, sighting, only_ours=only_ours, seen=seen)
    return min(result, children, key=WEIGHTS.index)


async def sight(deps: Deps, named: Named) -> tuple[list[Operation], Profile, Sighting | None]:
    """What is known of an object's order, whose profile may read it, and what Amazon says of it. Raises AmazonError."""
    family = await deps.store.read(lambda tx: at_amazon.on_order(tx, named.account, named.order_reference))
    profile = (await deps.directory.current()).profiles[family[0].profile_id if family else named.profile_id]
    account = await deps.directory.account(profile)
    among = dict.fromkeys(each for one in family for each in (one.object_id, one.settled_id) if each)
    return family, profile, await deps.wires[profile.wire].sight(account, named.object_id, list(among))


async def bring_in_children(
    deps: Deps, named: Named, sighting: Sighting, *, only_ours: bool = False, seen: frozenset[str] = frozenset()
) -> str:
    """Book what was made of an object that was read, where the ledger has not heard of it. Raises AmazonError."""
    result = WEIGHTS[-1]
    seen |= {named.object_id}
    for made in sighting.made_of_it:
        if made in seen:
            continue
        child = replace(named, object_id=made)
        if not await deps.store.read(lambda tx, child=child: _known(tx, child)):  # type: ignore[misc]
            result = min(result, await bring_in(deps, child, only_ours=only_ours, seen=seen), key=WEIGHTS.index)
    return result


async def _others(
    deps: Deps,
    named: Named,
    profile: Profile,
    sighting: Sighting,
    *,
    known: bool,
    only_ours: bool,
    seen: frozenset[str],
) -> str:
    """An object that somebody else made."""
    known = known or await deps.store.read(lambda tx: _agreed(tx, named, sighting))
    moved = sighting.subject != "authorize" and sighting.outcome.phase not in FAILED
    if sighting.subject == "refund" and sighting.parent_id and not await _has_capture(deps, named, sighting):
        # Whose it is follows from the capture it gives back, which may never have been heard of either.
        capture = replace(named, object_id=sighting.parent_id)
        before = await bring_in(deps, capture, only_ours=only_ours, seen=seen | {named.object_id})
        known = known or before != "unknown"
    if not known:
        return "unknown"
    if not moved:
        return "noted"
    if only_ours:
        return "unmatched"
    return await deps.store.write(lambda tx: enter(tx, deps, named, profile, sighting))


async def _has_capture(deps: Deps, named: Named, sighting: Sighting) -> bool:
    rows = await deps.store.read(lambda tx: at_amazon.of_object(tx, named.account, sighting.parent_id))
    return any(row.paid for row in rows)


def _agreed(tx: Tx, named: Named, sighting: Sighting) -> bool:
    found = agreements.on_account(tx, named.account, sighting.agreement_id) if sighting.agreement_id else None
    return found is not None


async def settle_again(deps: Deps, operation: Operation, object_id: str, subject: str) -> str:
    """Read an operation's object again and move the ledger forward: settled or known. Raises AmazonError.

    What has failed is read, too: Amazon may have moved the money after all.
    """
    if operation.final and not operation.failed:
        return "known"
    outcome = await read_again(deps, operation, object_id, subject)
    if outcome is None:
        return "known"
    late = operation.failed and outcome.verdict.effect is Effect.CAPTURED and operation.buyer_waits
    elsewhere = late and await still_missing(deps, operation) is False

    def unit(tx: Tx) -> Operation:
        row = settle(tx, deps, operation, outcome)
        if elsewhere and row.id != operation.id:
            paid_twice(tx, deps, row, row.object_id)
        return row

    row = await deps.store.write(unit)
    return "settled" if row.final and row != operation else "known"


def _known(tx: Tx, named: Named) -> bool:
    found = at_amazon.on_account(tx, named.account, named.object_id)
    return found is not None and not found.failed


async def _ours(deps: Deps, named: Named, sighting: Sighting) -> str | None:
    """An object that carries our reference, or that an operation knows: that operation hears what became of it."""
    mine = await deps.store.read(lambda tx: own(tx, named, sighting))
    return None if mine is None else await settle_again(deps, mine, named.object_id, sighting.subject)
