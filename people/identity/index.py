"""What resolution asks of a store, and the same over records in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from people.identity.ids import follow
from people.identity.keys import keys_of
from people.identity.record import Record
from people.identity.result import Resolution

Key = tuple[str, ...]
"""One block key, or two of which a record must have both."""


class Index(Protocol):
    """What resolution asks of a store. All of it as of after the change, save where it says *before*."""

    def records(self, keys: Collection[str]) -> Mapping[str, Record]:
        """The records that exist, by record key."""
        ...

    def members(self, keys: Collection[Key], limit: int) -> Mapping[Key, Collection[str]]:
        """For each key, up to ``limit`` record keys that have it (both, where it is a pair)."""
        ...

    def people_of(self, records: Collection[str]) -> Mapping[str, str]:
        """The person of each record *before*, deleted records included; new ones are left out."""
        ...

    def records_of(self, people: Collection[str]) -> Collection[str]:
        """All records of these people *before*."""
        ...

    def born(self, person: str) -> int:
        """The run in which an id was first given; any order that lasts will do."""
        ...

    def taken(self, person: str) -> bool:
        """Whether an id is some record's person before, or an alias."""
        ...


class MemoryIndex:
    """An index over records in memory."""

    def __init__(
        self,
        records: Iterable[Record] = (),
        people: Mapping[str, str] | None = None,
        aliases: Mapping[str, str] | None = None,
        born: Mapping[str, int] | None = None,
    ) -> None:
        self.by_key: dict[str, Record] = {}
        self.blocks: dict[str, set[str]] = {}
        self.aliases = dict(aliases or {})
        self.births = dict(born or {})
        self.people: dict[str, str] = {}
        self.persons: dict[str, set[str]] = {}
        for record in records:
            self.put(record)
        for key, person in (people or {}).items():
            self.place(key, follow(self.aliases, person))

    def put(self, record: Record) -> None:
        """Add a record, or replace the one with its key."""
        self.drop(record.key)
        self.by_key[record.key] = record
        for text in keys_of(record):
            self.blocks.setdefault(text, set()).add(record.key)

    def drop(self, key: str) -> None:
        """Delete a record; its person stays known until the next resolution is kept."""
        record = self.by_key.pop(key, None)
        for text in keys_of(record) if record else ():
            held = self.blocks[text]
            held.discard(key)
            if not held:
                del self.blocks[text]

    def place(self, key: str, person: str | None) -> None:
        """Note a record's person, or forget it."""
        before = self.people.pop(key, None)
        if before is not None:
            self.persons[before].discard(key)
        if person is not None:
            self.people[key] = person
            self.persons.setdefault(person, set()).add(key)

    def keep(self, resolution: Resolution, run: int) -> None:
        """Take over a resolution, as a store does in one transaction."""
        self.aliases.update(resolution.aliases)
        self.births.update(dict.fromkeys(resolution.fresh, run))
        for key in resolution.touched:
            self.place(key, resolution.people.get(key))

    def records(self, keys: Collection[str]) -> Mapping[str, Record]:
        """See ``Index``."""
        return {key: self.by_key[key] for key in keys if key in self.by_key}

    def members(self, keys: Collection[Key], limit: int) -> Mapping[Key, Collection[str]]:
        """See ``Index``."""
        return {key: self._members(key, limit) for key in keys}

    def _members(self, key: Key, limit: int) -> Collection[str]:
        sets = sorted((self.blocks.get(text, set()) for text in key), key=len)
        found = sets[0].intersection(*sets[1:]) if len(sets) > 1 else sets[0]
        return found if len(found) <= limit else sorted(found)[:limit]

    def people_of(self, records: Collection[str]) -> Mapping[str, str]:
        """See ``Index``."""
        return {key: self.people[key] for key in records if key in self.people}

    def records_of(self, people: Collection[str]) -> Collection[str]:
        """See ``Index``."""
        return {key for person in people for key in self.persons.get(person, ())}

    def born(self, person: str) -> int:
        """See ``Index``."""
        return self.births.get(person, 0)

    def taken(self, person: str) -> bool:
        """See ``Index``."""
        return person in self.aliases or bool(self.persons.get(person))
