"""Errors at the doors: a code and a remedy in Saleor's shape, which its Dashboard shows to staff."""

from __future__ import annotations

import msgspec
from starlette.background import BackgroundTask
from starlette.responses import Response

from saleor_amazonpay.steps import step, watched


def error(status: int, code: str, message: str) -> Response:
    """`{"error": {"code", "message"}}` (Saleor shows `message`, contracts saleor §1.5)."""
    body = msgspec.json.encode({"error": {"code": code, "message": message}})
    return Response(body, status_code=status, media_type="application/json")


def answer(body: bytes) -> Response:
    """A JSON body that is ready to be sent."""
    return Response(body, media_type="application/json")


def leaving(response: Response, name: str) -> Response:
    """The same answer, announced as a step before it leaves and when it has left."""
    if watched():
        step("before answer", name)
        response.background = BackgroundTask(_left, name)
    return response


async def _left(name: str) -> None:
    step("after answer", name)
