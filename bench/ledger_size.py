"""What a large ledger costs: a payment webhook, and a page of the operations list, with 1,000 rows and with 1,000,000.

Both ledgers are open in one process and take turns, so that whatever else the machine does meets both. The webhook runs
through the real doors, flows and store against an Amazon made of paper; its time is wall time of one payment after the
other, which holds what the database's own process does. A page's time is taken around its statements, in the store's
thread. Nothing is asserted.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import sqlalchemy as sa
import structlog
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench import ledgers
from bench.ledgers import Ledger, MissingError
from saleor_amazonpay.domain.operation import Kind, Operation, Phase
from saleor_amazonpay.store import operation_pages
from saleor_amazonpay.store.operation_pages import Wanted
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.store import Store
from tests.flows.world import CONSENTED, USER, World

SMALL, LARGE, QUICK_LARGE = 1_000, 1_000_000, 20_000
_TURNS, _PER_TURN, _PAGE_TURNS = 12, 25, 7
_TENANT, _ACCOUNT = "tenant-1", "A3URCZVLDMDI45:sandbox"
_NEWEST = 1_794_000_000_000  # ms; a minute between two rows
_ROWS = 26  # a page of 25, and whether there are more

# One row in ten thousand is on a second profile; of a hundred rows three were declined; a refund each forty.
_SEED = """
INSERT INTO operations (
  id, tenant_id, op_key, kind, phase, profile_id, wire, account, transaction_id, source_id, agreement_id, amount,
  currency, object_id, settled_id, order_reference, effect, psp_reference, answer_left, cap_month, cap_booked, state,
  created_at, updated_at, due_at)
SELECT
  {key}, '{tenant}', 'session:' || i,
  CASE WHEN i % 40 = 7 THEN 'refund' WHEN i % 10 = 3 THEN 'authorize' WHEN i % 10 = 4 THEN 'capture' ELSE 'charge' END,
  CASE WHEN i % 100 IN (11, 51) THEN 'repairable' WHEN i % 100 = 91 THEN 'declined' WHEN i % 50000 = 17 THEN 'pending'
    WHEN i % 5000 = 25 THEN 'gone' ELSE 'done' END,
  CASE WHEN i % 10000 = 9 THEN 'profile-2' ELSE 'profile-1' END, 'paper', '{account}',
  'T-old-' || i, 'source-' || i, 'agreement-' || (i % 5000), 1000 + i % 9000, 'USD',
  'S01-' || i || '-A000001', 'S01-' || i || '-C000001', 'S01-' || i, 'captured', 'S01-' || i || '-C000001', 1,
  '2026-10', 1000, 'Completed',
  {newest} - ({count} - i) * 60000, {newest} - ({count} - i) * 60000, CASE WHEN i % 50000 = 17 THEN {later} ELSE 0 END
FROM {series}"""
_SQL = {
    "sqlite": (
        "lower(hex(randomblob(16)))",
        "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT i FROM n)",
    ),
    "postgresql": ("md5(random()::text || i)", "generate_series(1, {count}) AS s(i)"),
}

PAGES = {
    "all, the first page": Wanted(),
    "one kind": Wanted(kinds=(Kind.REFUND,)),
    "two kinds": Wanted(kinds=(Kind.REFUND, Kind.CAPTURE)),
    "declined": Wanted(phases=(Phase.REPAIRABLE, Phase.DECLINED, Phase.GONE)),
    "ended, one in 5,000": Wanted(phases=(Phase.GONE,)),
    "under way": Wanted(phases=(Phase.CALLING, Phase.PENDING)),
    "a profile, one in 10,000": Wanted(profile_ids=("profile-2",)),
    "that profile's refunds (none)": Wanted(profile_ids=("profile-2",), kinds=(Kind.REFUND,)),
    "a week": Wanted(created_from=_NEWEST - 14 * 86_400_000, created_until=_NEWEST - 7 * 86_400_000),
    "needs attention (none)": Wanted(needs_attention=True),
    "an agreement": Wanted(agreement_id="agreement-17"),
}


@dataclass(frozen=True, slots=True)
class Size:
    """One ledger and what it cost: seconds per payment in each turn, milliseconds per page by its name."""

    rows: int
    payments: list[float]
    pages: dict[str, float]


def seed(engine: sa.Engine, count: int) -> None:
    """Fill the ledger with old operations."""
    key, series = _SQL[engine.dialect.name]
    statement = _SEED.format(
        key=key, series=series.format(count=count), tenant=_TENANT, account=_ACCOUNT, newest=_NEWEST, count=count,
        later=_NEWEST * 2,
    )  # fmt: skip
    if engine.dialect.name == "postgresql":
        statement = statement.replace("%", "%%")  # psycopg's own sign
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


async def _payments(world: World, first: int) -> float:
    """Seconds for a payment of a returning buyer, a mean over a turn."""
    data = {"amazonBillingAgreementId": CONSENTED["amazonBillingAgreementId"]}
    bodies = [
        world.session(transaction=f"T{first + n}", source=f"S{first + n}", principal=USER, data=data)
        for n in range(_PER_TURN)
    ]
    began = time.perf_counter()
    for body in bodies:
        answer = await world.send("transaction-initialize-session", body)
        if b"CHARGE_SUCCESS" not in answer.body:
            raise RuntimeError(answer.body.decode())
    return (time.perf_counter() - began) / _PER_TURN


async def _page(store: Store, wanted: Wanted, after: tuple[int, str] | None = None) -> tuple[float, list[Operation]]:
    """Milliseconds in the database for a page, a median, and the page."""

    def unit(tx: Tx) -> tuple[float, list[Operation]]:
        began = time.perf_counter()
        rows = operation_pages.page(tx, _TENANT, wanted, after, _ROWS)
        return (time.perf_counter() - began) * 1000, rows

    taken = [await store.read(unit) for _ in range(_PAGE_TURNS)]
    return median(each[0] for each in taken), taken[-1][1]


async def _pages(store: Store, rows: int) -> dict[str, float]:
    found = {name: (await _page(store, wanted))[0] for name, wanted in PAGES.items()}
    middle = (_NEWEST - rows // 2 * 60_000, "")
    found["all, a page in the middle"] = (await _page(store, Wanted(), middle))[0]

    def search(tx: Tx) -> float:
        began = time.perf_counter()
        operation_pages.search(tx, _TENANT, [_ACCOUNT], f"S01-{rows // 2}-C000001")
        return (time.perf_counter() - began) * 1000

    found["search by an id of Amazon's"] = median([await store.read(search) for _ in range(_PAGE_TURNS)])
    return found


@asynccontextmanager
async def _world(folder: Path, url: str, rows: int) -> AsyncIterator[World]:
    world = World(folder, database_url=url)
    await world.install()
    await world.pay(transaction="T0", principal=USER, data=CONSENTED)  # the agreement is open from here on
    await asyncio.to_thread(seed, world.store.engine, rows)
    try:
        yield world
    finally:
        await world.deps.running.drain()
        world.store.close()


async def measure(ledger: Ledger, folder: Path, large: int) -> list[Size]:
    """A small and a large ledger on one kind of database, by turns."""
    with ExitStack() as databases:
        urls = databases.enter_context(ledgers.several(ledger, folder, 2))
        async with AsyncExitStack() as stack:
            worlds = [
                await stack.enter_async_context(_world(folder, url, rows))
                for url, rows in zip(urls, (SMALL, large), strict=True)
            ]
            taken: list[list[float]] = [[], []]
            for turn in range(_TURNS + 1):
                for number, world in enumerate(worlds):
                    seconds = await _payments(world, 1 + turn * _PER_TURN)
                    if turn:  # the first one warms up
                        taken[number].append(seconds)
            return [
                Size(rows, taken[number], await _pages(world.store, rows))
                for number, (world, rows) in enumerate(zip(worlds, (SMALL, large), strict=True))
            ]


def show(console: Console, on: list[Ledger], folder: Path, *, quick: bool) -> None:
    """Measure and print both tables."""
    # No log lines: they cost the same on both, and would make a difference look smaller than it is.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    large = QUICK_LARGE if quick else LARGE
    results: dict[Ledger, list[Size]] = {}
    for ledger in on:
        with console.status(f"{ledger}: a ledger of {large:,} operations"):
            try:
                results[ledger] = asyncio.run(measure(ledger, folder, large))
            except MissingError as missing:
                console.print(f"{ledger}: left out, {missing}", style="yellow")
    if results:
        console.print(_webhooks(results, large), _lists(results, large))


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", no_wrap=True)
    return table


def _webhooks(results: dict[Ledger, list[Size]], large: int) -> Table:
    table = _table(
        "A returning buyer's payment, one after the other: ms of wall time, medians of the turns",
        "ledger", f"{SMALL:,} rows", f"{large:,} rows", "ratio", "range",
    )  # fmt: skip
    for ledger, (small, big) in results.items():
        ratios = [b / s for s, b in zip(small.payments, big.payments, strict=True)]
        table.add_row(
            ledger, f"{median(small.payments) * 1000:.2f}", f"{median(big.payments) * 1000:.2f}",
            f"{median(ratios):.2f}", f"{min(ratios):.2f}-{max(ratios):.2f}",
        )  # fmt: skip
    return table


def _lists(results: dict[Ledger, list[Size]], large: int) -> Table:
    columns = [f"{ledger}, {rows:,}" for ledger in results for rows in (SMALL, large)]
    table = _table("A page of 25 operations: ms in the database", "page", *columns)
    names = next(iter(results.values()))[0].pages
    for name in names:
        table.add_row(name, *(f"{size.pages[name]:.2f}" for sizes in results.values() for size in sizes))
    return table
