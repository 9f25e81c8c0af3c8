"""The bulk lane in a store: who was merged because nobody else has the name, and whether that was undone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from people.identity.namesakes import WHY
from people.store.db import schema
from people.store.db import values as meta
from people.store.resolving import persons
from people.store.resolving.decisions import owners_of

_UNDONE, _SEEN = "identity_bulk_undone", "identity_bulk_seen"


@dataclass(frozen=True, slots=True)
class BulkMerge:
    """A person whose cards were merged in bulk; ``at`` is UTC, ``records`` are the record keys."""

    at: datetime
    person: str
    name: str
    records: tuple[str, ...]


def is_undone(connection: sa.Connection) -> bool:
    """Whether the user took the bulk lane back."""
    return meta.get(connection, _UNDONE) == "yes"


def undo(connection: sa.Connection, *, undone: bool) -> None:
    """Take the bulk lane back, or allow it again. The next resolution carries it out."""
    meta.put(connection, _UNDONE, "yes" if undone else "no")


def merges(connection: sa.Connection, *, unseen: bool = False) -> list[BulkMerge]:
    """Return the people merged in bulk who still are one, by name; with ``unseen`` those not shown yet."""
    table = schema.identity_events
    query = sa.select(table).where(table.c.kind != "split").order_by(table.c.id)
    if unseen:
        query = query.where(table.c.id > int(meta.get(connection, _SEEN) or 0))
    found: dict[str, tuple[datetime, set[str]]] = {}
    events = [(row.at, json.loads(row.doc)) for row in connection.execute(query)]
    events = [(at, doc) for at, doc in events if WHY in doc["evidence"]]
    owners = owners_of(connection, {key for _, doc in events for key in doc["records"]})
    for at, doc in events:
        one, other = (owners.get(key) for key in doc["records"])
        if one and one == other:
            found.setdefault(one, (at, set()))[1].update(doc["records"])
    names = persons.names_of(connection, found.keys())
    listed = [
        BulkMerge(at, one, names.get(one, one), tuple(sorted(keys))) for one, (at, keys) in found.items()
    ]
    return sorted(listed, key=lambda merge: (merge.name.casefold(), merge.person))


def mark_seen(connection: sa.Connection) -> None:
    """Note that the list was shown up to the latest event."""
    latest = connection.scalar(sa.select(sa.func.max(schema.identity_events.c.id)))
    meta.put(connection, _SEEN, str(latest or 0))
