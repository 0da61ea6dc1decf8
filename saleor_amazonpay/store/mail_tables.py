"""What comes in and goes out: deliveries, notices, reports, problems, what Saleor tells of orders. See tables.py."""

from __future__ import annotations

import sqlalchemy as sa

from saleor_amazonpay.store.columns import metadata, number, required, text

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("digest", sa.LargeBinary, primary_key=True),  # sha256 of the raw body
    required("event"),
    text("operation_id"),
    sa.Column("answer", sa.LargeBinary, nullable=True),
    number("received_at"),
    sa.Index(None, "received_at"),
    sqlite_with_rowid=False,
)

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    required("tenant_id"),
    required("transaction_id"),
    required("operation_id"),
    required("type"),
    required("psp_reference"),
    number("amount", None),
    required("currency"),
    text("message"),
    text("external_url"),
    text("actions"),  # comma separated; '-' leaves them as they are; 'sleeps': a card that waits for quiet
    number("due_at"),  # 0 once it was sent or refused
    number("tries"),
    text("result"),  # sent, already, refused: …
    number("created_at"),
    sa.UniqueConstraint("operation_id", "type", "psp_reference"),
    sa.Index(None, "created_at"),
    sa.Index(None, "tenant_id", "transaction_id"),
    sa.Index("ix_reports_due", "due_at", sqlite_where=sa.text("due_at > 0"), postgresql_where=sa.text("due_at > 0")),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("message_id", sa.Text, primary_key=True),
    required("profile_id"),
    required("account"),
    required("subject"),
    text("object_id"),
    text("order_reference"),
    text("reference_id"),
    required("message"),
    text("topic_account"),  # the AWS account of its topic, while nothing has shown that it is Amazon Pay's
    number("received_at"),
    number("due_at"),  # 0 once handled
    number("tries"),
    text("result"),
    sa.Index("ix_notices_due", "due_at", sqlite_where=sa.text("due_at > 0"), postgresql_where=sa.text("due_at > 0")),
    sa.Index(None, "received_at"),
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
    text("message"),
    number("count"),
    number("last_at"),
)

# What staff should know.
problems = sa.Table(
    "problems",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    required("message"),
    number("critical"),
    number("open", "1"),
    number("version", "1"),
    number("raised_at"),
    number("cleared_at"),
    number("due_at"),  # 0 once Saleor was told
    number("tries"),
    sa.Index("ix_problems_due", "due_at", sqlite_where=sa.text("due_at > 0"), postgresql_where=sa.text("due_at > 0")),
)

# What happened to orders in Saleor that payments follow: each once, until it was acted on.
order_events = sa.Table(
    "order_events",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, primary_key=True),  # cancelled, fulfilled
    sa.Column("subject_id", sa.Text, primary_key=True),  # the order, or the fulfillment
    required("order_id"),
    number("received_at"),
    number("due_at"),  # 0 once acted on
    number("tries"),
    text("result"),
    sa.Index(None, "received_at"),
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
    required("message_id"),  # the notice that was confirmed
    number("learned_at"),
)
