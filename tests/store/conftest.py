"""Every test of the store runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from saleor_amazonpay.store.sealed import Sealer
from saleor_amazonpay.store.store import Store
from tests.ledgers import prepared

KEYS = {"k2": b"2" * 32, "k1": b"1" * 32}


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    opened = Store.open(prepared(database_url), Sealer(KEYS))
    yield opened
    opened.close()
