"""32 buyers at once against one cap: what is granted adds up to it to the cent, nobody else reaches Amazon."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from saleor_amazonpay.domain.cap import month_of
from saleor_amazonpay.store import caps
from tests.flows.cap_buyers import buyers
from tests.flows.world import World, world
from tests.postgres import Cluster

pytestmark = pytest.mark.anyio
BUYERS = 32
SAME, MIXED = [333], [1, 250, 999, 400, 75]
CAP = 3330


def check(told: list[tuple[int, str]], asked: dict[str, int], booked: int) -> None:
    """Whoever was refused had no room, and was refused before the money call."""
    granted = [amount for amount, code in told if code == "paid"]
    refused = [amount for amount, code in told if code == "monthly_cap_reached"]
    assert len(granted) + len(refused) == len(told) == BUYERS, told
    assert sum(granted) == booked <= CAP
    assert refused
    # Nothing was given back, so that what there is no room for now cannot have had any room before.
    assert all(booked + amount > CAP for amount in refused)
    assert asked["authorize"] == len(granted)


async def booked(shop: World) -> int:
    month = month_of(shop.clock(), "UTC")
    return await shop.store.read(lambda tx: caps.booked(tx, shop.profile.id, month))


@pytest.mark.parametrize("cents", [SAME, MIXED])
async def test_32_clients_of_one_process_on_sqlite(tmp_path: Path, cents: list[int]) -> None:
    async with world(tmp_path, monthly_cap=CAP) as shop:
        found = await buyers(shop, range(BUYERS), cents)
        check(found["told"], found["asked"], await booked(shop))
        if cents == SAME:
            assert await booked(shop) == CAP


@pytest.mark.parametrize("cents", [SAME, MIXED])
async def test_32_clients_of_two_processes_on_postgresql(tmp_path: Path, postgres: Cluster, cents: list[int]) -> None:
    url = postgres.create(f"rush{cents[0]}")
    async with world(tmp_path, database_url=url, monthly_cap=CAP) as shop:
        nodes = [await begin(url, first, BUYERS // 2, cents) for first in (0, BUYERS // 2)]
        for node in nodes:
            assert node.stdout is not None
            assert await node.stdout.readline() == b"ready\n"
        said = await asyncio.gather(*(node.communicate(b"go\n") for node in nodes))
        # The log is on the same stream, before the last line.
        results = [json.loads(out.splitlines()[-1]) for out, _ in said]
        told = [tuple(one) for result in results for one in result["told"]]
        asked = {"authorize": sum(result["asked"].get("authorize", 0) for result in results)}
        check(told, asked, await booked(shop))
        if cents == SAME:
            assert await booked(shop) == CAP


async def begin(url: str, first: int, count: int, cents: list[int]) -> asyncio.subprocess.Process:
    arguments: list[Any] = [url, str(first), str(count), json.dumps(cents)]
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.flows.cap_buyers", *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
