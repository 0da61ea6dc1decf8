"""Contract section 6.4: the states of captures and refunds, row by row."""

from __future__ import annotations

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from tests.simulator.amazon.demonstrations import Demonstration, Table, account, code, note, reserved
from tests.simulator.amazon.shop import Shop, state, text

pytestmark = pytest.mark.anyio
row = Table()
DAY = 86400
ATYPICAL = ("Pending", "StopShipmentAtypicalAuth")
PENDING = note('"State":"Pending"')


async def _capture(shop: Shop, authorization_id: str, **more: str) -> tuple[str, tuple[str, str]]:
    made = await shop.ok("Capture", shop.capture_values(authorization_id, **more))
    return text(made, "AmazonCaptureId"), state(made, "CaptureStatus")


async def _refund(shop: Shop, capture_id: str, amount: str = "10.00") -> str:
    made = await shop.ok("Refund", shop.refund_values(capture_id, amount))
    assert state(made, "RefundStatus") == ("Pending", "")
    return text(made, "AmazonRefundId")


@row("6.4 capture Pending, then Completed")
async def _(shop: Shop) -> None:
    live = account(shop, sandbox=False)
    authorization_id = await reserved(live)
    shop.world.advance(7 * DAY + 1)
    capture_id, first = await _capture(live, authorization_id)
    assert first == ("Pending", "")
    assert (await live.state("Authorization", authorization_id))[0] == "Open"
    shop.world.advance(60)
    assert await live.state("Capture", capture_id) == ("Completed", "")
    assert await live.state("Authorization", authorization_id) == ("Closed", "MaxCapturesProcessed")


@row("6.4 capture Pending StopShipmentAtypicalAuth, then Completed")
async def _(shop: Shop) -> None:
    card = shop.world.add_card(shop.world.buyer.buyer_id, Behaviour.ATYPICAL)
    made = await shop.charge(await shop.open_agreement(card_id=card.card_id), TransactionTimeout="5")
    shop.world.advance(60)
    capture_id, first = await _capture(shop, text(made, "AmazonAuthorizationId"))
    assert first == ATYPICAL
    shop.world.advance(60)
    assert await shop.state("Capture", capture_id) == ("Completed", "")


@row("6.4 capture Declined AmazonRejected")
async def _(shop: Shop) -> None:
    authorization_id = await reserved(shop)
    capture_id, first = await _capture(shop, authorization_id, SellerCaptureNote=PENDING)
    assert first == ("Pending", "")
    shop.world.settle_capture(capture_id, "Declined", "AmazonRejected")
    assert await shop.state("Capture", capture_id) == ("Declined", "AmazonRejected")


@row("6.4 capture Declined ProcessingFailure, retried while the authorization is Open")
async def _(shop: Shop) -> None:
    authorization_id = await reserved(shop)
    capture_id, _first = await _capture(shop, authorization_id, SellerCaptureNote=PENDING)
    shop.world.settle_capture(capture_id, "Declined", "ProcessingFailure")
    assert await shop.state("Capture", capture_id) == ("Declined", "ProcessingFailure")
    assert await shop.state("Authorization", authorization_id) == ("Open", "")
    _again, second = await _capture(shop, authorization_id)
    assert second == ("Completed", "")


@row("6.4 capture Closed MaxAmountRefunded")
async def _(shop: Shop) -> None:
    capture_id = await shop.captured()
    for amount, after in (("4.00", ("Completed", "")), ("6.00", ("Closed", "MaxAmountRefunded"))):
        await _refund(shop, capture_id, amount)
        shop.world.advance(60)
        assert await shop.state("Capture", capture_id) == after


@row("6.4 capture Closed MaxRefundsProcessed")
async def _(shop: Shop) -> None:
    capture_id = await shop.captured()
    for _ in range(10):
        assert await shop.state("Capture", capture_id) == ("Completed", "")
        await _refund(shop, capture_id, "0.10")
        shop.world.advance(60)
    assert await shop.state("Capture", capture_id) == ("Closed", "MaxRefundsProcessed")


@row("6.4 capture Closed AmazonClosed")
async def _(shop: Shop) -> None:
    capture_id = await shop.captured()
    shop.world.close_capture(capture_id)
    assert await shop.state("Capture", capture_id) == ("Closed", "AmazonClosed")
    assert (await code(shop, "Refund", shop.refund_values(capture_id)))[1] == "CaptureNotRefundable"


def _refunded(end: str, reason: str) -> None:
    @row(f"6.4 refund {end} {reason}".strip())
    async def _(shop: Shop) -> None:
        capture_id = await shop.captured()
        refund_id = await _refund(shop, capture_id)
        shop.world.settle_refund(refund_id, end, reason)
        assert await shop.state("Refund", refund_id) == (end, reason)
        told = await shop.ok("GetCaptureDetails", {"AmazonCaptureId": capture_id})
        assert text(told, "RefundedAmount/Amount") == ("10.00" if end == "Completed" else "0.00")
        if end == "Declined":
            await _refund(shop, capture_id)  # the money is still there to be refunded


for _end, _reason in (
    ("Completed", ""),
    ("Completed", "AmazonA-ZRefund"),
    ("Completed", "BuyerCanceled"),
    ("Declined", "AmazonRejected"),
    ("Declined", "ProcessingFailure"),
):
    _refunded(_end, _reason)


@pytest.mark.parametrize("demonstration", row.cases())
async def test_money_moves_as_the_contract_says(shop: Shop, demonstration: Demonstration) -> None:
    await demonstration(shop)
