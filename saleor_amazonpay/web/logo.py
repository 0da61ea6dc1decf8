"""`/logo.png`: what the Dashboard shows beside the app's name. Saleor fetches it once, after an installation."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response


@cache
def _picture() -> bytes:
    return Path(__file__).with_name("logo.png").read_bytes()


async def logo(_request: Request) -> Response:
    """A square PNG. Saleor wants exactly this content type (contracts, saleor §1.2)."""
    return Response(_picture(), media_type="image/png", headers={"Cache-Control": "public, max-age=86400"})
