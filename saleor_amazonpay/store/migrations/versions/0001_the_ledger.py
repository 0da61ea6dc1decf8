"""The ledger: tenants, profiles, agreements, operations, deliveries, caps, reports, notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agreements",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("profile_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amazon_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("recurring", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("buyer_id", sa.Text(), server_default="", nullable=False),
        sa.Column("user_id", sa.Text(), server_default="", nullable=False),
        sa.Column("source_id", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("updated_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sa.UniqueConstraint("account", "amazon_id", name=op.f("uq_agreements_account_amazon_id")),
    )
    op.create_table(
        "cap_months",
        sa.Column("profile_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("booked", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("booked >= 0", name=op.f("ck_cap_months_booked_is_an_amount")),
        sa.PrimaryKeyConstraint("profile_id", "month", name=op.f("pk_cap_months")),
    )
    op.create_table(
        "channel_profiles",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("profile_id", sa.Text(), nullable=False),
        sa.Column("priority", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("weight", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "channel", "profile_id", name=op.f("pk_channel_profiles")),
    )
    op.create_table(
        "deliveries",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("operation_id", sa.Text(), server_default="", nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "digest", name=op.f("pk_deliveries")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deliveries_received_at"), ["received_at"], unique=False)

    op.create_table(
        "notices",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("profile_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), server_default="", nullable=False),
        sa.Column("order_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("reference_id", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("due_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_notices")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notices_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at > 0"),
            postgresql_where=sa.text("due_at > 0"),
        )

    op.create_table(
        "operations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("op_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("profile_id", sa.Text(), nullable=False),
        sa.Column("wire", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("transaction_id", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), server_default="", nullable=False),
        sa.Column("agreement_id", sa.Text(), server_default="", nullable=False),
        sa.Column("parent_id", sa.Text(), server_default="", nullable=False),
        sa.Column("attempt", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("request_event_id", sa.Text(), server_default="", nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), server_default="{}", nullable=False),
        sa.Column("buyer_waits", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("synchronous", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("unresolved", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("object_id", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_id", sa.Text(), server_default="", nullable=False),
        sa.Column("order_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("retry", sa.Text(), server_default="", nullable=False),
        sa.Column("effect", sa.Text(), server_default="none", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("psp_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("told", sa.Text(), server_default="", nullable=False),
        sa.Column("cap_month", sa.Text(), server_default="", nullable=False),
        sa.Column("cap_booked", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("updated_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("due_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
    )
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_operations_account_object_id"), ["account", "object_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_operations_account_order_reference"), ["account", "order_reference"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_operations_account_settled_id"), ["account", "settled_id"], unique=False)
        batch_op.create_index(
            "ix_operations_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at > 0"),
            postgresql_where=sa.text("due_at > 0"),
        )
        batch_op.create_index(
            batch_op.f("ix_operations_tenant_id_transaction_id"), ["tenant_id", "transaction_id"], unique=False
        )
        batch_op.create_index(
            "uq_operations_unresolved",
            ["tenant_id", "source_id", "agreement_id"],
            unique=True,
            sqlite_where=sa.text("unresolved = 1"),
            postgresql_where=sa.text("unresolved = 1"),
        )

    op.create_table(
        "profiles",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("wire", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("test_mode", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("ledger_currency", sa.Text(), nullable=False),
        sa.Column("seller_id", sa.Text(), nullable=False),
        sa.Column("store_id", sa.Text(), server_default="", nullable=False),
        sa.Column("client_id", sa.Text(), server_default="", nullable=False),
        sa.Column("access_key", sa.Text(), server_default="", nullable=False),
        sa.Column("public_key_id", sa.Text(), server_default="", nullable=False),
        sa.Column("secret_key", sa.LargeBinary(), server_default=sa.text("('')"), nullable=False),
        sa.Column("client_secret", sa.LargeBinary(), server_default=sa.text("('')"), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), server_default=sa.text("('')"), nullable=False),
        sa.Column("mws_auth_token", sa.LargeBinary(), server_default=sa.text("('')"), nullable=False),
        sa.Column("descriptor", sa.Text(), nullable=False),
        sa.Column("customer_service_number", sa.Text(), nullable=False),
        sa.Column("customer_service_email", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_service_sender", sa.Text(), server_default="", nullable=False),
        sa.Column("monthly_cap", sa.BigInteger(), nullable=False),
        sa.Column("time_zone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("cap_thresholds", sa.Text(), server_default="50,80,90,100", nullable=False),
        sa.Column("refunds_give_cap_back", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("processing_bps", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reserve_bps", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("transaction_fee", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("chargeback_fee", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("shop_origins", sa.Text(), server_default="", nullable=False),
        sa.Column("charging_apps", sa.Text(), server_default="", nullable=False),
        sa.Column("allow_one_time", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("allow_recurring", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("capture_when_fulfilled", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("release_when_cancelled", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("state_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("updated_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("state IN ('active', 'paused', 'closed')", name=op.f("ck_profiles_state_is_known")),
        sa.CheckConstraint("length(descriptor) <= 16", name=op.f("ck_profiles_descriptor_fits")),
        sa.CheckConstraint("monthly_cap >= -1", name=op.f("ck_profiles_cap_is_an_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles")),
        sa.UniqueConstraint("tenant_id", "alias", name=op.f("uq_profiles_tenant_id_alias")),
    )
    with op.batch_alter_table("profiles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_profiles_seller_id"), ["seller_id"], unique=False)

    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("transaction_id", sa.Text(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("psp_reference", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("external_url", sa.Text(), server_default="", nullable=False),
        sa.Column("actions", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint(
            "operation_id", "type", "psp_reference", name=op.f("uq_reports_operation_id_type_psp_reference")
        ),
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reports_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at > 0"),
            postgresql_where=sa.text("due_at > 0"),
        )

    op.create_table(
        "routes",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("profile_id", sa.Text(), nullable=False),
        sa.Column("chosen_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "source_id", name=op.f("pk_routes")),
    )
    op.create_table(
        "tenants",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("api_url", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary(), server_default=sa.text("('')"), nullable=False),
        sa.Column("jwks", sa.Text(), server_default="", nullable=False),
        sa.Column("registered_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("removed_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("api_url", name=op.f("uq_tenants_api_url")),
    )


def downgrade() -> None:
    op.drop_table("tenants")
    op.drop_table("routes")
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_reports_due", sqlite_where=sa.text("due_at > 0"), postgresql_where=sa.text("due_at > 0")
        )

    op.drop_table("reports")
    with op.batch_alter_table("profiles", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_profiles_seller_id"))

    op.drop_table("profiles")
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_operations_unresolved",
            sqlite_where=sa.text("unresolved = 1"),
            postgresql_where=sa.text("unresolved = 1"),
        )
        batch_op.drop_index(batch_op.f("ix_operations_tenant_id_transaction_id"))
        batch_op.drop_index(
            "ix_operations_due", sqlite_where=sa.text("due_at > 0"), postgresql_where=sa.text("due_at > 0")
        )
        batch_op.drop_index(batch_op.f("ix_operations_account_settled_id"))
        batch_op.drop_index(batch_op.f("ix_operations_account_order_reference"))
        batch_op.drop_index(batch_op.f("ix_operations_account_object_id"))

    op.drop_table("operations")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_notices_due", sqlite_where=sa.text("due_at > 0"), postgresql_where=sa.text("due_at > 0")
        )

    op.drop_table("notices")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deliveries_received_at"))

    op.drop_table("deliveries")
    op.drop_table("channel_profiles")
    op.drop_table("cap_months")
    op.drop_table("agreements")
