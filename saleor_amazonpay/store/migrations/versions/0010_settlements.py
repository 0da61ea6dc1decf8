"""What Amazon's settlement reports say was paid out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "settlements",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("settlement_id", sa.Text(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lines", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unreadable", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("account", "settlement_id", name=op.f("pk_settlements")),
    )
    op.create_table(
        "settled_lines",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.Column("profile_id", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "object_id", "kind", "posted_at", name=op.f("pk_settled_lines")),
    )
    op.create_index("ix_settled_lines_profile", "settled_lines", ["profile_id", "posted_at"])


def downgrade() -> None:
    op.drop_table("settled_lines")
    op.drop_table("settlements")
