"""What a source need not read again: hashes of the text that stored records were read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TypeVar

import sqlalchemy as sa

from people.store.db import schema
from people.store.db.database import Store

T = TypeVar("T")
_REMEMBERED = timedelta(days=3)


class AlreadyRead(Mapping[str, T]):
    """A mapping by raw hash that is read from the store on first use.

    If a source's cursor shows that nothing changed, it is never used.
    """

    def __init__(self, load: Callable[[], dict[str, T]]) -> None:
        self._load = load

    @cached_property
    def _entries(self) -> dict[str, T]:
        return self._load()

    def __getitem__(self, key: str) -> T:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def hashes(store: Store, source: str) -> Mapping[str, str]:
    """Map the raw hash of every live card of ``source`` to its source id."""
    return AlreadyRead(lambda: dict(_rows(store, schema.contacts, source)))


def events(store: Store, source: str) -> Mapping[str, Sequence[str]]:
    """Map the raw hash of every live event of ``source`` to the source ids of its meetings."""

    def load() -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for raw_hash, source_id in _rows(store, schema.meetings, source):
            found.setdefault(raw_hash, []).append(source_id)
        return found

    return AlreadyRead(load)


def days(store: Store, source: str, now: datetime) -> Mapping[str, date]:
    """Map the source id of every journal line of ``source`` to its day.

    Lines that went missing within the last days are included, because a sync may empty a file for a while.
    """

    def load() -> dict[str, date]:
        table = schema.journal.c
        lately = table.gone_at.is_(None) | (table.gone_at > now - _REMEMBERED)
        query = sa.select(table.source_id, table.date).where(table.source == source, lately)
        with store.read() as connection:
            return {row.source_id: row.date for row in connection.execute(query)}

    return AlreadyRead(load)


def _rows(store: Store, table: sa.Table, source: str) -> list[tuple[str, str]]:
    query = sa.select(table.c.raw_hash, table.c.source_id).where(
        table.c.source == source, table.c.gone_at.is_(None), table.c.raw_hash.is_not(None)
    )
    with store.read() as connection:
        return [(row.raw_hash, row.source_id) for row in connection.execute(query)]
