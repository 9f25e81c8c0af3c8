"""Introductions that the user has dismissed. They survive merges of people."""

from __future__ import annotations

import json
from datetime import date

import sqlalchemy as sa

from people.store.db import values
from people.store.resolving import persons

_KEY = "introductions.dismissed"


def listed(connection: sa.Connection) -> dict[tuple[str, str], date]:
    """Return the dismissed pairs (surviving ids, in order) and the day of each dismissal."""
    found: dict[tuple[str, str], date] = {}
    rows: list[list[str]] = json.loads(values.get(connection, _KEY) or "[]")
    aliases = persons.surviving(connection) if rows else {}
    for one, other, day in rows:
        first, second = sorted((aliases.get(one, one), aliases.get(other, other)))
        found[first, second] = date.fromisoformat(day)
    return found


def put(connection: sa.Connection, one: str, other: str, today: date) -> None:
    """Dismiss the introduction of these two people."""
    pairs = listed(connection)
    first, second = sorted((one, other))
    pairs.setdefault((first, second), today)
    _save(connection, pairs)


def remove(connection: sa.Connection, one: str, other: str) -> None:
    """Delete a dismissal, if there is one."""
    pairs = listed(connection)
    first, second = sorted((one, other))
    pairs.pop((first, second), None)
    _save(connection, pairs)


def _save(connection: sa.Connection, pairs: dict[tuple[str, str], date]) -> None:
    rows = [[one, other, day.isoformat()] for (one, other), day in sorted(pairs.items())]
    values.put(connection, _KEY, json.dumps(rows))
