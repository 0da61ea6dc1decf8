"""What Amazon says it paid out: a part of the schema (tables.py), which nothing but the fees reads."""

from __future__ import annotations

import sqlalchemy as sa

from saleor_amazonpay.store.columns import metadata, number, required, text

# Amazon's settlement reports that were read: what it paid out, beside what the profiles' terms make of the ledger.
settlements = sa.Table(
    "settlements",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),  # <seller id>:live|sandbox
    sa.Column("settlement_id", sa.Text, primary_key=True),
    number("read_at"),
    number("lines"),
    number("unreadable"),
)

# One movement each. Reports of overlapping periods name the same movement: it is one row.
settled_lines = sa.Table(
    "settled_lines",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("object_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),  # capture, refund, chargeback
    sa.Column("posted_at", sa.BigInteger, primary_key=True),
    text("profile_id"),  # whose operation it is; empty while the ledger does not know the object
    required("currency"),
    number("amount", None),
    number("fee", None),
    sa.Index("ix_settled_lines_profile", "profile_id", "posted_at"),
)
