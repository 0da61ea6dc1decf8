"""What took money is looked at again after a day and after thirty; payments of the last thirty days included."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_looks",
        sa.Column("operation_id", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("operation_id", name=op.f("pk_second_looks")),
    )
    op.create_index("ix_second_looks_due", "second_looks", ["due_at"])
    # What is due thirty days after it moved: of older payments that is past, and they would all be read at once.
    op.execute(
        "INSERT INTO second_looks (operation_id, due_at, tries) "
        "SELECT id, updated_at + 2592000000, 0 FROM operations "
        "WHERE effect = 'captured' AND phase = 'done' AND updated_at > "
        "(SELECT max(updated_at) FROM operations) - 2592000000"
    )


def downgrade() -> None:
    op.drop_table("second_looks")
