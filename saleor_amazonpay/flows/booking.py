"""How an object that no call of ours made enters the ledger: its owner, its row, the cap, and what staff should know.

Everything here is part of one transaction that also settles the row: either all of it happened or nothing. What is
brought in is booked even past the cap, because the money has moved (money.md §7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from saleor_amazonpay.amazon.port import Sighting
from saleor_amazonpay.domain import holding
from saleor_amazonpay.domain.balance import balance, surplus
from saleor_amazonpay.domain.holding import Takeover
from saleor_amazonpay.domain.money import Money
from saleor_amazonpay.domain.operation import Kind, Operation, Owner, Phase
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows import reservation
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.ledger import is_session, settle
from saleor_amazonpay.flows.problems import clear_problem, raise_problem
from saleor_amazonpay.store import agreements, at_amazon, operations
from saleor_amazonpay.store.sql import Tx

TAKES = frozenset({Kind.CHARGE, Kind.CAPTURE})
RESERVES = frozenset({Kind.AUTHORIZE, Kind.CHARGE})
_HELD = frozenset({"authorized", "lapsed"})


@dataclass(frozen=True, slots=True)
class Named:
    """An object of Amazon's that somebody named, and whose keys may read it."""

    account: str  # <seller id>:live|sandbox
    profile_id: str
    object_id: str
    order_reference: str = ""


def own(tx: Tx, named: Named, sighting: Sighting) -> Operation | None:
    """The operation that made an object: by our reference on it, or by its id, and by what it did.

    On v2 a reservation and its capture are one object with one reference: who reserved has not taken it.
    """
    kinds = {"refund": {Kind.REFUND}, "capture": TAKES}.get(sighting.subject, RESERVES)
    if sighting.reference_id:
        found = operations.by_id(tx, sighting.reference_id)
        if found is not None and found.account == named.account and found.kind in kinds and not found.whole:
            return found
    same = at_amazon.of_object(tx, named.account, named.object_id)
    return next((one for one in same if one.kind in kinds), None)


def enter(tx: Tx, deps: Deps, named: Named, profile: Profile, sighting: Sighting) -> str:
    """Book a capture or refund that is not ours: imported, known (somebody was faster), noted, or what follows.

    In_doubt: it may be a refund of ours that is not decided yet. Settled: it was taken for one that nobody can decide
    any more. Unmatched: nobody can say whose it is, since what it was made of is not in the ledger.
    """
    if own(tx, named, sighting) is not None:
        return "known"
    amount = sighting.outcome.amount or sighting.amount
    if not amount:
        return "noted"
    if sighting.subject == "refund":
        result = _enter_refund(tx, deps, named, sighting, amount)
    else:
        result = _enter_charge(tx, deps, named, sighting, amount)
    tenant_id = _tenant_of(tx, named, profile)
    if result == "unmatched":
        _tell_nobody_knows(tx, deps, tenant_id, named, sighting, amount)
    elif result != "in_doubt":
        clear_problem(tx, deps, tenant_id, f"unmatched:{named.object_id}")
    return result


def book(tx: Tx, deps: Deps, found: Operation, sighting: Sighting, takeover: Takeover | None = None) -> bool:
    """Write a row, what it takes over on the cap, and its outcome. False: it is there already.

    Saleor is told of what is final at once, and of what is pending by the sweep: nobody has told it yet.
    """
    final = sighting.outcome.phase is not Phase.PENDING
    if not operations.enter(tx, replace(found, told="pending" if final else "")):
        return False
    if takeover is not None:
        reservation.take_over(tx, found.profile_id, takeover, moved=True)
    settle(tx, deps, found, sighting.outcome)
    return True


def _enter_refund(tx: Tx, deps: Deps, named: Named, sighting: Sighting, amount: Money) -> str:
    captures = [each for each in at_amazon.of_object(tx, named.account, sighting.parent_id) if each.paid]
    if not captures:
        return "unmatched"
    capture = captures[0]
    # What may still be refunded is decided over all rows of the transaction.
    tx.serialize(capture.tenant_id, capture.transaction_id)
    siblings = operations.of_transaction(tx, capture.tenant_id, capture.transaction_id)
    doubtful = [one for one in siblings if _may_be(one, capture, amount)] if not sighting.reference_id else []
    lost = next((one for one in doubtful if one.attention), None)
    if lost is not None:
        # Its wire is gone, so that nobody will ever repeat it. If the object was made by staff meanwhile it is what was
        # asked for all the same, and ours, should it show up as well, is entered as another.
        settle(tx, deps, lost, sighting.outcome)
        return "settled"
    if doubtful:
        return "in_doubt"
    if own(tx, named, sighting) is not None:
        return "known"  # decided, on another node, after the first look and before the siblings were read
    row = _row(named, Kind.REFUND, capture.owner, capture.id, amount, deps.clock())
    if not book(tx, deps, row, sighting):
        return "known"
    if surplus(capture, operations.of_transaction(tx, capture.tenant_id, capture.transaction_id)):
        _tell_surplus(tx, deps, row, capture)
    return "imported"


def _may_be(one: Operation, capture: Operation, amount: Money) -> bool:
    """Whether an object that names no reference may be this refund of ours, whose answer nobody got.

    Booked as somebody else's it would be given back twice in Saleor, once the identical repeat finds it.
    """
    undecided = one.kind is Kind.REFUND and not one.final and not one.object_id
    return undecided and one.parent_id == capture.id and one.money == amount


def _enter_charge(tx: Tx, deps: Deps, named: Named, sighting: Sighting, amount: Money) -> str:
    row = _charge(tx, deps, named, sighting, amount)
    if row is None:
        return "unmatched"
    tx.serialize(row.tenant_id, row.transaction_id)
    held = operations.by_id(tx, row.parent_id) if row.kind is Kind.CAPTURE and row.parent_id else None
    if held is not None and taken_already(tx, held):
        return "known"
    siblings = operations.of_transaction(tx, row.tenant_id, row.transaction_id) if row.transaction_id else []
    covered = min(amount.minor, balance(siblings).authorized)
    # Whose keys have read it says nothing of the month: profiles of one merchant account may have other time zones.
    month = reservation.month_now(tx, row.profile_id, sighting.outcome.updated_at or deps.clock())
    takeover = holding.moved(row, siblings, month)
    if not book(tx, deps, takeover.on(row), sighting, takeover):
        return "known"
    if covered < amount.minor:
        _tell_staff(tx, deps, row)
    return "imported"


def _charge(tx: Tx, deps: Deps, named: Named, sighting: Sighting, amount: Money) -> Operation | None:
    """To whom a charge belongs: to the reservation it took, to its order's transaction, or to an agreement alone."""
    now = deps.clock()
    agreement = agreements.on_account(tx, named.account, sighting.agreement_id) if sighting.agreement_id else None
    family = at_amazon.on_order(tx, named.account, named.order_reference)
    # An order belongs to one transaction; of an agreement for later charges, which on v2 is all there is, nobody can
    # say which it was for.
    shared = agreement is not None and agreement.recurring and agreement.amazon_id.startswith(named.order_reference)
    held = _reservation(tx, named, sighting, () if shared else family)
    if held is not None:
        return _row(named, Kind.CAPTURE, held.owner, held.id, amount, now)
    if family and not shared and len({one.transaction_id for one in family}) == 1:
        session = _session(tx, family[0])
        return _row(named, Kind.CHARGE, session.owner, session.id, amount, now)
    if agreement is None:
        return None
    profile = deps.directory.known(agreement.profile_id)
    wire = profile.wire if profile is not None else ""
    owner = Owner(agreement.tenant_id, agreement.profile_id, wire, named.account, agreement_id=agreement.id)
    return _row(named, Kind.CAPTURE, owner, "", amount, now)


def _reservation(tx: Tx, named: Named, sighting: Sighting, family: Sequence[Operation]) -> Operation | None:
    """The reservation a capture took: the one Amazon names, else the only one of its order.

    After a move v2 reads v1's captures, and does not say of which authorization they are.
    """
    parents = at_amazon.of_object(tx, named.account, sighting.parent_id) if sighting.parent_id else []
    held = [one for one in parents if one.kind in RESERVES and one.effect in _HELD]
    if not held:
        held = [one for one in family if one.kind in RESERVES and one.effect in _HELD]
        return held[0] if len(held) == 1 else None
    return held[0]


def taken_already(tx: Tx, held: Operation) -> bool:
    """Whether a reservation was captured, or is being: there is one capture of each, whatever ids it has by now."""
    siblings = operations.of_transaction(tx, held.tenant_id, held.transaction_id)
    return any(one.kind is Kind.CAPTURE and one.parent_id == held.id and not one.failed for one in siblings)


def _session(tx: Tx, known: Operation) -> Operation:
    """The session event's operation of a transaction; the operation itself if there was none."""
    siblings = operations.of_transaction(tx, known.tenant_id, known.transaction_id)
    return next((one for one in siblings if is_session(one)), known)


def _row(named: Named, kind: Kind, owner: Owner, parent_id: str, amount: Money, now: int) -> Operation:
    return Operation.found(
        amazon_id=named.object_id,
        kind=kind,
        owner=owner,
        parent_id=parent_id,
        amount=amount,
        order_reference=named.order_reference,
        now=now,
    )


def _tell_staff(tx: Tx, deps: Deps, row: Operation) -> None:
    """Money was taken that the buyer has not agreed to with this shop's knowledge."""
    if row.transaction_id:
        text = (
            f"Amazon took {row.money} ({row.object_id}) on a payment for more than was authorized. It is booked on the "
            f"Saleor transaction {row.transaction_id}. Look it up in Seller Central, and refund what is not owed."
        )
    else:
        text = (
            f"Amazon took {row.money} ({row.object_id}) on an agreement of this shop, and no Saleor transaction asked "
            "for it. Find out which system made the charge, and refund it in Seller Central if it is not owed."
        )
    raise_problem(tx, deps, row.tenant_id, f"charge:{row.id}", text)


def _tell_surplus(tx: Tx, deps: Deps, refund: Operation, capture: Operation) -> None:
    """More went back than was taken, which Amazon allows: refunds there and here crossed, or staff meant it."""
    text = (
        f"The refund of {refund.money} ({refund.object_id}) that was made at Amazon brings the refunds of a capture "
        f"of {capture.money} above what was taken. All are booked on the Saleor transaction {refund.transaction_id}. "
        "Look in Seller Central whether one of them was made twice."
    )
    raise_problem(tx, deps, refund.tenant_id, f"surplus:{refund.id}", text)


def _tenant_of(tx: Tx, named: Named, profile: Profile) -> str:
    """Whose payment an object is on."""
    family = at_amazon.on_order(tx, named.account, named.order_reference)
    return family[0].tenant_id if family else profile.tenant_id


def _tell_nobody_knows(tx: Tx, deps: Deps, tenant_id: str, named: Named, sighting: Sighting, amount: Money) -> None:
    """Money moved on a payment of this shop, and nothing says on which of its captures or transactions."""
    text = (
        f"Amazon has a {sighting.subject} of {amount} ({named.object_id}) on a payment of this shop, but not of "
        "any capture it names. It is in no books here. Look it up in Seller Central, and correct the payment in Saleor."
    )
    raise_problem(tx, deps, tenant_id, f"unmatched:{named.object_id}", text)
