"""Webhooks on their way: signed requests to the app, and what counts as an answer (contracts §2, §3.7).

In: a webhook, an event name and a body. Out: the parsed answer, or None. Three ways of sending, and money depends on
not mixing them up: a session event is sent once, while the storefront waits; an action event is sent from the
background, and after an answer of 500 or more again and again with an EMPTY body; an async event is repeated unchanged.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from saleor_amazonpay.http import Http, HttpResponse, TransportError
from saleor_amazonpay.simulator.shop.answers import AnswerCrashError
from saleor_amazonpay.simulator.shop.faults import Faults
from saleor_amazonpay.simulator.shop.people import InstalledApp, Webhook
from saleor_amazonpay.simulator.shop.signing import Signer

READ_TIMEOUT = 18.0  # seconds; Saleor's own, the same for every event
RETRY_DELAYS = (10.0, 20.0, 40.0, 80.0, 160.0)  # seconds

USER_AGENT = "Saleor/3.24"

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one request: no status means that no answer was read. `body` is None unless it was JSON."""

    status: int | None
    body: Any = None

    @property
    def delivered(self) -> bool:
        """Whether the app answered 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def failed_there(self) -> bool:
        """Whether the app answered that it broke."""
        return self.status is not None and self.status >= 500


class Post:
    """Sends webhooks and keeps the background work of the shop.

    Args:
        http: the way to the app.
        api_url: the shop's GraphQL URL, which names it to the app.
        signer: signs the bodies.
        faults: asked before each exchange.
        sleep: waits between retries; tests hand in one that does not.
    """

    def __init__(self, http: Http, api_url: str, signer: Signer, faults: Faults, sleep: Sleep) -> None:
        self._http = http
        self._signer = signer
        self._faults = faults
        self._sleep = sleep
        self._jobs: set[asyncio.Task[None]] = set()
        self.api_url = api_url
        self.read_timeout = READ_TIMEOUT
        self.retry_delays = RETRY_DELAYS
        self.crashes: list[str] = []

    async def ask(self, webhook: Webhook, event: str, body: bytes) -> Any:
        """Send a session event once: the JSON of a 2xx answer, or None."""
        sent = await self._send(webhook, event, body)
        return sent.body if sent.delivered else None

    async def request_action(
        self, app: InstalledApp, webhook: Webhook, event: str, body: bytes, settle: Callable[[Any], object]
    ) -> None:
        """Send an action event and hand the JSON of any answer below 500 to `settle`, None if there is none.

        Nothing at all happens if app or webhook are inactive by then: the request stays open.
        """
        for delay in (*self.retry_delays, None):
            if not app.alive or not webhook.is_active:
                return
            sent = await self._send(webhook, event, body)
            if not sent.failed_there:
                settle(sent.body)
                return
            if delay is not None:
                # Saleor has overwritten the stored body by now: what is repeated names nothing.
                body = b""
                await self._sleep(delay)
        settle(None)

    async def deliver(self, webhook: Webhook, event: str, body: bytes) -> None:
        """Send an async event, again after 5xx and transport errors, never after 3xx and 4xx."""
        for delay in (*self.retry_delays, None):
            sent = await self._send(webhook, event, body)
            if sent.status is not None and not sent.failed_there:
                return
            if delay is not None:
                await self._sleep(delay)

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the request that asked for it; `settled` waits for it."""
        job = asyncio.get_running_loop().create_task(self._guarded(work))
        self._jobs.add(job)
        job.add_done_callback(self._forget)

    async def settled(self) -> None:
        """Wait until no background work is left. Raises what it raised, except crashes an app's answer caused."""
        while self._jobs:
            jobs = list(self._jobs)
            self._jobs.difference_update(jobs)
            await asyncio.gather(*jobs)

    def _forget(self, job: asyncio.Task[None]) -> None:
        """Keep only what `settled` still has to wait for, or to raise."""
        if job.cancelled() or job.exception() is None:
            self._jobs.discard(job)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except AnswerCrashError as crash:
            self.crashes.append(str(crash))

    async def _send(self, webhook: Webhook, event: str, body: bytes) -> Sent:
        fault = self._faults.take(event)
        if fault == "unreachable":
            return Sent(None)
        exchange = self._exchange(webhook, event, body)
        if fault == "late":
            self.background(_ignore(exchange))
            return Sent(None)
        try:
            response = await exchange
        except TransportError:
            return Sent(None)
        if fault == "gateway":
            return Sent(502)
        return Sent(None) if fault == "drop" else Sent(response.status, _json(response.body))

    async def _exchange(self, webhook: Webhook, event: str, body: bytes) -> HttpResponse:
        headers = self.headers() | {
            "Content-Type": "application/json",
            "Saleor-Event": event.lower(),
            "X-Saleor-Event": event.lower(),
            "Saleor-Signature": self._signer.sign(body),
        }
        headers["X-Saleor-Signature"] = headers["Saleor-Signature"]
        headers |= webhook.custom_headers
        url = webhook.target_url
        return await self._http.request("POST", url, headers=headers, body=body, timeout=self.read_timeout)

    def headers(self) -> dict[str, str]:
        """The headers that name this shop to an app."""
        domain = urlsplit(self.api_url).netloc
        return {
            "User-Agent": USER_AGENT,
            "Saleor-Domain": domain,
            "X-Saleor-Domain": domain,
            "Saleor-Api-Url": self.api_url,
        }


async def _ignore(exchange: Awaitable[HttpResponse]) -> None:
    try:
        await exchange
    except TransportError:
        return


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None
