"""A journey stage whose app can die at any step and be started again on the same database.

Amazon, Saleor, the shopper and staff live on: they see a connection that broke. A shopper who was shown a failure
pays another way; staff who see a failure press again, once. What they were shown is kept for the checker.
"""

from __future__ import annotations

import asyncio
import base64
import contextvars
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import stamina
from starlette.applications import Starlette

from saleor_amazonpay import steps
from saleor_amazonpay.app import Outside, announced, create_app, make_deps, make_doors
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.http import Http, HttpResponse, TransportError
from saleor_amazonpay.jobs.engine import JOBS
from saleor_amazonpay.settings import Settings
from saleor_amazonpay.simulator import amazon, shop
from tests.asgi import InProcess, call
from tests.faults.checker import Sale
from tests.faults.power import LIFE, Killed, Life, Power, note_tasks
from tests.journeys.stage import AMAZON, APP, SALEOR, CountingHttp, Stage

MOODS = 3
Work = Callable[[Deps], Coroutine[Any, Any, object]]


@dataclass(frozen=True)
class Mood:
    """How people behave after a failure: at once or after a while; a shopper may first try the same payment again."""

    patient: bool = False
    stubborn: bool = False

    @classmethod
    def of(cls, number: int) -> Mood:
        return (cls(), cls(patient=True), cls(stubborn=True))[number % MOODS]


class Elsewhere:
    """Amazon or Saleor as another machine: what has been sent to it is acted on, also when the sender dies."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def request(self, method: str, url: str, **more: Any) -> HttpResponse:
        asked = self._http.request(method, url, **more)
        task = asyncio.create_task(_whole(asked), context=contextvars.Context())
        answer = await asyncio.shield(task)
        if isinstance(answer, TransportError):
            raise answer
        return answer

    async def close(self) -> None:
        await self._http.close()


async def _whole(asked: Coroutine[Any, Any, HttpResponse]) -> HttpResponse | TransportError:
    try:
        return await asked
    except TransportError as error:
        return error  # looked at by whoever still waits, if anybody does


class House(Stage):
    """The stage, with a power switch. Also the way in: what Saleor and Amazon call."""

    def __init__(self, settings: Settings, outside: Outside, power: Power, mood: Mood, **parts: Any) -> None:
        super().__init__(app=Starlette(), wire="mws", **parts)
        self._settings = settings
        self._outside = announced(outside)
        self.power = power
        self.mood = mood
        self.life = Life()
        self.deaths = 0
        self.sales: list[Sale] = []
        self.on_restart: Callable[[Deps], Coroutine[Any, Any, None]] | None = None  # for planted bugs

    # ---- the app's lives

    async def start(self) -> None:
        """A new process: nothing but settings and the database."""
        self.life = Life()
        app = create_app(self._settings, self._outside, jobs=False)
        deps = await asyncio.to_thread(make_deps, self._settings, self._outside)
        app.state.doors = make_doors(self._settings, self._outside, deps)
        self.app = self.demo.app = app

    async def stop(self) -> None:
        """End this life without a word."""
        self.power.off = True
        await self.life.end()
        await asyncio.to_thread(self.deps.store.close)

    async def revive(self) -> None:
        """Start again, if it is dead."""
        if not self.power.off:
            return
        self.deaths += 1
        await self.stop()
        self.power.on()
        await self.start()
        if self.on_restart is not None:
            await self.on_restart(self.deps)

    async def inside(self, work: Work) -> None:
        """Do something in the app's own process; then, should it have died of it, start again."""
        await self._live(work(self.deps))
        await self.revive()

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", timeout: float = 30.0
    ) -> HttpResponse:
        """What Saleor and Amazon send to the app."""
        if self.power.off:
            raise TransportError("connection refused", sent=False)
        answer: HttpResponse | None = await self._live(
            call(_until_sent(self.app), method, url, headers=headers, body=body)
        )
        if answer is None:
            raise TransportError("connection reset", sent=True)
        return answer

    async def close(self) -> None:
        """Nothing is held."""

    async def _live(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something in this life; None if the life ended before."""
        context = contextvars.copy_context()
        context.run(LIFE.set, self.life)
        task = asyncio.create_task(work, context=context)
        out = asyncio.create_task(self.power.out.wait())
        await asyncio.wait({task, out}, return_when=asyncio.FIRST_COMPLETED)
        out.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
        if task.cancelled() or isinstance(task.exception(), Killed):
            return None
        return task.result()

    # ---- people

    async def buy(self, total: str = "100.00", action: Any = "CHARGE", **choice: Any) -> Sale:
        """A shopper pays, whatever it takes; returns the sale that paid in the end."""
        checkout = self.saleor.checkout_create(total=total, user=self.customer)
        sale, shown, data = await self._try(checkout.id, Decimal(total), action, **choice)
        if shown.endswith("FAILURE") and self.mood.stubborn:
            await self.saleor.transaction_process(sale.transaction, data, requestor=self.customer)
            shown = await self._answered(sale)
        if shown.endswith("FAILURE") and self.mood.patient:
            await self.settle()
        if shown.endswith("FAILURE") and not self._paid(sale):
            other, _, _ = await self._try(checkout.id, Decimal(total), action)
            if self._paid(other):
                sale.gave_up(self.amazon)
            return other
        return sale

    async def _try(self, checkout: str, total: Decimal, action: Any, **choice: Any) -> tuple[Sale, str, Any]:
        data = self.buyer_data(**choice)
        agreement = data["amazonBillingAgreementId"]
        result = await self.saleor.transaction_initialize(
            checkout, self.gateway, data, amount=total, action=action, requestor=self.customer
        )
        assert result.transaction is not None, result.errors
        sale = Sale(result.transaction.id, agreement, checkout, total, action)
        self.sales.append(sale)
        shown = await self._answered(sale)
        if shown.endswith("ACTION_REQUIRED") and not choice:  # "press again": nothing is wrong with the card
            await self.saleor.transaction_process(sale.transaction, data, requestor=self.customer)
            shown = await self._answered(sale)
        return sale, shown, data

    async def _answered(self, sale: Sale) -> str:
        """What the shopper sees now; the app is started again should it have died."""
        await self.revive()
        shown = str(self.saleor.books()[sale.transaction].events[-1].type)
        sale.shown.append(shown)
        return shown

    def _paid(self, sale: Sale) -> bool:
        amounts = self.saleor.books()[sale.transaction].amounts
        return amounts.charged + amounts.charge_pending + amounts.authorized + amounts.authorize_pending >= sale.total

    async def ask(self, sale: Sale, action: str, amount: str) -> None:
        """Staff ask for something; who sees a failure presses again, once."""
        sale.asked.append((action, Decimal(amount)))
        before = self._moved(sale, action)
        await self._press(sale, action, amount)
        if not self.saleor.books()[sale.transaction].events[-1].type.endswith("FAILURE"):
            return
        if self.mood.patient:
            await self.settle()
        if self._moved(sale, action) == before:
            await self._press(sale, action, amount)

    async def _press(self, sale: Sale, action: str, amount: str) -> None:
        reason = "because" if action == "REFUND" else None
        self.saleor.transaction_request_action(sale.transaction, action, Decimal(amount), reason)
        await self.saleor.settled()
        await self._answered(sale)

    def _moved(self, sale: Sale, action: str) -> Decimal:
        """What staff see to have been done, or under way."""
        amounts = self.saleor.books()[sale.transaction].amounts
        if action == "REFUND":
            return amounts.refunded + amounts.refund_pending
        if action == "CANCEL":
            return amounts.canceled + amounts.cancel_pending
        return amounts.charged + amounts.charge_pending + amounts.refunded + amounts.refund_pending

    # ---- time

    async def settle(self, seconds: float = 120.0, rounds: int = 3) -> None:
        """Let time pass and everything arrive, as the loops of the app do it; a dead app is started again."""
        for _ in range(rounds):
            await self.saleor.settled()
            await self.revive()
            await self.inside(_drain)
            self.amazon.advance(seconds)
            await self.amazon.deliver_due()
            await self.revive()
            await self._turn()
            self.amazon.advance(5)
            await self._turn()

    async def _turn(self) -> None:
        """Every loop of the app, once: what the engine runs is not a list of the suite's own."""
        for job in JOBS:
            await self.inside(job.work)
        await self.inside(_drain)

    async def calm(self) -> None:
        """The storm is over: long enough for everything that was left behind."""
        self.power.armed = False
        await self.settle(rounds=5)
        await self.settle(3600, rounds=3)


async def _drain(deps: Deps) -> None:
    await deps.running.drain()


def _until_sent(app: Starlette) -> Any:
    """An answer that has left has left, also if the app dies right after it."""

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        left = False

        async def note(message: Any) -> None:
            nonlocal left
            await send(message)
            left = message["type"] == "http.response.body" and not message.get("more_body")

        try:
            await app(scope, receive, note)
        except Killed:
            if not left:
                raise

    return guarded


@asynccontextmanager
async def house(database_url: str, at: int = 0, mood: Mood | None = None) -> AsyncIterator[House]:
    """A house, installed and with its profile; steps count from `power.arm()` on."""
    loop = asyncio.get_running_loop()
    loop.set_task_factory(note_tasks)  # type: ignore[arg-type]  # typeshed wants a protocol no function has
    world = amazon.AmazonWorld.demo(seed=1)
    http = CountingHttp(amazon.create_app(world))
    way_in = _WayIn()
    small = shop.Shop(way_in, f"{SALEOR}/graphql/", clock=lambda: datetime.fromtimestamp(world.now(), UTC))
    saleor = Elsewhere(InProcess({SALEOR: shop.create_app(small)}))
    outside = Outside(Elsewhere(http), saleor, lambda: int(world.now() * 1000))
    settings = Settings.model_validate(
        {
            "database_url": database_url,
            "secret_keys": f"k:{base64.b64encode(b'k' * 32).decode()}",
            "public_url": APP,
            "allowed_saleor_urls": small.api_url,
            "amazon_endpoint": AMAZON,
            "budget": 2.0,  # who presses again waits for a call that died; Saleor's own patience is not what is tried
            "money_call_minimum": 0.5,
        }
    )
    power = Power(at)
    made = House(settings, outside, power, mood or Mood(), saleor=small, world=world, http=http)
    way_in.to = world.http = made
    steps.observe(power)
    with stamina.set_testing(True, attempts=3, cap=True):
        try:
            await made.start()
            await small.install(f"{APP}/api/manifest")
            await made.demo.seed_profile()
            yield made
        finally:
            await made.stop()
            steps.observe(None)
            loop.set_task_factory(None)


class _WayIn:
    """Saleor is built before the house it calls."""

    to: House

    async def request(self, method: str, url: str, **more: Any) -> HttpResponse:
        return await self.to.request(method, url, **more)

    async def close(self) -> None:
        """Nothing is held."""
