"""`saleor-amazonpay doctor`: what is in order, what is not, and what to do about it."""

from __future__ import annotations

import asyncio

from rich.console import Console

from saleor_amazonpay.app import make_deps, real_outside
from saleor_amazonpay.flows.doctor import examine
from saleor_amazonpay.settings import Settings
from saleor_amazonpay.store.lane import StoreUnavailableError


async def report(settings: Settings) -> int:
    """Print one line per thing that was looked at; 1 if any has to be mended."""
    console = Console()
    outside = real_outside(settings)
    try:
        deps = await asyncio.to_thread(make_deps, settings, outside)
        found = await examine(deps)
        await asyncio.to_thread(deps.store.close)
    except (StoreUnavailableError, OSError) as error:
        console.print(f"[red]mend[/red] database: {error}")
        return 1
    finally:
        await outside.amazon.close()
        await outside.saleor.close()
    console.print("[green]ok[/green]   settings and database")
    if not settings.public_url:
        console.print(
            "[yellow]note[/yellow] AMAZONPAY_PUBLIC_URL is not set: the manifest names the host it is asked at"
        )
    if not settings.allowed_saleor_urls:
        console.print("[yellow]note[/yellow] AMAZONPAY_ALLOWED_SALEOR_URLS is empty: no Saleor can install the app")
    for subject, check in found:
        word = "[green]ok[/green]  " if check.ok else "[red]mend[/red]"
        console.print(f"{word} {subject}: {check.name} {check.message}".rstrip())
    return 0 if all(check.ok for _, check in found) else 1
