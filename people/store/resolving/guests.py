"""Contacts made from guest lists. Each run updates them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from people.store import frame_cache
from people.store.db import schema, values
from people.store.db.bulk import chunks, upsert
from people.store.ingest import rows
from people.store.ingest.content_hash import canonical_hash
from people.store.ingest.forgotten import Forgotten
from people.types import Contact

if TYPE_CHECKING:
    import polars as pl

_table = schema.contacts
_ENTRY, _PART = "guests", "wanted"
Make = Callable[[str, str, str | None], Contact]
"""Makes a contact from a guest's source, address and name."""


def sync(connection: sa.Connection, wanted: pl.DataFrame, make: Make, now: datetime, key: str) -> None:
    """Store the contacts that ``make`` makes of ``wanted`` (``source, email, name``), and no others.

    Contacts that are no longer wanted become tombstones. Only what differs from the last run is written,
    unless something else changed the derived contacts. If ``key``, the version of the code that makes
    them, has changed, all are compared.
    """
    before = (frame_cache.load(connection, _ENTRY, key, [_PART]) or {}).get(_PART)
    if before is None or before.height != _known(connection):
        _sync_all(connection, wanted, make, now)
    else:
        fresh = wanted.join(before, on=wanted.columns, how="anti", nulls_equal=True)
        gone = before.join(wanted, on=["source", "email"], how="anti")
        _save(connection, [make(*row) for row in fresh.iter_rows()])
        _drop(connection, [(source, f"mailto:{email}") for source, email, _ in gone.iter_rows()], now)
        if fresh.height + gone.height:
            values.count_up(connection, values.PEOPLE)
    frame_cache.put(connection, _ENTRY, key, {_PART: wanted})


def _known(connection: sa.Connection) -> int:
    derived = (
        sa.select(sa.func.count()).select_from(_table).where(_table.c.derived, _table.c.gone_at.is_(None))
    )
    return connection.scalar(derived) or 0


def _sync_all(connection: sa.Connection, wanted: pl.DataFrame, make: Make, now: datetime) -> None:
    forgotten = Forgotten.load(connection)
    made = [one for row in wanted.iter_rows() if not forgotten.holds(one := make(*row))]
    query = sa.select(_table.c.source, _table.c.source_id, _table.c.hash).where(
        _table.c.derived, _table.c.gone_at.is_(None)
    )
    known = {(row.source, row.source_id): row.hash for row in connection.execute(query)}
    _save(
        connection,
        [one for one in made if known.get((one.source, one.source_id)) != canonical_hash(one)],
    )
    _drop(connection, known.keys() - {(one.source, one.source_id) for one in made}, now)
    values.count_up(connection, values.PEOPLE)


def _save(connection: sa.Connection, contacts: Iterable[Contact]) -> None:
    forgotten = Forgotten.load(connection)
    rows_ = [
        rows.contact_row(one, canonical_hash(one), derived=True)
        for one in contacts
        if not forgotten.holds(one)
    ]
    for batch in chunks(rows_):
        upsert(connection, _table, batch)


def _drop(connection: sa.Connection, keys: Iterable[tuple[str, str]], now: datetime) -> None:
    by_source: dict[str, list[str]] = {}
    for source, source_id in keys:
        by_source.setdefault(source, []).append(source_id)
    for source, ids in by_source.items():
        rows.mark_gone(connection, _table, source, ids, now)
