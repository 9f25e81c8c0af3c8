"""What a person is known by in the store: ids, records, addresses, numbers and names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import sqlalchemy as sa

from people import mentions
from people.identity.profile import Profile
from people.phones import comparable
from people.store import lookup
from people.store.db import schema
from people.store.db.bulk import fetch_in
from people.store.ingest import rows
from people.store.resolving import persons
from people.text import fold
from people.types import Contact

_contacts, _people, _journal = schema.contacts, schema.people, schema.journal


@dataclass(frozen=True)
class Traces:
    """All that leads to one person. ``ids`` begins with the id that counts, then those merged into it.

    ``cards`` are theirs: living, gone and rejected ones, and those made from guest lists. ``lines`` are the
    record keys of journal lines about them, ``places`` where these stand in the file. ``emails`` (lower
    case), ``numbers`` (as on the cards) and ``names`` are those that nobody else has; ``shared`` are the
    marks of what others have too. ``sources`` have a card or a meeting of theirs.
    """

    ids: tuple[str, ...]
    name: str
    cards: tuple[Contact, ...]
    lines: frozenset[str]
    places: tuple[str, ...]
    emails: frozenset[str]
    numbers: frozenset[str]
    names: frozenset[str]
    shared: frozenset[str]
    sources: frozenset[str]
    region: str

    @property
    def records(self) -> frozenset[str]:
        """The record keys of the cards and of the journal lines."""
        return self.lines | {card.record for card in self.cards}

    def marks(self) -> frozenset[str]:
        """The marks (``people.mentions``) of names, addresses and numbers that are theirs alone."""
        found = [
            *map(mentions.email_mark, self.emails),
            *map(mentions.name_mark, self.names),
            *(mentions.number_mark(number, self.region) for number in self.numbers),
        ]
        return frozenset(filter(None, found))

    def sought(self) -> mentions.Sought:
        """What finds these marks in texts."""
        return mentions.Sought(self.marks(), self.region)


def of(connection: sa.Connection, person: str, region: str) -> Traces:
    """Gather what leads to ``person``. ``region`` is for numbers without a country."""
    ids = tuple(persons.ids_of(connection, person))
    cards = persons.contacts_of(connection, person)
    profiles = _profiles(connection, ids)
    own, shared = _told_apart(connection, ids, _Known.of([*cards, *profiles]), region)
    # A card that was deleted or rejected may add an old address.
    lost = list(_lost_cards(connection, own, region))
    known = _Known.of([*cards, *profiles, *lost])
    own, shared = _told_apart(connection, ids, known, region)
    lines = list(_lines(connection, ids, own))
    return Traces(
        ids=ids,
        name=persons.name_of(connection, person),
        cards=tuple({card.record: card for card in [*cards, *lost]}.values()),
        lines=frozenset(f"{row.source}:{row.source_id}" for row in lines),
        places=tuple(f"{row.file or row.source}:{row.line}" for row in lines if row.gone_at is None),
        emails=own.emails,
        numbers=own.numbers,
        names=own.names,
        shared=shared,
        sources=frozenset({card.source for card in [*cards, *lost]} | _talks(connection, own.emails)),
        region=region,
    )


def _talks(connection: sa.Connection, emails: Iterable[str]) -> set[str]:
    """The sources of the meetings and mails with these addresses."""
    address, name = schema.mail_addresses.c, schema.mail_names.c
    mails = (
        sa.select(name.name, address.email)
        .distinct()
        .join(schema.messages, schema.messages.c.source == name.id)
        .join(schema.counterparts, schema.counterparts.c.message == schema.messages.c.id)
        .join(schema.mail_addresses, address.id == schema.counterparts.c.address)
    )
    boxes = {row.name for row in fetch_in(connection, mails, address.email, sorted(emails))}
    guest = schema.attendees.c
    query = sa.select(guest.source, guest.email).distinct()
    return boxes | {row.source for row in fetch_in(connection, query, guest.email, sorted(emails))}


@dataclass(frozen=True)
class _Known:
    emails: frozenset[str]
    numbers: frozenset[str]
    names: frozenset[str]

    @classmethod
    def of(cls, found: Iterable[Contact | Profile]) -> _Known:
        cards = list(found)
        return cls(
            emails=frozenset(email.lower() for card in cards for email in card.emails),
            numbers=frozenset(number for card in cards for number in card.phones),
            names=frozenset(filter(None, chain.from_iterable(map(_names, cards)))),
        )


def _names(card: Contact | Profile) -> Iterator[str]:
    yield card.name or ""
    yield " ".join(filter(None, (card.given_name, card.family_name)))
    yield " ".join(filter(None, (card.given_name, card.middle_name, card.family_name)))


def _profiles(connection: sa.Connection, ids: Iterable[str]) -> list[Profile]:
    """The profiles of all ids: those that were merged away keep what they once said."""
    found = fetch_in(connection, sa.select(_people.c.id, _people.c.profile), _people.c.id, ids)
    return [Profile.model_validate_json(row.profile) for row in found]


def _told_apart(
    connection: sa.Connection, ids: Iterable[str], known: _Known, region: str
) -> tuple[_Known, frozenset[str]]:
    """Return what is theirs alone, and the marks of what somebody else has too."""
    theirs = set(ids)
    emails, names = schema.person_emails.c, schema.person_names.c
    found = fetch_in(connection, sa.select(emails.email, emails.person_id), emails.email, known.emails)
    shared = {row.email for row in found if row.person_id not in theirs}
    folded = {fold(name): name for name in known.names}
    query = sa.select(names.folded, names.person_id)
    namesakes = {
        row.folded for row in fetch_in(connection, query, names.folded, folded) if row.person_id not in theirs
    }
    numbers = {n for n in known.numbers if lookup.with_phones(connection, [n], region) - theirs}
    own = _Known(
        known.emails - shared,
        known.numbers - numbers,
        frozenset(name for name in known.names if fold(name) not in namesakes),
    )
    marks = [
        *map(mentions.email_mark, shared),
        *(mentions.number_mark(number, region) for number in numbers),
        *map(mentions.name_mark, namesakes),
    ]
    return own, frozenset(filter(None, marks))


def _lost_cards(connection: sa.Connection, own: _Known, region: str) -> Iterator[Contact]:
    """Yield gone or rejected cards with an address, a number or the full name that is theirs alone."""
    names = {mentions.name_mark(name) for name in own.names} - {None}
    numbers = {comparable(number, region) for number in own.numbers}
    query = sa.select(_contacts.c.doc).where(_contacts.c.gone_at.is_not(None) | _contacts.c.rejected)
    for row in connection.execute(query):
        card = rows.contact_of(row)
        if (
            own.emails & {*card.emails}
            or names & {mentions.name_mark(name) for name in _names(card)}
            or (numbers and numbers & {comparable(number, region) for number in card.phones})
        ):
            yield card


def _lines(
    connection: sa.Connection, ids: Iterable[str], own: _Known
) -> Iterator[sa.Row[tuple[object, ...]]]:
    """Yield the journal lines that name the person, those included that were not linked to anybody."""
    theirs, texts = set(ids), {fold(text) for text in (*own.names, *own.emails)}
    for row in connection.execute(sa.select(_journal)):
        linked = {row.person_id, row.other_id} & theirs
        if linked or {fold(text) for text in (row.person, row.other) if text} & texts:
            yield row
