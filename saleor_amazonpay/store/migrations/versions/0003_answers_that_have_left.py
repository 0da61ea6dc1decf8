"""Whether an answer, pending or final, is known to have left; and what pays for a purchase."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


_NAMED = ("object_id", "settled_id", "order_reference")


def upgrade() -> None:
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answer_left", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.create_index("ix_operations_agreement_id_source_id", ["agreement_id", "source_id"], unique=False)
        for name in _NAMED:
            where = sa.text(f"{name} != ''")
            batch_op.drop_index(f"ix_operations_account_{name}")
            batch_op.create_index(
                f"ix_operations_account_{name}",
                ["account", name],
                unique=False,
                sqlite_where=where,
                postgresql_where=where,
            )
    # What was told as final before had left.
    op.execute("UPDATE operations SET answer_left = 1 WHERE told <> ''")
    op.execute("UPDATE operations SET told = '' WHERE told = 'final'")


def downgrade() -> None:
    with op.batch_alter_table("operations", schema=None) as batch_op:
        for name in _NAMED:
            batch_op.drop_index(f"ix_operations_account_{name}")
            batch_op.create_index(f"ix_operations_account_{name}", ["account", name], unique=False)
        batch_op.drop_index("ix_operations_agreement_id_source_id")
        batch_op.drop_column("answer_left")
