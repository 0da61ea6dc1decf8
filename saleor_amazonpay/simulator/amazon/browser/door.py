"""The routes a browser asks: scripts at Amazon's own paths, the widgets' frames, sign-in and confirmation.

Scripts are the same for every region and environment; which account a frame is about stands in its address. Nothing
here checks where a shop's page is from, as Amazon does: everything listens on loopback only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from saleor_amazonpay.simulator.amazon.browser import pages, wallet
from saleor_amazonpay.simulator.amazon.browser.frames import FrameRefusedError, Frames
from saleor_amazonpay.simulator.amazon.browser.signin import SignIn
from saleor_amazonpay.simulator.amazon.browser.wallet import Wallet

if TYPE_CHECKING:
    from saleor_amazonpay.simulator.amazon.world import AmazonWorld

_HERE = Path(__file__).parent
_SCRIPT_PATHS = (
    "/OffAmazonPayments/us/{sandbox:path}js/Widgets.js",
    "/OffAmazonPayments/{region}/{sandbox:path}lpa/js/Widgets.js",
)
_KINDS = ("address", "wallet", "consent")


@dataclass(frozen=True, slots=True)
class BrowserDoor:
    """What a buyer sees."""

    world: AmazonWorld

    def routes(self) -> list[Route]:
        """All routes."""
        signin = SignIn(self.world)
        return [
            *(Route(path, _script("Widgets.js"), methods=["GET"]) for path in _SCRIPT_PATHS),
            *(Route(f"/widgets/{name}", _script(name), methods=["GET"]) for name in ("frame.js", "popup.js")),
            *(Route(f"/widgets/{kind}", _frame(kind), methods=["GET"]) for kind in _KINDS),
            Route("/widgets/{kind}/{deed}", self._deed, methods=["POST"]),
            Route("/ap/oa", signin.ask, methods=["GET"]),
            Route("/ap/oa", signin.answer, methods=["POST"]),
            Route("/ap/confirm", signin.confirm, methods=["GET"]),
            Route("/ap/confirm", signin.confirmed, methods=["POST"]),
            Route(wallet.PATH, Wallet(self.world).show, methods=["GET"]),
            Route(wallet.PATH, Wallet(self.world).change, methods=["POST"]),
        ]

    async def _deed(self, request: Request) -> Response:
        """What a frame's script asks; a refusal is an error of the widget, told with Amazon's code."""
        self.world.tick()
        kind, deed = request.path_params["kind"], request.path_params["deed"]
        try:
            told = Frames(self.world).act(kind, deed, await request.body())
        except FrameRefusedError as refused:
            told = {"error": refused.code, "message": refused.message}
        except (msgspec.MsgspecError, KeyError) as error:
            told = {"error": "InvalidParameterValue", "message": str(error)}
        return Response(msgspec.json.encode(told), media_type="application/json")


def _script(name: str) -> Callable[[Request], Awaitable[Response]]:
    content = (_HERE / name).read_bytes()

    async def endpoint(_request: Request) -> Response:
        return Response(content, media_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})

    return endpoint


def _frame(kind: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_request: Request) -> Response:
        return HTMLResponse(pages.frame(kind))

    return endpoint
