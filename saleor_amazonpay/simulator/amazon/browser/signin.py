"""Login with Amazon's page, and the confirmation page of strong customer authentication (contracts §1.10, §4).

In comes a browser, out it goes again to the shop: with an access token or an error in the query, or, from a popup, with
a message to the page that opened it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from saleor_amazonpay.simulator.amazon.browser import pages
from saleor_amazonpay.simulator.amazon.entities import Behaviour, Merchant, Outcome
from saleor_amazonpay.simulator.amazon.errors import MwsError
from saleor_amazonpay.simulator.amazon.world import NoConfirmationError

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld

_CARRIED = ("client_id", "scope", "sandbox", "redirect_uri", "popup")
_OUTCOMES = frozenset({"Success", "Failure", "Abandoned"})
_NAMES = ("Sam Rivera", "Alex Chen", "Robin Kaya", "Kim Novak")


@dataclass(frozen=True, slots=True)
class SignIn:
    """The pages outside any widget."""

    world: AmazonWorld

    async def ask(self, request: Request) -> Response:
        """Whom to sign in as."""
        carried = {name: request.query_params.get(name, "") for name in _CARRIED}
        if self._merchant(carried) is None:
            return PlainTextResponse("An unknown client was specified.", 400)
        if not _usable(carried["popup"] or carried["redirect_uri"]):
            return PlainTextResponse("The return address is no http(s) URL.", 400)
        return HTMLResponse(pages.sign_in(self.world.books.buyers, carried["scope"], carried))

    async def answer(self, request: Request) -> Response:
        """Back to the shop, signed in or not."""
        given = await _fields(request)
        merchant = self._merchant(given)
        target = given.get("popup") or given.get("redirect_uri", "")
        if merchant is None or not _usable(target):
            return PlainTextResponse("An unknown client was specified.", 400)
        answer = self._answer(given, merchant)
        if given.get("popup"):
            return HTMLResponse(pages.end_of_popup(target, msgspec.json.encode(answer).decode()))
        return RedirectResponse(f"{target}{'&' if '?' in target else '?'}{urlencode(answer)}", 303)

    async def confirm(self, request: Request) -> Response:
        """How the buyer leaves the confirmation."""
        object_id = request.query_params.get("id", "")
        books = self.world.books
        subject = books.agreements.get(object_id) or books.orders.get(object_id)
        if subject is None or subject.confirmation is None:
            return HTMLResponse(pages.nothing_to_confirm(object_id), 404)
        return HTMLResponse(pages.confirm(object_id, subject.merchant.name))

    async def confirmed(self, request: Request) -> Response:
        """Back to the shop's SuccessUrl or FailureUrl."""
        given = await _fields(request)
        outcome = given.get("outcome", "")
        if outcome not in _OUTCOMES:
            return PlainTextResponse("The buyer leaves in one of three ways.", 400)
        try:
            return RedirectResponse(self.world.finish_confirmation(given.get("id", ""), cast("Outcome", outcome)), 303)
        except (NoConfirmationError, MwsError, KeyError):
            return HTMLResponse(pages.nothing_to_confirm(given.get("id", "")), 404)

    def _answer(self, given: dict[str, str], merchant: Merchant) -> dict[str, str]:
        world = self.world
        buyer_id = given.get("buyer", "")
        if given.get("new"):
            name = _NAMES[len(world.books.buyers) % len(_NAMES)]
            email = f"{name.lower().replace(' ', '.')}@example.com"
            buyer_id = world.create_buyer(name=name, email=email, cards=Behaviour).buyer_id
        if given.get("cancel") or buyer_id not in world.books.buyers:
            return {"error": "access_denied", "error_description": "The buyer did not sign in."}
        token = world.issue_token(buyer_id, merchant)
        life = int(token.expires_at - token.issued_at)
        granted = given.get("scope", "")
        return {"access_token": token.token, "token_type": "bearer", "expires_in": str(life), "scope": granted}

    def _merchant(self, given: dict[str, str]) -> Merchant | None:
        sandbox = given.get("sandbox") != "false"
        merchants = (each for each in self.world.books.merchants if each.sandbox is sandbox)
        return next((each for each in merchants if each.client_id == given.get("client_id")), None)


async def _fields(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))


def _usable(address: str) -> bool:
    return urlsplit(address).scheme in ("http", "https")
