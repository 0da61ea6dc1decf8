"""`GET /api/manifest` and `POST /api/register`: how a Saleor gets to know this app, and this app that Saleor."""

from __future__ import annotations

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from saleor_amazonpay.flows.register import RegistrationRefusedError, register
from saleor_amazonpay.saleor.manifest import render
from saleor_amazonpay.store.lane import StoreUnavailableError
from saleor_amazonpay.web.body import BodyTooLargeError, read_body
from saleor_amazonpay.web.errors import answer, error
from saleor_amazonpay.web.state import Doors

_MAX_BODY = 16 * 1024


class _Token(msgspec.Struct):
    auth_token: str = msgspec.field(default="")


_DECODER = msgspec.json.Decoder(_Token)


async def manifest(request: Request) -> Response:
    """The manifest, with this app's own address in it."""
    doors: Doors = request.app.state.doors
    base = doors.public_url or str(request.base_url).rstrip("/")
    try:
        return answer(msgspec.json.encode(render(base, request.headers.get("saleor-schema-version", ""))))
    except ValueError as unusable:
        return error(500, "public_url", f"AMAZONPAY_PUBLIC_URL: {unusable}")


async def registration(request: Request) -> Response:
    """Take the app token that Saleor sends when the app is installed."""
    doors: Doors = request.app.state.doors
    try:
        token = _DECODER.decode(await read_body(request, _MAX_BODY)).auth_token
        api_url = request.headers.get("saleor-api-url", "")
        if not token or not api_url:
            return error(400, "token_missing", "Saleor-Api-Url and auth_token are both needed; install again.")
        tenant = await register(doors.deps, doors.allowed, doors.keys, api_url, token)
    except BodyTooLargeError:
        return error(413, "too_large", "A registration is a token of 30 characters.")
    except (msgspec.MsgspecError, UnicodeDecodeError, ClientDisconnect):
        return error(400, "not_json", 'The body must be {"auth_token": "…"}.')
    except RegistrationRefusedError as refused:
        return error(403, refused.code, refused.message)
    except StoreUnavailableError:
        return error(503, "store_unavailable", "The database of the payment app is away; install again later.")
    return answer(msgspec.json.encode({"success": True, "app": tenant.app_id}))
