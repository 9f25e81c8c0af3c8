"""Small facts about the store itself, by key."""

from __future__ import annotations

import sqlalchemy as sa

from people.store import schema
from people.store.tables_io import upsert


def get(connection: sa.Connection, key: str) -> str | None:
    """The value of ``key``; None when it was never set."""
    found: str | None = connection.scalar(sa.select(schema.meta.c.value).where(schema.meta.c.key == key))
    return found


def put(connection: sa.Connection, key: str, value: str) -> None:
    """Set ``key``."""
    upsert(connection, schema.meta, [{"key": key, "value": value}])
