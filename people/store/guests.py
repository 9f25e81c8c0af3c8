"""Contacts made from guest lists: kept beside the cards, and renewed in every run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from people.hashing import canonical_hash
from people.store import meta, rows, schema
from people.store.forgotten import Forgotten
from people.store.tables_io import chunks, upsert
from people.types import Contact

_table = schema.contacts


def sync(connection: sa.Connection, wanted: Sequence[Contact], now: datetime) -> None:
    """Make the derived contacts be ``wanted``; what is not in it any more leaves a tombstone."""
    forgotten = Forgotten.load(connection)
    fresh = {(c.source, c.source_id): c for c in wanted if not forgotten.holds(c)}
    query = sa.select(_table.c.source, _table.c.source_id, _table.c.hash).where(
        _table.c.derived, _table.c.gone_at.is_(None)
    )
    known = {(row.source, row.source_id): row.hash for row in connection.execute(query)}
    changed = [
        rows.contact_row(contact, content_hash, derived=True)
        for key, contact in fresh.items()
        if known.get(key) != (content_hash := canonical_hash(contact))
    ]
    for batch in chunks(changed):
        upsert(connection, _table, batch)
    by_source: dict[str, list[str]] = {}
    for source, source_id in known.keys() - fresh.keys():
        by_source.setdefault(source, []).append(source_id)
    for source, ids in by_source.items():
        rows.mark_gone(connection, _table, source, ids, now)
    if changed or by_source:
        meta.count_up(connection, meta.PEOPLE)
