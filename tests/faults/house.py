"""A journey stage whose app can die at any step and be started again on the same database.

Amazon, Saleor, the shopper and staff live on: they see a connection that broke. A shopper who was shown a failure
pays another way; staff who see a failure press again. What they were shown is kept for the checker.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
import stamina
from starlette.applications import Starlette

from saleor_amazonpay import steps
from saleor_amazonpay.app import Outside
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.jobs.engine import JOBS, Job
from saleor_amazonpay.settings import Settings
from saleor_amazonpay.simulator import amazon, shop
from saleor_amazonpay.simulator.shop.people import InstalledApp
from saleor_amazonpay.simulator.shop.purchases import Order
from saleor_amazonpay.simulator.shop.reports import Report
from saleor_amazonpay.store import tables
from tests.asgi import InProcess
from tests.faults.checker import Sale
from tests.faults.nodes import Elsewhere, Node, Nodes
from tests.faults.power import Doom, Life, Power, note_tasks
from tests.journeys.stage import AMAZON, APP, SALEOR, CountingHttp, Stage

MOODS = 3
_PRESSES = 4  # how often somebody follows what the page says before she pays otherwise
_NO_CAP = 10**9  # cents
_CENT = Decimal("0.01")
_KEY = base64.b64encode(b"k" * 32).decode()


@dataclass(frozen=True)
class Mood:
    """How people behave after a failure: at once or after a while; a shopper may first try the same payment again."""

    patient: bool = False
    stubborn: bool = False

    @classmethod
    def of(cls, number: int) -> Mood:
        return (cls(), cls(patient=True), cls(stubborn=True))[number % MOODS]


class House(Stage):
    """The stage, with a power switch for each node."""

    def __init__(self, nodes: Nodes, power: Power, mood: Mood, **parts: Any) -> None:
        super().__init__(app=Starlette(), **parts)
        self.nodes = nodes
        self.power = power
        self.mood = mood
        self.sales: list[Sale] = []
        self._orders: dict[str, Order | None] = {}
        self.expected: list[Callable[[], Awaitable[str]]] = []
        nodes.on_start = self._started

    def _started(self, node: Node) -> None:
        self.app = self.demo.app = node.app

    # ---- people

    async def buy(self, total: str = "100.00", action: Any = "CHARGE", **choice: Any) -> Sale:
        """A shopper pays, whatever it takes; returns the sale that paid in the end, or the last one she tried."""
        checkout = self.saleor.checkout_create(total=total, user=self.customer)
        sale = await self.pay_for(checkout.id, Decimal(total), action, **choice)
        if not sale.failed:
            return sale
        if self.mood.stubborn:
            await self.press_again(sale)
        if sale.failed and self.mood.patient:
            await self.settle()
        return await self.pay_otherwise(sale)

    async def pay_otherwise(self, sale: Sale) -> Sale:
        """A shopper who was shown a failure pays the same purchase with a new payment."""
        if not sale.failed or self._paid(sale):
            return sale
        other = await self.pay_for(sale.purchase, sale.total, sale.flow)
        if self._paid(other):
            sale.gave_up(self.amazon)
        return other

    async def pay_for(
        self, purchase: str, total: Decimal, action: Any, *, recurring: bool = True, **choice: Any
    ) -> Sale:
        """A shopper chooses at Amazon, presses, and follows what she is told to do, unless it is another card."""
        data = self.buyer_data(**choice)
        if not recurring:
            del data["recurring"]
        chosen = data.get("amazonBillingAgreementId") or data["amazonCheckoutSessionId"]
        result = await self.saleor.transaction_initialize(
            purchase, self.gateway, data, amount=total, action=action, requestor=self.customer
        )
        assert result.transaction is not None, result.errors
        sale = Sale(result.transaction.id, chosen, purchase, total, action, data)
        self.sales.append(sale)
        await self._look(sale)
        for _ in range(_PRESSES):
            told = result.data if isinstance(result.data, dict) else {}
            if not sale.shown[-1].endswith("ACTION_REQUIRED") or told.get("code") == "declined":
                break
            if told.get("code") == "amazon_redirect":
                self.amazon.pay.finish(chosen)
            elif choice:
                break
            result = await self.saleor.transaction_process(sale.transaction, data, requestor=self.customer)
            await self._look(sale)
        return sale

    async def press_again(self, sale: Sale) -> None:
        """The shopper presses the same button once more."""
        await self.saleor.transaction_process(sale.transaction, sale.data, requestor=self.customer)
        await self._look(sale)

    async def _look(self, sale: Sale) -> None:
        """What people see now; what died is started again."""
        await self.nodes.revive()
        sale.shown.append(str(self.saleor.books()[sale.transaction].events[-1].type))

    def _paid(self, sale: Sale) -> bool:
        amounts = self.saleor.books()[sale.transaction].amounts
        return amounts.charged + amounts.charge_pending + amounts.authorized + amounts.authorize_pending >= sale.total

    async def ask(self, sale: Sale, action: str, amount: str, presses: int = 2) -> None:
        """Staff ask for something; who sees a failure presses again, once or more often."""
        wish = (action, Decimal(amount))
        sale.asked.append(wish)
        before = self._moved(sale, action)
        for turn in range(presses):
            await self._press(sale, action, amount)
            if not sale.failed:
                return
            if self.mood.patient and turn < presses - 1:
                await self.settle()
            if self._moved(sale, action) != before:
                return
        if presses > 2:  # whoever pressed that often has given it up
            sale.refused.append(wish)

    async def ask_twice(self, sale: Sale, action: str, amount: str) -> None:
        """Two people of staff ask for the same at the same moment, or one clicks twice: it is meant once."""
        reason = "because" if action == "REFUND" else None
        sale.asked.append((action, Decimal(amount)))
        before = self._moved(sale, action)
        for _ in range(2):
            asked = self.saleor.transaction_request_action(sale.transaction, action, Decimal(amount), reason)
            assert not asked.errors, asked.errors
        await self.saleor.settled()
        await self._look(sale)
        for _ in range(3):
            if self._moved(sale, action) != before:
                return
            await self._press(sale, action, amount)
        if self._moved(sale, action) == before:
            sale.refused.append((action, Decimal(amount)))

    async def meddle(self, sale: Sale, amount: str) -> None:
        """Staff ask for a refund, and while it is under way a script of the shop's own tells Saleor a wrong amount of it.

        What the app then says of it Saleor refuses with INCORRECT_DETAILS, and leaves a failure behind each time.
        """
        await self.ask(sale, "REFUND", amount, presses=4)
        event = self.saleor.books()[sale.transaction].events[-1]
        wrong = Report("REFUND_SUCCESS", event.psp_reference, event.value - _CENT)
        if event.type != "REFUND_REQUEST" or not wrong.amount:
            return
        if not self.saleor.transaction_event_report(sale.transaction, wrong, self.installed).errors:
            sale.misled -= _CENT

    @property
    def installed(self) -> InstalledApp:
        """The app as Saleor has it."""
        return next(app for app in self.saleor.world.apps if app.alive and app.identifier == self.gateway)

    async def _press(self, sale: Sale, action: str, amount: str) -> None:
        reason = "because" if action == "REFUND" else None
        asked = self.saleor.transaction_request_action(sale.transaction, action, Decimal(amount), reason)
        assert not asked.errors, asked.errors
        await self.saleor.settled()
        await self._look(sale)

    async def grant(self, sale: Sale, amount: str) -> None:
        """Staff grant a refund on the sale's order and ask for it; who sees a failure presses again, once."""
        order = self.order_of(sale)
        assert order is not None
        granted = self.saleor.order_grant_refund(order.id, sale.transaction, Decimal(amount)).granted_refund
        assert granted is not None
        sale.asked.append(("REFUND", Decimal(amount)))
        for _ in range(2):
            await self._press_granted(sale, granted.id)
            if not sale.failed:
                break

    def order_of(self, sale: Sale) -> Order | None:
        """The order of what was bought, made now if it can be."""
        if sale.purchase not in self._orders:
            self._orders[sale.purchase] = self.saleor.checkout_complete(sale.purchase, self.customer).order
        return self._orders[sale.purchase]

    async def grant_again(self) -> None:
        """Once it is calm: staff look at the granted refunds that failed, and press again."""
        failed = [each for each in self.saleor.world.granted_refunds.values() if each.status == "FAILURE"]
        for granted in failed:
            sale = next(sale for sale in self.sales if sale.transaction == granted.transaction.id)
            await self._press_granted(sale, granted.id)
        if failed:
            await self.settle()

    async def _press_granted(self, sale: Sale, granted: str) -> None:
        self.saleor.transaction_request_refund_for_granted_refund(granted)
        await self.saleor.settled()
        await self._look(sale)

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
            await self.nodes.revive()
            await self.nodes.inside(_drain)
            self.amazon.advance(seconds)
            await self.amazon.deliver_due()
            await self.nodes.revive()
            await self.turn()
            self.amazon.advance(5)
            await self.turn()

    async def turn(self) -> None:
        """Every loop of the app that has rested, once: what the engine runs is not a list of the suite's own.

        A process that was just started has not rested from anything: it begins with all of them.
        """
        for job in JOBS:
            await self.nodes.inside(job.work, [node for node in self.nodes.alive if self._rested(node.life, job)])
        await self.nodes.inside(_drain)

    def _rested(self, life: Life, job: Job) -> bool:
        now = self.amazon.now()
        if now - life.turns.get(job.name, 0.0) < job.seconds:
            return False
        life.turns[job.name] = now
        return True

    async def calls_back(self) -> None:
        """Wait for every call that is out."""
        await self.nodes.inside(_drain)

    async def calm(self) -> None:
        """The storm is over: long enough for everything that was left behind."""
        self.power.armed = False
        await self.nodes.revive(now=True)
        await self.settle(rounds=5)
        await self.settle(3600, rounds=3)


async def _drain(deps: Deps) -> None:
    await deps.running.drain()


@asynccontextmanager
async def house(
    database_url: str,
    doom: Doom | None = None,
    mood: Mood | None = None,
    *,
    wire: str = "mws",
    nodes: int = 1,
    patience: float = 1.0,
) -> AsyncIterator[House]:
    """A house, installed and with its profile; steps count from `power.arm()` on.

    Args:
        doom: the step at which the app dies.
        nodes: how many processes share the database. Of several, one that died stays dead for a while.
        patience: Saleor's answer is due after so many (real) seconds: who presses again waits for a call that died.
    """
    loop = asyncio.get_running_loop()
    loop.set_task_factory(note_tasks)  # type: ignore[arg-type]  # typeshed wants a protocol no function has
    world = amazon.AmazonWorld.demo(seed=1)
    http = CountingHttp(amazon.create_app(world))
    way_in = _WayIn(world)
    small = shop.Shop(
        way_in, f"{SALEOR}/graphql/", clock=lambda: datetime.fromtimestamp(world.now(), UTC), sleep=way_in.pause
    )
    saleor = Elsewhere(InProcess({SALEOR: shop.create_app(small)}))
    outside = Outside(Elsewhere(http), saleor, lambda: int(world.now() * 1000))
    settings = Settings.model_validate(
        {
            "database_url": database_url,
            "secret_keys": f"k:{_KEY}",
            "public_url": APP,
            "allowed_saleor_urls": small.api_url,
            "amazon_endpoint": AMAZON,
            "budget": patience,
            "money_call_minimum": patience / 4,
        }
    )
    power = Power(doom)
    places = Nodes(settings, outside, power, nodes, patient=nodes > 1)
    made = House(places, power, mood or Mood(), saleor=small, world=world, http=http, wire=wire)
    way_in.to = world.http = places
    steps.observe(power)
    with stamina.set_testing(True, attempts=3, cap=True):
        try:
            for node in places.all:
                await places.start(node)
            await small.install(f"{APP}/api/manifest")
            await made.demo.seed_profile(wire=wire)
            room = sa.update(tables.profiles).values(monthly_cap=_NO_CAP)
            await made.deps.store.write(lambda tx: tx.connection.execute(room))
            for node in places.all:
                node.deps.directory.forget()
            yield made
        finally:
            for node in places.all:
                await places.stop(node)
            steps.observe(None)
            loop.set_task_factory(None)


class _WayIn:
    """Saleor is built before the nodes it calls."""

    to: Nodes

    def __init__(self, world: amazon.AmazonWorld) -> None:
        self.world = world

    async def request(self, method: str, url: str, **more: Any) -> Any:
        return await self.to.request(method, url, **more)

    async def pause(self, seconds: float) -> None:
        """Between Saleor's repeats (10 s and more) what died is started again; nobody really waits for it here."""
        await asyncio.sleep(0)
        self.world.advance(seconds)
        await self.to.revive()

    async def close(self) -> None:
        """Nothing is held."""
