"""Make records with their block keys, and profiles, from many stored cards at a time.

Worker processes import this module. They start sooner because it imports no database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from people.identity.cards.record import Record, record_from_contact
from people.identity.keys import keys_of
from people.identity.profile import merge_profile
from people.text import fold
from people.types import Contact, Trust

Packed = tuple[tuple[Any, ...], list[str]]
"""A record's fields and its block keys: a tuple passes between processes in a fifth of a record's time."""


class Merged(NamedTuple):
    """The row of one person that is made of their cards, and the texts that lead to it."""

    row: dict[str, str | None]
    emails: tuple[str, ...]
    names: tuple[str, ...]


def records_of(docs: Sequence[str], region: str) -> list[Packed]:
    """Return the packed records of contacts given as JSON (see ``unpacked``)."""
    records = (record_from_contact(Contact.model_validate_json(doc), region) for doc in docs)
    return [(_FIELDS(record), keys_of(record)) for record in records]


_FIELDS: attrgetter[tuple[Any, ...]] = attrgetter(*Record.__slots__)
_SETTERS = [getattr(Record, name).__set__ for name in Record.__slots__]


def unpacked(fields: tuple[Any, ...]) -> Record:
    """Make the record with these fields without computing any of them again."""
    record = object.__new__(Record)
    for put, value in zip(_SETTERS, fields, strict=True):
        put(record, value)
    return record


class Cards(NamedTuple):
    """A person's contacts as JSON; ``trust``, by record key, of those that are not the user's own."""

    person: str
    docs: list[str]
    trust: dict[str, Trust]


def merge(people: Sequence[Cards], region: str) -> list[Merged]:
    """Return the profiles of people, given their ids and their contacts as JSON."""
    return [
        _merged(person, [Contact.model_validate_json(doc) for doc in docs], region, trust)
        for person, docs, trust in people
    ]


def _merged(person: str, cards: Sequence[Contact], region: str, trust: Mapping[str, Trust]) -> Merged:
    profile = merge_profile(cards, region, trust)
    searchable = [profile.name, profile.organisation, *profile.emails, *profile.labels]
    names = {fold(text) for text in (profile.name, *(card.name for card in cards)) if text}
    row = {
        "id": person,
        "profile": profile.model_dump_json(),
        "name": profile.name,
        "folded": fold(" ".join(text for text in searchable if text)),
        "anchor": profile.origin.get("name"),
    }
    return Merged(row, profile.emails, tuple(sorted(names)))
