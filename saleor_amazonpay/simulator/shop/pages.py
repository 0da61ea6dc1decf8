"""The small Saleor's Dashboard: the frames that an app's pages and widgets get, and nothing of what is around them.

Served at `/dashboard/…` beside the API, as many a Saleor serves its own. The frame has the sandbox, the messages and
the traps of the real one (contracts §5.2 to §5.4): a token by handshake, or in a form for a widget posted to; theme
and language as messages; base parameters twice in the address of a widget. Whoever asks is the member of staff; with
`?staff=` somebody else, by e-mail.
"""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from saleor_amazonpay.simulator.shop.people import InstalledApp, User
from saleor_amazonpay.simulator.shop.shop import Shop

_HERE = Path(__file__).parent.parent / "dashboard"
_FILES = {"frame.js": "text/javascript", "frame.css": "text/css"}
_LIFETIME = 300


def routes(shop: Shop) -> list[Route]:
    """The Dashboard of a shop."""

    async def page(_request: Request) -> Response:
        document = (_HERE / "frame.html").read_text(encoding="utf-8")
        return HTMLResponse(document, headers={"Cache-Control": "no-store"})

    async def file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _FILES:
            return Response("There is no such file.", 404, media_type="text/plain")
        return Response((_HERE / name).read_bytes(), media_type=f"{_FILES[name]}; charset=utf-8")

    async def apps(_request: Request) -> Response:
        return JSONResponse(
            {
                "saleorApiUrl": shop.api_url,
                "apps": [
                    {"id": app.id, "name": app.name, "appUrl": app.app_url, "extensions": app.extensions}
                    for app in _alive(shop)
                ],
            }
        )

    async def token(request: Request) -> Response:
        app = next((app for app in _alive(shop) if app.id == request.query_params.get("app")), None)
        who = _staff(shop, request.query_params.get("staff", ""))
        if app is None or who is None:
            return JSONResponse({"token": None}, status_code=404)
        life = int(request.query_params.get("ttl", _LIFETIME))
        expires = int(shop.world.now().timestamp()) + life
        return JSONResponse({"token": shop.dashboard_token(app, who, exp=expires), "life": life})

    return [
        Route("/dashboard/static/{name}", file, methods=["GET"]),
        Route("/dashboard/data/apps", apps, methods=["GET"]),
        Route("/dashboard/data/token", token, methods=["GET"]),
        Route("/dashboard/{path:path}", page, methods=["GET"]),
    ]


def _alive(shop: Shop) -> list[InstalledApp]:
    return [app for app in shop.world.apps if app.alive]


def _staff(shop: Shop, email: str) -> User | None:
    if not email:
        return shop.staff
    return next((user for user in shop.world.users if user.is_staff and user.email == email), None)
