"""The small Saleor over HTTP: `/graphql/`, `/.well-known/jwks.json`, and at `/dashboard/` what shows an app's pages.

In: requests of a storefront, of staff and of payment apps, told apart by their token; without a known one a caller is
anonymous. Out: what Saleor would answer. A planned outage of the API answers every request, but the keys stay readable.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from saleor_amazonpay.simulator.shop import pages
from saleor_amazonpay.simulator.shop.graphql import execute
from saleor_amazonpay.simulator.shop.people import InstalledApp, Requestor
from saleor_amazonpay.simulator.shop.roots import Caller
from saleor_amazonpay.simulator.shop.shop import Shop

MAX_BODY = 2_621_440  # bytes; more is refused with 413 (contracts §9)


def create_app(shop: Shop) -> Starlette:
    """The ASGI application of a shop."""

    async def graphql(request: Request) -> Response:
        status = shop.faults.take_api_status()
        if status is not None:
            return Response("The shop is down.", status_code=status, media_type="text/plain")
        body = await request.body()
        if len(body) > MAX_BODY:
            return Response("Request body exceeds maximum size.", status_code=413, media_type="text/plain")
        sent = _object(body)
        if sent is None:
            return JSONResponse({"errors": [{"message": "Unable to parse query."}]}, status_code=400)
        requestor = _requestor(shop, request)
        caller = Caller(shop, requestor, _customer_ip(request))
        variables = sent.get("variables")
        given = variables if isinstance(variables, dict) else {}
        answer = await execute(caller, sent.get("query"), given, sent.get("operationName"))
        if isinstance(requestor, InstalledApp) and shop.faults.take_api_drop():
            return Response("Bad gateway.", status_code=502, media_type="text/plain")
        return JSONResponse(answer.body, status_code=answer.status)

    async def jwks(_request: Request) -> Response:
        return JSONResponse(shop.signer.jwks())

    return Starlette(
        routes=[
            Route("/graphql/", graphql, methods=["POST"]),
            Route("/.well-known/jwks.json", jwks, methods=["GET"]),
            *pages.routes(shop),
        ],
        # As Saleor does unless it is told otherwise: a storefront may be on any origin.
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=["POST"],
                allow_headers=["Authorization", "Content-Type"],
            )
        ],
    )


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        read = json.loads(body)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def _requestor(shop: Shop, request: Request) -> Requestor:
    """The token of `Authorization: Bearer …`, `JWT …` or `Authorization-Bearer: …` (contracts §1.6)."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() not in ("bearer", "jwt"):
        token = request.headers.get("authorization-bearer", "")
    return shop.world.requestor(token) if token else None


def _customer_ip(request: Request) -> str | None:
    """What the client says, whoever it is: Saleor believes the header too (contracts §3.3)."""
    forwarded = request.headers.get("x-forwarded-for", "").split(",")[0].strip()
    return forwarded or (request.client.host if request.client is not None else None)
