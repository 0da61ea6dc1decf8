"""Buyers who pay at the same moment, as a process of its own: `python -m tests.flows.cap_buyers URL FIRST COUNT AMOUNT`.

Says `ready`, waits for a line, then lets all its buyers pay at once and prints what each was told and what reached
Amazon, as JSON. The shop must be installed in that database.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests.flows.world import CONSENTED, World


async def buyers(shop: World, numbers: range, cents: list[int]) -> dict[str, Any]:
    """One payment for each number; amounts go round. Returns what was told (`told`) and what Amazon was asked."""

    async def one(number: int) -> tuple[int, str]:
        shop.amazon.draft(f"C01-{number}", buyer=f"buyer-{number}", token=f"token-{number}")
        data = {**CONSENTED, "amazonBillingAgreementId": f"C01-{number}", "accessToken": f"token-{number}"}
        amount = cents[number % len(cents)]
        answer = await shop.pay(transaction=f"T{number}", source=f"cart-{number}", amount=amount / 100, data=data)
        return amount, str(answer["data"]["code"])

    told = await asyncio.gather(*(one(number) for number in numbers))
    await shop.deps.running.drain()
    return {"told": told, "asked": Counter(shop.amazon.calls)}


async def _main(url: str, first: int, count: int, cents: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = World(Path(folder), database_url=url)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        sys.stdout.write(json.dumps(await buyers(shop, range(first, first + count), cents)) + "\n")
        shop.store.close()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4])))
