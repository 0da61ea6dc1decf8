"""A customer's saved agreements are listed while she looks at a checkout: find them without reading all."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_agreements_user", "agreements", ["tenant_id", "user_id"])


def downgrade() -> None:
    op.drop_index("ix_agreements_user", "agreements")
