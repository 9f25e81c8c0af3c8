"""A store of records in memory, for tests and benchmarks that resolve one change after another."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from people.identity import Record, Resolution, keys_of
from people.identity.index import Key, KnownPeople


class MemoryIndex(KnownPeople):
    """``people.identity.Index`` over records in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.by_key: dict[str, Record] = {}
        self.blocks: dict[str, set[str]] = {}

    def put(self, record: Record) -> None:
        """Add a record, or replace the one with its key."""
        self.drop(record.key)
        self.by_key[record.key] = record
        for text in keys_of(record):
            self.blocks.setdefault(text, set()).add(record.key)

    def drop(self, key: str) -> None:
        """Delete a record; its person stays known until ``keep``."""
        record = self.by_key.pop(key, None)
        for text in keys_of(record) if record else ():
            members = self.blocks[text]
            members.discard(key)
            if not members:
                del self.blocks[text]

    def keep(self, resolution: Resolution, run: int) -> None:
        """Take over a resolution, as a store does in one transaction."""
        self.aliases.update(resolution.aliases)
        self.births.update(dict.fromkeys(resolution.fresh, run))
        for key in resolution.touched:
            self._place(key, resolution.people.get(key))

    def _place(self, key: str, person: str | None) -> None:
        before = self.people.pop(key, None)
        if before is not None:
            self.persons[before].discard(key)
        if person is not None:
            self.people[key] = person
            self.persons.setdefault(person, set()).add(key)

    def records(self, keys: Collection[str]) -> Mapping[str, Record]:
        """See ``Index``."""
        return {key: self.by_key[key] for key in keys if key in self.by_key}

    def members(self, keys: Collection[Key], limit: int) -> Mapping[Key, Collection[str]]:
        """See ``Index``."""
        return {key: self._members(key, limit) for key in keys}

    def _members(self, key: Key, limit: int) -> Collection[str]:
        sets = sorted((self.blocks.get(text, set()) for text in key), key=len)
        members = sets[0].intersection(*sets[1:]) if len(sets) > 1 else sets[0]
        return members if len(members) <= limit else sorted(members)[:limit]
