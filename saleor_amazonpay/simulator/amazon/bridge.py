"""An `Http` that reaches an ASGI application without a socket, for tests and benchmarks.

In comes a request for any host, out comes the application's answer. A dropped answer becomes the TransportError a
socket would give: sent, so that the caller cannot know whether it was acted on. A caller who stops waiting stops
nothing: as behind a socket, the application acts on what it has received.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from starlette.types import ASGIApp, Message, Scope

from saleor_amazonpay.http import HttpResponse, TransportError
from saleor_amazonpay.simulator.amazon.errors import AnswerDroppedError, HostGoneError


class InProcessHttp:
    """`Http` over one application, whatever the host."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._running: set[asyncio.Task[None]] = set()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout: float = 30.0,  # noqa: ASYNC109 - the limit of one exchange, not of the caller
    ) -> HttpResponse:
        """Send one request; see `Http`."""
        exchange = _Exchange(body)
        running = asyncio.create_task(self._run(_scope(method, url, headers), exchange))
        self._running.add(running)
        running.add_done_callback(self._ended)
        try:
            async with asyncio.timeout(timeout):
                await asyncio.shield(running)
        except HostGoneError as error:
            raise TransportError(str(error), sent=False, unresolved=True) from error
        except (AnswerDroppedError, TimeoutError) as error:
            raise TransportError(f"no answer: {error}", sent=True) from error
        return HttpResponse(exchange.status, b"".join(exchange.body), exchange.headers)

    async def close(self) -> None:
        """Wait for what nobody waits for any more."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self, scope: Scope, exchange: _Exchange) -> None:
        await self._app(scope, exchange.receive, exchange.send)

    def _ended(self, running: asyncio.Task[None]) -> None:
        self._running.discard(running)
        if not running.cancelled():
            running.exception()  # looked at here, since the caller may be gone


class _Exchange:
    """One request's body and its answer."""

    def __init__(self, body: bytes) -> None:
        self._request = body
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body: list[bytes] = []

    async def receive(self) -> Message:
        return {"type": "http.request", "body": self._request, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
        else:
            self.body.append(message.get("body", b""))


def _scope(method: str, url: str, headers: Mapping[str, str]) -> Scope:
    parts = urlsplit(url)
    sent = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": parts.scheme,
        "path": unquote(parts.path) or "/",
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(b"host", parts.netloc.encode()), *sent],
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname or "", parts.port or 443),
    }
