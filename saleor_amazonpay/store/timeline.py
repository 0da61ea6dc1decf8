"""What is kept around a payment beside its operations: the reports that left, and the notices that came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from saleor_amazonpay.store.sql import Statement, Tx
from saleor_amazonpay.store.tables import notices, reports

_BOUND = 200


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report to Saleor. `result` is empty while it waits; `amount` minor units."""

    operation_id: str
    type: str
    psp_reference: str
    amount: int
    currency: str
    message: str
    result: str
    created_at: int


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice of Amazon's. `result` is empty while it waits."""

    message_id: str
    subject: str
    object_id: str
    result: str
    received_at: int


_REPORTS = Statement(
    sa.select(*(reports.c[name] for name in ReportLine.__dataclass_fields__))
    .where(reports.c.tenant_id == sa.bindparam("tenant"), reports.c.transaction_id == sa.bindparam("transaction"))
    .order_by(reports.c.id)
    .limit(_BOUND),
    ReportLine,
)
_notice = sa.select(*(notices.c[name] for name in NoticeLine.__dataclass_fields__))
_BY_OBJECT = Statement(
    _notice.where(notices.c.account == sa.bindparam("on_account"), notices.c.object_id == sa.bindparam("text")).limit(
        _BOUND
    ),
    NoticeLine,
)
_BY_ORDER = Statement(
    _notice.where(
        notices.c.account == sa.bindparam("on_account"), notices.c.order_reference == sa.bindparam("text")
    ).limit(_BOUND),
    NoticeLine,
)


def reports_of(tx: Tx, tenant_id: str, transaction_id: str) -> list[ReportLine]:
    """What Saleor was, or will be, told of a transaction, in order."""
    return tx.all(_REPORTS, tenant=tenant_id, transaction=transaction_id)


def notices_of(tx: Tx, account: str, objects: Sequence[str], orders: Sequence[str]) -> list[NoticeLine]:
    """The notices about objects and order references of an account, oldest first."""
    found: dict[str, NoticeLine] = {}
    for statement, texts in ((_BY_OBJECT, objects), (_BY_ORDER, orders)):
        for text in filter(None, texts):
            found |= {line.message_id: line for line in tx.all(statement, on_account=account, text=text)}
    return sorted(found.values(), key=lambda line: (line.received_at, line.message_id))
