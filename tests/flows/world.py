"""The app on a paper wire, with a Saleor that a test writes byte for byte.

Everything runs in this process: the real doors, flows and store (SQLite in a file), a paper Amazon, and a Saleor API
that only keeps the reports it gets. The clock stands still until a test moves it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from saleor_amazonpay.amazon.sns import SnsVerifier
from saleor_amazonpay.domain.operation import Operation
from saleor_amazonpay.domain.profile import Profile
from saleor_amazonpay.flows.deps import Deps, Timing
from saleor_amazonpay.flows.directory import Directory
from saleor_amazonpay.flows.recover import sweep
from saleor_amazonpay.flows.report import deliver_reports, note_delivered
from saleor_amazonpay.flows.request import Copies
from saleor_amazonpay.flows.watch import watch_agreements
from saleor_amazonpay.http import HttpResponse, TransportError
from saleor_amazonpay.saleor.client import SaleorApi
from saleor_amazonpay.saleor.guard import AllowList
from saleor_amazonpay.saleor.signature import KeyRing
from saleor_amazonpay.saleor.staff import Callers
from saleor_amazonpay.store import operations, profiles, tenants
from saleor_amazonpay.store.profiles import Assignment
from saleor_amazonpay.store.sealed import Sealer
from saleor_amazonpay.store.store import Store
from saleor_amazonpay.web.metrics import Metrics
from saleor_amazonpay.web.routes import routes
from saleor_amazonpay.web.state import Doors
from saleor_amazonpay.web.webhooks import EVENTS
from tests import asgi, keys
from tests.amazon.paper import PaperWire
from tests.amazon.sns_signer import NOW
from tests.ledgers import prepared
from tests.samples import profile

PUBLIC_URL = "https://pay.example.com"
API_URL = "https://shop.example.com/graphql/"
USER = {"__typename": "User", "id": "VXNlcjox"}
APP = {
    "__typename": "App",
    "id": "QXBwOjk=",
    "identifier": "subscriptions",
    "permissions": [{"code": "HANDLE_PAYMENTS"}],
}
AGREEMENT = "C01-1234567-1234567"
CONSENTED = {"amazonBillingAgreementId": AGREEMENT, "accessToken": "token-1", "recurring": {"frequency": {"unit": "Month", "value": "1"}}}  # fmt: skip
METHOD_EVENTS = {
    "list": ("ListStoredPaymentMethods", "list-stored-payment-methods"),
    "delete": ("StoredPaymentMethodDeleteRequested", "stored-payment-method-delete-requested"),
    "prepare": (
        "PaymentGatewayInitializeTokenizationSession", "payment-gateway-initialize-tokenization-session",
    ),
    "tokenize": (
        "PaymentMethodInitializeTokenizationSession", "payment-method-initialize-tokenization-session",
    ),
    "go_on": ("PaymentMethodProcessTokenizationSession", "payment-method-process-tokenization-session"),
}  # fmt: skip


class Clock:
    """Milliseconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_795_000_000_000

    def __call__(self) -> int:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


class SaleorApiOnPaper:
    """Saleor's GraphQL API as far as reports and one read go."""

    def __init__(self) -> None:
        self.reports: list[dict[str, Any]] = []  # that told something new; Saleor takes the same event twice as one
        self.heard: set[tuple[str, str]] = set()  # type and psp reference of the answers that arrived
        self.cards: list[dict[str, Any]] = []
        self.away = False
        self.refuse = ""
        self.missing = "1000"
        self.events: list[dict[str, Any]] = []  # what it shows of a transaction
        self.certificate: bytes | None = None

    async def request(
        self, method: str, url: str, *, headers: Any, body: bytes = b"", timeout: float = 30.0
    ) -> HttpResponse:
        if self.away:
            raise TransportError("Saleor is away", sent=False)
        if url.endswith(".pem"):
            return HttpResponse(200 if self.certificate else 503, self.certificate or b"")
        if url.endswith("jwks.json"):
            return HttpResponse(200, keys.jwks())
        asked = json.loads(body)
        if "transactionEventReport" in asked["query"]:
            errors = [{"field": "pspReference", "code": self.refuse, "message": "no"}] if self.refuse else []
            told = asked["variables"]
            known = (told["type"], told["pspReference"]) in self.heard
            if not known:
                self.reports.append(told)
            data = {"transactionEventReport": {"alreadyProcessed": known, "errors": errors, "transaction": None}}
            return HttpResponse(200, json.dumps({"data": data}).encode())
        if "transactionUpdate" in asked["query"]:
            self.cards.append(asked["variables"])
            return HttpResponse(200, b'{"data": {"transactionUpdate": {"errors": []}}}')
        zero = {"amount": 0.0, "currency": "USD"}
        amounts = ("authorizedAmount", "authorizePendingAmount", "chargedAmount", "chargePendingAmount", "refundedAmount", "refundPendingAmount", "canceledAmount", "cancelPendingAmount")  # fmt: skip
        total = {"gross": {"amount": float(self.missing), "currency": "USD"}}
        found = {
            "id": asked["variables"]["id"],
            "pspReference": "",
            "events": self.events,
            "order": None,
            **dict.fromkeys(amounts, zero),
        }
        found["checkout"] = {"id": "Q2hlY2tvdXQ6MQ==", "totalPrice": total, "transactions": []}
        return HttpResponse(200, json.dumps({"data": {"transaction": found}}).encode())

    async def close(self) -> None:
        """Nothing is held."""


class World:
    """One shop with one profile, one buyer's draft agreement, and ways to send webhooks."""

    def __init__(
        self,
        folder: Path,
        timing: Timing | None = None,
        database_url: str = "",
        api: SaleorApiOnPaper | None = None,
        **changes: object,
    ) -> None:
        self.clock = Clock()
        self.amazon = PaperWire()
        self.amazon.draft(AGREEMENT)
        self.api = api or SaleorApiOnPaper()
        self.profile: Profile = profile(**{"wire": "paper", **changes})
        url = prepared(database_url or f"sqlite:///{folder}/ledger.sqlite3")
        self.store = Store.open(url, Sealer({"k": b"k" * 32}))
        self.deps = Deps(
            store=self.store,
            directory=Directory(self.store, self.clock),
            wires={"paper": self.amazon, "mws": self.amazon, "v2": self.amazon},
            saleor=SaleorApi(self.api),
            clock=self.clock,
            timing=timing or Timing(),
        )
        self.app = self.node(self.deps)
        self._numbers = itertools.count(1)

    def node(self, deps: Deps) -> Starlette:
        """An application on the same ledger; several of them are several nodes."""
        app = Starlette(routes=routes())
        keyring = KeyRing(deps.saleor.fetch_jwks, lambda: self.clock() / 1000)
        app.state.doors = Doors(
            deps=deps,
            keys=keyring,
            allowed=AllowList.parse(API_URL),
            sns=SnsVerifier(self.api, "", NOW.timestamp),  # when the certificate of the tests is valid
            metrics=Metrics(tuple(event.name for event in EVENTS.values())),
            public_url=PUBLIC_URL,
            copies=Copies(),
            callers=Callers(keyring, deps.saleor, lambda: self.clock() / 1000),
            http=asgi.InProcess({PUBLIC_URL: app}),
        )
        return app

    def another_node(self) -> Starlette:
        """A second process on the same database: nothing in memory is shared."""
        deps = Deps(
            store=self.store, directory=Directory(self.store, self.clock), wires=self.deps.wires,
            saleor=self.deps.saleor, clock=self.clock, timing=self.deps.timing,
        )  # fmt: skip
        return self.node(deps)

    async def install(self) -> None:
        def unit(tx: Any) -> None:
            tenants.register(tx, self.store.sealer, "tenant-1", API_URL, "QXBwOjQ=", "t" * 30, keys.jwks().decode(), 1)
            profiles.insert(tx, self.store.sealer, self.profile, {"secret_key": "s"}, 1)
            profiles.assign(tx, Assignment("tenant-1", "default-channel", self.profile.id, 1, 1))

        await self.store.write(unit)

    # What Saleor sends -------------------------------------------------------------------------------------------

    def stamp(self) -> dict[str, Any]:
        """What makes every body different."""
        moment = f"2026-11-23T16:45:{next(self._numbers) % 60:02d}.{next(self._numbers):06d}+00:00"
        return {"recipient": {"id": "QXBwOjQ="}, "issuedAt": moment}

    def session(
        self, event: str = "initialize", transaction: str = "T1", amount: Any = 10.0, data: Any = None,
        action: str = "CHARGE", principal: Any = None, source: str = "Q2hlY2tvdXQ6MQ==", currency: str = "USD",
    ) -> bytes:  # fmt: skip
        payload = {
            "__typename": f"Transaction{event.capitalize()}Session",
            **self.stamp(),
            "issuingPrincipal": principal,
            "data": data,
            "action": {"amount": amount, "currency": currency, "actionType": action},
            "sourceObject": {
                "__typename": "Checkout", "id": source, "isShippingRequired": True, "user": None,
                "channel": {"slug": "default-channel", "currencyCode": currency},
            },
            "transaction": {"id": transaction, "events": []},
        }  # fmt: skip
        if event == "initialize":
            payload["idempotencyKey"] = f"key-{transaction}"
        return json.dumps(payload).encode()

    def customer(
        self, event: str, user: Any = None, principal: Any = "the user", currency: str = "USD", **more: Any
    ) -> bytes:
        """An event about stored payment methods; by default it is the user who asks."""
        user = user or USER
        payload = {
            "__typename": event, **self.stamp(), "user": {"id": user["id"]},
            "issuingPrincipal": user if principal == "the user" else principal,
            "channel": {"slug": "default-channel", "currencyCode": currency}, **more,
        }  # fmt: skip
        return json.dumps(payload).encode()

    async def stored(self, event: str, **more: Any) -> dict[str, Any]:
        """An event about stored payment methods and its answer."""
        typename, name = METHOD_EVENTS[event]
        sent = await self.send(name, self.customer(typename, **more))
        assert sent.status == 200, sent.body
        return json.loads(sent.body)  # type: ignore[no-any-return]

    def action(
        self, kind: str, amount: float, events: list[dict[str, Any]], transaction: str = "T1", psp: str = "psp"
    ) -> bytes:
        names = {"charge": "Charge", "refund": "Refund", "cancel": "Cancelation"}
        zero = {"amount": 0.0}
        payload = {
            "__typename": f"Transaction{names[kind]}Requested",
            **self.stamp(),
            "action": {"actionType": kind.upper(), "amount": amount, "currency": "USD"},
            "transaction": {
                "id": transaction, "pspReference": psp, "authorizedAmount": zero, "chargedAmount": zero,
                "events": events, "order": None, "checkout": {"id": "Q2hlY2tvdXQ6MQ=="},
            },
        }  # fmt: skip
        return json.dumps(payload).encode()

    def request(self, kind: str, amount: float, number: int, psp: str = "") -> dict[str, Any]:
        """A `*_REQUEST` event as Saleor lists it."""
        return {
            "id": f"RXZlbnQ6{number}", "type": f"{kind.upper()}_REQUEST", "pspReference": psp, "message": "why",
            "createdAt": f"2026-11-23T16:{number % 60:02d}:00.000000+00:00", "idempotencyKey": f"k{number}",
            "amount": {"amount": amount, "currency": "USD"},
        }  # fmt: skip

    async def send(self, event: str, body: bytes, node: Starlette | None = None, **headers: str) -> HttpResponse:
        """One signed webhook."""
        given = {
            "saleor-event": event.replace("-", "_"), "saleor-api-url": API_URL, "saleor-signature": keys.sign(body),
            **headers,
        }  # fmt: skip
        sent = await asgi.call(
            node or self.app, "POST", f"http://app/api/webhooks/saleor/{event}", headers=given, body=body
        )
        if sent.status == 200:
            answered = json.loads(sent.body)
            self.api.heard.add((answered.get("result", ""), answered.get("pspReference", "")))
        return sent

    async def pay(self, event: str = "initialize", node: Starlette | None = None, **session: Any) -> dict[str, Any]:
        """A session event and its answer."""
        session.setdefault("data", CONSENTED)
        sent = await self.send(f"transaction-{event}-session", self.session(event, **session), node)
        assert sent.status == 200, sent.body
        return json.loads(sent.body)  # type: ignore[no-any-return]

    async def act(
        self, kind: str, amount: float, *numbers: int, node: Starlette | None = None, **more: Any
    ) -> dict[str, Any]:
        """A charge, refund or cancel whose open requests have these numbers, and its answer."""
        events = more.pop("events", []) + [self.request(kind, amount, number) for number in numbers or (1,)]
        name = {"charge": "charge", "refund": "refund", "cancel": "cancelation"}[kind]
        sent = await self.send(f"transaction-{name}-requested", self.action(kind, amount, events, **more), node)
        assert sent.status == 200, sent.body
        return json.loads(sent.body)  # type: ignore[no-any-return]

    # What a test looks at ----------------------------------------------------------------------------------------

    async def operations(self, transaction: str = "T1") -> list[Operation]:
        return await self.store.read(lambda tx: operations.of_transaction(tx, "tenant-1", transaction))

    async def settle_down(self, seconds: float = 120.0) -> None:
        """Let everything that is out come back and every report leave."""
        await self.deps.running.drain()
        await note_delivered(self.deps)
        self.clock.advance(seconds)
        await sweep(self.deps)
        await watch_agreements(self.deps)
        await self.deps.running.drain()
        self.clock.advance(10)
        await deliver_reports(self.deps)


@asynccontextmanager
async def world(
    folder: Path, timing: Timing | None = None, database_url: str = "", **changes: object
) -> AsyncIterator[World]:
    """A world, installed, and closed at the end."""
    made = World(folder, timing, database_url, **changes)
    await made.install()
    try:
        yield made
    finally:
        await made.deps.running.drain()
        made.store.close()
