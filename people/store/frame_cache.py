"""Frames that were worked out once, kept until what they were made of changes.

A mark says what that was; under another mark nothing is found. What is kept can always be made again, so
that trouble with it is no trouble for a run. It holds names and addresses: forgetting somebody drops it.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa

from people.store.db import schema
from people.store.db.bulk import upsert

if TYPE_CHECKING:
    import polars as pl

    from people.store.db.database import Store

logger = logging.getLogger(__name__)

_table = schema.kept_frames
_SEAL = 16
_MOST = 200_000_000
"""Bytes; databases take no field of any length, and writing more would take longer than it saves."""


def load(
    connection: sa.Connection, name: str, mark: str, parts: Iterable[str]
) -> dict[str, pl.DataFrame] | None:
    """The ``parts`` kept under ``name``; None unless all are there, whole, and made of what ``mark`` says."""
    import polars as pl  # noqa: PLC0415

    wanted = list(parts)
    query = sa.select(_table.c.part, _table.c.data).where(
        _table.c.name == name, _table.c.mark == mark, _table.c.part.in_(wanted)
    )
    found = {row.part: bytes(row.data) for row in connection.execute(query)}
    if len(found) < len(wanted) or any(_seal(data[_SEAL:]) != data[:_SEAL] for data in found.values()):
        return None
    return {part: pl.read_ipc(io.BytesIO(data[_SEAL:])) for part, data in found.items()}


def save(store: Store, name: str, mark: str, frames: Mapping[str, pl.DataFrame]) -> None:
    """Keep ``frames`` by part in place of all that was kept under ``name``; where that fails, nothing."""
    data = {part: packed(frame) for part, frame in frames.items()}
    with store.begin() as connection:
        put(connection, name, mark, data)


def put(connection: sa.Connection, name: str, mark: str, data: Mapping[str, bytes]) -> None:
    """As ``save``, of frames that are packed already, in the caller's transaction."""
    connection.execute(sa.delete(_table).where(_table.c.name == name))
    if sum(map(len, data.values())) > _MOST:
        return
    told = [{"name": name, "part": part, "mark": mark, "data": frame} for part, frame in data.items()]
    try:
        with connection.begin_nested():
            upsert(connection, _table, told)
    except sa.exc.DBAPIError:
        logger.warning("'%s' could not be kept; it is made again in the next run", name, exc_info=True)


def drop(connection: sa.Connection) -> None:
    """Keep nothing any more."""
    connection.execute(sa.delete(_table))


def packed(frame: pl.DataFrame) -> bytes:
    """The frame's columns, compressed, behind a seal that damage breaks."""
    into = io.BytesIO()
    frame.write_ipc(into, compression="lz4")
    return _seal(into.getvalue()) + into.getvalue()


def _seal(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_SEAL).digest()
