"""Hashes of forgotten people, which keep a sync from bringing them back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from people.store.db import schema
from people.store.db.bulk import upsert
from people.types import Contact, JournalLine, Meeting, Message


@dataclass(frozen=True)
class Forgotten:
    """The hashes of forgotten record keys and e-mail addresses."""

    hashes: frozenset[str]

    @classmethod
    def load(cls, connection: sa.Connection) -> Forgotten:
        """Read all hashes: a few per forgotten person."""
        return cls(frozenset(connection.scalars(sa.select(schema.forgotten.c.hash))))

    def holds(self, contact: Contact) -> bool:
        """Whether the contact belongs to a forgotten person."""
        marks = (f"record:{contact.record}", *(f"email:{email}" for email in contact.emails))
        return bool(self.hashes) and any(tombstone(mark) in self.hashes for mark in marks)

    def holds_line(self, line: JournalLine) -> bool:
        """Whether the journal line is about a forgotten person."""
        return bool(self.hashes) and tombstone(f"record:{line.record}") in self.hashes

    def without(self, meeting: Meeting) -> Meeting:
        """Return the meeting without forgotten guests."""
        if not self.hashes:
            return meeting
        kept = tuple(a for a in meeting.attendees if tombstone(f"email:{a.email}") not in self.hashes)
        return (
            meeting if len(kept) == len(meeting.attendees) else meeting.model_copy(update={"attendees": kept})
        )

    def without_counterparts(self, message: Message) -> Message | None:
        """Return the message without forgotten people; None if it was with nobody else."""
        if not self.hashes or not message.counterparts:
            return message
        kept = tuple(
            one for one in message.counterparts if tombstone(f"email:{one.email}") not in self.hashes
        )
        return message.model_copy(update={"counterparts": kept}) if kept else None


def tombstone(mark: str) -> str:
    """Return the hash of ``record:KEY`` or ``email:ADDRESS``."""
    return hashlib.sha256(mark.encode()).hexdigest()


def remember_to_forget(connection: sa.Connection, marks: Iterable[str], now: datetime) -> None:
    """Store the hashes of ``marks``."""
    rows = [{"hash": tombstone(mark), "at": now} for mark in sorted(set(marks))]
    upsert(connection, schema.forgotten, rows)
