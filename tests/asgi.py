"""Call ASGI applications in this process, without sockets: as a client, and as the app's own door out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from saleor_amazonpay.http import HttpResponse, TransportError
from tests import published

Application = Callable[..., Any]


async def call(
    app: Application, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> HttpResponse:
    """One request to an application."""
    parts = urlsplit(url)
    raw = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    names = {name for name, _ in raw}
    raw += [(b"host", parts.netloc.encode())] * (b"host" not in names)
    raw += [(b"content-length", str(len(body)).encode())] * (b"content-length" not in names)
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": parts.scheme,
        "path": parts.path or "/", "raw_path": parts.path.encode(), "query_string": parts.query.encode(),
        "root_path": "", "headers": raw, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    sent: list[MutableMapping[str, Any]] = []
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    found = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    answer = HttpResponse(sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]), found)
    published.check(parts.path, answer.status, answer.body)
    return answer


class InProcess:
    """An `Http` that leads each origin to an application; unknown origins do not resolve."""

    def __init__(self, applications: Mapping[str, Application] | None = None) -> None:
        self.applications: dict[str, Application] = dict(applications or {})

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", timeout: float = 30.0
    ) -> HttpResponse:
        parts = urlsplit(url)
        app = self.applications.get(f"{parts.scheme}://{parts.netloc}")
        if app is None:
            raise TransportError(f"{parts.netloc} does not exist", sent=False, unresolved=True)
        try:
            return await asyncio.wait_for(call(app, method, url, headers=headers, body=body), timeout)
        except TimeoutError as error:
            raise TransportError("no answer in time", sent=True) from error

    async def close(self) -> None:
        """Nothing is held."""
