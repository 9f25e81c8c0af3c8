"""The day on which each person was first seen.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. For people already there, it is the earliest day that the store can prove.

    That is the day of their first event of identity, or else of the last run: until then they came.
    """
    op.add_column("people", sa.Column("first_seen", sa.Date(), nullable=True))
    op.execute(
        """
        UPDATE people SET first_seen = COALESCE(
            (SELECT DATE(MIN(e.at)) FROM identity_events e WHERE e.person_id = people.id),
            (SELECT MAX(runs.today) FROM runs)
        )
        """
    )
