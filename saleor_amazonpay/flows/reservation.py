"""How the cap's books follow an operation (money.md §7): one function per thing that can happen to it.

Each runs in the transaction that changes the operation, and changes its row and its month together: the books are
the sum over the ledger after every commit. Nothing here asks Amazon or tells Saleor.
"""

from __future__ import annotations

from saleor_amazonpay.domain import holding
from saleor_amazonpay.domain.cap import month_in
from saleor_amazonpay.domain.holding import Takeover
from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.store import caps, operations, profiles
from saleor_amazonpay.store.sql import Tx


def take_over(tx: Tx, profile_id: str, takeover: Takeover, *, moved: bool = False) -> bool:
    """Move the reservations of a rest to the collection that was just written; False: no room, nothing changed.

    `moved`: it was not attempted by us, the money has moved already; it counts even past the cap.
    """
    if moved and takeover.fresh:
        caps.book(tx, profile_id, takeover.month, takeover.fresh)
    elif takeover.fresh and not caps.reserve(tx, profile_id, takeover.month, takeover.fresh):
        return False
    for part in takeover.parts:
        operations.unbook(tx, part.operation_id, part.amount)
        if part.month != takeover.month:
            caps.release(tx, profile_id, part.month, part.amount)
    return True


def month_now(tx: Tx, profile_id: str, now: int) -> str:
    """The month in which what happens to a profile now counts. Raises KeyError for a profile that does not exist."""
    profile = profiles.by_id(tx, profile_id)
    if profile is None:
        raise KeyError(profile_id)
    return month_in(profile, now)


def settled(tx: Tx, before: Operation, row: Operation, now: int) -> None:
    """Follow an outcome that was just written: `before` is the row as it was reserved, `row` as it is now."""
    if row.failed and before.cap_booked:
        _hand_back(tx, before)
    elif row.phase is Phase.DONE and row.kind is Kind.CANCEL:
        give_back_rest(tx, row)
    elif row.phase is Phase.DONE and row.kind is Kind.REFUND and row.parent_id:
        refunded(tx, row, now)


def _hand_back(tx: Tx, failed: Operation) -> None:
    """The money will not come: what was new goes back to the cap, what was taken over to where it stood before.

    A rest that could not be collected is still agreed to, so its reservation must not get lost.
    """
    own = failed.cap_booked
    for source_id, amount in holding.taken_over(failed):
        source = operations.by_id(tx, source_id)
        if source is None:
            continue
        own -= amount
        operations.unbook(tx, source.id, -amount)
        if source.cap_month != failed.cap_month:
            caps.release(tx, failed.profile_id, failed.cap_month, amount)
            caps.restore(tx, source.profile_id, source.cap_month, amount)
    if own:
        caps.release(tx, failed.profile_id, failed.cap_month, own)


def give_back_rest(tx: Tx, release: Operation) -> None:
    """Nobody will collect what was released of the rest: each month gets back what stands in it for that."""
    known = operations.of_transaction(tx, release.tenant_id, release.transaction_id)
    for part in holding.given_up(known, release.amount):
        caps.release(tx, release.profile_id, part.month, part.amount)
        operations.unbook(tx, part.operation_id, part.amount)


def refunded(tx: Tx, refund: Operation, now: int) -> None:
    """A refund gives cap back if its profile says so, and only while the month its sale stands in is open.

    Never more than the sale stands for, though an import may have given more back to the buyer than was taken.
    """
    profile = profiles.by_id(tx, refund.profile_id)
    if profile is None or not profile.refunds_give_cap_back:
        return
    known = operations.of_transaction(tx, refund.tenant_id, refund.transaction_id)
    capture = next((one for one in known if one.id == refund.parent_id), None)
    reserved = holding.holder(capture, known) if capture is not None else None
    if capture is None or reserved is None or reserved.cap_month != month_in(profile, now):
        return
    given = -sum(one.cap_booked for one in known if one.kind is Kind.REFUND and one.parent_id == capture.id)
    amount = min(refund.amount, capture.amount - given, reserved.cap_booked - given)
    if amount > 0:
        operations.book(tx, refund.id, reserved.cap_month, -amount)
        caps.release(tx, reserved.profile_id, reserved.cap_month, amount)
