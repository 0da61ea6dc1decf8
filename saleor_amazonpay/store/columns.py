"""The columns that the schema is made of: none of them needs conversion on the way in or out (see sql.py)."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def text(name: str, default: str | None = "") -> sa.Column[str]:
    """Text that a later step may fill."""
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def required(name: str) -> sa.Column[str]:
    """Text that is known from the start."""
    return sa.Column(name, sa.Text, nullable=False)


def number(name: str, default: str | None = "0") -> sa.Column[int]:
    """A BIGINT: minor units, milliseconds UTC, a count, or a flag."""
    return sa.Column(name, sa.BigInteger, nullable=False, server_default=default)


def sealed(name: str) -> sa.Column[bytes]:
    """A sealed secret."""
    return sa.Column(name, sa.LargeBinary, nullable=False, server_default=sa.text("''"))
