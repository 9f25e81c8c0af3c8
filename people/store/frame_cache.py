"""A cache of frames in the store, kept between runs.

Each entry has a key derived from its inputs. If the key differs, the entry is ignored and rebuilt. Losing
an entry costs time only, so a failure to read or write one never stops a run. Entries contain names and
addresses: forgetting a person empties the cache.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import polars as pl
import sqlalchemy as sa

from people.store.db import schema
from people.store.db.bulk import upsert

if TYPE_CHECKING:
    from people.store.db.database import Store

logger = logging.getLogger(__name__)

_table = schema.kept_frames
_CHECKSUM = 16
_LARGEST = 200_000_000
"""Bytes per entry: databases limit the length of a field, and writing more takes longer than it saves."""


def cached(
    store: Store,
    name: str,
    key: str,
    make: Callable[[], Mapping[str, pl.DataFrame]],
    *,
    save: bool = True,
    only: Iterable[str] | None = None,
) -> dict[str, pl.DataFrame]:
    """Return the frames of the entry ``name`` by part: as cached under ``key``, or as ``make`` builds them.

    ``make`` returns all parts and is called outside any transaction. What it builds replaces the entry,
    unless ``save`` is False. With ``only``, just these parts are read and returned; all parts are saved.
    """
    parts = None if only is None else list(only)
    with store.read() as connection:
        frames = load(connection, name, key, parts)
    if frames is not None:
        return frames
    made = make()
    if save:
        with store.begin() as connection:
            put(connection, name, key, made)
    return {part: frame for part, frame in made.items() if parts is None or part in parts}


def load(
    connection: sa.Connection, name: str, key: str, parts: Iterable[str] | None = None
) -> dict[str, pl.DataFrame] | None:
    """Return these ``parts`` (by default all) of the entry ``name``.

    None if the entry has another key, lacks one of the parts, or is damaged.
    """
    wanted = None if parts is None else set(parts)
    query = sa.select(_table.c.part, _table.c.data).where(_table.c.name == name, _table.c.mark == key)
    if wanted is not None:
        query = query.where(_table.c.part.in_(wanted))
    data = {row.part: bytes(row.data) for row in connection.execute(query)}
    if not data or (wanted is not None and data.keys() != wanted):
        return None
    if any(_checksum(packed[_CHECKSUM:]) != packed[:_CHECKSUM] for packed in data.values()):
        return None
    return {part: pl.read_ipc(io.BytesIO(packed[_CHECKSUM:])) for part, packed in data.items()}


def put(connection: sa.Connection, name: str, key: str, frames: Mapping[str, pl.DataFrame]) -> None:
    """Replace the entry ``name`` in the caller's transaction. If that fails, the entry is gone."""
    connection.execute(sa.delete(_table).where(_table.c.name == name))
    rows = [
        {"name": name, "part": part, "mark": key, "data": _packed(frame)} for part, frame in frames.items()
    ]
    if sum(len(row["data"]) for row in rows) > _LARGEST:
        return
    try:
        with connection.begin_nested():
            upsert(connection, _table, rows)
    except sa.exc.DBAPIError:
        logger.warning("'%s' could not be cached; the next run rebuilds it", name, exc_info=True)


def drop(connection: sa.Connection) -> None:
    """Empty the cache."""
    connection.execute(sa.delete(_table))


def _packed(frame: pl.DataFrame) -> bytes:
    """Return the frame as compressed Arrow IPC behind its checksum."""
    into = io.BytesIO()
    frame.write_ipc(into, compression="lz4")
    return _checksum(into.getvalue()) + into.getvalue()


def _checksum(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_CHECKSUM).digest()
