"""The same with a real process: `saleor-amazonpay serve` on loopback kills itself with SIGKILL, and is started again.

The clock is real here. Instead of waiting for the minutes after which an operation left behind is looked at, the due
times in the database are moved to now while the app is down or idle; nothing else in it is touched.
"""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from saleor_amazonpay.app import create_app
from saleor_amazonpay.cli.stage import Stage, listen, served, url_of
from saleor_amazonpay.http import AioHttp, TransportError
from saleor_amazonpay.saleor.manifest import APP_ID
from saleor_amazonpay.settings import Settings
from saleor_amazonpay.simulator import amazon, shop
from saleor_amazonpay.steps import KILL_AT
from saleor_amazonpay.store.engine import make_engine
from tests.faults.checker import Count, Sale, check
from tests.journeys.stage import RECURRING

_PATIENCE = 90.0
_SWEEP = 5.5  # a little longer than the app's sweep rests


class Process:
    """The app as an operator runs it."""

    def __init__(self, environment: dict[str, str], port: int, url: str, door: AioHttp) -> None:
        self._environment = environment
        self._port = port
        self._url = url
        self._door = door
        self._process: asyncio.subprocess.Process | None = None
        self.deaths = 0

    async def start(self, kill_at: int = 0) -> None:
        """Start, and wait until it answers. `kill_at` is the step it kills itself at."""
        plan = {KILL_AT: str(kill_at)} if kill_at else {}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "saleor_amazonpay", "serve", "--port", str(self._port),
            env={**os.environ, **self._environment, **plan},
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(_PATIENCE):
            while not self.dead:
                try:
                    if (await self._door.request("GET", f"{self._url}/readyz", headers={})).status == 200:
                        return
                except TransportError:
                    pass
                await asyncio.sleep(0.05)

    @property
    def dead(self) -> bool:
        return self._process is None or self._process.returncode is not None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def ended(self) -> int:
        """Its exit code, when it has ended."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), _PATIENCE)

    async def again(self, seconds: float = 0.2) -> None:
        """If it has killed itself by then, start it again, without a plan."""
        assert self._process is not None
        try:
            code = await asyncio.wait_for(self._process.wait(), seconds)
        except TimeoutError:
            return
        assert code == -signal.SIGKILL, f"the app ended by itself: {code}"
        self.deaths += 1
        await self.start()

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()


@asynccontextmanager
async def street(database_url: str) -> AsyncIterator[tuple[Process, shop.Shop, amazon.AmazonWorld]]:
    """Amazon and Saleor on loopback, an installed app with its profile, and the process that serves it."""
    listeners = [listen(0) for _ in range(3)]
    amazon_url, saleor_url, app_url = map(url_of, listeners)
    port = listeners[2].getsockname()[1]
    world = amazon.AmazonWorld.demo(seed=1)
    door = AioHttp()
    small = shop.Shop(door, f"{saleor_url}/graphql/")
    values: dict[str, Any] = {
        "database_url": database_url,
        "secret_keys": f"k:{base64.b64encode(b'k' * 32).decode()}",
        "public_url": app_url,
        "allowed_saleor_urls": small.api_url,
        "amazon_endpoint": amazon_url,
    }
    environment = {f"AMAZONPAY_{name.upper()}": str(value) for name, value in values.items()}
    process = Process(environment, port, app_url, door)
    app = create_app(Settings.model_validate(values), jobs=False)
    async with served(amazon.create_app(world), listeners[0]), served(shop.create_app(small), listeners[1]):
        async with served(app, listeners[2]):
            await small.install(f"{app_url}/api/manifest")
            await Stage(app, app_url, small, world, amazon_url).seed_profile()
        try:
            yield process, small, world
        finally:
            await process.stop()
            await small.settled()
            await door.close()


async def kill_at(step: int, database_url: str) -> Count:
    """A sale and a refund; the app kills itself at that step of its life, and is started again."""
    async with street(database_url) as (process, small, world):
        customer = small.customer_create("jane@example.com")
        await process.start(step)
        sales: list[Sale] = []
        checkout = small.checkout_create(total="100.00", user=customer)

        async def pay() -> Sale:
            agreement, token = world.open_agreement()
            data = {
                "amazonBillingAgreementId": agreement.agreement_id, "accessToken": token.token, "recurring": RECURRING,
            }  # fmt: skip
            made = await small.transaction_initialize(
                checkout.id, APP_ID, data, Decimal(100), "CHARGE", requestor=customer
            )
            assert made.transaction is not None
            sale = Sale(made.transaction.id, agreement.agreement_id, checkout.id, Decimal(100), "CHARGE")
            sales.append(sale)
            look(sale)
            return sale

        def look(sale: Sale) -> None:
            sale.shown.append(str(small.books()[sale.transaction].events[-1].type))

        async def refund(sale: Sale) -> None:
            small.transaction_request_action(sale.transaction, "REFUND", Decimal("12.34"), "because")
            await small.settled()
            look(sale)

        def paid(sale: Sale) -> bool:
            amounts = small.books()[sale.transaction].amounts
            return amounts.charged + amounts.charge_pending == Decimal(100)

        sale = await pay()
        await process.again()
        if not paid(sale):
            first, sale = sale, await pay()
            await process.again()
            if paid(sale):
                first.gave_up(world)
        sale.asked.append(("REFUND", Decimal("12.34")))
        await refund(sale)
        if sale.shown[-1] == "REFUND_FAILURE":
            await process.again()
            await refund(sale)
        if not process.deaths:  # its step is one of the work in the background
            await process.again(20)
        count = await _settled(small, world, sales, database_url)
        if process.deaths != 1:
            count.unfinished += 1
            count.notes.append(f"the process did not kill itself at step {step}")
        return count


async def _settled(small: shop.Shop, world: amazon.AmazonWorld, sales: list[Sale], database_url: str) -> Count:
    """Move due times to now until the books agree, and then twice more: what is right must also stay right."""
    ends = time.monotonic() + _PATIENCE
    clean = 0
    while True:
        count = check(small, world, sales)
        clean = clean + 1 if count.clean else 0
        if clean > 2 or time.monotonic() > ends:
            return count
        await asyncio.to_thread(_due_now, database_url)
        await asyncio.sleep(_SWEEP)


def _due_now(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE operations SET due_at = 1 WHERE due_at > 1")
    engine.dispose()
