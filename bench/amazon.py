"""The simulated Amazon in a process of its own, with a watch on how long it takes over each request.

`python -m bench.amazon PORT`. Beside the simulator's own paths, `GET /bench/time` tells and forgets the time that was
spent on requests so far, and `POST /bench/agreements` with `{"count": 9, "confirmed": true}` opens agreements of new
buyers.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from decimal import Decimal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.serving import serve
from saleor_amazonpay.simulator.amazon import AmazonWorld, create_app

_OWN = "/bench/"


@dataclass(slots=True)
class Watch:
    """Requests answered and the seconds they took inside this process."""

    requests: int = 0
    seconds: float = 0.0


class Watched:
    """Middleware around everything: from the request's head to the last byte of the answer.

    What waits in front of this process, because it is busy with another request, is not in it.
    """

    def __init__(self, app: ASGIApp, watch: Watch) -> None:
        self._app = app
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI exchange."""
        began = time.perf_counter()
        await self._app(scope, receive, send)
        if scope["type"] == "http" and not scope["path"].startswith(_OWN):
            self._watch.seconds += time.perf_counter() - began
            self._watch.requests += 1


def simulator() -> Starlette:
    """The simulator without throttling and without a monthly limit that a bench could reach."""
    world = AmazonWorld.demo()
    world.merchant.monthly_limit = Decimal(10**9)
    watch = Watch()

    async def spent(_request: Request) -> JSONResponse:
        answer = {"requests": watch.requests, "seconds": watch.seconds}
        watch.requests, watch.seconds = 0, 0.0
        return JSONResponse(answer)

    async def agreements(request: Request) -> JSONResponse:
        asked = json.loads(await request.body())
        return JSONResponse([_agreement(world, confirmed=asked["confirmed"]) for _ in range(asked["count"])])

    app = create_app(world)
    app.router.routes.append(Route("/bench/time", spent, methods=["GET"]))
    app.router.routes.append(Route("/bench/agreements", agreements, methods=["POST"]))
    app.add_middleware(Watched, watch=watch)
    return app


def _agreement(world: AmazonWorld, *, confirmed: bool) -> dict[str, str]:
    buyer = world.create_buyer()
    agreement, token = world.open_agreement(buyer.buyer_id)
    if confirmed:
        world.agreements.confirm(agreement)
    return {"agreement_id": agreement.agreement_id, "buyer_id": buyer.buyer_id, "access_token": token.token}


if __name__ == "__main__":
    serve(simulator(), int(sys.argv[1]))
