"""Engines for SQLite and PostgreSQL, tuned for a ledger: every commit is on disk before anybody is told."""

from __future__ import annotations

import sqlite3
from typing import Any

import sqlalchemy as sa

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # a commit that was told to Saleor survives a power cut
    "busy_timeout=10000",
    "foreign_keys=ON",
)


def make_engine(url: str) -> sa.Engine:
    """An engine for `sqlite:///file` or `postgresql://…` (psycopg 3)."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if url.startswith("postgresql"):
        return sa.create_engine(
            url,
            pool_size=32,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
            connect_args={"options": "-c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000"},
        )
    engine = sa.create_engine(url, pool_size=8, connect_args={"check_same_thread": False, "timeout": 10})
    sa.event.listen(engine, "connect", _tune_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _tune_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours, see below
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # IMMEDIATE takes the write lock at once: a transaction that reads first and writes later could otherwise find
    # that another process has written between, and would have to be thrown away. Readers take a plain BEGIN.
    kind = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {kind}")
