"""Candidates: the people that a name, an address or a number may mean, with what tells them apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from flows.run.look import look
from flows.settings.model import Settings
from people.store import Connection, Store, lookup
from people.text import one_line

MOST = 9
"""The most candidates that are shown; each has a digit on the keyboard."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person that a text may mean. ``last_contact`` is a day in the user's zone."""

    id: str
    name: str
    organisation: str | None = None
    tier: str | None = None
    last_contact: date | None = None
    email: str | None = None


def candidates(settings: Settings, store: Store, today: date | None, ids: Collection[str]) -> list[Candidate]:
    """Return the active people of ``ids``, those in touch last first, at most ``MOST``."""
    if not ids:
        return []
    judged = look(settings, store, today, ids=set(ids)).judgement.frame
    found = [
        Candidate(
            id=row["id"],
            name=one_line(row["name"] or row["id"]),
            organisation=row["organisation"],
            tier=row["tier"],
            last_contact=row["last_contact"],
            email=next(iter(row["emails"]), None),
        )
        for row in judged.iter_rows(named=True)
    ]
    found.sort(key=lambda one: (-(one.last_contact or date.min).toordinal(), one.name, one.id))
    return found[:MOST]


def meant(connection: Connection, who: str) -> set[str]:
    """Return the ids of the people that ``who`` may mean.

    They have this name, e-mail, id or record key; or else every word of it; or else a word of the name.
    """
    exact = lookup.exactly(connection, [who])[who]
    return exact or ids_of(lookup.search(connection, who)) or ids_of(lookup.near(connection, who))


def known_as(
    connection: Connection, name: str, emails: Iterable[str], phones: Iterable[str], region: str
) -> set[str]:
    """Return the ids of the people with this full name, or one of these addresses or numbers."""
    found = lookup.exactly(connection, [name, *emails])
    numbers = lookup.with_phones(connection, phones, region)
    return set().union(numbers, *found.values())


def unique_text(connection: Connection, person: Candidate) -> str:
    """Return a text that means this person alone: the name, else the e-mail address, else the id."""
    texts = [person.name, *filter(None, [person.email])]
    found = lookup.exactly(connection, texts)
    return next((text for text in texts if found[text] == {person.id}), person.id)


def ids_of(found: Iterable[lookup.Candidate]) -> set[str]:
    """Return the ids of what ``lookup`` found."""
    return {one.id for one in found}
