"""A payment app in memory: it answers the small Saleor as a test tells it to, and remembers what it was sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from saleor_amazonpay.http import HttpResponse

MANIFEST_URL = "http://app.test/api/manifest"
TOKEN_URL = "http://app.test/api/register"
HOOK_URL = "http://app.test/hooks"
APP_ID = "test.payments"

Reply = Any  # JSON for a 200, an HttpResponse, an Exception to raise, or a function of the parsed body

_EVENT_FIELDS = "id type pspReference message createdAt idempotencyKey amount { amount currency }"
_TRANSACTION = f"""transaction {{
    id pspReference authorizedAmount {{ amount }} chargedAmount {{ amount }} events {{ {_EVENT_FIELDS} }}
}}"""
_COMMON = """issuedAt issuingPrincipal { __typename ... on User { id } ... on App { id identifier } }"""


def query(typename: str, fields: str) -> str:
    return f"subscription {{ event {{ __typename {_COMMON} ... on {typename} {{ {fields} }} }} }}"


_SESSION = f"data action {{ actionType amount currency }} sourceObject {{ __typename }} {_TRANSACTION}"
_ACTION = f"action {{ actionType amount currency }} {_TRANSACTION}"
QUERIES = {
    "PAYMENT_GATEWAY_INITIALIZE_SESSION": query("PaymentGatewayInitializeSession", "amount data"),
    "TRANSACTION_INITIALIZE_SESSION": query("TransactionInitializeSession", f"idempotencyKey {_SESSION}"),
    "TRANSACTION_PROCESS_SESSION": query("TransactionProcessSession", _SESSION),
    "TRANSACTION_CHARGE_REQUESTED": query("TransactionChargeRequested", _ACTION),
    "TRANSACTION_REFUND_REQUESTED": query(
        "TransactionRefundRequested", f"{_ACTION} grantedRefund {{ id amount {{ amount }} status }}"
    ),
    "TRANSACTION_CANCELATION_REQUESTED": query("TransactionCancelationRequested", _ACTION),
    "APP_DELETED": query("AppDeleted", "app { id }"),
}


def webhook(event: str, text: str, **more: Any) -> dict[str, Any]:
    kind = "asyncEvents" if event.startswith(("APP_", "ORDER_", "CHECKOUT_")) else "syncEvents"
    return {"name": event, "targetUrl": f"{HOOK_URL}/{event.lower()}", kind: [event], "query": text, **more}


def manifest(**changes: Any) -> dict[str, Any]:
    return {
        "id": APP_ID,
        "name": "Test payments",
        "version": "1.0",
        "permissions": ["HANDLE_PAYMENTS"],
        "tokenTargetUrl": TOKEN_URL,
        "webhooks": [webhook(event, text) for event, text in QUERIES.items()],
        **changes,
    }


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    url: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def event(self) -> str:
        return self.headers.get("Saleor-Event", "").upper()

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


class FakeApp:
    """An `Http` behind which the app lives. Replies are used in order; the last one stays."""

    def __init__(self, answered_manifest: dict[str, Any] | None = None) -> None:
        self.manifest: Reply = answered_manifest or manifest()
        self.registration: Reply = {"success": True}
        self.calls: list[Call] = []
        self._replies: dict[str, list[Reply]] = {}

    def reply(self, event: str, *replies: Reply) -> None:
        self._replies[event] = list(replies)

    def received(self, event: str) -> list[Call]:
        return [call for call in self.calls if call.event == event]

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout: float = 30.0,
    ) -> HttpResponse:
        call = Call(method, url, dict(headers), body)
        self.calls.append(call)
        if url == MANIFEST_URL:
            return _response(self.manifest, call)
        if url == TOKEN_URL:
            return _response(self.registration, call)
        waiting = self._replies.get(call.event, [{}])
        return _response(waiting.pop(0) if len(waiting) > 1 else waiting[0], call)

    async def close(self) -> None:
        """Nothing is held."""


def _response(reply: Reply, call: Call) -> HttpResponse:
    if isinstance(reply, Callable):  # type: ignore[arg-type]
        reply = reply(call.body)
    if isinstance(reply, Exception):
        raise reply
    return reply if isinstance(reply, HttpResponse) else HttpResponse(200, json.dumps(reply).encode())
