"""Every webhook is answered in time although Amazon is slow to connect, slow to answer, or never answers.

Amazon is held until the test lets go: that a webhook was answered by then is the proof, and no clock is asked. A call
that is out outlives the answer: it is let go afterwards, and what it did is reported.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import pytest

from saleor_amazonpay import steps
from saleor_amazonpay.http import HttpResponse, TransportError
from tests.journeys.stage import Stage, stage, with_timing

pytestmark = pytest.mark.anyio
Mode = Literal["connects late", "answers late", "never answers"]
MODES: tuple[Mode, ...] = ("connects late", "answers late", "never answers")
MONEY = ("AuthorizeOnBillingAgreement", "Capture", "Refund", "CloseAuthorization",
         "complete", "capture", "refunds", "cancel")  # fmt: skip


class SlowAmazon:
    """Holds calls until `let_go`: those that move money, or all."""

    def __init__(self, play: Stage, mode: Mode, *, everything: bool = False) -> None:
        self._real = play.http.request
        self._mode = mode
        self._everything = everything
        self._free = asyncio.Event()
        self.held: list[str] = []
        play.http.request = self._request  # type: ignore[method-assign]

    def let_go(self) -> None:
        self._free.set()

    async def _request(self, method: str, url: str, **more: Any) -> HttpResponse:
        action = parse_qs(more.get("body", b"").decode(errors="replace")).get("Action", [])
        name = action[0] if action else urlsplit(url).path.rsplit("/", 1)[-1]
        if self._free.is_set() or not (self._everything or (name in MONEY and method != "GET")):
            return await self._real(method, url, **more)
        self.held.append(name)
        answer = await self._real(method, url, **more) if self._mode != "connects late" else None
        await self._free.wait()
        if self._mode == "answers late" and answer is not None:
            return answer
        raise TransportError("Amazon is slow", sent=self._mode != "connects late")


@pytest.fixture(params=["mws", "v2"])
async def hurried(request: pytest.FixtureRequest, tmp_path: Any) -> AsyncIterator[Stage]:
    """A shop whose answers are due after a moment."""
    async with stage(f"sqlite:///{tmp_path}/ledger.sqlite3", request.param) as made:
        yield made


def hurry(play: Stage) -> None:
    with_timing(play, budget=0.3, money_call_minimum=0.0)


async def test_gateway_initialize_calls_nobody(hurried: Stage) -> None:
    checkout = hurried.saleor.checkout_create(total="40.00", user=hurried.customer)
    slow = SlowAmazon(hurried, "never answers", everything=True)
    called: list[str] = []
    steps.observe(lambda kind, name: called.append(name) if kind == "before call" else None)
    try:
        found = await hurried.saleor.payment_gateway_initialize(checkout.id, {hurried.gateway: {}})
    finally:
        steps.observe(None)
        slow.let_go()
    data: Any = found.configs[0].data
    assert data["available"] is True
    assert (called, slow.held) == ([], [])


@pytest.mark.parametrize("mode", MODES)
async def test_a_buyer_is_answered_when_amazon_cannot_even_be_looked_at(hurried: Stage, mode: Mode) -> None:
    data = hurried.buyer_data()
    checkout = hurried.saleor.checkout_create(total="40.00", user=hurried.customer)
    hurry(hurried)
    slow = SlowAmazon(hurried, mode, everything=True)
    begun = await hurried.saleor.transaction_initialize(
        checkout.id, hurried.gateway, data, action="CHARGE", requestor=hurried.customer
    )
    assert slow.held, "Amazon was not asked"
    assert begun.event.type == "CHARGE_ACTION_REQUIRED"
    assert begun.data["code"] == "retry"
    again = await hurried.saleor.transaction_process(begun.transaction.id, data, requestor=hurried.customer)
    assert again.event.type == "CHARGE_ACTION_REQUIRED"
    slow.let_go()
    with_timing(hurried, budget=15.0)
    await hurried.settle(1, rounds=1)
    if hurried.wire == "mws":
        last = await hurried.saleor.transaction_process(begun.transaction.id, data, requestor=hurried.customer)
    else:  # there PROCESS says that the buyer is back from Amazon's page, where she has never been: she begins anew
        last = await hurried.pay()
    assert last.event.type == "CHARGE_SUCCESS"
    await hurried.settle()
    await hurried.books_agree()


@pytest.mark.parametrize("mode", MODES)
async def test_a_charge_that_is_out_is_pending_and_outlives_the_answer(hurried: Stage, mode: Mode) -> None:
    """By INITIALIZE on v1, by PROCESS on Checkout v2: there the buyer confirms between them."""
    checkout = hurried.saleor.checkout_create(total="40.00", user=hurried.customer)
    data, slow = hurried.buyer_data(), SlowAmazon(hurried, mode)
    if hurried.wire == "mws":
        hurry(hurried)
    paid = await hurried.saleor.transaction_initialize(
        checkout.id, hurried.gateway, data, action="CHARGE", requestor=hurried.customer
    )
    hurry(hurried)
    paid = await hurried.confirmed(paid, data)
    assert len(slow.held) == 1
    assert paid.event.type == "CHARGE_REQUEST"
    slow.let_go()
    await hurried.settle()
    assert hurried.saleor.books()[paid.transaction.id].amounts.charged == 40
    await hurried.books_agree()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("action", ["CHARGE", "REFUND", "CANCEL"])
async def test_what_staff_ask_for_is_pending_and_outlives_the_answer(hurried: Stage, action: str, mode: Mode) -> None:
    sale = (await hurried.pay(action="CHARGE" if action == "REFUND" else "AUTHORIZATION")).transaction.id
    await hurried.settle()
    hurry(hurried)
    slow = SlowAmazon(hurried, mode)
    assert await hurried.act(sale, action, "40") == f"{action}_REQUEST"
    assert len(slow.held) == 1
    slow.let_go()
    await hurried.settle()
    amounts = hurried.saleor.books()[sale].amounts
    moved = {"CHARGE": amounts.charged, "REFUND": amounts.refunded, "CANCEL": amounts.canceled}
    assert moved[action] == 40
    await hurried.books_agree()
    if mode == "answers late":
        assert sum(slow.held.count(name) for name in MONEY) == 1, "the call was not given up and made again"
