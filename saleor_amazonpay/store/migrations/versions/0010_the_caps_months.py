"""The cap's months with their terms, what was given back, alerts, takeovers; and Amazon's own limit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


_TERMS = ("processing_bps", "reserve_bps", "transaction_fee", "chargeback_fee")
_STANDING = sa.text("cleared_at = 0")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    with op.batch_alter_table("profiles", schema=None) as batch_op:
        batch_op.add_column(_text("former_zones"))
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.add_column(_text("cap_from"))
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        for name in ("limit_currency", "limit_from", "limit_until"):
            batch_op.add_column(_text(name))
        for name in ("limit_amount", "limit_remaining", "limit_read_at"):
            batch_op.add_column(_number(name))
    with op.batch_alter_table("cap_months", schema=None) as batch_op:
        for name in ("given_back", "cap", *_TERMS):
            batch_op.add_column(_number(name))
    # What the months before had in force is not known any more; the present terms are the nearest to it.
    for name, source in (("cap", "monthly_cap"), *((name, name) for name in _TERMS)):
        op.execute(
            f"UPDATE cap_months SET {name} = coalesce("  # noqa: S608 - fixed names
            f"(SELECT p.{source} FROM profiles p WHERE p.id = cap_months.profile_id), 0)"
        )
    op.create_table(
        "cap_alerts",
        sa.Column("profile_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("threshold", sa.BigInteger(), autoincrement=False, nullable=False),
        _number("raised_at"),
        _number("cleared_at"),
        sa.PrimaryKeyConstraint("profile_id", "month", "threshold", name=op.f("pk_cap_alerts")),
    )
    with op.batch_alter_table("cap_alerts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_cap_alerts_standing", ["profile_id"], unique=False, sqlite_where=_STANDING, postgresql_where=_STANDING
        )


def downgrade() -> None:
    op.drop_table("cap_alerts")
    with op.batch_alter_table("cap_months", schema=None) as batch_op:
        for name in ("given_back", "cap", *_TERMS):
            batch_op.drop_column(name)
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        for name in (
            "limit_currency", "limit_from", "limit_until", "limit_amount", "limit_remaining", "limit_read_at",
        ):  # fmt: skip
            batch_op.drop_column(name)
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.drop_column("cap_from")
    with op.batch_alter_table("profiles", schema=None) as batch_op:
        batch_op.drop_column("former_zones")
