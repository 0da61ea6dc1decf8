"""The store: where units of work run, and where secrets are sealed."""

from __future__ import annotations

import threading
from typing import TypeVar

import sqlalchemy as sa

from saleor_amazonpay.store.engine import make_engine
from saleor_amazonpay.store.lane import Lane, Unit
from saleor_amazonpay.store.sealed import Sealer

T = TypeVar("T")

_READERS = 2


class Store:
    """One database. `write` commits before it returns; `read` sees the last commit and changes nothing.

    Args:
        engine: from `make_engine`; disposed of by `close`.
        sealer: for the secrets in it.
        writers: write connections; SQLite always has one.
    """

    def __init__(self, engine: sa.Engine, sealer: Sealer, writers: int = 2) -> None:
        self.engine = engine
        self.sealer = sealer
        self.sqlite = engine.dialect.name == "sqlite"
        self._write = Lane(engine, 1 if self.sqlite else writers, "write")
        self._read = Lane(engine.execution_options(sqlite_begin="DEFERRED"), _READERS, "read", writes=False)

    @classmethod
    def open(cls, url: str, sealer: Sealer, writers: int = 2) -> Store:
        """A store on a database whose schema is up to date (see migrate.py)."""
        return cls(make_engine(url), sealer, writers)

    async def write(self, unit: Unit[T]) -> T:
        """Run a unit in a transaction. Raises what it raised, or StoreUnavailableError."""
        return await self._write.run(unit)

    async def read(self, unit: Unit[T]) -> T:
        """Run a unit that only reads."""
        return await self._read.run(unit)

    @property
    def commits(self) -> tuple[int, int]:
        """Commits made and units in them: their ratio says how many waited together."""
        return self._write.commits, self._write.units

    @property
    def threads(self) -> tuple[threading.Thread, ...]:
        """The threads that work on the database: what happens in them is this store's doing."""
        return (*self._write.threads, *self._read.threads)

    def close(self) -> None:
        """Finish what waits and disconnect. Blocks."""
        self._write.close()
        self._read.close()
        self.engine.dispose()
