"""Refused notices and simulations of a profile; indexes for the lists of the API."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_FAILED = "phase IN ('repairable', 'declined', 'gone')"
_INDEXES = (
    ("ix_operations_page", "operations", ["tenant_id", "created_at", "id"], ""),
    ("ix_operations_kind", "operations", ["tenant_id", "kind", "created_at"], ""),
    ("ix_operations_profile", "operations", ["profile_id", "created_at"], ""),
    ("ix_operations_failed", "operations", ["tenant_id", "phase", "created_at"], _FAILED),
    ("ix_agreements_tenant_id_created_at", "agreements", ["tenant_id", "created_at"], ""),
    ("ix_reports_tenant_id_transaction_id", "reports", ["tenant_id", "transaction_id"], ""),
    ("ix_notices_profile_id_received_at", "notices", ["profile_id", "received_at"], ""),
    ("ix_notices_account_order_reference", "notices", ["account", "order_reference"], ""),
    ("ix_notices_account_object_id", "notices", ["account", "object_id"], ""),
)


def upgrade() -> None:
    op.create_table(
        "ipn_refusals",
        sa.Column("profile_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("profile_id", "code", name=op.f("pk_ipn_refusals")),
    )
    op.create_table(
        "simulations",
        sa.Column("profile_id", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("chosen_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("profile_id", "call", name=op.f("pk_simulations")),
    )
    for name, table, columns, where in _INDEXES:
        condition = sa.text(where) if where else None
        op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    for name, table, _columns, _where in reversed(_INDEXES):
        op.drop_index(name, table)
    op.drop_table("simulations")
    op.drop_table("ipn_refusals")
