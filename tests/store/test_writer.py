"""The writer: one commit for all that wait, and nobody suffers for somebody else's failure."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from saleor_amazonpay.store import deliveries
from saleor_amazonpay.store.columns import metadata
from saleor_amazonpay.store.lane import StoreUnavailableError
from saleor_amazonpay.store.migrate import is_current, upgrade
from saleor_amazonpay.store.sql import Tx
from saleor_amazonpay.store.store import Store

pytestmark = pytest.mark.anyio


def claim(tx: Tx, digest: bytes) -> None:
    deliveries.claim(tx, "t", digest, "event", 1)


async def test_units_that_wait_together_share_commits(store: Store) -> None:
    await asyncio.gather(*(store.write(lambda tx, n=n: claim(tx, b"%d" % n)) for n in range(200)))
    commits, units = store.commits
    assert units == 200
    assert commits < 200


async def test_a_failing_unit_fails_alone(store: Store) -> None:
    def broken(tx: Tx) -> None:
        claim(tx, b"broken")
        raise ValueError("its own fault")

    units = [store.write(lambda tx, n=n: claim(tx, b"%d" % n)) for n in range(20)]
    results = await asyncio.gather(*units[:10], store.write(broken), *units[10:], return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [ValueError]
    assert await store.read(lambda tx: deliveries.find(tx, "t", b"broken")) is None
    for n in range(20):
        assert await store.read(lambda tx, n=n: deliveries.find(tx, "t", b"%d" % n)) is not None


async def test_a_unit_is_finished_although_its_caller_went_away(store: Store) -> None:
    task = asyncio.ensure_future(store.write(lambda tx: claim(tx, b"kept")))
    await asyncio.sleep(0)
    task.cancel()
    await store.write(lambda _tx: None)
    assert await store.read(lambda tx: deliveries.find(tx, "t", b"kept")) is not None


async def test_the_migrations_lead_to_the_tables_of_the_code(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"render_as_batch": True})
        assert compare_metadata(context, metadata) == []
        assert is_current(connection)


async def test_migrating_twice_changes_nothing(store: Store) -> None:
    upgrade(store.engine)
    tables = set(sa.inspect(store.engine).get_table_names())
    assert tables == {*metadata.tables, "alembic_version"}


async def test_a_closed_store_keeps_nobody_waiting(store: Store) -> None:
    await asyncio.to_thread(store.close)
    for lane in (store.read, store.write):
        with pytest.raises(StoreUnavailableError):
            await lane(lambda _tx: None)
