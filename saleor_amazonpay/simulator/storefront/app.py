"""The demo shop's server: one page for every path, its script and style, and a strict Content-Security-Policy.

The page talks to Saleor alone; the drop-in is loaded from the payment app with one script tag, as any shop would.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

_HERE = Path(__file__).parent
_FILES = {"shop.css": "text/css", "favicon.svg": "image/svg+xml"} | dict.fromkeys(
    ("shop.js", "api.js", "pages.js", "checkout.js", "account.js", "order.js", "dom.js"), "text/javascript"
)


@dataclass(frozen=True, slots=True)
class Storefront:
    """What the shop's page has to know, and whom it may load things from."""

    saleor_api_url: str
    channels: dict[str, str]  # by slug, what the shop calls them; the first is where a visitor begins
    app_url: str
    amazon_url: str  # where Amazon's scripts and frames come from
    hint: str = ""  # shown beside the sign-in form

    @property
    def policy(self) -> str:
        """The Content-Security-Policy: what a shop with Amazon Pay needs, and nothing else."""
        saleor, app, amazon = (_origin(url) for url in (self.saleor_api_url, self.app_url, self.amazon_url))
        return "; ".join(
            (
                "default-src 'none'",
                f"script-src 'self' {app} {amazon}",
                "style-src 'self'",
                f"img-src 'self' data: {saleor}",
                f"connect-src 'self' {saleor} {app}",
                f"frame-src {amazon}",
                f"form-action 'self' {amazon}",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            )
        )


def create_app(shop: Storefront) -> Starlette:
    """The ASGI application of the demo shop."""
    page = (_HERE / "index.html").read_text(encoding="utf-8")
    config = {
        "saleorApiUrl": shop.saleor_api_url,
        "channels": shop.channels,
        "hint": shop.hint,
    }
    data = msgspec.json.encode(config).decode().replace("<", "\\u003c")
    filled = page.replace("{config}", data).replace("{app}", escape(shop.app_url.rstrip("/")))
    headers = {
        "Content-Security-Policy": shop.policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }

    async def show(_request: Request) -> Response:
        return HTMLResponse(filled, headers=headers)

    async def send(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _FILES:
            return Response("There is no such file.", 404, media_type="text/plain")
        return Response((_HERE / name).read_bytes(), media_type=f"{_FILES[name]}; charset=utf-8")

    return Starlette(
        routes=[
            Route("/static/{name}", send, methods=["GET"]),
            Route("/{path:path}", show, methods=["GET"]),
        ]
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
