"""The store as identity sees it: records by block key, and their people so far."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from people.identity.cards.record import Record, record_from_contact
from people.identity.index import Key
from people.store.db import schema
from people.store.db.bulk import chunks, insert_tuples, record_id, rows_of
from people.store.ingest import rows

_contacts, _keys = schema.contacts, schema.contact_keys
_people, _aliases = schema.people, schema.person_aliases


def live() -> sa.ColumnElement[bool]:
    """The condition for rows of ``contacts`` to be records: neither gone nor rejected."""
    return _contacts.c.gone_at.is_(None) & ~_contacts.c.rejected


_TOGETHER = 8
"""Keys or records per query. The length is fixed so that each statement is compiled once."""


def _these_records() -> sa.Select[Any]:
    """``_TOGETHER`` rows of ``contacts`` by record key: the person of each, and the card where it is live."""
    # With live() as a condition, SQLite reads all live rows of the source; with pairs in one IN, it
    # reads all rows.
    same = (
        sa.and_(
            _contacts.c.source == sa.bindparam(f"source{at}"),
            _contacts.c.source_id == sa.bindparam(f"id{at}"),
        )
        for at in range(_TOGETHER)
    )
    doc = sa.case((live(), _contacts.c.doc)).label("doc")
    return sa.select(_contacts.c.source, _contacts.c.source_id, _contacts.c.person_id, doc).where(
        sa.or_(*same)
    )


def _first_members() -> sa.CompoundSelect[tuple[str, ...]]:
    """The first ``most`` records of each of ``_TOGETHER`` keys, ``key0`` and so on.

    Each key has its own limit, so that only the first records of a large block are read.
    """
    columns = (_keys.c.key, _keys.c.source, _keys.c.source_id)
    found = []
    for at in range(_TOGETHER):
        query = sa.select(*columns).where(_keys.c.key == sa.bindparam(f"key{at}"))
        query = query.order_by(_keys.c.source, _keys.c.source_id).limit(sa.bindparam("most"))
        found.append(sa.select(query.subquery(f"block{at}")))
    return sa.union_all(*found)


# One new card needs half a dozen of these, and compiling such a query takes longer than running it.
_RECORDS = _these_records()
_RECORDS_OF = sa.select(_contacts.c.person_id, _contacts.c.source, _contacts.c.source_id).where(
    _contacts.c.person_id.in_(sa.bindparam("values", expanding=True))
)
_BLOCKS = _first_members()
_BORN = sa.select(_people.c.born).where(_people.c.id == sa.bindparam("person"))
_TAKEN = sa.union_all(
    sa.select(_people.c.id).where(_people.c.id == sa.bindparam("person")),
    sa.select(_aliases.c.alias).where(_aliases.c.alias == sa.bindparam("person")),
).limit(1)


class StoreIndex:
    """``people.identity.resolve.Index`` on an open connection. ``region`` is for phone numbers.

    It remembers what it has read, so it serves one resolution and must not be used after that is written.
    """

    def __init__(self, connection: sa.Connection, region: str) -> None:
        self._connection = connection
        self._region = region
        self._records: dict[str, Record | None] = {}
        self._people: dict[str, str] = {}
        self._held: dict[str, list[str]] = {}

    def records(self, keys: Collection[str]) -> Mapping[str, Record]:
        """See ``Index``."""
        self._read(keys)
        return {key: record for key in keys if (record := self._records[key])}

    def members(self, keys: Collection[Key], limit: int) -> Mapping[Key, Collection[str]]:
        """See ``Index``."""
        single = [key[0] for key in keys if len(key) == 1]
        found: dict[Key, Collection[str]] = {key: self._both(key, limit) for key in keys if len(key) > 1}
        for text, members in self._blocks(single, limit).items():
            found[(text,)] = members
        return found

    def _blocks(self, texts: Collection[str], limit: int) -> dict[str, list[str]]:
        blocks: dict[str, list[str]] = {text: [] for text in texts}
        for batch in chunks(sorted(blocks), _TOGETHER):
            # Filled up with keys that no record has, because the statement has a fixed length.
            asked = {f"key{at}": batch[at] if at < len(batch) else "" for at in range(_TOGETHER)}
            for row in self._connection.execute(_BLOCKS, {**asked, "most": limit}):
                blocks[row.key].append(f"{row.source}:{row.source_id}")
        return blocks

    def _both(self, key: Key, limit: int) -> list[str]:
        first, *others = (_keys.alias() for _ in key)
        query = sa.select(first.c.source, first.c.source_id).where(first.c.key == key[0])
        for table, text in zip(others, key[1:], strict=True):
            same = (table.c.source == first.c.source) & (table.c.source_id == first.c.source_id)
            query = query.join(table, same).where(table.c.key == text)
        query = query.order_by(first.c.source, first.c.source_id).limit(limit)
        return [f"{row.source}:{row.source_id}" for row in self._connection.execute(query)]

    def people_of(self, records: Collection[str]) -> Mapping[str, str]:
        """See ``Index``."""
        self._read(records)
        return {key: self._people[key] for key in records if key in self._people}

    def records_of(self, people: Collection[str]) -> Collection[str]:
        """See ``Index``."""
        missing = sorted(person for person in people if person not in self._held)
        self._held.update({person: [] for person in missing})
        for batch in chunks(missing):
            for row in self._connection.execute(_RECORDS_OF, {"values": batch}):
                self._held[row.person_id].append(f"{row.source}:{row.source_id}")
        return {key for person in people for key in self._held[person]}

    def born(self, person: str) -> int:
        """See ``Index``."""
        return self._connection.scalar(_BORN, {"person": person}) or 0

    def taken(self, person: str) -> bool:
        """See ``Index``."""
        return self._connection.scalar(_TAKEN, {"person": person}) is not None

    def _read(self, keys: Iterable[str]) -> None:
        """Read the rows of these record keys, unless they were read before; remember missing ones too."""
        missing = [key for key in keys if key not in self._records]
        self._records.update(dict.fromkeys(missing))
        for batch in chunks(missing, _TOGETHER):
            # Filled up with the last key, because the statement has a fixed length.
            asked = {}
            for at in range(_TOGETHER):
                asked[f"source{at}"], asked[f"id{at}"] = record_id(batch[min(at, len(batch) - 1)])
            for row in self._connection.execute(_RECORDS, asked):
                key = f"{row.source}:{row.source_id}"
                if row.person_id is not None:
                    self._people[key] = row.person_id
                if row.doc is not None:
                    self._records[key] = record_from_contact(rows.contact_of(row), self._region)


def save_keys(connection: sa.Connection, keyed: Iterable[tuple[str, Iterable[str]]]) -> None:
    """Insert the block keys of records that have none in the store, given as (record key, block keys)."""
    insert_tuples(connection, _keys, ((text, *record_id(record)) for record, keys in keyed for text in keys))


def by_record(
    connection: sa.Connection, query: sa.Select[tuple[str, ...]], records: Iterable[str]
) -> Iterable[sa.Row[tuple[str, ...]]]:
    """Run a query on ``contacts`` for these record keys."""
    for theirs in rows_of(_contacts, map(record_id, records)):
        yield from connection.execute(query.where(theirs))
