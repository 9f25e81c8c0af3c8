"""Mail: its two ends, its time and its thread.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables. They begin empty; the next read of a mail source fills them."""
    op.create_table(
        "messages",
        sa.Column("id", _BIG, autoincrement=False, nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("thread", _BIG, nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("bulk", sa.Boolean(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("calendar", sa.Boolean(), nullable=False),
        sa.Column("bounce", sa.Boolean(), nullable=False),
        sa.Column("list", sa.Integer(), nullable=True),
        sa.Column("folder", sa.Integer(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_table(
        "counterparts",
        sa.Column("message", _BIG, autoincrement=False, nullable=False),
        sa.Column("address", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("message", "address", name=op.f("pk_counterparts")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_counterparts_address"), "counterparts", ["address"], unique=False)
    op.create_table(
        "mail_addresses",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_addresses")),
        sa.UniqueConstraint("email", name=op.f("uq_mail_addresses_email")),
    )
    op.create_table(
        "mail_names",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_names")),
        sa.UniqueConstraint("name", name=op.f("uq_mail_names_name")),
    )
    op.create_table(
        "dismissed_threads",
        sa.Column("thread", _BIG, autoincrement=False, nullable=False),
        sa.Column("until", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("thread", name=op.f("pk_dismissed_threads")),
    )
