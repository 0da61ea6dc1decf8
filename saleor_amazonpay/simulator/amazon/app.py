"""The ASGI application: Amazon's API, Login with Amazon, the SNS certificate, the control API and a page.

In comes HTTP on one origin for all of Amazon's hosts. Served alone it sends due notifications in the background; an
in-process caller calls `world.deliver_due()` itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from saleor_amazonpay.http import AioHttp
from saleor_amazonpay.simulator.amazon.browser import BrowserDoor
from saleor_amazonpay.simulator.amazon.control import Control
from saleor_amazonpay.simulator.amazon.errors import AnswerDroppedError
from saleor_amazonpay.simulator.amazon.lwa import LoginDoor
from saleor_amazonpay.simulator.amazon.mws import LIVE_PATH, SANDBOX_PATH, MwsDoor
from saleor_amazonpay.simulator.amazon.page import render
from saleor_amazonpay.simulator.amazon.v2.control import PayControl
from saleor_amazonpay.simulator.amazon.v2.door import PayDoor
from saleor_amazonpay.simulator.amazon.v2.pages import Pages
from saleor_amazonpay.simulator.amazon.v2.upgrade import PATH as UPGRADE_PATH
from saleor_amazonpay.simulator.amazon.v2.upgrade import UpgradeDoor
from saleor_amazonpay.simulator.amazon.world import AmazonWorld

Endpoint = Callable[[Request], Awaitable[Response]]

_DELIVERY_PAUSE = 0.2  # seconds between looks for due notifications


def create_app(world: AmazonWorld) -> Starlette:
    """The simulator's application over a world."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        own = None if world.http is not None else AioHttp()
        world.http = world.http or own
        delivering = asyncio.create_task(_deliver(world))
        yield
        delivering.cancel()
        with suppress(asyncio.CancelledError):
            await delivering
        if own is not None:
            world.http = None
            await own.close()

    return Starlette(
        routes=[
            *_amazon(world),
            *BrowserDoor(world).routes(),
            *Pages(world.pay).routes(),
            *Control(world).routes(),
            *PayControl(world.pay).routes(),
            Route("/", _page(world), methods=["GET"]),
        ],
        middleware=[Middleware(_DropAnswers)],
        lifespan=lifespan,
    )


def _amazon(world: AmazonWorld) -> list[Route]:
    login = LoginDoor(world)
    pay = PayDoor(world.pay).answer
    doors = {path: MwsDoor(world, sandbox=path == SANDBOX_PATH).answer for path in (SANDBOX_PATH, LIVE_PATH)}
    return [
        *(
            Route(f"{path}{slash}", door, methods=["GET", "POST"])
            for path, door in doors.items()
            for slash in ("", "/")
        ),
        Route(UPGRADE_PATH, UpgradeDoor(world).answer, methods=["GET"]),
        *(
            Route(f"{prefix}/v2/{{rest:path}}", pay, methods=["GET", "POST", "PATCH", "DELETE"])
            for prefix in ("", "/sandbox", "/live")
        ),
        Route("/auth/o2/tokeninfo", login.tokeninfo, methods=["GET"]),
        Route("/user/profile", login.profile, methods=["GET"]),
        Route("/SimpleNotificationService-{name}.pem", _certificate(world), methods=["GET"]),
    ]


def _certificate(world: AmazonWorld) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        signer = world.notifications.signer
        if request.scope["path"] != signer.path:
            return Response("no such certificate", 404, media_type="text/plain")
        return Response(signer.pem, media_type="application/x-pem-file")

    return endpoint


def _page(world: AmazonWorld) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        world.tick()
        said = request.query_params
        return HTMLResponse(render(world, done=said.get("done", ""), refused=said.get("refused", "")))

    return endpoint


async def _deliver(world: AmazonWorld) -> None:
    while True:
        await world.deliver_due()
        await asyncio.sleep(_DELIVERY_PAUSE)


class _DropAnswers:
    """Closes the connection where a fault wants no answer.

    ASGI has no word for that. uvicorn's `receive` belongs to an object that holds the connection, so it is closed
    there; callers in the same process have no connection and get the exception.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except AnswerDroppedError:
            transport = getattr(getattr(receive, "__self__", None), "transport", None)
            if transport is None:
                raise
            transport.abort()
            # The server learns of the lost connection in the next round of its loop.
            await asyncio.sleep(0)
