"""One-time purchases: what is charged instead of an agreement, and when it is looked at to be closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("purchase_id", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("confirming", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("due_at", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.create_index(
            "ix_agreements_purchase",
            ["account", "purchase_id"],
            unique=False,
            sqlite_where=sa.text("purchase_id != ''"),
            postgresql_where=sa.text("purchase_id != ''"),
        )
        batch_op.create_index(
            "ix_agreements_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at > 0"),
            postgresql_where=sa.text("due_at > 0"),
        )


def downgrade() -> None:
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.drop_index("ix_agreements_due")
        batch_op.drop_index("ix_agreements_purchase")
        batch_op.drop_column("due_at")
        batch_op.drop_column("confirming")
        batch_op.drop_column("purchase_id")
