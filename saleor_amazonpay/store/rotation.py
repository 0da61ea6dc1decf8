"""Secrets that an older key sealed, sealed again with the newest one, each in its place (`sealed.py`).

A value that somebody has replaced meanwhile is left alone: whoever wrote it sealed it with the newest key.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from saleor_amazonpay.store.profiles import SECRETS
from saleor_amazonpay.store.sealed import Sealer, UnsealError
from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import profiles, tenants


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many secrets were sealed again, how many the newest key had sealed already, and why some do not open."""

    sealed: int
    fresh: int
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """One column that holds sealed values."""

    table: sa.Table
    column: str

    @property
    def held(self) -> Statement[tuple[str, bytes]]:
        return Statement(
            sa.select(self.table.c.id, self.table.c[self.column]).order_by(self.table.c.id),
            lambda key, value: (str(key), bytes(value)),
        )

    @property
    def replace(self) -> Statement[tuple[object, ...]]:
        column = self.table.c[self.column]
        return command(
            sa.update(self.table)
            .where(self.table.c.id == sa.bindparam("key"), column == sa.bindparam("seen", type_=sa.LargeBinary))
            .values({self.column: sa.bindparam("sealed", type_=sa.LargeBinary)})
        )


_PLACES = (*(_Place(profiles, name) for name in SECRETS), _Place(tenants, "token"))


def rotate(tx: Tx, sealer: Sealer) -> Rotated:
    """Seal everything again that is not sealed with the newest key."""
    sealed = fresh = 0
    unreadable: list[str] = []
    for place in _PLACES:
        for key, value in tx.all(place.held):
            if not value:
                continue
            try:
                if not sealer.stale(value):
                    fresh += 1
                    continue
                where = (place.table.name, key, place.column)
                again = sealer.seal(sealer.open(value, *where), *where)
            except UnsealError as error:
                unreadable.append(f"{place.table.name} {key}, {place.column}: {error}")
                continue
            sealed += tx.run(place.replace, key=key, seen=value, sealed=again)
    return Rotated(sealed, fresh, tuple(unreadable))
