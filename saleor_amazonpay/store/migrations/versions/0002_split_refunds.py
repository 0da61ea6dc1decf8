"""Split refunds: parts of an operation, and what of it really moved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


_PARTS = sa.text("group_id != ''")


def upgrade() -> None:
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("group_id", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("moved", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.create_index(
            "ix_operations_group", ["group_id"], unique=False, sqlite_where=_PARTS, postgresql_where=_PARTS
        )


def downgrade() -> None:
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.drop_index("ix_operations_group", sqlite_where=_PARTS, postgresql_where=_PARTS)
        batch_op.drop_column("moved")
        batch_op.drop_column("group_id")
