"""Contacts made from guest lists. Each run updates them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from people.store import frame_cache
from people.store.db import schema, values
from people.store.db.bulk import chunks, count, upsert
from people.store.ingest import rows
from people.store.ingest.forgotten import Forgotten
from people.types import Contact

if TYPE_CHECKING:
    import polars as pl

_table = schema.contacts
_LIVE = _table.c.derived & _table.c.gone_at.is_(None)
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
    if before is None or before.height != count(connection, _table, _LIVE):
        _sync_all(connection, wanted, make, now)
    else:
        fresh = wanted.join(before, on=wanted.columns, how="anti", nulls_equal=True)
        gone = before.join(wanted, on=["source", "email"], how="anti")
        _save(connection, _made(connection, fresh, make))
        missing = [(source, f"mailto:{email}") for source, email, _ in gone.iter_rows()]
        rows.mark_gone(connection, _table, missing, now)
        if fresh.height + gone.height:
            values.count_up(connection, values.PEOPLE)
    frame_cache.put(connection, _ENTRY, key, {_PART: wanted})


def _sync_all(connection: sa.Connection, wanted: pl.DataFrame, make: Make, now: datetime) -> None:
    made = _made(connection, wanted, make)
    query = sa.select(_table.c.source, _table.c.source_id, _table.c.hash).where(_LIVE)
    known = {(row.source, row.source_id): row.hash for row in connection.execute(query)}
    _save(connection, [row for row in made if known.get((row["source"], row["source_id"])) != row["hash"]])
    missing = known.keys() - {(row["source"], row["source_id"]) for row in made}
    rows.mark_gone(connection, _table, missing, now)
    values.count_up(connection, values.PEOPLE)


def _made(connection: sa.Connection, wanted: pl.DataFrame, make: Make) -> list[dict[str, Any]]:
    """Return the rows of the contacts that ``make`` makes of ``wanted``, without forgotten people."""
    forgotten = Forgotten.load(connection)
    made = (make(*row) for row in wanted.iter_rows())
    return [rows.contact_row(one, derived=True) for one in made if not forgotten.holds(one)]


def _save(connection: sa.Connection, made: Iterable[dict[str, Any]]) -> None:
    for batch in chunks(made):
        upsert(connection, _table, batch)
