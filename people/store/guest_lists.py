"""The latest guest lists of each source: who is at the user's meetings."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from people.store.db import schema
from people.text import fold
from people.types import GOOGLE_MACHINES

LATEST = 500
"""How many meetings of a source are looked at: half a year of a busy calendar, and quick in a large one."""


@dataclass
class GuestLists:
    """The latest meetings of a source that have guests.

    ``meetings`` is their number, and ``without_me`` that of those in which none of the user's addresses takes
    part. ``others`` counts at how many of the latter an address is. ``marked`` are addresses that the source
    itself marks as the user's. ``names`` has the name that a list gives an address.
    """

    source: str
    meetings: int = 0
    without_me: int = 0
    others: dict[str, int] = field(default_factory=dict)
    marked: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)


_Guest = sa.Row[Any]


def latest(connection: sa.Connection, mine: Collection[str], until: datetime) -> Iterator[GuestLists]:
    """Yield the guest lists of each source with meetings. ``mine`` are lower case; ``until`` is UTC."""
    for source in connection.scalars(sa.select(schema.sources.c.name).order_by(schema.sources.c.name)).all():
        lists = GuestLists(source)
        for guests in _by_meeting(connection, source, until):
            _count(lists, guests, mine)
        if lists.meetings:
            yield lists


def _by_meeting(connection: sa.Connection, source: str, until: datetime) -> Iterator[list[_Guest]]:
    meeting, guest = schema.meetings.c, schema.attendees.c
    ids = (
        sa.select(meeting.source_id)
        .where(meeting.source == source, meeting.gone_at.is_(None), meeting.start_at <= until)
        .order_by(meeting.start_at.desc())
        .limit(LATEST)
    )
    rows = connection.execute(
        sa.select(guest.source_id, guest.email, guest.name, guest.is_self).where(
            guest.source == source, guest.source_id.in_(ids), ~guest.resource
        )
    )
    found: dict[str, list[_Guest]] = {}
    for row in rows:
        found.setdefault(row.source_id, []).append(row)
    yield from found.values()


def _count(lists: GuestLists, guests: list[_Guest], mine: Collection[str]) -> None:
    lists.meetings += 1
    lists.marked |= {guest.email for guest in guests if guest.is_self} - set(mine)
    if any(guest.is_self or guest.email in mine for guest in guests):
        return
    lists.without_me += 1
    for guest in guests:
        if not guest.email.endswith(GOOGLE_MACHINES):
            lists.others[guest.email] = lists.others.get(guest.email, 0) + 1
            lists.names[guest.email] = guest.name or ""


def emails_named(connection: sa.Connection, name: str) -> set[str]:
    """Return the addresses of those who have exactly this name, but for case and accents."""
    names, emails = schema.person_names.c, schema.person_emails.c
    query = (
        sa.select(emails.email)
        .join(schema.person_names, names.person_id == emails.person_id)
        .where(names.folded == fold(name))
    )
    return set(connection.scalars(query))
