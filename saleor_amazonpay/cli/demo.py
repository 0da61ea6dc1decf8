"""`saleor-amazonpay demo`: play a whole sale on this machine with visible progress, compare the books, keep serving."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import structlog
from rich import box
from rich.console import Console
from rich.table import Table

from saleor_amazonpay.cli.books import Amounts, Line, compare
from saleor_amazonpay.cli.journey import Done, Journey, JourneyError
from saleor_amazonpay.cli.journey_v2 import JourneyV2
from saleor_amazonpay.cli.stage import Ports, Stage, serve_on, stage

Wires = Literal["mws", "v2", "both"]


async def play(ports: Ports, *, once: bool, console: Console, wire: Wires = "both") -> int:
    """Run the demo; returns the exit code: 0 only if the story went as told and both books agree to the cent."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))  # errors only: the steps are the log
    with tempfile.TemporaryDirectory(prefix="saleor-amazonpay-") as folder:
        console.print("[bold]Amazon Pay for Saleor[/bold]: a whole sale, on this machine only")
        with console.status("starting the app, Amazon Pay's simulator and a small Saleor"):
            context = stage(Path(folder), ports)
            players = await context.__aenter__()
        try:
            code = await _story(players, console, wire)
            if not once:
                await _serve_on(players, console)
        finally:
            await context.__aexit__(None, None, None)
    return code


async def _story(players: Stage, console: Console, wire: Wires) -> int:
    journey = Journey(players)
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
    console.print(_table(lines))
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
    if wire != "mws":
        async for step in JourneyV2(journey).steps():
            yield step


_COLUMNS = ("authorized", "charged", "refunded", "released", "pending")


def _table(lines: list[Line]) -> Table:
    table = Table(
        title="Saleor's amounts beside Amazon's objects (USD)", title_justify="left",
        box=box.SIMPLE_HEAD, padding=(0, 0), pad_edge=False, show_edge=False,
    )  # fmt: skip
    for name in ("payment", "books"):
        table.add_column(name, no_wrap=True)
    for name in _COLUMNS:
        table.add_column("reserved" if name == "authorized" else name, justify="right", no_wrap=True)
    table.add_column("equal", justify="center", no_wrap=True)
    for number, line in enumerate(lines, 1):
        kinds = _short(" ".join(line.events) or line.transaction_id)
        verdict = "[green]yes[/green]" if line.agree else "[bold red]NO[/bold red]"
        table.add_row(f"{number}. {kinds}", "Saleor", *_cells(line.saleor), "")
        table.add_row("", "Amazon", *_cells(line.amazon), verdict, end_section=True)
    return table


def _cells(amounts: Amounts) -> list[str]:
    return [f"{getattr(amounts, name):.2f}" for name in _COLUMNS]


def _short(events: str) -> str:
    """The words of a payment's events without repeating them."""
    words = [word for word in dict.fromkeys(events.split()) if word.endswith(("SUCCESS", "Saleor"))]
    short = {"AUTHORIZATION": "reserve"}
    names = (word.removesuffix("_SUCCESS") for word in words)
    return ", ".join(short.get(name, name.lower()) for name in names) or events


async def _serve_on(players: Stage, console: Console) -> None:
    console.print(
        f"\nServing until Ctrl-C:\n  [bold]the demo shop      {players.shop_url}/[/bold]\n"
        f"  the app            {players.app_url}/api/manifest\n"
        f"  Amazon's simulator {players.amazon_url}/\n  the small Saleor   {players.saleor.api_url}\n"
        f"  the app's pages    {players.saleor.api_url.removesuffix('graphql/')}dashboard/"
    )
    await serve_on(console)
