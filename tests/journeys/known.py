"""A known customer's next purchase, and Amazon's answer to it, held back."""

from __future__ import annotations

import asyncio

from saleor_amazonpay.simulator.amazon import Behaviour
from tests.journeys.carts import Cart, cart
from tests.journeys.stage import Stage, with_timing

PHONE = "+1 206 555 0100"  # the demo shop's customer service


class Gate:
    """Holds Amazon's answer to the next charge back until it is opened."""

    def __init__(self, play: Stage) -> None:
        self.opened = asyncio.Event()
        play.amazon.sleep = self.wait
        play.hands.fault("late", "charge", seconds=1.0)
        with_timing(play, budget=0.5, money_call_minimum=0.0)

    async def wait(self, _seconds: float) -> None:
        await self.opened.wait()


async def saved(play: Stage, behaviour: Behaviour = Behaviour.OK) -> Cart:
    """A known customer's next purchase: one call stands between the click and the money."""
    first = cart(play)
    await first.begin()
    play.hands.choose(first.data, behaviour)
    play.http.actions.clear()
    return first.later()
