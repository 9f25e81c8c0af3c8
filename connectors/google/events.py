"""Google calendar events (JSON) as ``Meeting``s."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote

from connectors.google.person import plain
from connectors.google.series import aware_moment, expand, key_of, moment_of
from connectors.shared.recurrence import Window
from people.identity.cards.emails import canonical
from people.types import Attendee, EventType, Meeting, Response

Json = Mapping[str, Any]

_RSVP_LIMIT = 200
"""Google does not report the answers of guests of a larger event."""

_RESPONSES: dict[str, Response] = {
    "accepted": "accepted",
    "declined": "declined",
    "tentative": "tentative",
    "needsAction": "needs_action",
}
_TEXTS = (("title", "summary"), ("description", "description"), ("location", "location"), ("uid", "iCalUID"))
_TYPES: dict[str, EventType] = {
    "birthday": "birthday",
    "focusTime": "focus_time",
    "outOfOffice": "out_of_office",
    "workingLocation": "working_location",
    "fromGmail": "from_gmail",
}


@dataclass(frozen=True)
class EventReader:
    """Reads the events of one calendar.

    ``calendar`` is its name in the settings, ``zone`` the IANA zone of events that name none.
    ``my_emails`` are lower case. ``owner`` is the address of a calendar that is not the user's primary one:
    Google marks the owner's row there, not the user's. All methods raise ``KeyError``, ``TypeError``,
    ``AttributeError`` or ``ValueError`` if the JSON is not an event.
    """

    source: str
    calendar: str
    my_emails: AbstractSet[str]
    zone: str
    owner: str = ""
    _seen: dict[str | None, tuple[Json, bool, Attendee]] = field(default_factory=dict, repr=False)

    def in_zone(self, zone: str) -> EventReader:
        """The same reader for a calendar whose own zone is ``zone``."""
        return self if zone == self.zone else replace(self, zone=zone)

    @cached_property
    def path(self) -> str:
        """The path under which the ids of all meetings of the calendar are."""
        return f"calendars/{quote(self.calendar, safe='@#')}"

    @cached_property
    def _mailboxes(self) -> frozenset[str]:
        """The user's mailboxes: Gmail ignores dots and +tags."""
        return frozenset(map(canonical, self.my_emails)) - {""}

    def path_of(self, event_id: str) -> str:
        """The record id of a single event, and the path under which the instances of a series are."""
        # Google's ids are letters, digits and _. Those of other servers may be anything.
        return f"{self.path}/{event_id if event_id.isidentifier() else quote(event_id, safe='')}"

    def exception_key(self, event: Json) -> str:
        """The key, within its series, of the instance that a changed or cancelled one replaces."""
        return key_of(moment_of(event["originalStartTime"], self.zone))

    def single(self, event: Json) -> Meeting:
        """Read an event that is not part of a series."""
        return self._meeting(event, self.path_of(event["id"]), None)

    def exception(self, event: Json, key: str) -> Meeting:
        """Read an instance that was moved or changed on its own."""
        series = self.path_of(event["recurringEventId"])
        return self._meeting(event, f"{series}/{key}", series)

    def instances(self, master: Json, taken: AbstractSet[str], window: Window) -> Iterable[Meeting]:
        """Yield the regular instances of a series. ``taken`` are the keys of its exceptions.

        Raises ``SkipThis`` too, if the series cannot be expanded.
        """
        series = self.path_of(master["id"])
        pattern = self._meeting(master, series, series)
        first, last = ("start_date", "end_date") if pattern.all_day else ("start", "end")
        for key, start, end in expand(master, window, self.zone):
            if key not in taken:
                yield pattern.model_copy(update={"source_id": f"{series}/{key}", first: start, last: end})

    def _meeting(self, event: Json, source_id: str, series: str | None) -> Meeting:
        # Validation takes half of the time, so defaults are left out.
        fields: dict[str, Any] = {}
        for name, key in _TEXTS:
            if text := plain(event.get(key)):
                fields[name] = text
        if rows := event.get("attendees"):
            self._read_guests(rows, fields)
        if organizer := event.get("organizer"):
            fields["organizer"] = organizer.get("email", "").lower() or None
        if event.get("attendeesOmitted"):
            fields["attendees_omitted"] = True
        if event.get("status") == "tentative":
            fields["status"] = "tentative"
        if kind := _TYPES.get(event.get("eventType", "")):
            fields["event_type"] = kind
        if series:
            fields["series"] = series
        fields |= self._when(event)
        return Meeting(source=self.source, source_id=source_id, calendar=self.calendar, **fields)

    def _read_guests(self, rows: Sequence[Json], fields: dict[str, Any]) -> None:
        attendees = self._attendees(rows)
        fields["attendees"] = attendees
        fields["attendees_omitted"] = len(attendees) < len(rows)
        fields["my_response"] = next((row.response for row in attendees if row.is_self), None)

    def _when(self, event: Json) -> dict[str, datetime | date]:
        start = aware_moment(event["start"], self.zone)
        if isinstance(start, datetime):
            return {"start": start, "end": aware_moment(event.get("end", event["start"]), self.zone)}
        end = date.fromisoformat(event["end"]["date"]) if "end" in event else start + timedelta(days=1)
        return {"start_date": start, "end_date": end}

    def _attendees(self, rows: Sequence[Json]) -> tuple[Attendee, ...]:
        """The guest list without rows that have no address."""
        answers_known = len(rows) <= _RSVP_LIMIT
        attendees = []
        for row in rows:
            # The same people meet often, so one object for equal rows saves much time.
            email = row.get("email")
            seen = self._seen.get(email)
            if seen is not None and seen[0] == row and seen[1] is answers_known:
                attendees.append(seen[2])
            elif email:
                attendees.append(self._attendee(row, answers_known))
        return tuple(attendees)

    def _attendee(self, row: Json, answers_known: bool) -> Attendee:
        email = row["email"].strip().lower()
        marked = bool(row.get("self")) and email != self.owner
        mine = marked or email in self.my_emails or canonical(email) in self._mailboxes
        answer = row.get("responseStatus", "") if answers_known or mine else ""
        attendee = Attendee(
            email=email,
            name=plain(row.get("displayName")),
            response=_RESPONSES.get(answer, "needs_action"),
            resource=bool(row.get("resource")),
            organizer=bool(row.get("organizer")),
            is_self=mine,
        )
        self._seen[row["email"]] = (row, answers_known, attendee)
        return attendee
