"""money.md §2 and §3 on both wires: one effect per request, and what becomes of a call nobody knows the end of.

The same rules on paper, where every moment can be held still, are in `tests/flows/test_session.py`, `test_actions.py`
and `test_races.py`. Every scenario here ends with three equal books.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from saleor_amazonpay.http import HttpResponse
from saleor_amazonpay.simulator.amazon import Behaviour
from saleor_amazonpay.simulator.amazon.authorizations import Authorizations
from saleor_amazonpay.simulator.amazon.clock import DAY
from saleor_amazonpay.store.lane import StoreUnavailableError
from tests.journeys.carts import Cart, cart
from tests.journeys.known import saved
from tests.journeys.seen import booked
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio
MINUTE = 60.0


class Deliveries:
    """Saleor's requests to the app, each sent so many times at once, and again later byte for byte."""

    def __init__(self, play: Stage, copies: int = 1) -> None:
        self.copies = copies
        self.last: tuple[bytes, tuple[str, str], dict[str, Any]] = (b"", ("", ""), {})
        self._http: Any = play.amazon.http
        self._real = self._http.request
        self._http.request = self.request

    async def request(self, method: str, url: str, **more: Any) -> HttpResponse:
        if "/webhooks/saleor/" not in url:
            answer: HttpResponse = await self._real(method, url, **more)
            return answer
        answers = await asyncio.gather(*(self._real(method, url, **more) for _ in range(self.copies)))
        assert len({each.body for each in answers}) == 1, "the same bytes had different answers"
        self.last = answers[0].body, (method, url), more
        return answers[0]

    async def again(self) -> None:
        first, where, more = self.last
        assert first, "nothing was sent"
        answers = await asyncio.gather(*(self._real(*where, **more) for _ in range(8)))
        assert {each.body for each in answers} == {first}


async def test_the_same_bytes_however_often_are_one_charge_with_one_answer(either_on_both: Stage) -> None:
    play = either_on_both
    sent = Deliveries(play, copies=4)
    sale = cart(play)
    assert await sale.begin() == "CHARGE_SUCCESS"
    await sent.again()
    await play.settle()
    play.amazon.advance(3600)
    await sent.again()
    assert await sale.staff("REFUND", "10") == "REFUND_REQUEST"
    await sent.again()
    await play.settle()
    await sent.again()
    assert (play.hands.captures(), len(play.hands.refunds())) == (1, 1)
    await play.books_agree()


async def test_eight_clicks_at_once_are_one_charge(either_on_both: Stage) -> None:
    """Eight bodies, each another, for one attempt."""
    play = either_on_both
    sale = cart(play)
    by, data = play.customer, sale.data
    sale.last = await play.saleor.transaction_initialize(
        sale.checkout.id, play.gateway, data if play.hands.v2 else None, action="CHARGE", requestor=by
    )
    assert sale.event == "CHARGE_ACTION_REQUIRED", "a page of Amazon's, or an agreement, comes first"
    if play.hands.v2:
        play.amazon.pay.finish(data["amazonCheckoutSessionId"])
    clicks = [play.saleor.transaction_process(sale.transaction, data, requestor=by) for _ in range(8)]
    answers = await asyncio.gather(*clicks)
    assert {each.event.type for each in answers} == {"CHARGE_SUCCESS"}
    assert len({each.event.psp_reference for each in answers}) == 1
    await play.settle()
    assert (play.hands.charges(), play.hands.captures()) == (1, 1)
    await play.books_agree()


async def test_eight_requests_of_staff_at_once_are_one_refund(either_on_both: Stage) -> None:
    """Saleor has eight requests of the same amount, and each names the ones before it."""
    play = either_on_both
    payment = (await play.pay()).transaction.id
    await play.settle()
    for _ in range(8):
        play.saleor.transaction_request_action(payment, "REFUND", Decimal(5), "because")
    await play.saleor.settled()
    await play.settle()
    assert len(play.hands.refunds()) == 1
    await play.books_agree()


async def test_a_charge_that_amazon_throttled_moved_nothing_and_may_be_tried_again(either: Stage) -> None:
    play = either
    later = await saved(play)
    play.hands.fault("throttle", "charge", times=9)
    assert await later.begin() == "CHARGE_ACTION_REQUIRED"
    assert later.code == "not_executed"
    assert await booked(play) == 4_000, "the first purchase alone"
    play.amazon.faults.clear()
    assert await later.go_on() == "CHARGE_SUCCESS"
    await play.settle()
    assert play.hands.captures() == 2
    await play.books_agree()


async def lost(play: Stage) -> Cart:
    """A known customer's charge which Amazon never made, and about which it says nothing of use."""
    later = await saved(play)
    await play.settle()
    play.hands.fault("error", "charge", times=0)
    assert await later.begin() == "CHARGE_REQUEST"
    return later


async def test_a_buyers_charge_is_repeated_within_ten_minutes(either: Stage) -> None:
    play = either
    later = await lost(play)
    play.amazon.faults.clear()
    await play.settle(MINUTE)
    assert later.events[-1] == "CHARGE_SUCCESS"
    assert play.hands.captures() == 2
    await play.books_agree()


async def test_a_buyers_charge_is_never_repeated_after_ten_minutes_and_has_failed_after_a_day(either: Stage) -> None:
    play = either
    later = await lost(play)
    await play.settle(3 * MINUTE, rounds=4)
    play.amazon.faults.clear()
    play.http.actions.clear()
    await play.settle(3600, rounds=3)
    assert (later.amounts.charged, later.amounts.charge_pending) == (0, 40)
    await play.settle(DAY / 2)
    assert play.hands.asked("charge") == 0
    assert later.events[-1] == "CHARGE_FAILURE"
    assert (play.hands.captures(), await booked(play)) == (1, 4_000)
    await play.books_agree()


async def test_a_buyers_charge_is_not_repeated_once_something_else_pays_for_the_purchase(either: Stage) -> None:
    play = either
    later = await lost(play)
    play.amazon.faults.clear()
    data, by = play.buyer_data(), play.customer
    other = await play.saleor.transaction_initialize(
        later.checkout.id, play.gateway, data, Decimal(40), "CHARGE", requestor=by
    )
    assert (await play.confirmed(other, data)).event.type == "CHARGE_SUCCESS"
    play.http.actions.clear()
    await play.settle(MINUTE)
    await play.settle(DAY / 2)
    assert play.hands.asked("charge") == 0
    assert later.events[-1] == "CHARGE_FAILURE"
    assert play.hands.captures() == 2, "the one that made the agreement, and this purchase's"
    await play.books_agree()


async def test_a_database_that_goes_away_while_amazon_is_asked_leaves_a_pending_answer_that_stays_true(
    either_on_both: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = either_on_both
    later = await saved(play)
    await play.settle()
    ask, write = play.http.request, play.deps.store.write
    failing = 0

    async def asked(*where: Any, **more: Any) -> HttpResponse:
        nonlocal failing
        answer = await ask(*where, **more)
        if play.hands.asked("charge") == 1 and play.hands.captures() == 2:
            failing, play.http.request = 2, ask  # type: ignore[method-assign] # the outcome, and the answer
        return answer

    async def written(unit: Any) -> Any:
        nonlocal failing
        if failing:
            failing -= 1
            raise StoreUnavailableError("the database is away")
        return await write(unit)

    play.http.actions.clear()
    play.http.request = asked  # type: ignore[method-assign]
    with monkeypatch.context() as patch:
        patch.setattr(play.deps.store, "write", written)
        assert await later.begin() == "CHARGE_REQUEST"
    assert failing == 0, "the database was to be away"
    (row,) = await later.rows()
    assert later.last.event.psp_reference == row.id
    await play.settle()
    newest = play.saleor.books()[later.transaction].events[-1]
    assert (newest.type, newest.psp_reference) == ("CHARGE_SUCCESS", row.id)
    assert play.hands.captures() == 2
    await play.books_agree()


async def test_money_that_amazon_only_reserved_is_an_authorization_and_can_be_taken_later(
    either: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On v1 CaptureNow that reserves alone; on Checkout v2 our own capture of a slow charge, refused."""
    play = either
    later = await saved(play, Behaviour.TIMED_OUT)
    if play.hands.v2:
        play.hands.fault("refuse", "capture", code="AmazonRejected", times=0)
    else:
        monkeypatch.setattr(Authorizations, "_reserve", lambda self, made, at: self._open(made, at))
    assert await later.begin() == "CHARGE_REQUEST"
    await play.settle()
    play.amazon.faults.clear()
    assert later.events[-1] == "AUTHORIZATION_SUCCESS"
    assert (later.amounts.authorized, later.amounts.charged, later.amounts.charge_pending) == (40, 0, 0)
    await play.books_agree()
    assert await later.staff("CHARGE", "40") == "CHARGE_SUCCESS"
    await play.settle()
    assert later.amounts.charged == 40
    await play.books_agree()
