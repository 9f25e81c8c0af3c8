"""A calendar event and its guests."""

from __future__ import annotations

from datetime import date
from typing import Literal

from people.types.base import Frozen, Instant, Record

Response = Literal["accepted", "tentative", "declined", "needs_action"]


GOOGLE_MACHINES = (".calendar.google.com", "@calendar.google.com")
"""Ends of addresses that are nobody: Google's rooms, shared calendars, and its unknown organiser."""


class Attendee(Frozen):
    """One row of a meeting's guest list. ``email`` is lower case.

    ``resource`` is True for rooms and equipment, ``is_self`` for the user's own row if the source marks it.
    """

    email: str
    name: str | None = None
    response: Response = "needs_action"
    resource: bool = False
    organizer: bool = False
    is_self: bool = False


EventType = Literal["default", "birthday", "focus_time", "out_of_office", "working_location", "from_gmail"]


class Meeting(Record):
    """One calendar event, or one instance of a series.

    Timed events have ``start`` and ``end`` (UTC). All-day events have ``start_date`` and the
    exclusive ``end_date`` instead, and no instants. ``source_id`` is unique in the source (calendar,
    UID and the instance's original start); ``series`` is shared by all instances of one series.
    ``attendees_omitted`` means that the guest list is known to be incomplete. ``raw_hash`` covers all
    text that the event or series was read from; None if it must be read again every time.
    """

    calendar: str = ""
    uid: str = ""
    series: str | None = None
    title: str | None = None
    description: str | None = None
    location: str | None = None
    start: Instant | None = None
    end: Instant | None = None
    start_date: date | None = None
    end_date: date | None = None
    status: Literal["confirmed", "tentative", "cancelled"] = "confirmed"
    event_type: EventType = "default"
    my_response: Response | None = None
    organizer: str | None = None
    attendees: tuple[Attendee, ...] = ()
    attendees_omitted: bool = False
    labels: tuple[str, ...] = ()
    file: str | None = None
    raw_hash: str | None = None

    @property
    def all_day(self) -> bool:
        """Whether the event covers whole days."""
        return self.start is None
