"""Money that moved without a call of ours, found when a call of ours ran into it.

Its identity is Amazon's object: whoever else finds it, on whichever node, finds it booked.
"""

from __future__ import annotations

from dataclasses import replace

from saleor_amazonpay.amazon.port import Sighting
from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.domain.outcome import Effect, Outcome, Verdict
from saleor_amazonpay.flows.booking import book, taken_already
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.store import at_amazon
from saleor_amazonpay.store.sql import Tx


def book_capture(tx: Tx, deps: Deps, release: Operation, found: Outcome) -> None:
    """Book and report the capture that a release ran into: `found` is the authorization as it is at Amazon."""
    held = next((one for one in at_amazon.of_object(tx, release.account, found.object_id) if one.reserved), None)
    if held is None or not found.settled_id or taken_already(tx, held):
        return
    capture = Operation.found(
        amazon_id=found.settled_id,
        kind=Kind.CAPTURE,
        owner=held.owner,
        parent_id=held.id,
        amount=found.amount or held.money,
        order_reference=found.order_reference,
        now=deps.clock(),
    )
    taken = replace(found, verdict=Verdict(Phase.DONE, "ok", effect=Effect.CAPTURED), object_id=found.settled_id)
    book(tx, deps, capture, Sighting("capture", taken, found.amount))
