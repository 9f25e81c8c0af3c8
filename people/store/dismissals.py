"""What the user has dismissed: introductions, which survive merges of people, and threads of mail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa

from people.facts.introductions import Key, pair_of
from people.store.db import schema, values
from people.store.db.bulk import upsert
from people.store.resolving import persons

_KEY = "introductions.dismissed"


def listed(connection: sa.Connection) -> dict[Key, date]:
    """Return the dismissed pairs (surviving ids, in order) and the day of each dismissal."""
    found: dict[Key, date] = {}
    rows: list[list[str]] = json.loads(values.get(connection, _KEY) or "[]")
    aliases = persons.surviving(connection) if rows else {}
    for one, other, day in rows:
        found[pair_of(aliases.get(one, one), aliases.get(other, other))] = date.fromisoformat(day)
    return found


def put(connection: sa.Connection, one: str, other: str, today: date) -> None:
    """Dismiss the introduction of these two people."""
    pairs = listed(connection)
    pairs.setdefault(pair_of(one, other), today)
    _save(connection, pairs)


def remove(connection: sa.Connection, one: str, other: str) -> None:
    """Delete a dismissal, if there is one."""
    pairs = listed(connection)
    pairs.pop(pair_of(one, other), None)
    _save(connection, pairs)


def _save(connection: sa.Connection, pairs: dict[Key, date]) -> None:
    rows = [[one, other, day.isoformat()] for (one, other), day in sorted(pairs.items())]
    values.put(connection, _KEY, json.dumps(rows))


def dismiss_threads(connection: sa.Connection, until: Mapping[int, datetime]) -> None:
    """Let threads of mail wait for nobody, each up to its instant. A later mail of a thread waits again."""
    rows = [{"thread": thread, "until": int(at.timestamp())} for thread, at in until.items()]
    upsert(connection, schema.dismissed_threads, rows)
