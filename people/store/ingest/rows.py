"""Convert boundary types to table rows and back, and the small writes of a page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from people.days import start_of
from people.store.db import schema
from people.store.db.bulk import RecordId, count, rows_of, update_each, upsert
from people.types import Contact, JournalLine, Meeting, Trust

_ELSEWHERE = ("attendees", "start", "end")
"""Fields of a meeting that its row holds under another name, or that are rows of their own."""

_NOT_CONTENT = {"revised_at", "file", "index", "raw_hash", "issues", "etag"}


def canonical_hash(contact: Contact) -> str:
    """Return the SHA-256 (hex) of a contact's content, with its lists sorted: equal for equal content.

    Its revision date, place and issues are left out, as are fields at their default, so that a field added
    in a later version changes no hash.
    """
    content = contact.model_dump(mode="json", exclude=_NOT_CONTENT, exclude_defaults=True)
    for name, value in content.items():
        if isinstance(value, list) and len(value) > 1:
            content[name] = sorted(value, key=partial(json.dumps, sort_keys=True))
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def contact_row(contact: Contact, *, derived: bool = False) -> dict[str, Any]:
    """Return the row of ``contacts`` without its person, which stays as it was."""
    return {
        "source": contact.source,
        "source_id": contact.source_id,
        "kind": contact.kind,
        "hash": canonical_hash(contact),
        "raw_hash": contact.raw_hash,
        "doc": contact.model_dump_json(exclude_defaults=True),
        "rejected": contact.rejected,
        "derived": derived,
        "gone_at": None,
    }


def meeting_row(meeting: Meeting, content_hash: str) -> dict[str, Any]:
    """Return the row of ``meetings``, without its guests."""
    # Its other fields are plain values, so they need no dump, which takes as long as all the rest of a row.
    row: dict[str, Any] = {
        **vars(meeting),
        "hash": content_hash,
        "start_at": meeting.start,
        "end_at": meeting.end,
        "labels": json.dumps(meeting.labels) if meeting.labels else "[]",
        "gone_at": None,
    }
    for name in _ELSEWHERE:
        del row[name]
    return row


def renew_raw_hashes(connection: sa.Connection, meetings: Sequence[Meeting]) -> None:
    """Store the new raw hashes of meetings whose content is the same as before."""
    values = {(m.source, m.source_id): m.raw_hash for m in meetings}
    update_each(connection, schema.meetings, "raw_hash", values)


def journal_row(line: JournalLine) -> dict[str, Any]:
    """Return the row of ``journal``; its people are looked up later."""
    return line.model_dump(exclude={"group"}) | {
        "hash": short_hash(line.model_dump_json(exclude={"line"})),
        "grp": line.group,
        "hours": None if line.hours is None else str(line.hours),
        "amount": None if line.amount is None else str(line.amount),
        "gone_at": None,
    }


def short_hash(text: str) -> str:
    """Return the first 128 bits (hex) of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def save_attendees(connection: sa.Connection, meetings: Sequence[Meeting]) -> None:
    """Replace the guest lists of ``meetings``; of equal ids the last one counts."""
    latest = {(m.source, m.source_id): m for m in meetings}
    table = schema.attendees
    for theirs in rows_of(table, latest):
        connection.execute(sa.delete(table).where(theirs))
    guests: dict[tuple[str, str, str], dict[str, Any]] = {}
    for (source, source_id), meeting in latest.items():
        for guest in meeting.attendees:
            if (key := (source, source_id, guest.email)) not in guests:
                guests[key] = {"source": source, "source_id": source_id, **vars(guest)}
    upsert(connection, table, list(guests.values()))


def rekey(connection: sa.Connection, source: str, old: str, new: str) -> None:
    """Give a record its new id, with its person and follow-ups. If the new id is taken, do nothing."""
    contacts, keys, tasks = schema.contacts, schema.contact_keys, schema.follow_ups

    def at(table: sa.Table, source_id: str) -> sa.ColumnElement[bool]:
        return (table.c.source == source) & (table.c.source_id == source_id)

    either = at(contacts, old) | at(contacts, new)
    known = set(connection.scalars(sa.select(contacts.c.source_id).where(either)))
    if old not in known or new in known:
        return
    connection.execute(sa.delete(keys).where(at(keys, old)))
    connection.execute(sa.update(contacts).where(at(contacts, old)).values(source_id=new, resolved=None))
    moved = sa.update(tasks).where(tasks.c.record == f"{source}:{old}")
    connection.execute(moved.values(record=f"{source}:{new}"))


def mark_gone(connection: sa.Connection, table: sa.Table, records: Iterable[RecordId], now: datetime) -> None:
    """Turn rows into tombstones: each stays, with the instant at which it was missing."""
    for theirs in rows_of(table, sorted(records)):
        connection.execute(sa.update(table).where(theirs).values(gone_at=now))


def live_count(connection: sa.Connection, table: sa.Table, source: str) -> int:
    """Count what the store holds from a source, without the contacts that were made of guest lists."""
    theirs = (table.c.source == source) & table.c.gone_at.is_(None)
    return count(connection, table, theirs & ~table.c.derived if table is schema.contacts else theirs)


def upsert_source(connection: sa.Connection, source: str, values: dict[str, Any]) -> None:
    """Write some columns of the source's row, which is created if missing."""
    table = schema.sources
    changed = connection.execute(sa.update(table).where(table.c.name == source).values(**values))
    if changed.rowcount == 0:
        connection.execute(sa.insert(table).values(name=source, **({"problems": "[]"} | values)))


def trusts(connection: sa.Connection) -> dict[str, Trust]:
    """How much each source is trusted, by name."""
    table = schema.sources
    return {row.name: Trust(row.trust) for row in connection.execute(sa.select(table.c.name, table.c.trust))}


def ends_on_or_after(day: date) -> sa.ColumnElement[bool]:
    """Whether a meeting ends on or after ``day`` in UTC; the window's edge needs no zone."""
    instant = start_of(day)
    meetings = schema.meetings.c
    return sa.or_(meetings.end_at >= instant, meetings.end_date > day)


def contact_of(row: sa.Row[Any]) -> Contact:
    """Return the contact of a row with ``doc``."""
    return Contact.model_validate_json(row.doc)
