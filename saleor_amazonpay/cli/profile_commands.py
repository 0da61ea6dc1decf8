"""The command line of `profile`: what may be typed, and nothing about what it means."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from saleor_amazonpay.cli.profiles import Action
    from saleor_amazonpay.settings import Settings

Name = Annotated[str, typer.Argument(help="id or alias")]
Channel = Annotated[str, typer.Argument(help="the channel's slug")]
Fields = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME=VALUE...", help="fields; a secret is @env:NAME, @file:PATH or @- (standard input)"),
]
Shop = Annotated[str, typer.Option("--shop", help="the Saleor API URL, if the app is installed in several")]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="only say what would follow")]


def commands(settings: Callable[[], Settings]) -> typer.Typer:  # noqa: C901, PLR0915 - one function per command
    """The `profile` commands."""
    group = typer.Typer(no_args_is_help=True, help="Gateway profiles: the merchant accounts this app charges on.")

    def perform(shop: str, action: Action, *, as_json: bool) -> None:
        from saleor_amazonpay.cli.profiles import run

        raise typer.Exit(run(settings(), shop, action, as_json=as_json))

    def entered(given: list[str] | None) -> dict[str, object]:
        from saleor_amazonpay.cli.profiles import UsageError, fields

        try:
            return fields(given or [])
        except UsageError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from None

    @group.command("list")
    def list_(shop: Shop = "", as_json: Json = False) -> None:
        """List the profiles."""
        from saleor_amazonpay.cli import profiles

        perform(shop, profiles.show_all(), as_json=as_json)

    @group.command()
    def show(name: Name, shop: Shop = "", as_json: Json = False) -> None:
        """Show a profile; of secrets, the last four characters."""
        from saleor_amazonpay.cli import profiles

        perform(shop, profiles.show(name), as_json=as_json)

    @group.command()
    def add(fields: Fields = None, shop: Shop = "", as_json: Json = False) -> None:
        """Add a profile; its keys are tried at Amazon first."""
        from saleor_amazonpay.cli import profiles

        perform(shop, profiles.add(entered(fields)), as_json=as_json)

    @group.command()
    def update(
        name: Name,
        fields: Fields = None,
        version: Annotated[
            int | None, typer.Option(help="the version that was seen; without it, the present one")
        ] = None,
        shop: Shop = "",
        as_json: Json = False,
    ) -> None:
        """Change fields of a profile."""
        from saleor_amazonpay.cli import profiles

        perform(shop, profiles.update(name, version, entered(fields)), as_json=as_json)

    @group.command()
    def duplicate(name: Name, alias: str, shop: Shop = "", as_json: Json = False) -> None:
        """Copy a profile, secrets included; the copy is paused."""
        from saleor_amazonpay.cli import profiles

        perform(shop, profiles.duplicate(name, alias), as_json=as_json)

    @group.command()
    def check(name: Name, shop: Shop = "", as_json: Json = False) -> None:
        """Try a profile's keys at Amazon; exits 1 if they are rejected."""
        from saleor_amazonpay.cli import profiles

        perform(shop, profiles.check(name), as_json=as_json)

    @group.command()
    def setup(name: Name, shop: Shop = "", as_json: Json = False) -> None:
        """List what has to be done before the first sale, here and in Seller Central."""
        from saleor_amazonpay.cli import profile_setup

        perform(shop, profile_setup.setup(name), as_json=as_json)

    @group.command("test-ipn")
    def test_ipn(name: Name, shop: Shop = "", as_json: Json = False) -> None:
        """Try whether a profile's IPN URL leads to this app; no notification is sent."""
        from saleor_amazonpay.cli import profile_setup

        perform(shop, profile_setup.test_ipn(name), as_json=as_json)

    @group.command()
    def simulate(
        name: Name,
        call: Annotated[str, typer.Argument(help="authorize, capture or refund")] = "",
        code: Annotated[str, typer.Argument(help="what to play; nothing takes it back")] = "",
        shop: Shop = "",
        as_json: Json = False,
    ) -> None:
        """Let Amazon's sandbox play a result with the next call on a test profile, or list what it can play."""
        from saleor_amazonpay.cli import profile_setup

        perform(shop, profile_setup.simulate_next(name, call, code), as_json=as_json)

    @group.command()
    def pause(name: Name, reason: str = "", shop: Shop = "", as_json: Json = False) -> None:
        """Take no new checkouts; everything that was begun goes on."""
        from saleor_amazonpay.cli import profiles

        perform(shop, profiles.set_state(name, "pause", reason), as_json=as_json)

    @group.command()
    def resume(name: Name, shop: Shop = "", as_json: Json = False) -> None:
        """Take new checkouts again."""
        from saleor_amazonpay.cli import profiles

        perform(shop, profiles.set_state(name, "resume", ""), as_json=as_json)

    @group.command()
    def close(name: Name, reason: str = "", shop: Shop = "", as_json: Json = False) -> None:
        """Take nothing new, also not on agreements."""
        from saleor_amazonpay.cli import profiles

        perform(shop, profiles.set_state(name, "close", reason), as_json=as_json)

    @group.command()
    def delete(name: Name, shop: Shop = "", as_json: Json = False) -> None:
        """Delete a profile that was never used."""
        from saleor_amazonpay.cli import profiles

        perform(shop, profiles.delete(name), as_json=as_json)

    @group.command()
    def assign(
        name: Name,
        channel: Channel,
        priority: Annotated[int, typer.Option(help="higher comes first")] = 1,
        weight: Annotated[int, typer.Option(help="shares among profiles of one priority")] = 1,
        dry_run: DryRun = False,
        shop: Shop = "",
        as_json: Json = False,
    ) -> None:
        """Let a channel use a profile."""
        from saleor_amazonpay.cli import profiles

        perform(shop, profiles.assign(name, channel, priority, weight, dry_run=dry_run), as_json=as_json)

    @group.command()
    def unassign(name: Name, channel: Channel, dry_run: DryRun = False, shop: Shop = "", as_json: Json = False) -> None:
        """Take a profile from a channel; its payments stay with it."""
        from saleor_amazonpay.cli import profiles

        perform(shop, profiles.unassign(name, channel, dry_run=dry_run), as_json=as_json)

    return group
