"""`saleor-amazonpay rotate-keys`: after it the newest of AMAZONPAY_SECRET_KEYS opens everything."""

from __future__ import annotations

from rich.console import Console

from saleor_amazonpay.settings import Settings
from saleor_amazonpay.store.lane import StoreUnavailableError
from saleor_amazonpay.store.migrate import upgrade
from saleor_amazonpay.store.rotation import rotate
from saleor_amazonpay.store.sealed import Sealer
from saleor_amazonpay.store.store import Store


async def rotate_keys(settings: Settings) -> int:
    """Seal again, and say what came of it; 1 if something does not open, or the database is away."""
    console = Console()
    try:
        store = Store.open(settings.database_url, Sealer(settings.sealing_keys))
        try:
            upgrade(store.engine)
            done = await store.write(lambda tx: rotate(tx, store.sealer))
        finally:
            store.close()
    except (StoreUnavailableError, OSError) as error:
        console.print(f"[red]mend[/red] database: {error}")
        return 1
    newest, *older = settings.sealing_keys
    console.print(f"{done.sealed} secrets sealed again with the key {newest!r}, {done.fresh} were already.")
    for why in done.unreadable:
        console.print(f"[red]mend[/red] {why}")
    if done.unreadable:
        console.print(
            "Put the missing key back behind the newest one, or enter these secrets anew; then run this again."
        )
        return 1
    if older:
        names = ", ".join(repr(name) for name in older)
        console.print(
            f"Restart every node with {newest!r} in front, then {names} may be removed; backups still need them."
        )
    return 0
