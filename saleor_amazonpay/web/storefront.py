"""`/storefront/…`: the drop-in for shops, and the one question its page asks us directly.

The files are built from `storefront/` (Node) and travel in the wheel; where they were not built the route says so. They
are the same for everybody and may be cached; everything else of the drop-in goes through Saleor.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Annotated

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from saleor_amazonpay import resources
from saleor_amazonpay.domain.address import PostalAddress
from saleor_amazonpay.flows.address import AddressQuestion, chosen_address, profile_of
from saleor_amazonpay.flows.prepare import Refusal
from saleor_amazonpay.flows.wording import sentence
from saleor_amazonpay.saleor.addresses import address_input
from saleor_amazonpay.saleor.guard import UrlRefusedError, normal_form
from saleor_amazonpay.store.lane import StoreUnavailableError
from saleor_amazonpay.store.sealed import UnsealError
from saleor_amazonpay.web.body import BodyTooLargeError, read_body
from saleor_amazonpay.web.errors import answer, error
from saleor_amazonpay.web.state import Doors

_SCRIPTS = ("amazonpay.js", "amazonpay.mjs", "amazonpay-de.mjs")
_FILES = dict.fromkeys(_SCRIPTS, "text/javascript; charset=utf-8") | dict.fromkeys(
    (f"{name}.map" for name in _SCRIPTS), "application/json"
)
_MAX_BODY = 8 * 1024

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]
_AmazonId = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[A-Za-z0-9_-]+\Z")]
_Token = Annotated[str, msgspec.Meta(max_length=4096, pattern=r"^[!-~]*\Z")]


class _Question(msgspec.Struct, rename="camel"):
    saleor_api_url: _Text
    purchase_id: _Text
    agreement: _AmazonId
    token: _Token = ""


_DECODER = msgspec.json.Decoder(_Question)


@cache
def _file(name: str) -> tuple[bytes, str] | None:
    content = resources.built(f"storefront/{name}")
    return None if content is None else (content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


async def script(request: Request) -> Response:
    """The drop-in: `amazonpay.js` for a script tag, `amazonpay.mjs` as a module."""
    name = request.path_params["file"]
    if name not in _FILES:
        return error(404, "unknown_file", f"There are {', '.join(sorted(_FILES))}.")
    found = _file(name)
    if found is None:
        return error(404, "storefront_not_built", "Run `make storefront` (needs Node 20 or newer) and start again.")
    content, tag = found
    headers = {
        "ETag": tag,
        "Cache-Control": "public, max-age=300",
        "Access-Control-Allow-Origin": "*",  # a module, or a script with an integrity hash, is fetched with CORS
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=_FILES[name], headers=headers)


async def address_preflight(request: Request) -> Response:
    """May a page of this origin ask at all? Which purchase it may ask about is held against its own profile later."""
    doors: Doors = request.app.state.doors
    origin = await _shop_origin(doors, request)
    if not origin:
        return _origin_refused()
    return Response(
        status_code=204,
        headers={
            **_cors(origin),
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "content-type",
            "Access-Control-Max-Age": "600",
        },
    )


async def address(request: Request) -> Response:
    """The address the buyer chose at Amazon, for the buyer's own proof and on a page of the profile's shop only."""
    doors: Doors = request.app.state.doors
    try:
        origin = await _shop_origin(doors, request)
        if not origin:
            return _origin_refused()
        response = await _answer(doors, await read_body(request, _MAX_BODY), origin)
    except BodyTooLargeError:
        return error(413, "too_large", f"The question is larger than {_MAX_BODY} bytes.")
    except ClientDisconnect:
        return error(400, "disconnected", "The request ended before it was read.")
    except StoreUnavailableError:
        return error(503, "store_unavailable", "The database of the payment app is away; try again.")
    response.headers.update({**_cors(origin), "Cache-Control": "no-store"})
    return response


async def _answer(doors: Doors, body: bytes, origin: str) -> Response:
    try:
        asked = _DECODER.decode(body)
        tenant = await doors.deps.directory.tenant(normal_form(asked.saleor_api_url))
    except (msgspec.MsgspecError, UnicodeDecodeError, UrlRefusedError):
        return error(400, "data_invalid", "Send saleorApiUrl, purchaseId, agreement and token as texts.")
    profile = await profile_of(doors.deps, tenant.id, asked.purchase_id) if tenant is not None else None
    if tenant is None or profile is None:
        return error(404, "choose_again", "No profile was chosen for this purchase: call paymentGatewayInitialize.")
    if origin not in profile.shop_origins:
        return _origin_refused()
    question = AddressQuestion(tenant.id, asked.purchase_id, asked.agreement, asked.token)
    try:
        found: PostalAddress | Refusal = await chosen_address(doors.deps, profile, question)
    except UnsealError:
        found = Refusal("retry")  # an operator has to mend it, and is told by a problem; the buyer may come back
    if isinstance(found, Refusal):
        return error(422, found.code, sentence(found.code))
    return answer(msgspec.json.encode({"address": address_input(found)}))


async def _shop_origin(doors: Doors, request: Request) -> str:
    """The page's origin if any profile has it as a shop's, so that its script may read even a refusal; else empty."""
    origin = request.headers.get("origin", "")
    snapshot = await doors.deps.directory.current()
    known = any(origin in profile.shop_origins for profile in snapshot.profiles.values())
    return origin if known else ""


def _cors(origin: str) -> dict[str, str]:
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}


def _origin_refused() -> Response:
    return error(403, "foreign_origin", "The page is not on one of the profile's shop origins; add it there.")
