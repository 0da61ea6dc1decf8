"""Everything on one machine: the app, Amazon Pay's simulator, a small Saleor and a shop, over real HTTP on loopback.

The demo plays on it, and goes on serving it. The app is the real one with the embedded database; it knows nothing of
the stage but the addresses it was given.
"""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from rich.console import Console
from starlette.applications import Starlette

from saleor_amazonpay import app as our_app
from saleor_amazonpay.domain.profile import Profile, ProfileState
from saleor_amazonpay.http import AioHttp
from saleor_amazonpay.saleor.manifest import APP_ID
from saleor_amazonpay.settings import Settings
from saleor_amazonpay.simulator import amazon, shop, storefront
from saleor_amazonpay.simulator.amazon.entities import Merchant
from saleor_amazonpay.store import profiles
from saleor_amazonpay.store.profiles import Assignment
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.web.state import Doors

CHANNEL = "default-channel"
WIDGETS = "widgets"
EUROPE = "europe"
CHANNELS = {
    CHANNEL: "United States, USD",
    WIDGETS: "United States, USD, with v1's widgets",
    EUROPE: "Europe, EUR, with v1's widgets",
}
CUSTOMER = "jane.doe@example.com"
SUBSCRIPTIONS = "demo.subscriptions"
SHOP = "https://demo.example"
EXAMPLES = "http://127.0.0.1:3000"  # where the examples of docs/storefront.md are served


class _Server(uvicorn.Server):
    """One of several servers in a process: signals belong to the demo, not to each of them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(frozen=True, slots=True)
class Ports:
    """Where they listen, on 127.0.0.1. 0 takes any free port."""

    app: int = 8090
    saleor: int = 8000
    amazon: int = 9100
    shop: int = 8200


@dataclass(slots=True)
class Stage:
    """The players and what the demo needs to know of them."""

    app: Starlette
    app_url: str
    saleor: shop.Shop
    amazon: amazon.AmazonWorld
    amazon_url: str
    shop_url: str = ""  # the demo shop's pages, if they are served
    profile_id: str = "demo-us"  # the first channel's
    settings: Settings | None = None  # the app's, where another shell may use them too

    @property
    def doors(self) -> Doors:
        """The running app's insides: only the demo, which seeds a profile, reaches for them."""
        doors: Doors = self.app.state.doors
        return doors

    async def seed_profile(
        self,
        merchant: Merchant | None = None,
        channel: str = CHANNEL,
        *,
        wire: str = "mws",
        profile_id: str = "",
        priority: int = 1,
    ) -> Profile:
        """Add a gateway profile for a simulated merchant (the first one) and assign it to a channel of the shop.

        One on v1 knows nothing of Checkout v2 yet.
        """
        tenant = await self.doors.deps.directory.tenant(self.saleor.api_url)
        if tenant is None:
            raise LookupError("the app is not installed")
        merchant, new = merchant or self.amazon.merchant, wire != "mws"
        profile_id = profile_id or f"demo-{merchant.region}"
        origins = (SHOP, EXAMPLES, *((self.shop_url,) if self.shop_url else ()))
        profile = Profile(
            id=profile_id, tenant_id=tenant.id, alias=profile_id.replace("-", " ").upper().replace("DEMO", "Demo"),
            wire=wire, region=merchant.region, test_mode=merchant.sandbox, currency=merchant.currency,
            ledger_currency=merchant.currency, seller_id=merchant.seller_id,
            store_id=merchant.store_id if new else "", client_id=merchant.client_id, access_key=merchant.access_key,
            public_key_id=next(iter(merchant.public_keys)) if new else "",
            descriptor="DEMO SHOP", customer_service_number="+1 206 555 0100",
            customer_service_email="help@demo.example", customer_service_sender="Demo Shop", monthly_cap=1_000_000,
            time_zone="UTC", cap_thresholds=(50, 80, 90, 100), refunds_give_cap_back=False, processing_bps=290,
            reserve_bps=0, transaction_fee=30, chargeback_fee=2000, shop_origins=origins,
            charging_apps=(SUBSCRIPTIONS,), allow_one_time=True, allow_recurring=True, capture_when_fulfilled=False,
            release_when_cancelled=True, state=ProfileState.ACTIVE, state_reason="", version=1,
        )  # fmt: skip
        store = self.doors.deps.store

        def unit(tx: Tx) -> None:
            secrets = {"secret_key": merchant.secret_key, **({"private_key": merchant.private_key} if new else {})}
            profiles.insert(tx, store.sealer, profile, secrets, self.doors.deps.clock())
            profiles.assign(tx, Assignment(tenant.id, channel, profile.id, priority, 1))

        await store.write(unit)
        self.doors.deps.directory.forget()
        merchant.ipn_url = f"{self.app_url}/api/ipn/{profile.id}"
        return profile

    async def seed_profiles(self, wire: str = "mws") -> Profile:
        """One profile for each channel; returns the first channel's, which is on the wire that is asked for."""
        america, europe = self.amazon.books.merchants
        await self.seed_profile(europe, EUROPE)
        await self.seed_profile(america, WIDGETS, profile_id="demo-us-widgets")
        return await self.seed_profile(america, wire=wire)

    @property
    def gateway_id(self) -> str:
        """Our app's id in Saleor."""
        return APP_ID


def listen(port: int) -> socket.socket:
    """A socket on loopback: the wanted port, or any free one if it is taken."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.bind(("127.0.0.1", 0))
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a listener is reached."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@asynccontextmanager
async def served(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """Serve an application as long as the block runs."""
    # A connection outlives every pause of whoever keeps it: one closed under a request would lose that request.
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="on", proxy_headers=False, timeout_keep_alive=75
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve([listener]))
    while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn offers nothing to wait for
        await asyncio.sleep(0.02)
    if task.done():
        await task
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def serve_on(console: Console) -> None:
    """Until Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()
    console.print("stopping")


@asynccontextmanager
async def stage(folder: Path, ports: Ports) -> AsyncIterator[Stage]:
    """Start them all; stop them in order, so that what is out comes back."""
    listeners = [listen(port) for port in (ports.amazon, ports.saleor, ports.app, ports.shop)]
    amazon_url, saleor_url, app_url, shop_url = map(url_of, listeners)
    world = amazon.AmazonWorld.demo()
    world.refund_delay = 2.0  # Amazon takes minutes to hours; nobody wants to watch that
    world.create_merchant(region="eu", seller_id="A2DEMOSELLEREU")  # where buyers confirm at Amazon (SCA)
    door = AioHttp()
    # One clock for all three, so that the story may let days pass.
    small = shop.Shop(door, f"{saleor_url}/graphql/", clock=lambda: datetime.fromtimestamp(world.now(), UTC))
    small.channel_create(EUROPE, "EUR")
    small.channel_create(WIDGETS, "USD")
    key = base64.b64encode(os.urandom(32)).decode()
    settings = Settings.model_validate(
        {
            "database_url": f"sqlite:///{folder / 'demo.sqlite3'}",
            "secret_keys": f"demo:{key}",
            "public_url": app_url,
            "allowed_saleor_urls": small.api_url,
            "amazon_endpoint": amazon_url,
        }
    )
    outside = replace(our_app.real_outside(settings), clock=lambda: int(world.now() * 1000))
    app = our_app.create_app(settings, outside)
    hint = f"{CUSTOMER}, with the password “coffee”."
    pages = storefront.Storefront(small.api_url, CHANNELS, app_url, amazon_url, hint)
    async with (
        served(amazon.create_app(world), listeners[0]),
        served(shop.create_app(small), listeners[1]),
        served(app, listeners[2]),
        served(storefront.create_app(pages), listeners[3]),
    ):
        yield Stage(app, app_url, small, world, amazon_url, shop_url=shop_url, settings=settings)
        await small.settled()
    await door.close()
