"""The demo's part about what comes back without anybody in the shop asking: Seller Central, and the buyer's bank.

Of neither does the shop hear from its own requests; what it knows came by signed notices and was read at Amazon.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

from saleor_amazonpay.cli.journey import Done, Journey
from saleor_amazonpay.simulator.shop import Books

_HOUR = 3600


async def back_on_v1(journey: Journey, transaction: str) -> AsyncIterator[Done]:
    """A refund made in Seller Central, and a chargeback, of a payment on v1."""
    amazon = journey.stage.amazon
    capture = _last(_books(journey, transaction), "CHARGE_SUCCESS")
    refunded = _books(journey, transaction).amounts.refunded
    made = amazon.refund_in_seller_central(capture, Decimal("5.00"))
    await journey.until(lambda: _delivered(journey, made.refund_id))
    yield Done("merchant", "refunds 5.00 in Seller Central, not in Saleor", "a notice of a refund nobody here knows")
    # It might be the shop's own, still on its way into the ledger: so it is looked up again for an hour.
    amazon.advance(_HOUR + 60)
    wanted = refunded + Decimal("5.00")
    await journey.until(lambda: _books(journey, transaction).amounts.refunded == wanted)
    yield Done("time", "passes: an hour, and nothing of the shop's explains it", "booked to the payment that owns it")
    amazon.charge_back(capture, Decimal("7.50"))
    await journey.until(lambda: _last(_books(journey, transaction), "CHARGE_BACK") != "")
    yield Done("buyer's bank", "takes 7.50 back", "chargeback booked with its fee; no longer refundable")


async def back_on_v2(journey: Journey, transaction: str) -> AsyncIterator[Done]:
    """A dispute of a payment on Checkout v2, which ends for the shop."""
    pay = journey.stage.amazon.pay
    charge = _last(_books(journey, transaction), "CHARGE_SUCCESS")
    dispute = pay.dispute(charge, Decimal("40.00"))
    await journey.until(lambda: _last(_books(journey, transaction), "CHARGE_BACK") != "")
    yield Done("buyer's bank", "takes 40.00 back", "a chargeback, read at Amazon")
    pay.resolve(dispute.dispute_id)
    await journey.until(lambda: _last(_books(journey, transaction), "CHARGE_SUCCESS").endswith("-won"))
    yield Done("Amazon", "decides the dispute for the shop", "charged again, under an id of its own")


def _books(journey: Journey, transaction: str) -> Books:
    return journey.saleor.books()[transaction]


def _last(books: Books, event: str) -> str:
    """The reference of the newest event of a type; empty if there is none."""
    return next((each.psp_reference for each in reversed(books.events) if each.type == event), "")


def _delivered(journey: Journey, object_id: str) -> bool:
    log = journey.stage.amazon.notifications.log
    return any(each.state == "delivered" and each.inner.object_id == object_id for each in log)
