"""Which operations an object of Amazon's belongs to, over all profiles and shops of a merchant account.

Matched are stored ids of Amazon, our reference, the order reference, and what Amazon calls the agreement; never an
order number (money.md §6).
"""

from __future__ import annotations

import sqlalchemy as sa

from saleor_amazonpay.domain.operation import FAILED, FINAL, Kind, Operation
from saleor_amazonpay.store.operations import SELECT, as_operation
from saleor_amazonpay.store.sql import Statement, Tx, among
from saleor_amazonpay.store.tables import agreements
from saleor_amazonpay.store.tables import operations as table

_named = (
    sa.and_(table.c.object_id == sa.bindparam("amazon"), table.c.object_id != ""),
    sa.and_(table.c.settled_id == sa.bindparam("amazon"), table.c.settled_id != ""),
)
# A release names the authorization it released, and what failed may have happened after all: the row that stands for
# the object itself comes first.
_standing = (
    sa.case((table.c.kind == Kind.CANCEL.value, 1), else_=0),
    sa.case((among(table.c.phase, FAILED), 1), else_=0),
    table.c.created_at.desc(),
)
_ON_ACCOUNT = Statement(
    SELECT.where(
        table.c.account == sa.bindparam("on_account"), sa.or_(table.c.id == sa.bindparam("reference"), *_named)
    ).order_by(*_standing),
    as_operation,
)
_OF_OBJECT = Statement(
    SELECT.where(table.c.account == sa.bindparam("on_account"), sa.or_(*_named)).order_by(*_standing), as_operation
)
_ON_ORDER = Statement(
    SELECT.where(
        table.c.account == sa.bindparam("on_account"),
        table.c.order_reference == sa.bindparam("reference"),
        table.c.order_reference != "",
    ).order_by(table.c.created_at),
    as_operation,
)
_ON_AGREEMENT = Statement(
    SELECT.where(
        table.c.account == sa.bindparam("on_account"),
        table.c.agreement_id.in_(
            sa.select(agreements.c.id).where(
                agreements.c.account == sa.bindparam("on_account"), agreements.c.amazon_id == sa.bindparam("amazon")
            )
        ),
    ).order_by(table.c.created_at),
    as_operation,
)
_SHARING = Statement(
    SELECT.where(
        table.c.account == sa.bindparam("on_account"),
        table.c.object_id == sa.bindparam("amazon"),
        table.c.object_id != "",
        sa.not_(among(table.c.phase, FINAL)),
    ).order_by(table.c.created_at),
    as_operation,
)


def on_account(tx: Tx, account: str, amazon_id: str, reference_id: str = "") -> Operation | None:
    """The operation an object of Amazon belongs to, over all profiles and shops of a merchant account."""
    return tx.one(_ON_ACCOUNT, on_account=account, amazon=amazon_id or "-", reference=reference_id or "-")


def of_object(tx: Tx, account: str, amazon_id: str) -> list[Operation]:
    """The operations on one object of Amazon, over a merchant account: what stands first, what failed last."""
    return tx.all(_OF_OBJECT, on_account=account, amazon=amazon_id or "-")


def on_order(tx: Tx, account: str, order_reference: str) -> list[Operation]:
    """The operations of one Amazon order reference, oldest first."""
    return tx.all(_ON_ORDER, on_account=account, reference=order_reference)


def of_payment(tx: Tx, account: str, order_reference: str, amazon_agreement_id: str = "") -> list[Operation]:
    """The operations of one payment: by its order reference, else by what Amazon calls its agreement. Oldest first."""
    return tx.all(_ON_ORDER, on_account=account, reference=order_reference) or tx.all(
        _ON_AGREEMENT, on_account=account, amazon=amazon_agreement_id or "-"
    )


def sharing(tx: Tx, account: str, amazon_id: str) -> list[Operation]:
    """Undecided operations on one object of Amazon: a wire may reserve and take money under the same id."""
    return tx.all(_SHARING, on_account=account, amazon=amazon_id)
