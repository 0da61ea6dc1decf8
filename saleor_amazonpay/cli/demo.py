"""`saleor-amazonpay demo`: play a whole sale on this machine with visible progress, compare the books, keep serving."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import structlog
from rich import box
from rich.console import Console
from rich.table import Table

from saleor_amazonpay.cli.books import UNKNOWN, Amounts, Line, compare
from saleor_amazonpay.cli.journey import Done, Journey, JourneyError
from saleor_amazonpay.cli.journey_back import back_on_v1, back_on_v2
from saleor_amazonpay.cli.journey_v2 import JourneyV2
from saleor_amazonpay.cli.selling import sell_on, write_environment
from saleor_amazonpay.cli.stage import Ports, serve_on, stage

Wires = Literal["mws", "v2", "both"]


async def play(ports: Ports, *, once: bool, console: Console, wire: Wires = "both", sell: float = 0.0) -> int:
    """Run the demo; returns the exit code: 0 only if the story went as told and both books agree to the cent.

    `sell`: seconds between sales while it goes on serving; 0 sells no more.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))  # errors only: the steps are the log
    with tempfile.TemporaryDirectory(prefix="saleor-amazonpay-") as folder:
        console.print("[bold]Amazon Pay for Saleor[/bold]: a whole sale, on this machine only")
        with console.status("starting the app, Amazon Pay's simulator and a small Saleor"):
            context = stage(Path(folder), ports)
            players = await context.__aenter__()
        try:
            journey = Journey(players)
            code = await _story(journey, console, wire)
            if not once:
                await _serve_on(journey, console, sell)
        finally:
            await context.__aexit__(None, None, None)
    return code


async def _story(journey: Journey, console: Console, wire: Wires) -> int:
    players = journey.stage
    try:
        with console.status("playing") as status:
            number = 0
            async for step in _steps(journey, wire):
                number += 1
                console.print(f" {number:2d}. [cyan]{step.who}[/cyan] {step.what} [green]→ {step.outcome}[/green]")
                status.update(f"after step {number}")
    except (JourneyError, TimeoutError) as error:
        why = "Amazon took too long" if isinstance(error, TimeoutError) else error
        console.print(f"[bold red]The demo stopped:[/bold red] {why}")
        return 1
    lines = compare(players.saleor, players.amazon)
    console.print(table(lines))
    if not all(line.agree for line in lines):
        console.print("[bold red]The books differ.[/bold red]")
        return 1
    console.print(f"[bold green]Saleor and Amazon agree to the cent[/bold green] on {len(lines)} payments.")
    return 0


async def _steps(journey: Journey, wire: Wires) -> AsyncIterator[Done]:
    if wire == "v2":
        yield await journey.install("v2")
    else:
        async for step in journey.steps():
            yield step
        async for step in back_on_v1(journey, journey.first_sale):
            yield step
    if wire != "mws":
        second = JourneyV2(journey)
        async for step in second.steps():
            yield step
        async for step in back_on_v2(journey, second.first_payment):
            yield step


_COLUMNS = ("authorized", "charged", "refunded", "released", "pending")


def table(lines: list[Line], currency: str = "USD") -> Table:
    """The two sides of every payment, one below the other."""
    table = Table(
        title=f"Saleor's amounts beside Amazon's objects ({currency})", title_justify="left",
        box=box.SIMPLE_HEAD, padding=(0, 0), pad_edge=False, show_edge=False,
    )  # fmt: skip
    table.add_column("payment", max_width=30)  # wrapped, so that the figures are never cut
    table.add_column("books", no_wrap=True)
    for name in _COLUMNS:
        table.add_column("reserved" if name == "authorized" else name, justify="right", no_wrap=True)
    table.add_column("equal", justify="center", no_wrap=True)
    for number, line in enumerate(lines, 1):
        kinds = _short(line)
        verdict = "[green]yes[/green]" if line.agree else "[bold red]NO[/bold red]"
        table.add_row(f"{number}. {kinds}", "Saleor", *_cells(line.saleor), "")
        table.add_row("", "Amazon", *_cells(line.amazon), verdict, end_section=True)
    return table


def _cells(amounts: Amounts) -> list[str]:
    return [f"{getattr(amounts, name):.2f}" for name in _COLUMNS]


def _short(line: Line) -> str:
    """The words of a payment's events without repeating them."""
    if line.transaction_id == UNKNOWN:
        return UNKNOWN
    short = {"AUTHORIZATION": "reserve", "CHARGE_BACK": "dispute"}
    words = (word.removesuffix("_SUCCESS") for word in line.events if word.endswith(("SUCCESS", "BACK")))
    return ", ".join(short.get(word, word.lower()) for word in dict.fromkeys(words)) or "not paid"


async def _serve_on(journey: Journey, console: Console, sell: float) -> None:
    players = journey.stage
    console.print(
        f"\nServing until Ctrl-C:\n  [bold]the demo shop      {players.shop_url}/[/bold]\n"
        f"  the app            {players.app_url}/api/manifest\n"
        f"  Amazon's simulator {players.amazon_url}/\n  the small Saleor   {players.saleor.api_url}\n"
        f"  the app's pages    {players.saleor.api_url.removesuffix('graphql/')}dashboard/"
    )
    if players.settings is not None:
        console.print(f"  for another shell  . {write_environment(players, players.settings)}", soft_wrap=True)
    selling = asyncio.create_task(sell_on(journey, sell, console)) if sell > 0 else None
    try:
        await serve_on(console)
    finally:
        if selling is not None:
            selling.cancel()
            await asyncio.gather(selling, return_exceptions=True)
