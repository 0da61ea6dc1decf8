"""Reports to Saleor that have to leave: an outbox, written in the transaction that decided them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from saleor_amazonpay.store.sql import Statement, Tx, command
from saleor_amazonpay.store.tables import reports

KEEP_ACTIONS = "-"
# Not an event: the name and link of the transaction's card, which Saleor takes by another mutation.
CARD = "CARD"
# In a card's `actions`: it sleeps until nobody writes its transaction, and holds no event back meanwhile.
_SLEEPS = "sleeps"


@dataclass(frozen=True, slots=True)
class PendingReport:
    """One `transactionEventReport`, or what the transaction's card shows.

    `amount` is minor units; `actions` are left alone if they are `-`, else set to what is possible when it leaves.
    """

    tenant_id: str
    transaction_id: str
    operation_id: str
    type: str
    psp_reference: str
    amount: int
    currency: str
    message: str
    external_url: str
    actions: str
    due_at: int
    id: int = 0
    tries: int = 0


_NAMES = (
    "tenant_id", "transaction_id", "operation_id", "type", "psp_reference", "amount", "currency", "message",
    "external_url", "actions", "due_at",
)  # fmt: skip

_ADD = command(lambda insert: insert(reports).on_conflict_do_nothing(), (*_NAMES, "created_at"))
_earlier = reports.alias("earlier")
# In order per transaction: a report waits while an earlier one of its transaction has not left. A card that sleeps
# wakes when no other report is waiting, and is like every other one from the moment it is taken.
_DUE = Statement(
    sa.select(*(reports.c[name] for name in _NAMES), reports.c.id, reports.c.tries)
    .where(
        reports.c.due_at > 0,
        reports.c.due_at <= sa.bindparam("now"),
        ~sa.exists(sa.select(1).where(
            _earlier.c.tenant_id == reports.c.tenant_id,
            _earlier.c.transaction_id == reports.c.transaction_id,
            _earlier.c.due_at > 0,
            sa.or_(
                sa.and_(_earlier.c.id < reports.c.id, _earlier.c.actions != _SLEEPS),
                sa.and_(_earlier.c.id != reports.c.id, reports.c.actions == _SLEEPS),
            ),
        ).select_from(_earlier).correlate(reports)),
    )
    .order_by(reports.c.due_at, reports.c.id)
    .limit(100),
    PendingReport,
)  # fmt: skip
_WAITING = Statement(
    sa.select(reports.c.id).where(
        reports.c.tenant_id == sa.bindparam("tenant_id"),
        reports.c.transaction_id == sa.bindparam("transaction_id"),
        reports.c.due_at > 0,
    ).limit(1),
    int,
)  # fmt: skip
_key = reports.c.id == sa.bindparam("key")
_CLAIM = command(
    sa.update(reports)
    .where(_key, reports.c.due_at == sa.bindparam("seen"))
    .values(
        due_at=sa.bindparam("due"),
        tries=reports.c.tries + 1,
        actions=sa.case((reports.c.actions == _SLEEPS, KEEP_ACTIONS), else_=reports.c.actions),
    )
)
_POSTPONE = command(sa.update(reports).where(_key).values(due_at=sa.bindparam("due")))
_SLEEP = command(sa.update(reports).where(_key).values(due_at=sa.bindparam("due"), actions=_SLEEPS))
_DONE = command(sa.update(reports).where(_key).values(due_at=0, result=sa.bindparam("outcome")))


def add(tx: Tx, report: PendingReport, now: int) -> bool:
    """Put a report into the outbox; the same event of the same operation goes in once. False: it is there already."""
    return tx.run(_ADD, **{name: getattr(report, name) for name in _NAMES}, created_at=now) == 1


def waiting(tx: Tx, tenant_id: str, transaction_id: str) -> bool:
    """Whether something of a transaction has not left yet."""
    return tx.one(_WAITING, tenant_id=tenant_id, transaction_id=transaction_id) is not None


def due(tx: Tx, now: int) -> list[PendingReport]:
    """What may leave now, at most one per transaction."""
    return tx.all(_DUE, now=now)


def claim(tx: Tx, report: PendingReport, again_at: int) -> bool:
    """Take a report to send it; if nobody says it left, it is due again at `again_at` (ms)."""
    return tx.run(_CLAIM, key=report.id, seen=report.due_at, due=again_at) == 1


def done(tx: Tx, report_id: int, result: str) -> None:
    """It left, or Saleor refused it for good."""
    tx.run(_DONE, key=report_id, outcome=result[:500])


def postpone(tx: Tx, report_id: int, due_at: int) -> None:
    """Send it again at `due_at` (ms)."""
    tx.run(_POSTPONE, key=report_id, due=due_at)


def sleep(tx: Tx, card_id: int, due_at: int) -> None:
    """Let a card wait until `due_at` (ms) without holding the events after it back."""
    tx.run(_SLEEP, key=card_id, due=due_at)
