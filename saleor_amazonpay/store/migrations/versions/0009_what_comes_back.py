"""Notices of topics that are not proven yet, and the AWS accounts that were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "topic_accounts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("topic_account", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("learned_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("account", "topic_account", name=op.f("pk_topic_accounts")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("topic_account", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_column("topic_account")
    op.drop_table("topic_accounts")
