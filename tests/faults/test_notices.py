"""When a notice arrives must not matter: before, during and right after the answer to what it is about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest

from saleor_amazonpay.flows.notify import handle_notices
from saleor_amazonpay.flows.report import deliver_reports
from saleor_amazonpay.http import HttpResponse
from tests.faults.flood import flood
from tests.journeys.stage import CountingHttp, Stage, stage

pytestmark = pytest.mark.anyio


async def _arrives(play: Stage) -> None:
    """Amazon decides the refund, its notice arrives and is handled, and what is due leaves."""
    play.amazon.advance(0.01)
    play.amazon.tick()
    await play.amazon.deliver_due()
    await handle_notices(play.deps)
    await deliver_reports(play.deps)


def _when_refunded(play: Stage, then: Callable[[], Awaitable[None]]) -> None:
    """Do something when Amazon has answered the refund, before the app hears it."""
    real = CountingHttp.request

    async def request(method: str, url: str, **more: Any) -> HttpResponse:
        answer = await real(play.http, method, url, **more)
        body: bytes = more.get("body", b"")
        if b"Action=Refund&" in body or (method == "POST" and urlsplit(url).path.endswith("/refunds")):
            await then()
        return answer

    play.http.request = request  # type: ignore[method-assign]


@pytest.mark.parametrize("wire", ["mws", "v2"])
@pytest.mark.parametrize("when", ["before", "during", "10 ms after"])
async def test_a_granted_refund_ends_in_success_whenever_its_notice_arrives(
    when: str, wire: str, database_url: str
) -> None:
    async with stage(database_url, wire) as play:
        play.amazon.refund_delay = 0.0
        checkout = play.saleor.checkout_create(total="40.00", user=play.customer)
        data = play.buyer_data()
        begun = await play.saleor.transaction_initialize(
            checkout.id, play.gateway, data, action="CHARGE", requestor=play.customer
        )
        paid = await play.confirmed(begun, data)
        await play.settle()
        order = play.saleor.checkout_complete(checkout.id, play.customer).order
        assert order is not None
        granted = play.saleor.order_grant_refund(order.id, paid.transaction.id, Decimal(15)).granted_refund
        assert granted is not None
        seen: list[str] = []
        arriving: list[asyncio.Task[None]] = []

        async def then() -> None:
            seen.append(granted.status)
            if when == "before":
                await _arrives(play)
            elif when == "during":
                arriving.append(asyncio.create_task(_arrives(play)))

        _when_refunded(play, then)
        play.saleor.transaction_request_refund_for_granted_refund(granted.id)
        await play.saleor.settled()
        assert seen == ["PENDING"], "the notice was to come while Saleor waits"
        await asyncio.gather(*arriving)
        await _arrives(play)
        # Checkout v2's notice names an object that the ledger has not heard of before the answer: the poll finds it.
        await play.settle()
        assert play.saleor.world.granted_refund(granted.id).status == "SUCCESS"
        told = [event.type for event in play.saleor.books()[paid.transaction.id].events if "REFUND" in event.type]
        assert told.count("REFUND_SUCCESS") == 1
        assert "REFUND_FAILURE" not in told
        await play.books_agree()


async def test_a_flood_of_notices_is_accepted_without_one_lost(database_url: str) -> None:
    done = await flood(database_url, 500)
    assert (done.sent, done.refused, done.lost, done.wrong) == (500, 0, 0, 0)
