"""How much each source is trusted in a merged profile.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; until now a source of cards with a connection date was taken for an export (1)."""
    op.add_column("sources", sa.Column("trust", sa.Integer(), nullable=False, server_default="0"))
    exports = """SELECT source FROM contacts WHERE doc LIKE '%"connected_on":"%'"""
    op.execute(f"UPDATE sources SET trust = 1 WHERE name IN ({exports})")  # noqa: S608 - a constant
