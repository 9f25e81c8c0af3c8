"""What a source need not read again, by the hashes of what it was read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

import sqlalchemy as sa

from people.store.db import schema
from people.store.db.database import Store

T = TypeVar("T")


class OnDemand(Mapping[str, T]):
    """A mapping that is read from the store when it is first asked.

    Where a cursor shows that nothing changed, nobody asks.
    """

    def __init__(self, load: Callable[[], dict[str, T]]) -> None:
        self._load = load

    @cached_property
    def _found(self) -> dict[str, T]:
        return self._load()

    def __getitem__(self, key: str) -> T:
        return self._found[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def hashes(store: Store, source: str) -> Mapping[str, str]:
    """Map the raw hash of every card that the store holds from ``source`` to its source id."""
    return OnDemand(lambda: dict(_rows(store, schema.contacts, source)))


def events(store: Store, source: str) -> Mapping[str, Sequence[str]]:
    """Map the raw hash of every event of ``source`` to the source ids of its meetings."""

    def load() -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for raw_hash, source_id in _rows(store, schema.meetings, source):
            found.setdefault(raw_hash, []).append(source_id)
        return found

    return OnDemand(load)


def _rows(store: Store, table: sa.Table, source: str) -> list[tuple[str, str]]:
    query = sa.select(table.c.raw_hash, table.c.source_id).where(
        table.c.source == source, table.c.gone_at.is_(None), table.c.raw_hash.is_not(None)
    )
    with store.read() as connection:
        return [(row.raw_hash, row.source_id) for row in connection.execute(query)]
