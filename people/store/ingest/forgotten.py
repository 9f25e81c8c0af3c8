"""Hashes of forgotten people, which keep a sync from bringing them back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

import sqlalchemy as sa

from people import mentions
from people.phones import parse
from people.store.db import schema
from people.store.db.bulk import upsert
from people.text import fold
from people.types import Contact, JournalLine, Meeting, Message, Record

C = TypeVar("C", Meeting, JournalLine, Contact, Message)
Noted = TypeVar("Noted", JournalLine, Contact)
_TEXTS: dict[type[Record], tuple[str, ...]] = {
    Contact: ("note", "related", "custom", "extra"),
    JournalLine: ("note", "outcome", "group"),
    Meeting: ("title", "description", "location", "labels"),
    Message: ("subject", "folder", "list_id"),
}
"""What may name somebody beside the people of a record, as in ``people.store.one_person.tables``."""


@dataclass(frozen=True)
class Forgotten:
    """The hashes of what forgotten people were known by: record keys, addresses, numbers and full names.

    ``region`` is for telephone numbers without a country.
    """

    hashes: frozenset[str]
    region: str = ""

    @classmethod
    def load(cls, connection: sa.Connection, region: str = "") -> Forgotten:
        """Read all hashes: a few per forgotten person. The name of somebody who is here names only them."""
        hashes = frozenset(connection.scalars(sa.select(schema.forgotten.c.hash)))
        if not hashes:
            return cls(hashes, region)
        names = map(mentions.name_mark, connection.scalars(sa.select(schema.person_names.c.folded)))
        return cls(hashes - {tombstone(name) for name in names if name}, region)

    def holds(self, contact: Contact) -> bool:
        """Whether the contact belongs to a forgotten person."""
        return bool(self.hashes) and any(map(self.knows, marks_of(contact, self.region)))

    def holds_line(self, line: JournalLine) -> bool:
        """Whether the journal line is about a forgotten person."""
        if not self.hashes:
            return False
        named = (mark for text in (line.person, line.other) if text for mark in _of_text(text, self.region))
        return self.knows(f"record:{line.record}") or any(map(self.knows, named))

    def holds_email(self, email: str) -> bool:
        """Whether the address is a forgotten person's."""
        return bool(self.hashes) and self.knows(mentions.email_mark(email))

    def without(self, meeting: Meeting) -> Meeting:
        """Return the meeting without forgotten guests, and without what its texts say of them."""
        if not self.hashes:
            return meeting
        kept = tuple(guest for guest in meeting.attendees if not self.holds_email(guest.email))
        organizer = meeting.organizer
        changes: dict[str, object] = {}
        if len(kept) < len(meeting.attendees):
            changes["attendees"] = kept
        if organizer and self.holds_email(organizer):
            changes["organizer"] = None
        return self._silent(meeting, changes)

    def without_mention(self, change: Noted) -> Noted:
        """Return a card or journal line without what its texts say of forgotten people."""
        return self._silent(change, {}) if self.hashes else change

    def _silent(self, change: C, changes: dict[str, object]) -> C:
        for field in _TEXTS[type(change)]:
            value = getattr(change, field)
            if (silent := self._silenced(value)) != value:
                changes[field] = silent
        return change.model_copy(update=changes) if changes else change

    def _silenced(self, value: object) -> object:
        if isinstance(value, tuple):
            return tuple(map(self._silenced, value))
        return mentions.without(value, self.knows, self.region) if isinstance(value, str) else value

    def knows(self, mark: str) -> bool:
        """Whether this mark is a forgotten person's."""
        return tombstone(mark) in self.hashes

    def without_counterparts(self, message: Message) -> Message | None:
        """Return the message without forgotten people; None if it was with nobody else."""
        if not self.hashes:
            return message
        kept = tuple(one for one in message.counterparts if not self.holds_email(one.email))
        changes: dict[str, object] = {}
        if len(kept) < len(message.counterparts):
            changes["counterparts"] = kept
        return self._silent(message, changes) if kept or not message.counterparts else None


def marks_of(contact: Contact, region: str) -> Iterator[str]:
    """Yield marks; each is enough to know a card of a forgotten person again.

    A mobile number is one person's. A landline may be a household's or a firm's, so it counts together
    with a word of the name. A card with neither address nor number is known by source and name.
    """
    yield f"record:{contact.record}"
    yield from map(mentions.email_mark, contact.emails)
    words = {fold(word) for name in (contact.given_name, contact.family_name, contact.name) if name
             for word in name.split()}  # fmt: skip
    for written in contact.phones:
        yield from _of_number(written, words, region)
    if not contact.emails and not contact.phones and (contact.name or contact.family_name):
        name = contact.name or f"{contact.given_name or ''} {contact.family_name}"
        yield f"card:{contact.source}:{' '.join(sorted(fold(name).split()))}"


def _of_number(written: str, words: Iterable[str], region: str) -> Iterator[str]:
    phone = parse(written, region)
    mark = mentions.number_mark(written, region)
    if mark is None or (phone is not None and phone.line == "shared"):
        return
    if phone is None or phone.line == "personal":
        yield mark
    else:
        yield from (f"{mark} {word}" for word in sorted(words) if len(word) > 1)


def _of_text(text: str, region: str) -> Iterator[str]:
    """Yield the marks of a text that names somebody: a name, an address, a number or a record key."""
    if ":" in text:
        yield f"record:{text.strip()}"
    if "@" in text:
        yield mentions.email_mark(text.strip())
    for mark in (mentions.name_mark(text), mentions.number_mark(text, region)):
        if mark:
            yield mark


@lru_cache(maxsize=200_000)
def tombstone(mark: str) -> str:
    """Return the hash of a mark, such as ``record:KEY`` or ``email:ADDRESS``."""
    return hashlib.sha256(mark.encode()).hexdigest()


def remember_to_forget(connection: sa.Connection, marks: Iterable[str], now: datetime) -> None:
    """Store the hashes of ``marks``."""
    rows = [{"hash": tombstone(mark), "at": now} for mark in sorted(set(marks))]
    upsert(connection, schema.forgotten, rows)
