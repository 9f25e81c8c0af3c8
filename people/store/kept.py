"""Frames that were worked out once, kept until what they were made of changes.

A mark says what that was; under another mark nothing is found. What is kept can always be made again, and
holds names and addresses: forgetting somebody drops all of it.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa

from people.store import schema
from people.store.tables_io import upsert

if TYPE_CHECKING:
    import polars as pl

logger = logging.getLogger(__name__)

_table = schema.kept_frames


def load(
    connection: sa.Connection, name: str, mark: str, parts: Iterable[str]
) -> dict[str, pl.DataFrame] | None:
    """The ``parts`` kept under ``name``; None unless all are there and were made of what ``mark`` says."""
    import polars as pl  # noqa: PLC0415

    wanted = list(parts)
    query = sa.select(_table.c.part, _table.c.data).where(
        _table.c.name == name, _table.c.mark == mark, _table.c.part.in_(wanted)
    )
    try:
        found = {row.part: pl.read_ipc(io.BytesIO(row.data)) for row in connection.execute(query)}
    except (pl.exceptions.PolarsError, OSError):
        # Written by another version, perhaps; it is made again.
        logger.warning("what was kept as '%s' cannot be read and is made again", name, exc_info=True)
        return None
    return found if len(found) == len(wanted) else None


def save(connection: sa.Connection, name: str, mark: str, frames: Mapping[str, pl.DataFrame]) -> None:
    """Keep ``frames`` by part in place of all that was kept under ``name``."""
    connection.execute(sa.delete(_table).where(_table.c.name == name))
    upsert(
        connection,
        _table,
        [
            {"name": name, "part": part, "mark": mark, "data": _packed(frame)}
            for part, frame in frames.items()
        ],
    )


def drop(connection: sa.Connection) -> None:
    """Keep nothing any more."""
    connection.execute(sa.delete(_table))


def _packed(frame: pl.DataFrame) -> bytes:
    into = io.BytesIO()
    frame.write_ipc(into, compression="lz4")
    return into.getvalue()
