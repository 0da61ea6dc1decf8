"""Deliveries: the same bytes get the same answer, byte for byte, for 24 hours (money.md §1)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import deliveries


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request body that was seen: its answer, or None while the first copy is still being worked on."""

    operation_id: str
    answer: bytes | None
    received_at: int


_key = (deliveries.c.tenant_id == sa.bindparam("tenant"), deliveries.c.digest == sa.bindparam("body_digest"))
_CLAIM = command(
    lambda insert: insert(deliveries).on_conflict_do_nothing().returning(deliveries.c.received_at),
    ("tenant_id", "digest", "event", "received_at"),
)
_FIND = Statement(
    sa.select(deliveries.c.operation_id, deliveries.c.answer, deliveries.c.received_at).where(*_key), Delivery
)
# The first answer stays: a second worker that comes to write its own reads this one instead.
_ANSWER = command(
    sa.update(deliveries)
    .where(*_key, deliveries.c.answer.is_(None))
    .values(answer=sa.bindparam("body"), operation_id=sa.bindparam("operation"))
)


def claim(tx: Tx, tenant_id: str, digest: bytes, event: str, now: int) -> Delivery | None:
    """Take a body to work on; None means it is ours now, else it was seen before."""
    if tx.one(_CLAIM, tenant_id=tenant_id, digest=digest, event=event, received_at=now) is not None:
        return None
    return find(tx, tenant_id, digest)


def find(tx: Tx, tenant_id: str, digest: bytes) -> Delivery | None:
    """A body that was seen before."""
    return tx.one(_FIND, tenant=tenant_id, body_digest=digest)


def answer(tx: Tx, tenant_id: str, digest: bytes, operation_id: str, body: bytes) -> bytes:
    """Fix the answer of a body and return the one that counts: the first that was fixed."""
    if tx.run(_ANSWER, tenant=tenant_id, body_digest=digest, operation=operation_id, body=body) == 1:
        return body
    found = find(tx, tenant_id, digest)
    return found.answer if found is not None and found.answer is not None else body
