"""What the cap costs: reservations per second beside a bare single-row UPDATE, on the same database in the same run.

The floor is the driver's own connection: `UPDATE … SET booked = booked + 1`, one row, one commit each, nothing else.
A reservation goes the way of the app: a unit of work in the store's queue, the conditional UPDATE that looks at the
profile's cap, a commit that is on disk. One client waits for each commit; 32 share them. They take turns, so that
whatever else the machine does meets all. Nothing is asserted about time; that all reservations are in the books is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import sqlalchemy as sa
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench import ledgers
from bench.ledgers import Ledger, MissingError
from saleor_amazonpay.store import caps, profiles
from saleor_amazonpay.store.migrate import upgrade
from saleor_amazonpay.store.sealed import Sealer
from saleor_amazonpay.store.store import Store
from tests.samples import profile

_ROUNDS = 7
_PER_ROUND, _QUICK_PER_ROUND = 1000, 100
_CLIENTS = 32
_MONTH = "2026-11"
_FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class Rates:
    """Per second, one figure for each round, by what was done."""

    by_name: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, count: int, seconds: float) -> None:
        """Note a round."""
        self.by_name.setdefault(name, []).append(count / seconds)


def show(console: Console, on: list[Ledger], folder: Path, *, quick: bool) -> None:
    """Measure and print the table."""
    table = Table(
        title="The cap: reservations per second, medians of the rounds", title_justify="left", box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )  # fmt: skip
    table.add_column("ledger", no_wrap=True)
    for name in ("bare UPDATE/s", "1 client/s", "x floor", "32 clients/s", "x floor", "range"):
        table.add_column(name, justify="right", no_wrap=True)
    for ledger in on:
        with console.status(f"{ledger}: reservations"):
            try:
                rates = asyncio.run(_measure(ledger, folder, _QUICK_PER_ROUND if quick else _PER_ROUND))
            except MissingError as missing:
                console.print(f"{ledger}: left out, {missing}", style="yellow")
                continue
        table.add_row(ledger, *_figures(rates))
    if table.rows:
        console.print(table)


def _figures(rates: Rates) -> list[str]:
    floor, alone, many = (rates.by_name[name] for name in (_FLOOR, "1", str(_CLIENTS)))
    ratios = [each / bare for bare, each in zip(floor, many, strict=True)]
    share = median(each / bare for bare, each in zip(floor, alone, strict=True))
    return [
        f"{median(floor):.0f}", f"{median(alone):.0f}", f"{share:.2f}", f"{median(many):.0f}", f"{median(ratios):.2f}",
        f"{min(ratios):.2f}-{max(ratios):.2f}",
    ]  # fmt: skip


async def _measure(ledger: Ledger, folder: Path, count: int) -> Rates:
    rates, reserved = Rates(), 0
    with ledgers.empty(ledger, folder) as url:
        store = Store.open(url, Sealer({"k1": b"b" * 32}))
        upgrade(store.engine)
        ours = profile(monthly_cap=10**12)  # never reached, but looked at like any other
        await store.write(lambda tx: profiles.insert(tx, store.sealer, ours, {"secret_key": "s"}, 1))
        await store.write(lambda tx: caps.open_month(tx, ours.id, _MONTH))
        floor = _floor(store.engine)
        try:
            for turn in range(_ROUNDS + 1):
                # The first round warms up.
                here = rates if turn else Rates()
                here.add(_FLOOR, count, await asyncio.to_thread(floor, count))
                for clients in (1, _CLIENTS):
                    reserved += count
                    here.add(str(clients), count, await _reserve(store, ours.id, count, clients))
            booked = await store.read(lambda tx: caps.booked(tx, ours.id, _MONTH))
            if booked != reserved:
                raise RuntimeError(f"{reserved} cents were reserved, {booked} are in the books")
        finally:
            store.close()
    return rates


async def _reserve(store: Store, profile_id: str, count: int, clients: int) -> float:
    """Seconds for so many reservations of a cent."""
    left = iter(range(count))

    async def client() -> None:
        for _ in left:
            if not await store.write(lambda tx: caps.reserve(tx, profile_id, _MONTH, 1)):
                raise RuntimeError("the cap was never to be reached")

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return time.perf_counter() - began


def _floor(engine: sa.Engine) -> Callable[[int], float]:
    """A table with one row, and what takes the seconds for so many UPDATEs of it."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE bench_floor (id INTEGER PRIMARY KEY, booked BIGINT)")
        connection.exec_driver_sql("INSERT INTO bench_floor VALUES (1, 0)")

    def run(count: int) -> float:
        connection = engine.raw_connection()
        try:
            driver, cursor = connection.driver_connection, connection.cursor()
            began = time.perf_counter()
            for _ in range(count):
                cursor.execute("UPDATE bench_floor SET booked = booked + 1 WHERE id = 1")
                driver.commit()  # type: ignore[union-attr] # the pool's type allows None, an open connection is none
            return time.perf_counter() - began
        finally:
            connection.close()

    return run
