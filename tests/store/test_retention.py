"""What is kept for a while goes when it is old, whatever still waits stays, and a large table goes batch by batch."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from saleor_amazonpay.store.columns import metadata
from saleor_amazonpay.store.retention import BATCH, RETENTION, Kept, forget
from saleor_amazonpay.store.store import Store

pytestmark = pytest.mark.anyio
DAY = 24 * 3600_000
NOW = 1000 * DAY
AGE = {"problems": "cleared_at", "reports": "created_at", "routes": "chosen_at"}


def rows(kept: Kept, count: int, at: int, **changes: Any) -> list[dict[str, Any]]:
    """Rows of a table that stand at a moment, each with a key of its own."""
    made = []
    for number in range(count):
        row: dict[str, Any] = {}
        for column in metadata.tables[kept.name].columns:
            if isinstance(column.type, sa.LargeBinary):
                row[column.name] = f"{at}-{number}".encode()
            elif isinstance(column.type, sa.Text):
                row[column.name] = f"{at}-{number}"
            elif not column.autoincrement or column.name != "id":
                row[column.name] = 0
        made.append({**row, AGE.get(kept.name, "received_at"): at, **changes})
    return made


async def put(store: Store, kept: Kept, found: list[dict[str, Any]]) -> None:
    await store.write(lambda tx: tx.connection.execute(sa.insert(metadata.tables[kept.name]), found))


async def count(store: Store, kept: Kept) -> int:
    query = sa.select(sa.func.count()).select_from(metadata.tables[kept.name])
    return int(await store.read(lambda tx: tx.connection.execute(query).scalar()) or 0)


@pytest.mark.parametrize("kept", RETENTION, ids=lambda kept: kept.name)
async def test_what_is_old_goes_and_what_waits_stays(store: Store, kept: Kept) -> None:
    await put(store, kept, rows(kept, 2, NOW - kept.days * DAY - 1))
    await put(store, kept, rows(kept, 3, NOW - kept.days * DAY))
    waits = "due_at" in metadata.tables[kept.name].columns
    if waits:
        await put(store, kept, rows(kept, 1, 1, due_at=5))
    assert await store.write(lambda tx: forget(tx, kept, NOW)) == 2
    assert await count(store, kept) == 3 + waits


async def test_a_large_table_goes_batch_by_batch(store: Store) -> None:
    [kept] = [each for each in RETENTION if each.name == "deliveries"]
    await put(store, kept, rows(kept, BATCH + 7, 1))
    assert [await store.write(lambda tx: forget(tx, kept, NOW)) for _ in range(3)] == [BATCH, 7, 0]


def test_money_is_never_forgotten() -> None:
    forgotten = {kept.name for kept in RETENTION}
    assert not forgotten & {"operations", "agreements", "profiles", "cap_months", "settled_lines", "settlements"}
