"""The small Saleor's ASGI application as an `Http`, so that clients reach it without a network."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from saleor_amazonpay.http import HttpResponse


class Door:
    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout: float = 30.0,
    ) -> HttpResponse:
        scope = {
            "type": "http",
            "method": method,
            "path": urlsplit(url).path,
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("192.0.2.7", 5000),
        }
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await self._application(scope, receive, send)
        content = b"".join(message.get("body", b"") for message in sent)
        return HttpResponse(sent[0]["status"], content)

    async def close(self) -> None:
        """Nothing is held."""
