"""Bring a database to the present schema. One history for SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(engine: sa.Engine) -> None:
    """Run what is missing. Two nodes that start together take turns (PostgreSQL: advisory lock)."""
    config = _config()
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7242001)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def revisions(connection: sa.Connection) -> tuple[str, str]:
    """The revision the database has (empty: no schema yet), and the one this version was written for."""
    present = MigrationContext.configure(connection).get_current_revision()
    return present or "", ScriptDirectory.from_config(_config()).get_current_head() or ""


def is_current(connection: sa.Connection) -> bool:
    """Whether the schema is the one this version was written for."""
    present, wanted = revisions(connection)
    return present == wanted
