"""The buyer's own page of an agreement at Amazon, of either generation: change the payment method, or end it.

In comes the link that a shop shows, out comes a page whose buttons do what the buyer does on pay.amazon: the agreement
reopens by itself, and the shop hears of it by a notification (contracts §5.5, §6.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from saleor_amazonpay.simulator.amazon.browser import pages
from saleor_amazonpay.simulator.amazon.browser.frames import CARDS
from saleor_amazonpay.simulator.amazon.entities import Buyer, Card

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld

PATH = "/jr/your-account/ba/{agreement}"


@dataclass(frozen=True, slots=True)
class Wallet:
    """The page."""

    world: AmazonWorld

    async def show(self, request: Request) -> Response:
        """How the agreement stands, and the buyer's cards."""
        self.world.tick()
        found = self._found(request.path_params["agreement"])
        if found is None:
            return HTMLResponse(pages.no_agreement(), 404)
        state, buyer, card = found
        cards = {each.card_id: " ".join(filter(None, CARDS[each.behaviour])) for each in buyer.cards.values()}
        return HTMLResponse(pages.wallet(state, cards, card.card_id if card is not None else ""))

    async def change(self, request: Request) -> Response:
        """Another card, or the end."""
        key = request.path_params["agreement"]
        if self._found(key) is None:
            return HTMLResponse(pages.no_agreement(), 404)
        given = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        if given.get("end"):
            self._end(key)
        elif given.get("card"):
            self._choose(key, given["card"])
        return RedirectResponse(request.url.path, 303)

    def _found(self, key: str) -> tuple[str, Buyer, Card | None] | None:
        agreement = self.world.books.agreements.get(key)
        if agreement is not None:
            return agreement.status.state, agreement.buyer, agreement.card
        permission = self.world.pay.books.permissions.get(key)
        return None if permission is None else (permission.state.name, permission.buyer, permission.card)

    def _choose(self, key: str, card_id: str) -> None:
        if key in self.world.books.agreements:
            self.world.change_payment_method(key, card_id, on_amazon=True)
        else:
            self.world.pay.change_method(key, card_id)

    def _end(self, key: str) -> None:
        if key in self.world.books.agreements:
            self.world.close_agreement(key)
        else:
            self.world.pay.end(key)
