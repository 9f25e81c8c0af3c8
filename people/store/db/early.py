"""Stores from before revisions were fixed: their tables brought to what their revision means today.

Revision 0001 was edited in place twice before 0002. Stores made in between lack a column, or have one too
many, so that 0002 fails. Released migrations are never edited; a test holds them to their hashes.
"""

from __future__ import annotations

import sqlalchemy as sa


def complete(connection: sa.Connection, revision: str) -> None:
    """Give a store at ``revision`` what that revision has today. A store that has it stays as it is."""
    columns = {table: _columns(connection, table) for table in ("follow_ups", "meetings")}
    if "done_is_contact" not in columns["follow_ups"]:
        # Until then, doing any follow-up was contact.
        connection.execute(
            sa.text("ALTER TABLE follow_ups ADD COLUMN done_is_contact BOOLEAN DEFAULT TRUE NOT NULL")
        )
    if revision == "0001" and "raw_hash" in columns["meetings"]:
        # 0002 adds it. An event without a hash is read once more.
        connection.execute(sa.text("ALTER TABLE meetings DROP COLUMN raw_hash"))


def _columns(connection: sa.Connection, table: str) -> set[str]:
    return {column["name"] for column in sa.inspect(connection).get_columns(table)}
