"""Whether an answer, pending or final, is known to have left; and what pays for a purchase."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answer_left", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.create_index("ix_operations_agreement_id_source_id", ["agreement_id", "source_id"], unique=False)
    # What was told as final before had left.
    op.execute("UPDATE operations SET answer_left = 1 WHERE told <> ''")
    op.execute("UPDATE operations SET told = '' WHERE told = 'final'")


def downgrade() -> None:
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.drop_index("ix_operations_agreement_id_source_id")
        batch_op.drop_column("answer_left")
