"""The schema, for both databases. Money is BIGINT minor units, time BIGINT milliseconds UTC, flags are 0 and 1.

No type needs conversion on the way in or out, so that statements run on the bare driver (see sql.py). Empty text
means "not yet known" in columns that a later step fills; NULL is used only where a unique or CHECK rule needs it.
"""

from __future__ import annotations

import sqlalchemy as sa

from saleor_amazonpay.store.columns import metadata, number, required, sealed, text
from saleor_amazonpay.store.mail_tables import (
    deliveries,
    ipn_refusals,
    notices,
    order_events,
    problems,
    reports,
    topic_accounts,
)
from saleor_amazonpay.store.settled_tables import settled_lines, settlements

__all__ = [
    "agreements",
    "cap_alerts",
    "cap_months",
    "channel_profiles",
    "deliveries",
    "ipn_refusals",
    "metadata",
    "notices",
    "operations",
    "order_events",
    "problems",
    "profiles",
    "reports",
    "routes",
    "settled_lines",
    "settlements",
    "simulations",
    "tenants",
    "topic_accounts",
]

tenants = sa.Table(
    "tenants",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("api_url", sa.Text, nullable=False, unique=True),
    required("app_id"),
    sealed("token"),
    text("jwks"),
    number("registered_at"),
    number("removed_at"),
    # Which of our webhooks are there: a digest of the manifest they were last compared with, and when to compare again.
    text("webhooks"),
    number("webhooks_at"),
    number("webhooks_tries"),
)

profiles = sa.Table(
    "profiles",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    required("tenant_id"),
    required("alias"),
    required("wire"),
    required("region"),
    number("test_mode"),
    required("currency"),
    required("ledger_currency"),
    # v1: Seller ID; v2: Merchant ID (the same account number at Amazon).
    required("seller_id"),
    text("store_id"),
    text("client_id"),
    text("access_key"),
    text("public_key_id"),
    sealed("secret_key"),
    sealed("client_secret"),
    sealed("private_key"),
    sealed("mws_auth_token"),
    # What the shopper sees.
    required("descriptor"),
    required("customer_service_number"),
    text("customer_service_email"),
    text("customer_service_sender"),
    # The monthly cap: minor units; -1 is the explicit "unlimited", 0 is closed.
    number("monthly_cap", None),
    text("time_zone", "UTC"),
    text("former_zones"),  # "2026-12 UTC,…": each with the month from which it counts no more
    text("cap_thresholds", "50,80,90,100"),
    number("refunds_give_cap_back"),
    # Fees: basis points (1/100 of a per cent) and minor units.
    number("processing_bps"),
    number("reserve_bps"),
    number("transaction_fee"),
    number("chargeback_fee"),
    # What may happen on it.
    text("shop_origins"),
    text("charging_apps"),
    number("allow_one_time", "1"),
    number("allow_recurring", "1"),
    number("capture_when_fulfilled"),
    number("release_when_cancelled", "1"),
    text("state", "active"),
    text("state_reason"),
    number("version", "1"),
    number("created_at"),
    number("updated_at"),
    sa.CheckConstraint("monthly_cap >= -1", name="cap_is_an_amount"),
    sa.CheckConstraint("state IN ('active', 'paused', 'closed')", name="state_is_known"),
    sa.CheckConstraint("length(descriptor) <= 16", name="descriptor_fits"),
    sa.UniqueConstraint("tenant_id", "alias"),
    sa.Index(None, "seller_id"),
)

channel_profiles = sa.Table(
    "channel_profiles",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("profile_id", sa.Text, primary_key=True),
    number("priority"),
    number("weight", "1"),
)

# Which profile gateway-initialize chose for a checkout or order; later calls use it (money.md §7).
routes = sa.Table(
    "routes",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("source_id", sa.Text, primary_key=True),
    required("profile_id"),
    number("chosen_at"),
    sa.Index(None, "chosen_at"),
)

agreements = sa.Table(
    "agreements",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    required("tenant_id"),
    required("profile_id"),
    required("account"),  # <seller id>:live|sandbox
    required("amazon_id"),
    required("state"),
    text("reason"),
    number("recurring"),
    # Its owner, bound at first sight: Amazon's buyer id, Saleor's user, else the source object.
    text("buyer_id"),
    text("user_id"),
    text("source_id"),
    # What is charged instead of the agreement itself (v1: the order reference of a one-time sale); `state` is then its.
    text("purchase_id"),
    number("confirming"),  # 1 once the buyer was sent to Amazon's confirmation page
    # Amazon's own limit of authorizations per calendar month, as it was read last; no currency: never read.
    text("limit_currency"),
    number("limit_amount"),
    number("limit_remaining"),
    text("limit_from"),
    text("limit_until"),
    number("limit_read_at"),
    number("created_at"),
    number("updated_at"),
    number("due_at"),  # when a one-time purchase is looked at, whether it can be closed; 0 never
    number("check_at"),  # when it is read again at Amazon, while the shop may still collect on it; 0 never
    sa.UniqueConstraint("account", "amazon_id"),
    sa.Index(
        "ix_agreements_purchase",
        "account",
        "purchase_id",
        sqlite_where=sa.text("purchase_id != ''"),
        postgresql_where=sa.text("purchase_id != ''"),
    ),
    sa.Index("ix_agreements_due", "due_at", sqlite_where=sa.text("due_at > 0"), postgresql_where=sa.text("due_at > 0")),
    sa.Index(
        "ix_agreements_check",
        "check_at",
        sqlite_where=sa.text("check_at > 0"),
        postgresql_where=sa.text("check_at > 0"),
    ),
    sa.Index("ix_agreements_user", "tenant_id", "user_id"),
    sa.Index(None, "tenant_id", "created_at"),
)

operations = sa.Table(
    "operations",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # the reference id Amazon sees
    required("tenant_id"),
    required("op_key"),
    required("kind"),
    required("phase"),
    required("profile_id"),
    required("wire"),
    required("account"),
    required("transaction_id"),
    text("source_id"),
    text("agreement_id"),
    text("parent_id"),  # the operation whose authorization or capture this one acts on
    text("group_id"),  # the operation this one is a part of: a refund split over captures
    number("attempt", "1"),
    text("request_event_id"),
    number("amount", None),
    number("moved"),  # what of it really moved, where that is known to differ
    required("currency"),
    text("parameters", "{}"),
    number("buyer_waits"),
    number("synchronous", "1"),
    # 1 from the money call until Amazon's answer is final: one at a time per source object and agreement.
    number("unresolved"),
    # What Amazon said.
    text("object_id"),
    text("settled_id"),
    text("order_reference"),
    text("code"),
    text("retry"),
    text("effect", "none"),
    text("state"),
    text("reason"),
    text("message"),
    number("tries"),
    # What Saleor was told under the psp reference: 'pending', or nothing that binds us.
    text("psp_reference"),
    text("told"),
    number("answer_left"),  # 1 once an answer, whichever, is known to have left
    text("attention"),  # why nobody but staff can find out what became of it; empty: nothing of the kind
    # The cap: the month it was reserved in and what is still booked of it; less than 0 for a refund that gives it back.
    text("cap_month"),
    number("cap_booked"),
    text("cap_from"),  # "<operation id>:<amount>,…": whose reservations it took over
    number("created_at"),
    number("updated_at"),
    number("due_at"),  # when the sweep looks at it again; 0 never
    sa.Index(None, "tenant_id", "transaction_id"),
    # Pages of the operations list, newest first: all, by kind, by profile; and what failed, which is rare.
    sa.Index("ix_operations_page", "tenant_id", "created_at", "id"),
    sa.Index("ix_operations_kind", "tenant_id", "kind", "created_at"),
    sa.Index("ix_operations_profile", "profile_id", "kind", "created_at"),
    sa.Index(
        "ix_operations_failed",
        "tenant_id",
        "phase",
        "created_at",
        sqlite_where=sa.text("phase IN ('repairable', 'declined', 'gone')"),
        postgresql_where=sa.text("phase IN ('repairable', 'declined', 'gone')"),
    ),
    sa.Index(
        "ix_operations_group",
        "group_id",
        sqlite_where=sa.text("group_id != ''"),
        postgresql_where=sa.text("group_id != ''"),
    ),
    sa.Index(None, "agreement_id", "source_id"),
    *(
        # Only what Amazon has named: an intent has none of these yet, and most of what is written is intents.
        sa.Index(
            f"ix_operations_account_{name}",
            "account",
            name,
            sqlite_where=sa.text(f"{name} != ''"),
            postgresql_where=sa.text(f"{name} != ''"),
        )
        for name in ("object_id", "settled_id", "order_reference")
    ),
    sa.Index(
        "ix_operations_due",
        "due_at",
        sqlite_where=sa.text("due_at > 0"),
        postgresql_where=sa.text("due_at > 0"),
    ),
    sa.Index(
        "uq_operations_unresolved",
        "tenant_id",
        "source_id",
        "agreement_id",
        unique=True,
        sqlite_where=sa.text("unresolved = 1"),
        postgresql_where=sa.text("unresolved = 1"),
    ),
)

# What took money and will be read once more (flows/second_look.py).
second_looks = sa.Table(
    "second_looks",
    metadata,
    sa.Column("operation_id", sa.Text, primary_key=True),
    number("due_at", None),
    number("tries"),
    sa.Index("ix_second_looks_due", "due_at"),
)

cap_months = sa.Table(
    "cap_months",
    metadata,
    sa.Column("profile_id", sa.Text, primary_key=True),
    sa.Column("month", sa.Text, primary_key=True),  # 2026-11, in the profile's time zone
    number("booked"),
    number("given_back"),  # what was booked in it and is no longer
    # The profile's terms as they were last while the month was open: a later change does not rewrite the past.
    number("cap"),
    number("processing_bps"),
    number("reserve_bps"),
    number("transaction_fee"),
    number("chargeback_fee"),
    sa.CheckConstraint("booked >= 0", name="booked_is_an_amount"),
)

# Thresholds of the cap whose crossing was raised; cleared when the month turned or the cap was raised.
cap_alerts = sa.Table(
    "cap_alerts",
    metadata,
    sa.Column("profile_id", sa.Text, primary_key=True),
    sa.Column("month", sa.Text, primary_key=True),
    sa.Column("threshold", sa.BigInteger, primary_key=True, autoincrement=False),  # per cent
    number("raised_at"),
    number("cleared_at"),  # 0 while it stands
    sa.Index(
        "ix_cap_alerts_standing",
        "profile_id",
        sqlite_where=sa.text("cleared_at = 0"),
        postgresql_where=sa.text("cleared_at = 0"),
    ),
)

simulations = sa.Table(
    "simulations",
    metadata,
    sa.Column("profile_id", sa.Text, primary_key=True),
    sa.Column("call", sa.Text, primary_key=True),
    required("code"),
    number("chosen_at"),
)

# What staff should know of a shop, and whether its Saleor was told (App Problems).
