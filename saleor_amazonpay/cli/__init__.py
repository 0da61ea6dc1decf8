"""`saleor-amazonpay`: what an operator does from a shell. Heavy modules are imported where they are used."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from saleor_amazonpay.cli import profile_commands

if TYPE_CHECKING:
    from saleor_amazonpay.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Amazon Pay for Saleor.")

Host = Annotated[str, typer.Option(help="address to listen on")]
Port = Annotated[int, typer.Option(help="port to listen on")]


def _settings() -> Settings:
    from pydantic import ValidationError

    from saleor_amazonpay.settings import Settings

    try:
        return Settings()  # type: ignore[call-arg]  # from the environment
    except ValidationError as error:
        for problem in error.errors():
            name = "AMAZONPAY_" + "_".join(str(part) for part in problem["loc"]).upper()
            typer.echo(f"{name}: {problem['msg']}", err=True)
        typer.echo("Settings are environment variables; the README lists them.", err=True)
        raise typer.Exit(2) from None


@app.command()
def serve(host: Host = "127.0.0.1", port: Port = 8090) -> None:
    """Serve the app: webhooks, notices, background work. SIGTERM finishes what is out, then stops."""
    import uvicorn

    from saleor_amazonpay.app import create_app
    from saleor_amazonpay.log import configure
    from saleor_amazonpay.steps import die_as_planned

    settings = _settings()
    configure(settings.log_level)
    die_as_planned(os.environ)
    uvicorn.run(
        create_app(settings), host=host, port=port, access_log=False, log_config=None, proxy_headers=False,
        timeout_keep_alive=75, timeout_graceful_shutdown=30, server_header=False,
    )  # fmt: skip


@app.command()
def migrate() -> None:
    """Bring the database to this version's schema. `serve` does it as well."""
    from saleor_amazonpay.store.engine import make_engine
    from saleor_amazonpay.store.migrate import upgrade

    upgrade(make_engine(_settings().database_url))
    typer.echo("The schema is up to date.")


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="exit when the story is told: 0 only if the books agree")
    ] = False,
    port: Port = 8090,
    saleor_port: Annotated[int, typer.Option(help="port of the small Saleor")] = 8000,
    amazon_port: Annotated[int, typer.Option(help="port of Amazon's simulator")] = 9100,
    shop_port: Annotated[int, typer.Option(help="port of the demo shop's pages")] = 8200,
    wire: Annotated[
        Literal["mws", "v2", "both"], typer.Option(help="Amazon Pay v1, Checkout v2, or both with a move between them")
    ] = "both",
    sell: Annotated[float, typer.Option(help="go on selling: seconds between sales", min=0.0)] = 0.0,
    saleor: Annotated[str, typer.Option(help="API URL of a Saleor of your own: serve the demo shop on it")] = "",
    channel: Annotated[str, typer.Option(help="with --saleor: the channel to sell in")] = "default-channel",
    currency: Annotated[str, typer.Option(help="with --saleor: the channel's currency")] = "USD",
    public_url: Annotated[str, typer.Option(help="with --saleor: where that Saleor reaches the app")] = "",
) -> None:
    """Play a whole sale against a simulated Amazon and a small Saleor, on this machine only."""
    import asyncio

    from rich.console import Console

    from saleor_amazonpay.cli.demo import play
    from saleor_amazonpay.cli.stage import Ports

    ports = Ports(port, saleor_port, amazon_port, shop_port)
    if saleor:
        from saleor_amazonpay.cli.abroad import Abroad, play_abroad

        place = Abroad(saleor, channel, currency, public_url, "mws" if wire == "mws" else "v2")
        raise typer.Exit(asyncio.run(play_abroad(place, ports, Console())))
    raise typer.Exit(asyncio.run(play(ports, once=once, console=Console(), wire=wire, sell=sell)))


@app.command()
def trial(
    saleor: Annotated[str, typer.Option(help="API URL of the Saleor, such as http://127.0.0.1:8000/graphql/")],
    channel: Annotated[str, typer.Option(help="the channel to sell in")] = "default-channel",
    currency: Annotated[str, typer.Option(help="the channel's currency")] = "USD",
    public_url: Annotated[str, typer.Option(help="where that Saleor reaches the app")] = "",
    port: Port = 8090,
    wire: Annotated[Literal["mws", "v2", "both"], typer.Option(help="Amazon Pay v1, Checkout v2, or both")] = "both",
) -> None:
    """Try the app on a Saleor of your own, never a live one, with Amazon simulated: it installs, sells and refunds.

    SALEOR_EMAIL and SALEOR_PASSWORD are a superuser's. Exits with 0 only if both books agree to the cent.
    """
    import asyncio

    from rich.console import Console

    from saleor_amazonpay.cli.abroad import Abroad
    from saleor_amazonpay.cli.real_saleor import RealSaleor
    from saleor_amazonpay.cli.stage import Ports
    from saleor_amazonpay.cli.trial import try_on

    email, password = os.environ.get("SALEOR_EMAIL", ""), os.environ.get("SALEOR_PASSWORD", "")
    if not email or not password:
        typer.echo("Set SALEOR_EMAIL and SALEOR_PASSWORD to those of a superuser.", err=True)
        raise typer.Exit(2)
    wires = ("mws", "v2") if wire == "both" else (wire,)
    place = Abroad(saleor, channel, currency, public_url)
    client = RealSaleor(saleor, channel, email, password)
    raise typer.Exit(asyncio.run(try_on(client, place, Ports(app=port), wires, Console())))


@app.command()
def simulate(host: Host = "127.0.0.1", port: Port = 9100, ipn_url: Annotated[str, typer.Option()] = "") -> None:
    """Serve Amazon Pay's simulator alone; set AMAZONPAY_AMAZON_ENDPOINT to it. `ipn_url` takes its notices."""
    import uvicorn

    from saleor_amazonpay.simulator.amazon import AmazonWorld, create_app

    world = AmazonWorld.demo(ipn_url=ipn_url)
    merchant = world.merchant
    typer.echo(f"Amazon Pay's simulator on http://{host}:{port}/ (page, control API under /control)")
    typer.echo(f"seller {merchant.seller_id}, access key {merchant.access_key}, client {merchant.client_id}")
    typer.echo(f"secret key {merchant.secret_key} (the simulator's, worth nothing elsewhere)")
    typer.echo(f"Checkout v2: public key {next(iter(merchant.public_keys))}, store {merchant.store_id}")
    typer.echo(merchant.private_key)
    uvicorn.run(create_app(world), host=host, port=port, access_log=False, log_level="warning", proxy_headers=False)


profile_app = profile_commands.commands(_settings)
app.add_typer(profile_app, name="profile")


@profile_app.command("move")
def profile_move(
    profile_id: str,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what it concerns, change nothing")] = False,
    show_key: Annotated[bool, typer.Option("--show-key", help="print the public key, to enter it by hand")] = False,
    public_key_id: Annotated[str, typer.Option(help="the key's id, if it was entered in Seller Central")] = "",
    store_id: Annotated[str, typer.Option(help="the store's id in Seller Central")] = "",
) -> None:
    """Move a profile from Amazon Pay v1 to Checkout v2. May be started again wherever it stopped."""
    import asyncio

    from saleor_amazonpay.cli.profile import run
    from saleor_amazonpay.flows.move import Wanted

    wanted = Wanted(public_key_id, store_id)
    code = asyncio.run(run(_settings(), profile_id, wanted, dry_run=dry_run, show_key=show_key))
    raise typer.Exit(code)


@app.command()
def schemas(folder: Annotated[str, typer.Argument(help="where to write them")] = "docs/schemas") -> None:
    """Write the JSON Schemas of what a storefront sends and reads."""
    from pathlib import Path

    from saleor_amazonpay.cli.schemas import write

    for file in write(Path(folder)):
        typer.echo(str(file))


@app.command()
def caps(
    months: Annotated[int, typer.Option(help="how many months back", min=1, max=36)] = 3,
    shop: profile_commands.Shop = "",
    as_json: profile_commands.Json = False,
) -> None:
    """Show every profile's monthly cap, and what the months before attempted."""
    from saleor_amazonpay.cli.months import show_caps
    from saleor_amazonpay.cli.profiles import run

    raise typer.Exit(run(_settings(), shop, show_caps(months), as_json=as_json))


@app.command()
def fees(
    profile: Annotated[str, typer.Option(help="id or alias; all if left out")] = "",
    months: Annotated[int, typer.Option(help="how many months back", min=1, max=36)] = 3,
    csv: Annotated[bool, typer.Option("--csv", help="print comma separated values")] = False,
    shop: profile_commands.Shop = "",
    as_json: profile_commands.Json = False,
) -> None:
    """Show what every profile took and cost: expected by its terms, actual by Amazon's settlement reports."""
    from saleor_amazonpay.cli.months import show_fees
    from saleor_amazonpay.cli.profiles import run

    raise typer.Exit(run(_settings(), shop, show_fees(profile, months, as_csv=csv), as_json=as_json))


@app.command()
def schema() -> None:
    """Print the GraphQL schema, as `graphql/app.graphql` publishes it."""
    from saleor_amazonpay.web.api.schema import sdl

    typer.echo(sdl(), nl=False)


@app.command()
def doctor() -> None:
    """Check settings, database and every profile's credentials; exits 1 if something has to be mended."""
    import asyncio

    from saleor_amazonpay.cli.doctor import report

    raise typer.Exit(asyncio.run(report(_settings())))


@app.command("rotate-keys")
def rotate_keys() -> None:
    """Seal every secret again with the newest key; exits 1 if one does not open with any."""
    import asyncio

    from saleor_amazonpay.cli.keys import rotate_keys as rotated

    raise typer.Exit(asyncio.run(rotated(_settings())))


@app.command("support-bundle")
def support_bundle(
    to: Annotated[str, typer.Option("--to", help="the archive to write; without it, a name with the time")] = "",
    transaction: Annotated[
        list[str] | None, typer.Option("--transaction", help="a Saleor transaction whose whole timeline goes in")
    ] = None,
    shop: Annotated[str, typer.Option("--shop", help="the Saleor API URL of the only shop to tell of")] = "",
    metrics: Annotated[
        str, typer.Option(help="where the running app shows its metrics")
    ] = "http://127.0.0.1:8090/metrics",
) -> None:
    """Write one archive for whoever helps: versions, settings, queues, problems; no secret and no buyer's data."""
    import asyncio
    import time
    from pathlib import Path

    from saleor_amazonpay.cli.support import Asked, default_target
    from saleor_amazonpay.cli.support import support_bundle as bundled

    target = Path(to) if to else default_target(time.time())
    raise typer.Exit(asyncio.run(bundled(_settings(), Asked(target, transaction or [], shop, metrics))))
