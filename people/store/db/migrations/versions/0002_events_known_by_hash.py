"""Events known by their hash; indexes that counting and looking up pairs can do with alone.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An event without a hash is read once more when its calendar changes, which fills it in."""
    op.add_column("meetings", sa.Column("raw_hash", sa.Text(), nullable=True))
    op.create_index("ix_meetings_by_source", "meetings", ["source", "gone_at"], unique=False)
    op.create_index(op.f("ix_people_active"), "people", ["active"], unique=False)
    op.create_index(op.f("ix_open_pairs_b"), "open_pairs", ["b"], unique=False)
    op.drop_index(op.f("ix_contacts_person_id"), table_name="contacts")
    by_person = ["person_id", "gone_at", "rejected", "derived", "kind"]
    op.create_index("ix_contacts_by_person", "contacts", by_person, unique=False)
    by_source = ["source", "gone_at", "derived", "rejected"]
    op.create_index("ix_contacts_by_source", "contacts", by_source, unique=False)
