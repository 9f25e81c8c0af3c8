"""Open pairs, splits and history: what the user reviews and decides about identities."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from people.identity.weighing.weights import AUTO, PRIOR, REVIEW
from people.store.db import schema
from people.store.db.bulk import among, count
from people.store.ingest.rows import contact_of
from people.store.resolving import persons
from people.store.resolving.index import by_record, live
from people.types import Contact


@dataclass(frozen=True, slots=True)
class OpenPair:
    """Two cards that may be one person, with the evidence for and against it, strongest first."""

    a: Contact
    b: Contact
    person_a: str | None
    person_b: str | None
    bits: float
    evidence: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A merge or split. ``at`` is UTC; ``person`` survives or is new, ``other`` is the other side."""

    at: datetime
    kind: str
    person: str
    other: str
    records: tuple[str, ...]
    evidence: tuple[str, ...]


def worth_asking(connection: sa.Connection) -> sa.ColumnElement[bool]:
    """The condition for open pairs to show: all except those that chance alone produces in a large book.

    Evidence is weighed as for a book of 8,192 cards (``weights.PRIOR``, 13 bits). Each further doubling
    makes any two cards one bit less likely to be one person. All pairs are stored nevertheless, so that
    the order of the cards does not matter.
    """
    cards = count(connection, schema.contacts, live()) or 1
    return schema.open_pairs.c.bits >= min(AUTO, max(REVIEW, int(math.log2(cards) + PRIOR)))


def open_pairs(
    connection: sa.Connection, *, of: Collection[str] | None = None, limit: int | None = None
) -> list[OpenPair]:
    """Return the pairs that wait for the user, best first: all, those of the people ``of``, or the first."""
    table = schema.open_pairs
    found = [
        row
        for query in _pairs_of(connection, of)
        for row in connection.execute(query.order_by(table.c.bits.desc(), table.c.a, table.c.b).limit(limit))
    ]
    rows = sorted({(row.a, row.b): row for row in found}.values(), key=lambda r: (-r.bits, r.a, r.b))
    keys = {key for row in rows for key in (row.a, row.b)}
    card = schema.contacts.c
    held = by_record(connection, sa.select(card.source, card.source_id, card.person_id, card.doc), keys)
    cards = {f"{row.source}:{row.source_id}": (contact_of(row), row.person_id) for row in held}
    pairs = []
    for row in rows:
        if row.a in cards and row.b in cards:
            doc = json.loads(row.doc)
            (a, person_a), (b, person_b) = cards[row.a], cards[row.b]
            why = tuple(doc["evidence"]), doc["reason"]
            pairs.append(OpenPair(a, b, person_a, person_b, row.bits, *why))
    return pairs


def _pairs_of(
    connection: sa.Connection, people: Collection[str] | None
) -> Iterator[sa.Select[tuple[Any, ...]]]:
    table, shown = schema.open_pairs, worth_asking(connection)
    if people is None:
        yield sa.select(table).where(shown)
        return
    records = sorted(key for keys in persons.records(connection, people).values() for key in keys)
    for theirs in (*among(table.c.a, records), *among(table.c.b, records)):
        yield sa.select(table).where(theirs, shown)


def owners_of(connection: sa.Connection, records: Collection[str]) -> dict[str, str]:
    """Map each of these record keys to its person."""
    table = schema.contacts.c
    query = sa.select(table.source, table.source_id, table.person_id).where(table.person_id.is_not(None))
    return {f"{row.source}:{row.source_id}": row.person_id for row in by_record(connection, query, records)}


def parted(connection: sa.Connection) -> dict[str, set[str]]:
    """Map each person to those who were once the same person, and no longer are."""
    table, lives_as = schema.identity_events, persons.surviving(connection)
    found: dict[str, set[str]] = {}
    for doc in connection.scalars(sa.select(table.c.doc).where(table.c.kind == "split")):
        event = json.loads(doc)
        one, other = (lives_as.get(event[side], event[side]) for side in ("person", "other"))
        if one != other:
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return found


def history(connection: sa.Connection, person: str) -> list[HistoryEntry]:
    """Return all merges and splits of a person, oldest first."""
    table = schema.identity_events
    ids = set(persons.ids_of(connection, person))
    rows = connection.execute(sa.select(table).order_by(table.c.id))
    events: list[tuple[datetime, dict[str, Any]]] = [(row.at, json.loads(row.doc)) for row in rows]
    return [
        HistoryEntry(
            at, doc["kind"], doc["person"], doc["other"], tuple(doc["records"]), tuple(doc["evidence"])
        )
        for at, doc in events
        if ids & {doc["person"], doc["other"]}
    ]
