"""`make bench`: what a payment webhook costs, as ratios to a bare endpoint in the same run.

The real app in a process of its own takes signed webhooks and charges at the simulated Amazon, on SQLite and on
PostgreSQL. Nothing is asserted about time; the exit is 1 only if an answer was not CHARGE_SUCCESS. Everything that was
started is stopped, and everything that was written is removed.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from bench import cap, ledger_size, ledgers, report
from bench.ledgers import Ledger, MissingError
from bench.measure import SCENARIOS, Bench, Result, Scenario
from bench.processes import Cores, Server, free_port, server
from bench.seed import environment, seed
from bench.webhooks import Shop

_ROUNDS = 5
_REQUESTS = 1000
_QUICK_REQUESTS = 100
_WARM_UP_SHARE = 0.2
_FEWEST = 20
_TABLE_WIDTH = 120  # for output that is no terminal, and so has no width of its own


class Part(StrEnum):
    """What can be measured by itself."""

    PAYMENTS = "payments"
    CAP = "cap"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the bench: the surroundings that every measurement shares."""

    console: Console
    cores: Cores
    folder: Path
    requests: int

    def everything(self, on: Sequence[Ledger]) -> list[Result]:
        """Measure every scenario on every ledger that this machine can serve."""
        # Nobody answers there: the app knows the shop's keys from the installation, and has nothing to report.
        shop = Shop(f"http://127.0.0.1:{free_port()}/graphql/")
        jwks = self.folder / "jwks.json"
        jwks.write_text(shop.jwks, encoding="utf-8")
        with ExitStack() as running:
            port = free_port()
            amazon = running.enter_context(
                server("amazon", ["bench.amazon", str(port)], port=port, ready="/bench/time", folder=self.folder)
            )
            port = free_port()
            floor = running.enter_context(
                server(
                    "floor", ["bench.floor", str(port), str(jwks)], port=port, ready="/", folder=self.folder,
                    core=self.cores.measured,
                )
            )  # fmt: skip
            bench = Bench(shop, floor, amazon)
            report.conditions(self.console, self.cores, self.folder, [bench.body_size(each) for each in SCENARIOS])
            results: list[Result] = []
            for ledger in on:
                try:
                    results += self._on(ledger, bench, shop, amazon)
                except MissingError as missing:
                    self.console.print(f"{ledger}: left out, {missing}", style="yellow")
            return results

    def _on(self, ledger: Ledger, bench: Bench, shop: Shop, amazon: Server) -> list[Result]:
        """The app on one ledger, from an empty database to the end of both."""
        port = free_port()
        with ledgers.empty(ledger, self.folder) as url:
            seed(url, shop, bench.known)
            with server(
                f"app-{ledger}", ["saleor_amazonpay", "serve", "--port", str(port)],
                port=port, ready="/readyz", folder=self.folder, core=self.cores.measured,
                environment=environment(url, shop, amazon.url),
            ) as app:  # fmt: skip
                return self._rounds(ledger, bench, app)

    def _rounds(self, ledger: Ledger, bench: Bench, app: Server) -> list[Result]:
        with self.console.status(f"{ledger}: warming up"):
            for scenario in SCENARIOS:
                bench.warm_up(app, scenario, self._count(scenario, _WARM_UP_SHARE))
        results = [Result(ledger, scenario, []) for scenario in SCENARIOS]
        for turn in range(1, _ROUNDS + 1):
            for result in results:
                scenario = result.scenario
                with self.console.status(f"{ledger}, round {turn} of {_ROUNDS}: {scenario.name}"):
                    result.rounds.append(bench.round(app, scenario, self._count(scenario)))
            ratios = " / ".join(f"{result.rounds[-1].ratio:.1f}" for result in results)
            self.console.print(f"{ledger}, round {turn} of {_ROUNDS}: {ratios} x floor", style="dim", highlight=False)
        return results

    def _count(self, scenario: Scenario, share: float = 1.0) -> int:
        return max(int(self.requests * scenario.share * share), _FEWEST)


def main(
    requests: Annotated[int, typer.Option(min=_FEWEST, help="payments per round and scenario")] = _REQUESTS,
    database: Annotated[Literal["sqlite", "postgresql", "both"], typer.Option(help="where the ledger is")] = "both",
    *,
    only: Annotated[
        list[Part],
        typer.Option(help="a part: what a payment costs, what a reservation costs, what a large ledger costs"),
    ] = [*Part],  # noqa: B006 - read only
    quick: Annotated[bool, typer.Option("--quick", help="does it run at all? The figures are worth little")] = False,
) -> None:
    """What a payment webhook costs, beside a bare endpoint in the same run."""
    if not Path("/proc/self/stat").exists():
        raise SystemExit("the bench reads CPU time from /proc, which only Linux has")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped here too
    console = Console()
    console = console if console.is_terminal else Console(width=_TABLE_WIDTH)
    chosen = list(Ledger) if database == "both" else [Ledger(database)]
    with tempfile.TemporaryDirectory(prefix="amazonpay-bench-") as folder:
        run = Run(console, Cores.split(), Path(folder), _QUICK_REQUESTS if quick else requests)
        results = run.everything(chosen) if Part.PAYMENTS in only else []
        if Part.CAP in only:
            cap.show(console, chosen, Path(folder), quick=quick)
        if Part.SIZE in only:
            ledger_size.show(console, chosen, Path(folder), quick=quick)
    if results:
        console.print(report.costs(results), report.whereabouts(results))
    wrong = [answer for result in results for answer in result.unexpected]
    if wrong:
        console.print(f"{len(wrong)} answers were not CHARGE_SUCCESS; the first:", style="red")
        console.print(wrong[0].decode(errors="replace"), markup=False)
        raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
