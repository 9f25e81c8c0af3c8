"""The boundary types: what sources yield, and what everything else works with.

All are frozen pydantic models. Instants are aware and in UTC; whole days are dates without a zone.
A *record key* is ``source:source_id`` and names one contact of one source permanently.
"""

from __future__ import annotations

from people.types.base import (
    RECORD_KINDS,
    Frozen,
    Instant,
    Issue,
    Line,
    Problem,
    ProblemKind,
    Record,
    RecordKind,
    Trust,
)
from people.types.contacts import Address, Contact, ContactKind
from people.types.journal import Direction, JournalKind, JournalLine
from people.types.meetings import GOOGLE_MACHINES, Attendee, EventType, Meeting, Response
from people.types.messages import Counterpart, Message, Role
from people.types.pages import Change, Gone, Page, Source

__all__ = [
    "GOOGLE_MACHINES",
    "RECORD_KINDS",
    "Address",
    "Attendee",
    "Change",
    "Contact",
    "ContactKind",
    "Counterpart",
    "Direction",
    "EventType",
    "Frozen",
    "Gone",
    "Instant",
    "Issue",
    "JournalKind",
    "JournalLine",
    "Line",
    "Meeting",
    "Message",
    "Page",
    "Problem",
    "ProblemKind",
    "Record",
    "RecordKind",
    "Response",
    "Role",
    "Source",
    "Trust",
]
