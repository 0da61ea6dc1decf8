"""A shopper who saw a payment fail pays the same purchase otherwise, and then presses the first button again."""

from __future__ import annotations

import pytest

from saleor_amazonpay.simulator.amazon import Behaviour
from tests.journeys.carts import Cart, cart
from tests.journeys.known import saved
from tests.journeys.stage import Stage

pytestmark = pytest.mark.anyio


async def declined(play: Stage) -> Cart:
    first = await saved(play, Behaviour.DECLINE_HARD)
    assert await first.begin() == "CHARGE_ACTION_REQUIRED"
    return first


async def test_the_first_payment_is_not_made_any_more(either: Stage) -> None:
    first = await declined(either)
    other = cart(either)
    other.checkout = first.checkout
    assert await other.begin() == "CHARGE_SUCCESS"
    either.hands.choose(first.data)
    assert await first.go_on() == "CHARGE_FAILURE"
    assert first.code == "already_paid"
    assert either.hands.captures() == 2, "the one that made the agreement, and this purchase's"
    await either.settle()
    await either.books_agree()


async def test_without_another_payment_it_is_repaired(either: Stage) -> None:
    first = await declined(either)
    either.hands.choose(first.data)
    assert await first.go_on() == "CHARGE_SUCCESS"
    await either.settle()
    await either.books_agree()


@pytest.mark.parametrize("status", [503, 403])
async def test_a_saleor_that_does_not_tell_does_not_stop_a_repair(either: Stage, status: int) -> None:
    first = await declined(either)
    either.hands.choose(first.data)
    either.saleor.faults.api_down(status)
    assert await first.go_on() == "CHARGE_SUCCESS"
    either.saleor.faults.clear()
    await either.settle()
    await either.books_agree()
