"""What a resolution asks of a store: the records as they are now, and the people as they were before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from people.identity.cards.record import Record
from people.identity.ids import follow

Key = tuple[str, ...]
"""One block key, or two that a record must both have."""


class EarlierPeople(Protocol):
    """The people before a resolution."""

    def people_of(self, records: Collection[str]) -> Mapping[str, str]:
        """The person of each record; includes deleted records, leaves out new ones."""

    def records_of(self, people: Collection[str]) -> Collection[str]:
        """All records of these people."""

    def born(self, person: str) -> int:
        """The run in which an id was first given; any number that grows with time will do."""

    def taken(self, person: str) -> bool:
        """Whether an id belongs to a person or is an alias."""


class Index(EarlierPeople, Protocol):
    """A store to resolve changes in: the earlier people, and the records after the change."""

    def records(self, keys: Collection[str]) -> Mapping[str, Record]:
        """The records that exist, by record key."""

    def members(self, keys: Collection[Key], limit: int) -> Mapping[Key, Collection[str]]:
        """For each key, up to ``limit`` record keys that have it (or both, if it is a pair)."""


class KnownPeople:
    """``EarlierPeople`` in memory.

    ``people`` maps record keys to persons, ``aliases`` old ids to surviving ones, ``born`` ids to runs.
    """

    def __init__(
        self,
        people: Mapping[str, str] | None = None,
        aliases: Mapping[str, str] | None = None,
        born: Mapping[str, int] | None = None,
    ) -> None:
        self.aliases = dict(aliases or {})
        self.births = dict(born or {})
        self.people: dict[str, str] = {}
        self.persons: dict[str, set[str]] = {}
        for key, person in (people or {}).items():
            survivor = follow(self.aliases, person)
            self.people[key] = survivor
            self.persons.setdefault(survivor, set()).add(key)

    def people_of(self, records: Collection[str]) -> Mapping[str, str]:
        """See ``EarlierPeople``."""
        return {key: self.people[key] for key in records if key in self.people}

    def records_of(self, people: Collection[str]) -> Collection[str]:
        """See ``EarlierPeople``."""
        return {key for person in people for key in self.persons.get(person, ())}

    def born(self, person: str) -> int:
        """See ``EarlierPeople``."""
        return self.births.get(person, 0)

    def taken(self, person: str) -> bool:
        """See ``EarlierPeople``."""
        return person in self.aliases or bool(self.persons.get(person))
