"""Forgetting a person: everything goes but hashes that keep a sync from bringing them back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from people.store import follow_ups, persons, schema
from people.store.forgotten import remember_to_forget
from people.store.tables_io import chunks
from people.tasks import FollowUp


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What was removed: counts, the tasks that are still in the sink, and journal lines in the file."""

    records: int
    tasks: tuple[FollowUp, ...]
    journal_places: tuple[str, ...]


def forget(connection: sa.Connection, person: str, now: datetime) -> Forgetting:
    """Remove all of ``person`` from the store, in the caller's transaction."""
    cards = persons.contacts_of(connection, person)
    emails = {email for card in cards for email in card.emails}
    places, lines = _journal(connection, person)
    marks = [*(f"record:{card.record}" for card in cards), *(f"email:{email}" for email in emails)]
    remember_to_forget(connection, [*marks, *(f"record:{line}" for line in lines)], now)
    tasks = follow_ups.delete_for(connection, [person])
    _delete_cards(connection, [card.record for card in cards])
    attendees = schema.attendees
    for batch in chunks(sorted(emails)):
        connection.execute(sa.delete(attendees).where(attendees.c.email.in_(batch)))
    for table in (schema.person_emails, schema.person_names, schema.person_aliases, schema.identity_events):
        connection.execute(sa.delete(table).where(table.c.person_id == person))
    connection.execute(sa.delete(schema.people).where(schema.people.c.id == person))
    return Forgetting(len(cards), tuple(tasks), places)


def _journal(connection: sa.Connection, person: str) -> tuple[tuple[str, ...], list[str]]:
    """Delete the journal lines about the person; return their places and record keys."""
    table = schema.journal
    theirs = (table.c.person_id == person) | (table.c.other_id == person)
    found = connection.execute(sa.select(table).where(theirs)).all()
    connection.execute(sa.delete(table).where(theirs))
    places = tuple(f"{row.file or row.source}:{row.line}" for row in found)
    return places, [f"{row.source}:{row.source_id}" for row in found]


def _delete_cards(connection: sa.Connection, records: list[str]) -> None:
    table, pairs = schema.contacts, schema.open_pairs
    for record in records:
        source, _, source_id = record.partition(":")
        connection.execute(sa.delete(table).where(table.c.source == source, table.c.source_id == source_id))
        connection.execute(sa.delete(pairs).where((pairs.c.a == record) | (pairs.c.b == record)))
