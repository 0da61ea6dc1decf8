"""The storm: shoppers and staff at random, on two nodes, while Amazon, Saleor and the nodes themselves fail.

A storm is a row of squalls. Each has its own seed and its own database, and its plan is written before it begins: who
does what in which round, which faults Amazon and Saleor are told to have, which node dies at which hook, and how much
time passes. A squall that fails is played again alone by its name, `storm/<database>/<wire>/<seed>`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any, get_args

from saleor_amazonpay import steps
from saleor_amazonpay.http import TransportError
from saleor_amazonpay.simulator.amazon import Behaviour, Fault
from tests.faults.checker import Count, Sale, check
from tests.faults.house import House, Mood, house
from tests.faults.power import Doom, Step
from tests.journeys.stage import APP

OPERATIONS = 100  # of one squall
NODES = 2
_TOGETHER = 4
_CENT = Decimal("0.01")
_DAYS = 3 * 24 * 3600.0  # by which notices are late
_KINDS = get_args(steps.Kind)
_CARDS = (Behaviour.DECLINE_SOFT, Behaviour.DECLINE_HARD, Behaviour.TIMED_OUT, Behaviour.PROCESSING_FAILURE)
# What may happen, and how often.
_MOVES = {"charge": 6, "authorize": 6, "one-time": 2, "bad card": 3, "capture": 5, "refund": 6, "grant": 1, "cancel": 2, "capture twice": 1, "refund twice": 1,
          "press again": 2, "forged notice": 1, "meddle": 1}  # fmt: skip
_BUYING = frozenset({"charge", "authorize", "one-time", "bad card", "forged notice"})
_AMAZON = ("delay", "late", "error", "drop", "throttle", "garbage")
_SALEOR = ("drop answer", "late answer", "unreachable", "bad gateway", "down", "throttled", "lost answers")


@dataclass(frozen=True)
class Move:
    """Something one person does. `pick` and `share`, both in [0, 1), choose the payment and the part of its amount."""

    kind: str
    total: Decimal
    pick: float
    share: float
    stubborn: bool
    card: Behaviour


@dataclass(frozen=True)
class Round:
    """What happens at the same time, and what goes wrong meanwhile."""

    moves: tuple[Move, ...]
    amazon: tuple[Fault, ...]
    saleor: tuple[str, ...]
    dooms: tuple[tuple[int, Doom], ...]
    restart: bool  # of nodes that are dead
    notices: str  # how Amazon's notices of it arrive
    seconds: float  # that pass after it


def written(seed: int, operations: int = OPERATIONS) -> Iterator[Round]:
    """The plan of a squall: the same for the same seed."""
    dice = Random(seed)  # noqa: S311 - a plan, no secret
    left = operations
    while left > 0:
        moves = tuple(_move(dice) for _ in range(min(left, dice.randint(1, _TOGETHER))))
        left -= len(moves)
        yield Round(
            moves=moves,
            amazon=tuple(_fault(dice) for _ in range(dice.choice((0, 0, 1, 2)))),
            saleor=tuple(dice.choice(_SALEOR) for _ in range(dice.choice((0, 0, 0, 1)))),
            dooms=tuple(
                (node, Doom(dice.choice(_KINDS), dice.randint(1, 8))) for node in range(NODES) if dice.random() < 0.2
            ),
            restart=dice.random() < 0.6,
            notices=dice.choice(("in time", "in time", "in time", "late", "days late", "twice and shuffled", "never")),
            seconds=dice.choice((1, 5, 30, 120, 300)),
        )


def _move(dice: Random) -> Move:
    return Move(
        kind=dice.choices(tuple(_MOVES), tuple(_MOVES.values()))[0],
        total=Decimal(dice.randint(100, 20_000)) * _CENT,
        pick=dice.random(),
        share=dice.choice((1, 1, dice.random())),
        stubborn=dice.random() < 0.3,
        card=dice.choice(_CARDS),
    )


def _fault(dice: Random) -> Fault:
    kind = dice.choice(_AMAZON)
    seconds = 1.5 if kind == "late" and dice.random() < 0.1 else 0.02  # longer than Saleor is kept waiting here
    return Fault(kind, after=dice.randint(0, 4), times=dice.randint(1, 3), seconds=seconds, status=503)


@dataclass
class Weather:
    """What became of a squall, or of several."""

    operations: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    died: Counter[Step] = field(default_factory=Counter)
    deaths: int = 0
    count: Count = field(default_factory=Count)
    failed: list[str] = field(default_factory=list)

    def add(self, other: Weather) -> None:
        """Both together."""
        self.operations += other.operations
        self.faults += other.faults
        self.died += other.died
        self.deaths += other.deaths
        self.count += other.count
        self.failed += other.failed


@dataclass(frozen=True)
class Squall:
    """One squall by its name."""

    seed: int
    database: str = "postgresql"
    wire: str = "mws"
    operations: int = OPERATIONS

    def __str__(self) -> str:
        return f"storm/{self.database}/{self.wire}/{self.seed}"

    @classmethod
    def parse(cls, text: str) -> Squall:
        """Raises ValueError if that is none."""
        _, database, wire, seed = text.split("/")
        return cls(int(seed), database, wire)


async def blow(squall: Squall, database_url: str) -> Weather:
    """Play a squall to its end, let it become calm, and hold the books against each other."""
    weather = Weather()
    nodes = NODES if squall.database == "postgresql" else 1
    async with house(database_url, mood=Mood(), wire=squall.wire, nodes=nodes) as made:
        crowd = Crowd(made, weather)
        made.power.arm()
        for each in written(squall.seed, squall.operations):
            await _round(made, crowd, each, weather)
        made.amazon.faults.clear()
        made.saleor.faults.clear()
        made.power.doom.clear()
        await made.calm()
        await made.grant_again()
        weather.count = check(made.saleor, made.amazon, made.sales)
        if weather.count.clean:  # what is right stays right when the last notices come
            await made.settle(_DAYS, rounds=2)
            weather.count = check(made.saleor, made.amazon, made.sales)
        weather.deaths = made.nodes.deaths
        weather.died.update(made.power.deaths)
    if not weather.count.clean:
        weather.failed.append(str(squall))
    return weather


async def _round(made: House, crowd: Crowd, each: Round, weather: Weather) -> None:
    for fault in each.amazon:
        made.amazon.faults.add(fault)
        weather.faults[f"Amazon: {fault.kind}"] += 1
    for trouble in each.saleor:
        _spoil(made, trouble)
        weather.faults[f"Saleor: {trouble}"] += 1
    made.power.doom.update(each.dooms)
    made.amazon.notifications.options.delay = _DAYS if each.notices == "days late" else 0.0
    async with asyncio.TaskGroup() as people:
        for move in each.moves:
            people.create_task(crowd.play(move))
    await made.saleor.settled()
    made.amazon.advance(each.seconds)
    await _deliver(made, each.notices)
    if each.notices != "in time":
        weather.faults[f"Amazon: notices {each.notices}"] += 1
    await made.turn()
    if each.restart:
        await made.nodes.revive(now=True)


async def _deliver(made: House, how: str) -> None:
    options = made.amazon.notifications.options
    options.copies, options.shuffle = (2, True) if how == "twice and shuffled" else (1, False)
    if how == "never":
        options.drop = made.amazon.notifications.waiting
    if how != "late":
        await made.amazon.deliver_due()


def _spoil(made: House, trouble: str) -> None:
    faults = made.saleor.faults
    match trouble:
        case "drop answer":
            faults.drop_answer()
        case "late answer":
            # Of what staff ask only: here Saleor gives up at once, and a shopper, for whom it really waits 18 s (longer
            # than the app takes), would have paid otherwise before the app has heard of her.
            faults.late_answer("TRANSACTION_REFUND_REQUESTED")
        case "unreachable":
            faults.unreachable()
        case "bad gateway":  # Saleor repeats what staff asked for, with an empty body
            for action in ("CHARGE", "REFUND"):
                faults.bad_gateway(f"TRANSACTION_{action}_REQUESTED")
        case "down":
            faults.api_down(503, times=5)
        case "lost answers":  # to what the app reports
            faults.api_drop_answer(3)
        case _:
            faults.api_down(429, times=3)


class Crowd:
    """Shoppers and staff. One of staff acts on a payment at a time; shoppers do not wait for anybody."""

    def __init__(self, made: House, weather: Weather) -> None:
        self._made = made
        self._weather = weather
        self._open: set[str] = set()  # payments that somebody of staff has before her

    async def play(self, move: Move) -> None:
        """Somebody does something; who finds no payment to act on buys instead."""
        sale = self._choose(move)
        kind = move.kind if sale is not None or move.kind in _BUYING else "charge"
        self._weather.operations[kind] += 1
        if sale is None:
            await (self._forge() if kind == "forged notice" else self._buy(move, kind))
        elif kind == "press again":
            await self._made.press_again(sale)
        else:
            self._open.add(sale.transaction)
            try:
                await self._staff(move, kind, sale)
            finally:
                self._open.discard(sale.transaction)

    def _choose(self, move: Move) -> Sale | None:
        if move.kind in _BUYING:
            return None
        sales = list(self._made.sales)
        if move.kind == "press again":  # whoever has paid otherwise does not
            sales = [sale for sale in sales if sale.known is None]
        else:
            sales = [sale for sale in sales if self._able(sale, move.kind)]
        return sales[int(move.pick * len(sales))] if sales else None

    def _able(self, sale: Sale, kind: str) -> bool:
        """Whether staff would try it: there is money for it, and as far as they see nothing is under way."""
        shown = self._made.saleor.books()[sale.transaction].amounts
        waiting = shown.authorize_pending + shown.charge_pending + shown.refund_pending + shown.cancel_pending
        amount = shown.authorized if kind in {"capture", "cancel", "capture twice"} else shown.charged
        return bool(amount and not waiting and sale.transaction not in self._open)

    async def _staff(self, move: Move, kind: str, sale: Sale) -> None:
        shown = self._made.saleor.books()[sale.transaction].amounts
        match kind:
            case "capture":
                await self._made.ask(sale, "CHARGE", str(_part(shown.authorized, move)), presses=4)
            case "capture twice":
                await self._made.ask_twice(sale, "CHARGE", str(_part(shown.authorized, move)))
            case "refund twice":
                await self._made.ask_twice(sale, "REFUND", str(_part(shown.charged, move)))
            case "cancel":
                await self._made.ask(sale, "CANCEL", str(shown.authorized), presses=4)
            case "meddle":
                await self._made.meddle(sale, str(_part(shown.charged, move)))
                self._weather.faults["Saleor: told a wrong amount by somebody else"] += bool(sale.misled)
            case "grant" if self._made.order_of(sale) is not None:
                await self._made.grant(sale, str(_part(shown.charged, move)))
            case _:
                await self._made.ask(sale, "REFUND", str(_part(shown.charged, move)), presses=4)

    async def _forge(self) -> None:
        body = b'{"Type": "Notification", "Message": "you have been paid"}'
        try:
            answer = await self._made.nodes.request("POST", f"{APP}/api/ipn/demo-us", headers={}, body=body)
        except TransportError:
            return
        assert 400 <= answer.status < 600, answer

    async def _buy(self, move: Move, kind: str) -> None:
        made = self._made
        action = "AUTHORIZATION" if kind == "authorize" else "CHARGE"
        choice: dict[str, Any] = {"recurring": kind != "one-time"}
        if kind == "bad card":
            choice["card_id"] = made.amazon.add_card(made.amazon.buyer.buyer_id, move.card).card_id
        checkout = made.saleor.checkout_create(total=str(move.total), user=made.customer)
        sale = await made.pay_for(checkout.id, move.total, action, **choice)
        if move.stubborn and sale.failed:
            await made.press_again(sale)
        for _ in range(3):
            sale = await made.pay_otherwise(sale)


def _part(amount: Decimal, move: Move) -> Decimal:
    return max(_CENT, (amount * Decimal(str(move.share))).quantize(_CENT, ROUND_HALF_UP))
