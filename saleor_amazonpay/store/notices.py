"""The inbox of Amazon's notices: each message once, kept until it was handled."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import notices


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """A verified notice as it was received."""

    message_id: str
    profile_id: str
    account: str
    subject: str
    object_id: str
    order_reference: str
    reference_id: str
    message: str
    received_at: int
    due_at: int
    tries: int = 0
    topic_account: str = ""  # the AWS account of its topic, if nothing has shown yet that it is Amazon Pay's


_NAMES = tuple(StoredNotice.__dataclass_fields__)
_PUT = command(lambda insert: insert(notices).on_conflict_do_nothing().returning(notices.c.message_id), _NAMES)
_DUE = Statement(
    sa.select(*(notices.c[name] for name in _NAMES))
    .where(notices.c.due_at > 0, notices.c.due_at <= sa.bindparam("now"))
    .order_by(notices.c.due_at)
    .limit(100),
    StoredNotice,
)
_WAITING: Statement[int] = Statement(
    sa.select(sa.func.count())
    .select_from(notices)
    .where(
        notices.c.account == sa.bindparam("on_account"),
        notices.c.topic_account != "",
        notices.c.due_at > 0,
    ),
    int,
)
_key = notices.c.message_id == sa.bindparam("key")
_CLAIM = command(
    sa.update(notices)
    .where(_key, notices.c.due_at == sa.bindparam("seen"))
    .values(due_at=sa.bindparam("due"), tries=notices.c.tries + 1)
)
_POSTPONE = command(sa.update(notices).where(_key).values(due_at=sa.bindparam("due")))
_DONE = command(sa.update(notices).where(_key).values(due_at=0, result=sa.bindparam("outcome")))


def put(tx: Tx, notice: StoredNotice) -> bool:
    """Keep a notice; False if this message was received before."""
    return tx.one(_PUT, **{name: getattr(notice, name) for name in _NAMES}) is not None


def due(tx: Tx, now: int) -> list[StoredNotice]:
    """Notices to handle now, oldest first."""
    return tx.all(_DUE, now=now)


def claim(tx: Tx, notice: StoredNotice, again_at: int) -> bool:
    """Take a notice to handle it; if nobody says it was handled, it is due again at `again_at` (ms)."""
    return tx.run(_CLAIM, key=notice.message_id, seen=notice.due_at, due=again_at) == 1


def done(tx: Tx, message_id: str, result: str) -> None:
    """It was handled; `result` says how."""
    tx.run(_DONE, key=message_id, outcome=result)


def postpone(tx: Tx, message_id: str, due_at: int) -> None:
    """Handle it again at `due_at` (ms)."""
    tx.run(_POSTPONE, key=message_id, due=due_at)


def unproven(tx: Tx, account: str) -> int:
    """How many notices wait on a merchant account whose topics are not known to be Amazon Pay's."""
    return tx.one(_WAITING, on_account=account) or 0
