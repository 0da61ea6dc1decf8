"""Errors at the doors: a code and a remedy in Saleor's shape, which its Dashboard shows to staff."""

from __future__ import annotations

import msgspec
from starlette.responses import Response


def error(status: int, code: str, message: str) -> Response:
    """`{"error": {"code", "message"}}` (Saleor shows `message`, contracts saleor §1.5)."""
    body = msgspec.json.encode({"error": {"code": code, "message": message}})
    return Response(body, status_code=status, media_type="application/json")


def answer(body: bytes) -> Response:
    """A JSON body that is ready to be sent."""
    return Response(body, media_type="application/json")
