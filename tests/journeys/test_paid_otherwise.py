"""A shopper who saw a payment fail pays the same purchase otherwise, and then presses the first button again."""

from __future__ import annotations

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from tests.journeys.carts import Cart, cart
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio


async def declined(play: Stage) -> Cart:
    first = cart(play, behaviour=Behaviour.DECLINE_HARD)
    assert await first.begin() == "CHARGE_ACTION_REQUIRED"
    return first


async def test_the_first_payment_is_not_made_any_more(play: Stage) -> None:
    first = await declined(play)
    other = cart(play)
    other.checkout = first.checkout
    assert await other.begin() == "CHARGE_SUCCESS"
    first.choose(Behaviour.OK)
    assert await first.go_on() == "CHARGE_FAILURE"
    assert first.code == "already_paid"
    assert len(play.amazon.books.captures) == 1
    await play.settle()
    await play.books_agree()


async def test_without_another_payment_it_is_repaired(play: Stage) -> None:
    first = await declined(play)
    first.choose(Behaviour.OK)
    assert await first.go_on() == "CHARGE_SUCCESS"
    await play.settle()
    await play.books_agree()


async def test_saleor_being_away_does_not_stop_a_repair(play: Stage) -> None:
    first = await declined(play)
    first.choose(Behaviour.OK)
    play.saleor.faults.api_down()
    assert await first.go_on() == "CHARGE_SUCCESS"
    play.saleor.faults.clear()
    await play.settle()
    await play.books_agree()
