"""Labels are part of the text in which people are searched.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from people.text import fold

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the folded labels of each person to the text; people without labels keep theirs."""
    people = sa.table("people", *map(sa.column, ("id", "profile", "folded")))
    connection = op.get_bind()
    labelled = sa.select(people).where(people.c.profile.like('%"labels":["%'))
    for row in connection.execute(labelled).all():
        labels = fold(" ".join(json.loads(row.profile)["labels"]))
        text = f"{row.folded} {labels}".strip()
        connection.execute(sa.update(people).where(people.c.id == row.id).values(folded=text))
