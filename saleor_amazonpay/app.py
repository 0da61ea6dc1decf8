"""The composition root: settings in, an ASGI application out. The only place that knows which wires there are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from starlette.applications import Starlette

from saleor_amazonpay.amazon.mws.wire import MwsWire
from saleor_amazonpay.amazon.port import Wire
from saleor_amazonpay.amazon.sns import SnsVerifier
from saleor_amazonpay.amazon.v2.wire import V2Wire
from saleor_amazonpay.flows.deps import Deps, Timing
from saleor_amazonpay.flows.directory import Directory
from saleor_amazonpay.flows.request import Copies
from saleor_amazonpay.http import AioHttp, Announced, Http
from saleor_amazonpay.jobs.engine import Engine
from saleor_amazonpay.saleor.client import SaleorApi
from saleor_amazonpay.saleor.guard import AllowList
from saleor_amazonpay.saleor.signature import KeyRing
from saleor_amazonpay.saleor.staff import Callers
from saleor_amazonpay.settings import Settings
from saleor_amazonpay.store.migrate import upgrade
from saleor_amazonpay.store.sealed import Sealer
from saleor_amazonpay.store.store import Store
from saleor_amazonpay.web.metrics import Metrics
from saleor_amazonpay.web.routes import routes
from saleor_amazonpay.web.state import Doors
from saleor_amazonpay.web.webhooks import EVENTS


@dataclass(frozen=True, slots=True)
class Outside:
    """How the app reaches the world; tests hand in their own.

    `amazon` and `saleor` are the doors out, `clock` gives epoch milliseconds, UTC.
    """

    amazon: Http
    saleor: Http
    clock: Callable[[], int]


def real_outside(settings: Settings) -> Outside:
    """The internet. Saleor's address is held against the allow-list each time it is resolved."""
    allowed = AllowList.parse(settings.allowed_saleor_urls)
    return Outside(AioHttp(), AioHttp(allowed.address_allowed), lambda: time.time_ns() // 1_000_000)


def announced(outside: Outside) -> Outside:
    """The same, with every call a step."""
    return replace(outside, amazon=Announced(outside.amazon), saleor=Announced(outside.saleor))


def make_deps(settings: Settings, outside: Outside, *, migrate: bool = True) -> Deps:
    """Open the database, bring its schema up to date, and put everything together.

    `migrate=False` leaves the database as it is, and does not even ask whether it is there.
    """
    store = Store.open(settings.database_url, Sealer(settings.sealing_keys), settings.writers)
    if migrate:
        upgrade(store.engine)
    clock = outside.clock
    kinds = (MwsWire, V2Wire)
    wires: dict[str, Wire] = {
        kind.name: kind(outside.amazon, settings.amazon_endpoint, lambda: clock() / 1000) for kind in kinds
    }
    return Deps(
        store=store,
        directory=Directory(store, clock),
        wires=wires,
        saleor=SaleorApi(outside.saleor),
        clock=clock,
        public_url=settings.public_url,
        timing=Timing(budget=settings.budget, money_call_minimum=settings.money_call_minimum),
        topic_accounts=settings.trusted_topics,
    )


def make_doors(settings: Settings, outside: Outside, deps: Deps) -> Doors:
    """What the web layer needs beside the flows' dependencies."""
    keys = KeyRing(deps.saleor.fetch_jwks, lambda: outside.clock() / 1000)
    return Doors(
        deps=deps,
        keys=keys,
        allowed=AllowList.parse(settings.allowed_saleor_urls),
        sns=SnsVerifier(outside.amazon, settings.amazon_endpoint, lambda: outside.clock() / 1000),
        metrics=Metrics(tuple(event.name for event in EVENTS.values()), deps.handled),
        public_url=settings.public_url,
        copies=Copies(),
        callers=Callers(keys, deps.saleor, lambda: outside.clock() / 1000),
        http=outside.amazon,
        graphiql=settings.graphiql,
        dashboard_origins=settings.other_dashboards,
    )


def create_app(settings: Settings, outside: Outside | None = None, *, jobs: bool = True) -> Starlette:
    """The application. `jobs=False` leaves background work to whoever calls it (tests)."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        world = announced(outside or real_outside(settings))
        deps = await asyncio.to_thread(make_deps, settings, world)
        app.state.doors = make_doors(settings, world, deps)
        engine = Engine(deps) if jobs else None
        if engine is not None:
            engine.start()
        try:
            yield
        finally:
            if engine is not None:
                await engine.stop()
            await world.amazon.close()
            await world.saleor.close()
            await asyncio.to_thread(deps.store.close)

    return Starlette(routes=routes(), lifespan=lifespan)
