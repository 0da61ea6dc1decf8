"""Every test of the store runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from saleor_amazonpay.store.sealed import Sealer
from saleor_amazonpay.store.store import Store
from tests.ledgers import prepared
from tests.postgres import Cluster, start_or_skip

KEYS = {"k2": b"2" * 32, "k1": b"1" * 32}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    cluster = start_or_skip()
    yield cluster
    cluster.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.sqlite3"
    cluster: Cluster = request.getfixturevalue("postgres")
    return cluster.create(f"t{uuid4().hex}")


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    opened = Store.open(prepared(database_url), Sealer(KEYS))
    yield opened
    opened.close()
