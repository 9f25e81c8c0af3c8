"""Forget a person: delete everything except hashes that keep a sync from bringing them back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from people.store import follow_ups, frame_cache, wanted
from people.store.db import schema, values
from people.store.db.bulk import among, fetch_in, record_id, rows_of
from people.store.ingest import rows
from people.store.ingest.forgotten import remember_to_forget
from people.store.resolving import persons
from people.tasks import FollowUp
from people.types import Contact


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What was deleted, and what remains elsewhere: tasks in the sink, journal lines in the file."""

    records: int
    tasks: tuple[FollowUp, ...]
    journal_places: tuple[str, ...]


def forget(connection: sa.Connection, person: str, now: datetime) -> Forgetting:
    """Delete everything about ``person`` in the caller's transaction."""
    ids = persons.ids_of(connection, person)
    living = persons.contacts_of(connection, person)
    emails = _own_emails(connection, person, {email for card in living for email in card.emails})
    cards = [*living, *_tombstones(connection, emails)]
    places, lines = _journal(connection, person)
    marks = [*(f"record:{card.record}" for card in cards), *(f"email:{email}" for email in emails)]
    remember_to_forget(connection, [*marks, *(f"record:{line}" for line in lines)], now)
    tasks = follow_ups.delete_for(connection, ids)
    wanted.forget(connection, ids)
    _delete_cards(connection, [card.record for card in cards])
    for theirs in among(schema.attendees.c.email, sorted(emails)):
        connection.execute(sa.delete(schema.attendees).where(theirs))
    for organised in among(schema.meetings.c.organizer, sorted(emails)):
        connection.execute(sa.update(schema.meetings).where(organised).values(organizer=None))
    for key in (values.PEOPLE, values.CALENDAR, values.JOURNAL):
        values.count_up(connection, key)
    values.put(connection, values.NAMED, "{}")
    frame_cache.drop(connection)
    for table in (schema.person_emails, schema.person_names, schema.person_aliases, schema.identity_events):
        connection.execute(sa.delete(table).where(table.c.person_id == person))
    connection.execute(sa.delete(schema.people).where(schema.people.c.id == person))
    return Forgetting(len(living), tuple(tasks), places)


def _own_emails(connection: sa.Connection, person: str, emails: set[str]) -> set[str]:
    """Return the addresses that nobody else has: a shared one belongs to the others too."""
    table = schema.person_emails.c
    others = sa.select(table.email).where(table.person_id != person)
    return emails - {row.email for row in fetch_in(connection, others, table.email, emails)}


def _tombstones(connection: sa.Connection, emails: set[str]) -> list[Contact]:
    """Return gone or rejected cards that still contain one of these addresses."""
    table = schema.contacts
    found = {}
    for email in sorted(emails):
        query = sa.select(table.c.doc).where(
            table.c.gone_at.is_not(None) | table.c.rejected, table.c.doc.contains(email, autoescape=True)
        )
        for row in connection.execute(query):
            card = rows.contact_of(row)
            if email in card.emails:
                found[card.record] = card
    return list(found.values())


def _journal(connection: sa.Connection, person: str) -> tuple[tuple[str, ...], list[str]]:
    """Delete the journal lines about the person; return their places and record keys."""
    table = schema.journal
    theirs = (table.c.person_id == person) | (table.c.other_id == person)
    found = connection.execute(sa.select(table).where(theirs)).all()
    connection.execute(sa.delete(table).where(theirs))
    places = tuple(f"{row.file or row.source}:{row.line}" for row in found)
    return places, [f"{row.source}:{row.source_id}" for row in found]


def _delete_cards(connection: sa.Connection, records: list[str]) -> None:
    contacts, pairs = schema.contacts, schema.open_pairs
    for theirs in rows_of(contacts, map(record_id, records)):
        connection.execute(sa.delete(contacts).where(theirs))
    for theirs in (*among(pairs.c.a, records), *among(pairs.c.b, records)):
        connection.execute(sa.delete(pairs).where(theirs))
