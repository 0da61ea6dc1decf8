"""What is kept for a while only is found by its age."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_AGES = {"notices": "received_at", "reports": "created_at", "order_events": "received_at", "routes": "chosen_at"}


def upgrade() -> None:
    for table, age in _AGES.items():
        op.create_index(op.f(f"ix_{table}_{age}"), table, [age])


def downgrade() -> None:
    for table, age in _AGES.items():
        op.drop_index(op.f(f"ix_{table}_{age}"), table)
