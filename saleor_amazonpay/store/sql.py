"""Statements written once in SQLAlchemy Core and run on the bare driver.

SQLAlchemy's own execution costs more than SQLite's work, several times over (`make bench`); what it gives on the way
(type conversion, result wrappers) this schema has no use for. So a `Statement` is compiled once per dialect, and a
transaction hands text and named parameters to the driver's cursor. The SQLAlchemy connection stays within reach for
whoever needs it on the same transaction.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler

Row = TypeVar("Row")
Core = sa.Executable
# `insert` differs between the dialects only in where ON CONFLICT lives.
Build = Callable[[Callable[..., Any]], Core]

_FROM = re.compile(r"FROM \w+")
_INSERTS: Mapping[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def _dialect(name: str) -> sa.Dialect:
    if name == "sqlite":
        return sqlite.dialect(paramstyle="named")
    from sqlalchemy.dialects.postgresql import psycopg  # noqa: PLC0415 - only where PostgreSQL is used

    dialect: sa.Dialect = psycopg.dialect()  # type: ignore[no-untyped-call]
    return dialect


class Statement(Generic[Row]):
    """One statement of the ledger.

    Args:
        core: the statement, or a function that builds it with the dialect's `insert`.
        row: makes a result row from its columns in order.
        columns: of an INSERT that takes its values as parameters named like the columns.
        index: of a SELECT from one table, the index that SQLite has to use: it keeps no statistics unless somebody
            asks for them, and would rather read a whole table in order than sort a page of it.
    """

    def __init__(
        self, core: Core | Build, row: Callable[..., Row], columns: Sequence[str] = (), index: str = ""
    ) -> None:
        self._core = core
        self._row = row
        self._columns = list(columns) or None
        self._index = index
        self._compiled: dict[str, tuple[str, dict[str, Any]]] = {}

    def text(self, dialect: str) -> tuple[str, dict[str, Any]]:
        """The SQL and the values that are fixed in it."""
        found = self._compiled.get(dialect)
        if found is None:
            core = self._core
            if not isinstance(core, sa.Executable):
                core = core(_INSERTS[dialect])
            element = cast("sa.sql.expression.ClauseElement", core)
            compiled = cast(
                "SQLCompiler",
                element.compile(dialect=_dialect(dialect), column_keys=self._columns),
            )
            fixed = {name: value for name, value in compiled.params.items() if value is not None}
            text = str(compiled)
            if self._index and dialect == "sqlite":
                text = _FROM.sub(rf"\g<0> INDEXED BY {self._index}", text, count=1)
            found = self._compiled[dialect] = (text, fixed)
        return found

    def make(self, values: tuple[Any, ...]) -> Row:
        """One result row."""
        return self._row(*values)


def command(core: Core | Build, columns: Sequence[str] = ()) -> Statement[tuple[Any, ...]]:
    """A statement whose rows nobody reads."""
    return Statement(core, lambda *values: values, columns)


def among(column: sa.ColumnElement[Any], values: Iterable[str]) -> sa.ColumnElement[bool]:
    """`column` is one of a few fixed values (IN would be expanded at each execution)."""
    return sa.or_(*(column == str(value) for value in sorted(values)))


class Tx:
    """One open transaction. Used inside a unit of work only, never kept."""

    __slots__ = ("_cursor", "_dialect", "connection")

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self._dialect = connection.dialect.name
        self._cursor = connection.connection.cursor()

    def _execute(self, statement: Statement[Any], params: dict[str, Any]) -> Any:
        text, fixed = statement.text(self._dialect)
        self._cursor.execute(text, {**fixed, **params} if fixed else params)
        return self._cursor

    def run(self, statement: Statement[Any], /, **params: Any) -> int:
        """Execute and return the number of rows that were changed."""
        return int(self._execute(statement, params).rowcount)

    def one(self, statement: Statement[Row], /, **params: Any) -> Row | None:
        """The first row, or None."""
        found = self._execute(statement, params).fetchone()
        return None if found is None else statement.make(found)

    def all(self, statement: Statement[Row], /, **params: Any) -> list[Row]:
        """All rows."""
        return [statement.make(row) for row in self._execute(statement, params).fetchall()]

    def serialize(self, *subject: str) -> None:
        """Let one unit at a time, on any node, change what belongs to a subject; held until the commit.

        For decisions that read several rows and write one: SQLite has one writer anyway, PostgreSQL takes an advisory
        lock.
        """
        if self._dialect == "postgresql":
            digest = hashlib.sha256("\n".join(subject).encode()).digest()
            key = int.from_bytes(digest[:8], "big", signed=True)
            self._cursor.execute("SELECT pg_advisory_xact_lock(%(key)s)", {"key": key})

    def close(self) -> None:
        """Let go of the cursor."""
        self._cursor.close()
