"""The real app, Amazon's simulator and the small Saleor in one process, without sockets, on one movable clock.

Three books can be compared at the end: Saleor's and Amazon's (by the demo's own comparison), and our ledger.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.applications import Starlette

from saleor_amazonpay.app import Outside, create_app
from saleor_amazonpay.cli.stage import SHOP, SUBSCRIPTIONS
from saleor_amazonpay.cli.stage import Stage as DemoStage
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.notify import handle_notices
from saleor_amazonpay.flows.orders import handle_order_events
from saleor_amazonpay.flows.problems import deliver_problems
from saleor_amazonpay.flows.purchases import close_purchases
from saleor_amazonpay.flows.recover import sweep
from saleor_amazonpay.flows.report import deliver_reports, note_delivered
from saleor_amazonpay.flows.watch import watch_agreements
from saleor_amazonpay.http import HttpResponse
from saleor_amazonpay.settings import Settings
from saleor_amazonpay.simulator import amazon, shop
from saleor_amazonpay.simulator.shop.people import HANDLE_PAYMENTS, InstalledApp, User
from tests.asgi import InProcess
from tests.books import books_agree
from tests.journeys.hands import Hands
from tests.ledgers import prepared

APP = "http://127.0.0.1:8090"
SALEOR = "http://127.0.0.1:8000"
AMAZON = "http://127.0.0.1:9100"
RECURRING = {"frequency": {"unit": "Month", "value": "1"}}


class CountingHttp(amazon.InProcessHttp):
    """The way to Amazon, counting what is asked there."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(app)
        self.actions: Counter[str] = Counter()

    async def request(self, method: str, url: str, **more: Any) -> HttpResponse:
        named = parse_qs(more.get("body", b"").decode(errors="replace")).get("Action", [])
        self.actions[named[0] if named else f"{method} {urlsplit(url).path}"] += 1
        return await super().request(method, url, **more)


class Stage:
    """One installed shop with a profile, a customer and a subscription app."""

    def __init__(
        self, app: Starlette, saleor: shop.Shop, world: amazon.AmazonWorld, http: CountingHttp, wire: str
    ) -> None:
        self.wire = wire
        self.app = app
        self.saleor = saleor
        self.amazon = world
        self.http = http
        self.hands = Hands(world, wire, http.actions)
        self.demo = DemoStage(app, APP, saleor, world, AMAZON)
        self.customer: User = saleor.customer_create("jane@example.com")
        self.subscriptions = InstalledApp(
            saleor.world.next_key("App"),
            SUBSCRIPTIONS,
            "Subscriptions",
            "1",
            "",
            "s" * 30,
            frozenset({HANDLE_PAYMENTS}),
        )
        saleor.world.apps.append(self.subscriptions)

    @property
    def deps(self) -> Deps:
        return self.demo.doors.deps

    @property
    def installed(self) -> InstalledApp:
        """The app as Saleor has it, with the problems it shows."""
        return next(app for app in self.saleor.world.apps if app.identifier == self.gateway)

    @property
    def gateway(self) -> str:
        return self.demo.gateway_id

    def buyer_data(self, **choice: Any) -> dict[str, Any]:
        """A buyer signs in at Amazon and chooses: what the storefront then sends."""
        if self.wire == "v2":
            session, _back = self.amazon.pay.open_session(**choice)
            urls = {"successUrl": f"{SHOP}/result", "failureUrl": f"{SHOP}/cart"}
            return {"amazonCheckoutSessionId": session.session_id, "recurring": RECURRING, **urls}
        agreement, token = self.amazon.open_agreement(**choice)
        return {
            "amazonBillingAgreementId": agreement.agreement_id, "accessToken": token.token, "recurring": RECURRING,
        }  # fmt: skip

    async def pay(self, total: str = "40.00", action: Any = "CHARGE", data: Any = None, by: Any = None) -> Any:
        """A checkout of the customer, paid; returns Saleor's result."""
        by = by or self.customer
        checkout = self.saleor.checkout_create(total=total, user=self.customer)
        data = data or self.buyer_data()
        begun = await self.saleor.transaction_initialize(checkout.id, self.gateway, data, action=action, requestor=by)
        return await self.confirmed(begun, data, by)

    async def confirmed(self, begun: Any, data: Any, by: Any = None) -> Any:
        """Where Amazon's page comes next, the buyer pays there and comes back."""
        if not isinstance(begun.data, dict) or begun.data.get("code") != "amazon_redirect":
            return begun
        assert begun.data["amazonPayRedirectUrl"].endswith(data["amazonCheckoutSessionId"])
        self.amazon.pay.finish(data["amazonCheckoutSessionId"])
        return await self.saleor.transaction_process(begun.transaction.id, data, requestor=by or self.customer)

    async def act(self, transaction: str, action: str, amount: str) -> str:
        """Staff asks; returns the type of the transaction's newest event."""
        reason = "because" if action == "REFUND" else None
        asked = self.saleor.transaction_request_action(transaction, action, Decimal(amount), reason)
        assert not asked.errors, asked.errors
        await self.saleor.settled()
        return self.saleor.books()[transaction].events[-1].type

    async def settle(self, seconds: float = 120.0, rounds: int = 3) -> None:
        """Let time pass and everything arrive: refunds, notices, retries, reports."""
        for _ in range(rounds):
            await self.saleor.settled()
            await self.deps.running.drain()
            await note_delivered(self.deps)
            self.amazon.advance(seconds)
            await self.amazon.deliver_due()
            await handle_notices(self.deps)
            await handle_order_events(self.deps)
            await sweep(self.deps)
            await close_purchases(self.deps)
            await watch_agreements(self.deps)
            await self.deps.running.drain()
            self.amazon.advance(5)
            await deliver_reports(self.deps)
            await deliver_problems(self.deps)

    async def books_agree(self, *, foreign: bool = False) -> None:
        """Saleor, Amazon and the ledger say the same of every payment, to the cent; but for another system's."""
        agreed = await books_agree(self.saleor, self.amazon, self.deps, foreign=foreign)
        assert agreed, "there is nothing to compare"


@asynccontextmanager
async def stage(database_url: str, wire: str = "mws", **settings: Any) -> AsyncIterator[Stage]:
    """A stage, installed and with its profile."""
    world = amazon.AmazonWorld.demo(seed=1)
    http = CountingHttp(amazon.create_app(world))
    to_app = InProcess()
    small = shop.Shop(to_app, f"{SALEOR}/graphql/", clock=lambda: datetime.fromtimestamp(world.now(), UTC))
    outside = Outside(http, InProcess({SALEOR: shop.create_app(small)}), lambda: int(world.now() * 1000))
    values = {
        "database_url": prepared(database_url),
        "secret_keys": f"k:{base64.b64encode(b'k' * 32).decode()}",
        "public_url": APP,
        "allowed_saleor_urls": small.api_url,
        "amazon_endpoint": AMAZON,
        **settings,
    }
    app = create_app(Settings.model_validate(values), outside, jobs=False)
    to_app.applications[APP] = app
    world.http = to_app
    async with app.router.lifespan_context(app):
        made = Stage(app, small, world, http, wire)
        await small.install(f"{APP}/api/manifest")
        await made.demo.seed_profile(wire=wire)
        yield made
        await small.settled()
        await made.deps.running.drain()


def with_timing(made: Stage, **timing: float) -> None:
    """Change durations of the running app."""
    doors = made.app.state.doors
    deps = replace(doors.deps, timing=replace(doors.deps.timing, **timing))
    made.app.state.doors = replace(doors, deps=deps)
