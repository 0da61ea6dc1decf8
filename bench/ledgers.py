"""Empty databases for the app: a SQLite file in the bench's folder, a database on a throw-away PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import pytest

from tests.postgres import start_or_skip


class Ledger(StrEnum):
    """Which database the app keeps its ledger in."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class MissingError(Exception):
    """This machine cannot serve that kind of database; says why."""


@contextmanager
def empty(ledger: Ledger, folder: Path) -> Iterator[str]:
    """The URL of an empty database that is gone afterwards. Raises MissingError."""
    with several(ledger, folder, 1) as urls:
        yield urls[0]


@contextmanager
def several(ledger: Ledger, folder: Path, count: int) -> Iterator[list[str]]:
    """The same, of several databases side by side."""
    if ledger is Ledger.SQLITE:
        yield [f"sqlite:///{folder}/bench{number}-{count}.sqlite3" for number in range(count)]
        return
    try:
        cluster = start_or_skip()
    except (pytest.skip.Exception, pytest.fail.Exception) as missing:
        raise MissingError(str(missing)) from None
    try:
        yield [cluster.create(f"bench{number}") for number in range(count)]
    finally:
        cluster.stop()
