"""One round: floor and app by turns, with the same bodies and connections on the same core.

In come running servers and a scenario, out comes what a payment cost. The turns are a fraction of a second, so that
whatever else the machine does meets both; a ratio is taken within its round, and medians are taken over rounds.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Literal

from bench import floor
from bench.load import Sample, drive
from bench.processes import Server
from bench.webhooks import BuyerAgreement, Shop

PAID = b'"result":"CHARGE_SUCCESS"'
_KNOWN_AGREEMENTS = 64
# The floor is so much quicker that it gets more requests, or the kernel's 10 ms ticks would be too coarse for it.
_FLOOR_REPEATS = 8
_TURNS = 10


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of payment at a number of connections; `share` of the asked-for requests are enough for it."""

    name: str
    kind: Literal["returning", "first sale"]
    connections: int
    share: float


SCENARIOS = (
    Scenario("returning buyer", "returning", 8, 1.0),
    Scenario("returning buyer", "returning", 1, 0.4),
    Scenario("first sale", "first sale", 8, 0.4),
)


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU milliseconds per payment, by thread and by where they were spent."""

    loop_user: float
    loop_kernel: float
    store_user: float
    store_kernel: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.loop_user + self.loop_kernel + self.store_user + self.store_kernel


@dataclass(frozen=True, slots=True)
class Round:
    """What one round found. Times in milliseconds, `amazon` and `calls` per payment, `rate` per second."""

    cpu: Cpu
    floor: float
    rate: float
    p50: float
    p99: float
    amazon: float
    calls: float
    unexpected: list[bytes]

    @property
    def ratio(self) -> float:
        """The app's CPU in floors."""
        return self.cpu.total / self.floor

    @property
    def own(self) -> float:
        """The median latency without the time Amazon took. What waits before a busy simulator counts as ours."""
        return self.p50 - self.amazon


@dataclass(frozen=True, slots=True)
class Result:
    """All rounds of a scenario on a database."""

    database: str
    scenario: Scenario
    rounds: list[Round]

    def middle(self, of: Callable[[Round], float]) -> float:
        """The median over rounds."""
        return median(map(of, self.rounds))

    @property
    def unexpected(self) -> list[bytes]:
        """Every answer that was not CHARGE_SUCCESS."""
        return [answer for each in self.rounds for answer in each.unexpected]


class Bench:
    """Measures scenarios. `known` are the agreements that the app has in its ledger already."""

    def __init__(self, shop: Shop, floor_server: Server, amazon: Server) -> None:
        self._shop = shop
        self._floor = floor_server
        self._amazon = amazon
        self.known = self._agreements(_KNOWN_AGREEMENTS, confirmed=True)

    def round(self, app: Server, scenario: Scenario, count: int) -> Round:
        """Send `count` payments to the app, and by turns with it the same to the floor, several times over."""
        requests = [self._shop.request(body) for body in self._bodies(scenario, count)]
        self._amazon.ask("/bench/time")
        floor_before, loop, whole = self._floor.cpu(), app.main_thread(), app.whole()
        sample = Sample()
        for turn in range(_TURNS):
            part = requests[turn::_TURNS]
            answered = drive(self._floor.port, part * _FLOOR_REPEATS, scenario.connections, floor.ANSWER)
            if answered.unexpected:
                raise RuntimeError(f"the floor answered {answered.unexpected[0]!r}")
            sample.add(drive(app.port, part, scenario.connections, PAID))
        spent = self._amazon.ask("/bench/time")
        return Round(
            cpu=_cpu(app, loop, whole, count),
            floor=(self._floor.cpu() - floor_before) / (count * _FLOOR_REPEATS) * 1000,
            rate=sample.rate,
            p50=sample.percentile(0.5),
            p99=sample.percentile(0.99),
            amazon=spent["seconds"] / count * 1000,
            calls=spent["requests"] / count,
            unexpected=sample.unexpected,
        )

    def warm_up(self, app: Server, scenario: Scenario, count: int) -> None:
        """Let both reach their pace: connections to Amazon open, caches full, statements prepared."""
        requests = [self._shop.request(body) for body in self._bodies(scenario, count)]
        for port, expected in ((self._floor.port, floor.ANSWER), (app.port, PAID)):
            drive(port, requests, scenario.connections, expected)

    def body_size(self, scenario: Scenario) -> int:
        """Bytes of a body."""
        return len(next(iter(self._bodies(scenario, 1))))

    def _bodies(self, scenario: Scenario, count: int) -> list[bytes]:
        if scenario.kind == "returning":
            return [self._shop.returning(each) for each in itertools.islice(itertools.cycle(self.known), count)]
        return [self._shop.first_sale(each) for each in self._agreements(count, confirmed=False)]

    def _agreements(self, count: int, *, confirmed: bool) -> list[BuyerAgreement]:
        made = self._amazon.ask("/bench/agreements", {"count": count, "confirmed": confirmed})
        return [BuyerAgreement(**each) for each in made]


def _cpu(app: Server, loop: tuple[float, float], whole: tuple[float, float], count: int) -> Cpu:
    """What was used since; all threads but the main one are the store's."""
    loop_user, loop_kernel = (now - then for now, then in zip(app.main_thread(), loop, strict=True))
    user, kernel = (now - then for now, then in zip(app.whole(), whole, strict=True))
    share = 1000 / count
    return Cpu(loop_user * share, loop_kernel * share, (user - loop_user) * share, (kernel - loop_kernel) * share)
