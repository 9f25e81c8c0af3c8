"""How a source yields what it knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Protocol

from people.types.base import Frozen, Problem, Record
from people.types.contacts import Contact
from people.types.journal import JournalLine
from people.types.meetings import Meeting
from people.types.messages import Message


class Gone(Record):
    """A tombstone: the source says that this record no longer exists."""


Change = Contact | Meeting | Message | JournalLine | Gone


class Page(Frozen):
    """A batch of changes and the cursor that is saved with it, in one transaction.

    ``complete`` ends a full read: of what the store knows from this source, whatever none of the
    read's pages named (in ``changes`` or ``unchanged``) is gone. With ``covers_from`` that holds
    only for meetings that end on or after that day, so that history outside the window stays.
    ``unchanged`` are source ids that were seen and skipped by hash. A delta page leaves
    ``complete`` False. ``cursor`` None keeps the old cursor (pages before the last).

    Ids may be paths. ``scope`` narrows ``complete`` to one part of the source: the id ``scope`` itself
    and every id below it (``scope + "/"``), so that a full read of one calendar does not affect the
    others. ``replaces`` are such paths too, and this page holds all of each (a changed series, a
    deleted event): whatever the store knows at or below them and this page does not name is gone, even if
    ``complete`` is False. Like ``Gone``, this is the source's explicit statement.

    None of this removes a message: a mail that is deleted was written all the same.
    """

    changes: tuple[Change, ...] = ()
    unchanged: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    cursor: str | None = None
    complete: bool = False
    covers_from: date | None = None
    scope: str | None = None
    replaces: tuple[str, ...] = ()


class Source(Protocol):
    """Where contacts, meetings, messages or journal lines come from."""

    name: str

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield what changed since ``cursor``; everything if it is None.

        The first page of a full read starts it; its last page has ``complete=True``. Raises
        ``CursorExpired`` if the cursor can no longer be used, and the groups of ``people.errors``.
        Replaying from an old cursor is always safe.
        """
        ...
