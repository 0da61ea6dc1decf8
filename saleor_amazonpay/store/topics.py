"""AWS accounts whose topics are known to be Amazon Pay's, per merchant account.

Per merchant account, because whoever has one here can have its own object confirmed: that proves nothing for others.
"""

from __future__ import annotations

import sqlalchemy as sa

from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import topic_accounts

_KNOWN: Statement[str] = Statement(
    sa.select(topic_accounts.c.message_id).where(
        topic_accounts.c.account == sa.bindparam("on_account"),
        topic_accounts.c.topic_account == sa.bindparam("topic"),
    ),
    str,
)
_LEARN = command(
    lambda insert: insert(topic_accounts).on_conflict_do_nothing(),
    ("account", "topic_account", "message_id", "learned_at"),
)


def known(tx: Tx, account: str, topic_account: str) -> bool:
    """Whether Amazon has confirmed a notice of this AWS account for a merchant account."""
    return tx.one(_KNOWN, on_account=account, topic=topic_account) is not None


def learn(tx: Tx, account: str, topic_account: str, message_id: str, now: int) -> None:
    """Note that Amazon has confirmed a notice of an AWS account."""
    tx.run(_LEARN, account=account, topic_account=topic_account, message_id=message_id, learned_at=now)
