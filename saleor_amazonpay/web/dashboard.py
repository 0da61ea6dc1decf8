"""`/dashboard…`: the pages that Saleor's Dashboard shows in a frame, and the files they are made of.

The files are built from `dashboard/` (Node) and travel in the wheel; where they were not built the routes say so. A
page holds nothing of any shop: it asks our GraphQL API with the token that the Dashboard gives it. Only the Dashboard
of a Saleor in which this app is installed may frame it, and it runs no script and loads no file but its own.

A widget can also be posted to (contracts, saleor §5.4): then the Dashboard sends the token once, in the form, and the
page carries it as data. It is judged before it is written, so that nobody can have a page show what is not Saleor's.
"""

from __future__ import annotations

import gzip
from functools import cache
from html import escape
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from saleor_amazonpay import resources
from saleor_amazonpay.saleor.guard import UrlRefusedError, normal_form
from saleor_amazonpay.saleor.staff import CallerRefusedError
from saleor_amazonpay.store.lane import StoreUnavailableError
from saleor_amazonpay.store.tenants import Tenant
from saleor_amazonpay.web.body import BodyTooLargeError, read_body
from saleor_amazonpay.web.callers import recognize
from saleor_amazonpay.web.errors import error
from saleor_amazonpay.web.state import Doors

_MAX_BODY = 32 * 1024
_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "map": "application/json"}
# What of a posted form the page gets, and how long it may be (characters).
_HANDED = {"saleorApiUrl": 512, "accessToken": 16_384, "appId": 256, "orderId": 256}
_POLICY = (
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
    "base-uri 'none'", "form-action 'none'",
)  # fmt: skip


@cache
def _built(name: str) -> bytes | None:
    return resources.built(f"dashboard/{name}")


@cache
def _packed(name: str) -> bytes | None:
    content = _built(name)
    return None if content is None else gzip.compress(content, 9, mtime=0)


async def asset(request: Request) -> Response:
    """A script or style. Its name changes with its content, so that it may be kept for ever."""
    name = request.path_params["file"]
    kind = name.rpartition(".")[2]
    content = _built(name) if kind in _TYPES and "/" not in name and not name.startswith(".") else None
    if content is None:
        return error(404, "unknown_file", "There is no such file; load the page again.")
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if "gzip" in request.headers.get("accept-encoding", "") and (packed := _packed(name)) is not None:
        headers["Content-Encoding"] = "gzip"
        content = packed
    return Response(content, media_type=_TYPES[kind], headers=headers)


async def page(request: Request) -> Response:
    """The settings and money pages: one document for every path below `/dashboard`."""
    return await _show(request, "page.html", request.query_params.get("saleorApiUrl", ""))


async def widget(request: Request) -> Response:
    """The order page's and the home page's widget, in a frame that talks to the Dashboard (GET)."""
    return await _show(request, "widget.html", request.query_params.get("saleorApiUrl", ""))


async def posted_widget(request: Request) -> Response:
    """A widget that a form of the Dashboard's was posted to: the token is in the form, and nowhere in the address."""
    doors: Doors = request.app.state.doors
    try:
        body = (await read_body(request, _MAX_BODY)).decode()
        form = dict(reversed(parse_qsl(body, max_num_fields=64)))  # of a repeated field the first one counts
        tenant = await _sender(doors, form)
    except BodyTooLargeError:
        return error(413, "too_large", f"The form is larger than {_MAX_BODY} bytes.")
    except ClientDisconnect:
        return error(400, "disconnected", "The request ended before it was read.")
    except ValueError:
        return error(400, "form_invalid", "Send the form that Saleor's Dashboard sends.")
    except CallerRefusedError as refused:
        return error(401 if refused.code != "unavailable" else 503, refused.code, refused.message)
    except StoreUnavailableError:
        return error(503, "store_unavailable", "The database of the payment app is away; try again.")
    handed = {name: value for name, limit in _HANDED.items() if 0 < len(value := form.get(name, "")) <= limit}
    return await _show(request, "widget.html", tenant.api_url, handed)


async def _show(request: Request, name: str, api_url: str, handed: dict[str, str] | None = None) -> Response:
    doors: Doors = request.app.state.doors
    built = _built(name)
    if built is None:
        return error(404, "dashboard_not_built", "Run `make dashboard` (needs Node 20 or newer) and start again.")
    try:
        tenant = await _tenant(doors, api_url)
    except StoreUnavailableError:
        return error(503, "store_unavailable", "The database of the payment app is away; try again.")
    ancestors = dict.fromkeys((*([_origin(tenant.api_url)] if tenant else ()), *doors.dashboard_origins))
    base = urlsplit(doors.public_url).path.rstrip("/")
    metas = "".join(
        f'<meta name="amazonpay-{escape(key)}" content="{escape(value)}">' for key, value in (handed or {}).items()
    )
    document = built.decode().replace("{base}", escape(base)).replace("<!--handed-->", metas)
    framing = f"frame-ancestors {' '.join(ancestors)}" if ancestors else "frame-ancestors 'none'"
    headers = {
        "Content-Security-Policy": "; ".join((*_POLICY, framing)),
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(document, headers=headers)


async def _sender(doors: Doors, form: dict[str, str]) -> Tenant:
    """The Saleor whose Dashboard sent the form. Raises CallerRefusedError."""
    tenant = await _tenant(doors, form.get("saleorApiUrl", ""))
    if tenant is None:
        raise CallerRefusedError("unauthenticated", "This app is not installed in the Saleor that asks.")
    await recognize(doors, tenant, form.get("accessToken", ""))
    return tenant


async def _tenant(doors: Doors, api_url: str) -> Tenant | None:
    """The installed Saleor that the Dashboard names; None if there is no such."""
    try:
        return await doors.deps.directory.tenant(normal_form(api_url)) if api_url else None
    except UrlRefusedError:
        return None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
