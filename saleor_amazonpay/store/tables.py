"""The schema, for both databases. Money is BIGINT minor units, time BIGINT milliseconds UTC, flags are 0 and 1.

No type needs conversion on the way in or out, so that statements run on the bare driver (see sql.py). Empty text
means "not yet known" in columns that a later step fills; NULL is used only where a unique or CHECK rule needs it.
"""

from __future__ import annotations

import sqlalchemy as sa

from saleor_amazonpay.store.columns import metadata
from saleor_amazonpay.store.columns import number as _number
from saleor_amazonpay.store.columns import required as _required
from saleor_amazonpay.store.columns import sealed as _sealed
from saleor_amazonpay.store.columns import text as _text

tenants = sa.Table(
    "tenants",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("api_url", sa.Text, nullable=False, unique=True),
    _required("app_id"),
    _sealed("token"),
    _text("jwks"),
    _number("registered_at"),
    _number("removed_at"),
    # Which of our webhooks are there: a digest of the manifest they were last compared with, and when to compare again.
    _text("webhooks"),
    _number("webhooks_at"),
    _number("webhooks_tries"),
)

profiles = sa.Table(
    "profiles",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    _required("tenant_id"),
    _required("alias"),
    _required("wire"),
    _required("region"),
    _number("test_mode"),
    _required("currency"),
    _required("ledger_currency"),
    # v1: Seller ID; v2: Merchant ID (the same account number at Amazon).
    _required("seller_id"),
    _text("store_id"),
    _text("client_id"),
    _text("access_key"),
    _text("public_key_id"),
    _sealed("secret_key"),
    _sealed("client_secret"),
    _sealed("private_key"),
    _sealed("mws_auth_token"),
    # What the shopper sees.
    _required("descriptor"),
    _required("customer_service_number"),
    _text("customer_service_email"),
    _text("customer_service_sender"),
    # The monthly cap: minor units; -1 is the explicit "unlimited", 0 is closed.
    _number("monthly_cap", None),
    _text("time_zone", "UTC"),
    _text("cap_thresholds", "50,80,90,100"),
    _number("refunds_give_cap_back"),
    # Fees: basis points (1/100 of a per cent) and minor units.
    _number("processing_bps"),
    _number("reserve_bps"),
    _number("transaction_fee"),
    _number("chargeback_fee"),
    # What may happen on it.
    _text("shop_origins"),
    _text("charging_apps"),
    _number("allow_one_time", "1"),
    _number("allow_recurring", "1"),
    _number("capture_when_fulfilled"),
    _number("release_when_cancelled", "1"),
    _text("state", "active"),
    _text("state_reason"),
    _number("version", "1"),
    _number("created_at"),
    _number("updated_at"),
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
    _number("priority"),
    _number("weight", "1"),
)

# Which profile gateway-initialize chose for a checkout or order; later calls use it (money.md §7).
routes = sa.Table(
    "routes",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("source_id", sa.Text, primary_key=True),
    _required("profile_id"),
    _number("chosen_at"),
)

agreements = sa.Table(
    "agreements",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    _required("tenant_id"),
    _required("profile_id"),
    _required("account"),  # <seller id>:live|sandbox
    _required("amazon_id"),
    _required("state"),
    _text("reason"),
    _number("recurring"),
    # Its owner, bound at first sight: Amazon's buyer id, Saleor's user, else the source object.
    _text("buyer_id"),
    _text("user_id"),
    _text("source_id"),
    # What is charged instead of the agreement itself (v1: the order reference of a one-time sale); `state` is then its.
    _text("purchase_id"),
    _number("confirming"),  # 1 once the buyer was sent to Amazon's confirmation page
    _number("created_at"),
    _number("updated_at"),
    _number("due_at"),  # when a one-time purchase is looked at, whether it can be closed; 0 never
    _number("check_at"),  # when it is read again at Amazon, while the shop may still collect on it; 0 never
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
    _required("tenant_id"),
    _required("op_key"),
    _required("kind"),
    _required("phase"),
    _required("profile_id"),
    _required("wire"),
    _required("account"),
    _required("transaction_id"),
    _text("source_id"),
    _text("agreement_id"),
    _text("parent_id"),  # the operation whose authorization or capture this one acts on
    _text("group_id"),  # the operation this one is a part of: a refund split over captures
    _number("attempt", "1"),
    _text("request_event_id"),
    _number("amount", None),
    _number("moved"),  # what of it really moved, where that is known to differ
    _required("currency"),
    _text("parameters", "{}"),
    _number("buyer_waits"),
    _number("synchronous", "1"),
    # 1 from the money call until Amazon's answer is final: one at a time per source object and agreement.
    _number("unresolved"),
    # What Amazon said.
    _text("object_id"),
    _text("settled_id"),
    _text("order_reference"),
    _text("code"),
    _text("retry"),
    _text("effect", "none"),
    _text("state"),
    _text("reason"),
    _text("message"),
    _number("tries"),
    # What Saleor was told under the psp reference: 'pending', or nothing that binds us.
    _text("psp_reference"),
    _text("told"),
    _number("answer_left"),  # 1 once an answer, whichever, is known to have left
    _text("attention"),  # why nobody but staff can find out what became of it; empty: nothing of the kind
    # The cap: the month it was reserved in and what is still booked of it.
    _text("cap_month"),
    _number("cap_booked"),
    _number("created_at"),
    _number("updated_at"),
    _number("due_at"),  # when the sweep looks at it again; 0 never
    sa.Index(None, "tenant_id", "transaction_id"),
    # Pages of the operations list, newest first: all, by kind, by profile; and what failed, which is rare.
    sa.Index("ix_operations_page", "tenant_id", "created_at", "id"),
    sa.Index("ix_operations_kind", "tenant_id", "kind", "created_at"),
    sa.Index("ix_operations_profile", "profile_id", "created_at"),
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

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("digest", sa.LargeBinary, primary_key=True),  # sha256 of the raw body
    _required("event"),
    _text("operation_id"),
    sa.Column("answer", sa.LargeBinary, nullable=True),
    _number("received_at"),
    sa.Index(None, "received_at"),
    sqlite_with_rowid=False,
)

cap_months = sa.Table(
    "cap_months",
    metadata,
    sa.Column("profile_id", sa.Text, primary_key=True),
    sa.Column("month", sa.Text, primary_key=True),  # 2026-11, in the profile's time zone
    _number("booked"),
    sa.CheckConstraint("booked >= 0", name="booked_is_an_amount"),
)

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    _required("tenant_id"),
    _required("transaction_id"),
    _required("operation_id"),
    _required("type"),
    _required("psp_reference"),
    _number("amount", None),
    _required("currency"),
    _text("message"),
    _text("external_url"),
    _text("actions"),  # comma separated; '-' leaves them as they are
    _number("due_at"),  # 0 once it was sent or refused
    _number("tries"),
    _text("result"),  # sent, already, refused: …
    _number("created_at"),
    sa.UniqueConstraint("operation_id", "type", "psp_reference"),
    sa.Index(None, "tenant_id", "transaction_id"),
    sa.Index("ix_reports_due", "due_at", sqlite_where=sa.text("due_at > 0"), postgresql_where=sa.text("due_at > 0")),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("message_id", sa.Text, primary_key=True),
    _required("profile_id"),
    _required("account"),
    _required("subject"),
    _text("object_id"),
    _text("order_reference"),
    _text("reference_id"),
    _required("message"),
    _text("topic_account"),  # the AWS account of its topic, while nothing has shown that it is Amazon Pay's
    _number("received_at"),
    _number("due_at"),  # 0 once handled
    _number("tries"),
    _text("result"),
    sa.Index("ix_notices_due", "due_at", sqlite_where=sa.text("due_at > 0"), postgresql_where=sa.text("due_at > 0")),
    sa.Index(None, "profile_id", "received_at"),
    sa.Index(None, "account", "order_reference"),
    sa.Index(None, "account", "object_id"),
)

# Requests to a profile's IPN URL that were refused: one row per reason, so that a flood of them stays a few rows.
ipn_refusals = sa.Table(
    "ipn_refusals",
    metadata,
    sa.Column("profile_id", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    _text("message"),
    _number("count"),
    _number("last_at"),
)

# What the sandbox shall play with the next call of a kind: taken by the operation that uses it, with its intent.
simulations = sa.Table(
    "simulations",
    metadata,
    sa.Column("profile_id", sa.Text, primary_key=True),
    sa.Column("call", sa.Text, primary_key=True),
    _required("code"),
    _number("chosen_at"),
)

# What staff should know of a shop, and whether its Saleor was told (App Problems).
problems = sa.Table(
    "problems",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    _required("message"),
    _number("critical"),
    _number("open", "1"),
    _number("version", "1"),
    _number("raised_at"),
    _number("cleared_at"),
    _number("due_at"),  # 0 once Saleor was told
    _number("tries"),
    sa.Index("ix_problems_due", "due_at", sqlite_where=sa.text("due_at > 0"), postgresql_where=sa.text("due_at > 0")),
)

# What happened to orders in Saleor that payments follow: each once, until it was acted on.
order_events = sa.Table(
    "order_events",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, primary_key=True),  # cancelled, fulfilled
    sa.Column("subject_id", sa.Text, primary_key=True),  # the order, or the fulfillment
    _required("order_id"),
    _number("received_at"),
    _number("due_at"),  # 0 once acted on
    _number("tries"),
    _text("result"),
    sa.Index(
        "ix_order_events_due", "due_at", sqlite_where=sa.text("due_at > 0"), postgresql_where=sa.text("due_at > 0")
    ),
)

# AWS accounts whose topics sent a merchant account notices that Amazon Pay confirmed (money.md §6).
topic_accounts = sa.Table(
    "topic_accounts",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),  # <seller id>:live|sandbox
    sa.Column("topic_account", sa.Text, primary_key=True),
    _required("message_id"),  # the notice that was confirmed
    _number("learned_at"),
)
