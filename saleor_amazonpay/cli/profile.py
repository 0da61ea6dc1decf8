"""`profile move`: a profile goes from Amazon Pay v1 to Checkout v2, with its customers."""

from __future__ import annotations

import time

import typer

from saleor_amazonpay.app import make_deps, real_outside
from saleor_amazonpay.domain.errors import AmazonError
from saleor_amazonpay.flows.deps import Deps
from saleor_amazonpay.flows.move import Inventory, MoveError, Wanted, move, public_key, survey
from saleor_amazonpay.settings import Settings
from saleor_amazonpay.store.sealed import UnsealError


async def run(settings: Settings, profile_id: str, wanted: Wanted, *, dry_run: bool, show_key: bool) -> int:
    """Do it, or say what would be done; the exit code."""
    outside = real_outside(settings)
    deps = make_deps(settings, outside)
    try:
        return await _run(deps, profile_id, wanted, dry_run=dry_run, show_key=show_key)
    except (MoveError, AmazonError, UnsealError) as error:
        typer.echo(str(error))
        return 1
    finally:
        await outside.amazon.close()
        await outside.saleor.close()
        deps.store.close()


async def _run(deps: Deps, profile_id: str, wanted: Wanted, *, dry_run: bool, show_key: bool) -> int:
    if show_key:
        typer.echo(await public_key(deps, profile_id))
        return 0
    if dry_run:
        _tell(await survey(deps, profile_id), "would move")
        return 0
    began = time.monotonic()
    _tell(await move(deps, profile_id, wanted), "moved")
    typer.echo(f"Done in {time.monotonic() - began:.1f} s. Set the notification address in Seller Central as before.")
    return 0


def _tell(found: Inventory, word: str) -> None:
    profile = found.profile
    typer.echo(f"{profile.alias} ({profile.id}, {profile.account}): {word} from {profile.wire} to {found.to}")
    keys = "the key pair of an earlier try" if found.has_keys else "a key pair made here"
    typer.echo(f"  keys: {keys}; the MWS keys stay, to finish what is under way")
    typer.echo(f"  agreements that go on under the same id: {len(found.agreements)}")
    typer.echo(f"  reservations that are captured or released on {found.to}: {len(found.reserved)}")
    typer.echo(f"  operations under way that keep {profile.wire}: {len(found.unsettled)}")
