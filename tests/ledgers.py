"""Ledgers that have this version's schema already: migrated once per process, then copied.

The app brings its schema up to date when it starts; with a thousand ledgers in one run that is most of what a test
waits for. What is copied was migrated from nothing, and tests/store/test_writer.py holds it against the tables.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from saleor_amazonpay.store.engine import make_engine
from saleor_amazonpay.store.migrate import upgrade

_SQLITE = "sqlite:///"


def migrate(url: str) -> None:
    """Bring an empty database to this version's schema, and let go of it."""
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()


def prepared(url: str) -> str:
    """The same URL; an SQLite file that is not there yet is one with the schema now."""
    file = Path(url.removeprefix(_SQLITE))
    if url.startswith(_SQLITE) and not file.exists():
        file.write_bytes(_blank())
    return url


@cache
def _blank() -> bytes:
    with tempfile.TemporaryDirectory(prefix="amazonpay-blank-") as folder:
        file = Path(folder) / "blank.sqlite3"
        migrate(f"{_SQLITE}{file}")
        return file.read_bytes()
