"""Agreements that end, orders that are cancelled or fulfilled, webhooks that follow the manifest, doubts for staff."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    check, due = sa.text("check_at > 0"), sa.text("due_at > 0")
    op.add_column("agreements", sa.Column("check_at", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index("ix_agreements_check", "agreements", ["check_at"], sqlite_where=check, postgresql_where=check)
    op.add_column("operations", sa.Column("attention", sa.Text(), server_default="", nullable=False))
    op.add_column("tenants", sa.Column("webhooks", sa.Text(), server_default="", nullable=False))
    op.add_column("tenants", sa.Column("webhooks_at", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("tenants", sa.Column("webhooks_tries", sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "order_events",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("due_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "event", "subject_id", name=op.f("pk_order_events")),
    )
    op.create_index("ix_order_events_due", "order_events", ["due_at"], sqlite_where=due, postgresql_where=due)


def downgrade() -> None:
    op.drop_table("order_events")
    with op.batch_alter_table("tenants") as batch:
        batch.drop_column("webhooks_tries")
        batch.drop_column("webhooks_at")
        batch.drop_column("webhooks")
    with op.batch_alter_table("operations") as batch:
        batch.drop_column("attention")
    op.drop_index("ix_agreements_check", "agreements")
    with op.batch_alter_table("agreements") as batch:
        batch.drop_column("check_at")
