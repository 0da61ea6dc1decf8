"""`saleor-amazonpay demo --saleor URL`: the demo shop, the app and Amazon's simulator beside a Saleor that exists.

The app is the real one on a database that lives as long as the demo. Once the Saleor has installed it, a gateway
profile of the simulated merchant is added for the channel, and the shop sells that Saleor's own products.
"""

from __future__ import annotations

import asyncio
import base64
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from saleor_amazonpay import app as our_app
from saleor_amazonpay.cli.stage import EXAMPLES, Ports, listen, serve_on, served, url_of
from saleor_amazonpay.domain.profile import Profile, ProfileState
from saleor_amazonpay.saleor.guard import normal_form
from saleor_amazonpay.settings import Settings
from saleor_amazonpay.simulator import amazon, storefront
from saleor_amazonpay.simulator.amazon import AmazonWorld
from saleor_amazonpay.store import profiles
from saleor_amazonpay.store.profiles import Assignment
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.tenants import Tenant
from saleor_amazonpay.web.state import Doors


@dataclass(frozen=True, slots=True)
class Abroad:
    """Which Saleor, which of its channels in which currency, and where that Saleor reaches the app."""

    saleor_url: str
    channel: str
    currency: str
    public_url: str = ""  # empty: the app's own loopback address
    wire: str = "v2"


@dataclass(frozen=True, slots=True)
class Beside:
    """What is served."""

    doors: Doors
    amazon: AmazonWorld
    app_url: str
    amazon_url: str
    shop_url: str


async def play_abroad(place: Abroad, ports: Ports, console: Console) -> int:
    """Serve until Ctrl-C; returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="saleor-amazonpay-") as folder:
        async with beside(Path(folder), place, ports) as made:
            console.print(f"Install [bold]{made.app_url}/api/manifest[/bold] in {place.saleor_url}; waiting for it …")
            ready = asyncio.create_task(_until_ready(made, place, console))
            await serve_on(console)
            ready.cancel()
    return 0


async def _until_ready(made: Beside, place: Abroad, console: Console) -> None:
    profile = await seed(made, place)
    console.print(
        f"Installed. {profile.alias} takes {profile.currency} in channel {place.channel}.\n"
        f"  [bold]the demo shop      {made.shop_url}/[/bold]\n  Amazon's simulator {made.amazon_url}/"
    )


@asynccontextmanager
async def beside(folder: Path, place: Abroad, ports: Ports) -> AsyncIterator[Beside]:
    """The app, Amazon's simulator and the shop's pages, for a Saleor elsewhere."""
    listeners = [listen(port) for port in (ports.amazon, ports.app, ports.shop)]
    amazon_url, own_url, shop_url = map(url_of, listeners)
    app_url = place.public_url.rstrip("/") or own_url
    world = AmazonWorld.demo()
    key = base64.b64encode(os.urandom(32)).decode()
    values = {
        "database_url": f"sqlite:///{folder / 'demo.sqlite3'}",
        "secret_keys": f"demo:{key}",
        "public_url": app_url,
        "allowed_saleor_urls": place.saleor_url,
        "amazon_endpoint": amazon_url,
    }
    settings = Settings.model_validate(values)
    # The simulator's clock, which is the real one until somebody moves it.
    outside = replace(our_app.real_outside(settings), clock=lambda: int(world.now() * 1000))
    app = our_app.create_app(settings, outside)
    pages = storefront.Storefront(place.saleor_url, {place.channel: place.channel}, app_url, amazon_url)
    async with (
        served(amazon.create_app(world), listeners[0]),
        served(app, listeners[1]),
        served(storefront.create_app(pages), listeners[2]),
    ):
        yield Beside(app.state.doors, world, app_url, amazon_url, shop_url)


async def seed(made: Beside, place: Abroad) -> Profile:
    """Wait until the Saleor has installed the app, then add the simulated merchant's profile for the channel."""
    deps = made.doors.deps
    tenant: Tenant | None = None
    while tenant is None:
        await asyncio.sleep(0.5)
        deps.directory.forget()
        tenant = await deps.directory.tenant(normal_form(place.saleor_url))
    merchant = made.amazon.merchant
    profile = Profile(
        id="demo-abroad", tenant_id=tenant.id, alias="Demo", wire=place.wire, region=merchant.region,
        test_mode=True, currency=place.currency, ledger_currency=merchant.currency, seller_id=merchant.seller_id,
        store_id=merchant.store_id, client_id=merchant.client_id, access_key=merchant.access_key,
        public_key_id=next(iter(merchant.public_keys)), descriptor="DEMO SHOP",
        customer_service_number="+1 206 555 0100", customer_service_email="help@demo.example",
        customer_service_sender="Demo Shop", monthly_cap=-1, time_zone="UTC", cap_thresholds=(50, 80, 90, 100),
        refunds_give_cap_back=False, processing_bps=0, reserve_bps=0, transaction_fee=0, chargeback_fee=0,
        shop_origins=(made.shop_url, EXAMPLES), charging_apps=(), allow_one_time=True, allow_recurring=True,
        capture_when_fulfilled=False, release_when_cancelled=True, state=ProfileState.ACTIVE, state_reason="",
        version=1,
    )  # fmt: skip
    secrets = {"secret_key": merchant.secret_key, "private_key": merchant.private_key}

    def unit(tx: Tx) -> None:
        profiles.insert(tx, deps.store.sealer, profile, secrets, deps.clock())
        profiles.assign(tx, Assignment(tenant.id, place.channel, profile.id, 1, 1))

    await deps.store.write(unit)
    deps.directory.forget()
    merchant.ipn_url = f"{made.app_url}/api/ipn/{profile.id}"
    return profile
