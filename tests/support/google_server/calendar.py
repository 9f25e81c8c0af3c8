"""The account's calendars: events, series and exceptions, as their owner handles them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.google_server.listing import Collection
from tests.support.google_server.protocol import Clock, Json, old_error


def is_cancelled(event: Json) -> bool:
    return event.get("status") == "cancelled"


@dataclass
class Shelf:
    """One calendar: its entry in the list, its events by id, and whether it is still shared."""

    entry: Json
    events: Collection
    shared: bool = True


@dataclass
class Calendar:
    """The calendars of the account, by id; ``user`` is the primary one."""

    clock: Clock
    user: str
    time_zone: str = "Europe/London"
    requests_a_minute: int | None = None
    shelves: dict[str, Shelf] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.entries = Collection("calendarList", self.clock, lambda entry: bool(entry.get("deleted")))
        self.add_calendar(self.user, self.user, primary=True)

    def add_calendar(self, calendar_id: str, title: str, *, primary: bool = False) -> None:
        entry: Json = {
            "id": calendar_id,
            "summary": title,
            "timeZone": self.time_zone,
            "accessRole": "reader",
        }
        if primary:
            entry |= {"primary": True, "accessRole": "owner"}
        self.entries.put(calendar_id, entry)
        self.shelves[calendar_id] = Shelf(
            entry, Collection(f"events {calendar_id}", self.clock, is_cancelled)
        )

    def rename_calendar(self, calendar_id: str, title: str) -> None:
        """A change of a property alone, which no sync token tells of."""
        self.shelves[calendar_id].entry["summary"] = title

    def unshare(self, calendar_id: str) -> None:
        self.shelves[calendar_id].shared = False
        self.entries.put(calendar_id, {"id": calendar_id, "deleted": True})

    def add(
        self,
        summary: str = "Meeting",
        *,
        start: str,
        end: str,
        calendar: str = "primary",
        attendees: tuple[str, ...] = (),
        **fields: Any,
    ) -> str:
        """A new event, from ``start`` to ``end`` as ``when`` takes them.

        ``fields`` are further ones of the API (``recurrence=["RRULE:..."]``).
        """
        event_id = fields.pop("id", None) or f"evt{next(self._numbers)}"
        event: Json = {
            "id": event_id,
            "iCalUID": f"{event_id}@google.com",
            "status": "confirmed",
            "summary": summary,
            "start": self.when(start),
            "end": self.when(end),
            "organizer": {"email": self.user, "self": True},
            "eventType": "default",
            **fields,
        }
        if attendees:
            event["attendees"] = [
                {
                    "email": email,
                    "responseStatus": "accepted",
                    **({"self": True} if email == self.user else {}),
                }
                for email in attendees
            ]
        self.save(calendar, event)
        return str(event_id)

    def edit(self, event_id: str, *, calendar: str = "primary", **fields: Any) -> None:
        """Set fields of an event; None takes one away.

        Exceptions of a series stay as they are, unless it ends to be one.
        """
        event = {**self.event(event_id, calendar), **fields}
        if not event.get("recurrence"):
            self._cancel_exceptions(event_id, calendar)
        self.save(calendar, {key: value for key, value in event.items() if value is not None})

    def delete(self, event_id: str, *, calendar: str = "primary") -> None:
        """Delete an event, or a series with all its exceptions."""
        self._cancel_exceptions(event_id, calendar)
        self.shelf(calendar).events.put(event_id, {**self.event(event_id, calendar), "status": "cancelled"})

    def change_instance(self, master: str, original: str, *, calendar: str = "primary", **fields: Any) -> str:
        """Change one instance of a series: ``original`` is its start before, ``start=`` moves it."""
        series = self.event(master, calendar)
        when = self.when(original)
        length = _moment(series["end"]) - _moment(series["start"])
        event: Json = {key: value for key, value in series.items() if key != "recurrence"}
        event |= {
            "id": f"{master}_{_instance_name(when)}",
            "recurringEventId": master,
            "originalStartTime": when,
            "start": when,
            "end": _later(when, length),
        }
        moved: Json = {key: self.when(fields[key]) for key in ("start", "end") if key in fields}
        if "start" in moved:
            moved.setdefault("end", _later(moved["start"], length))
        fields = {**fields, **moved}
        self.save(calendar, {**event, **fields})
        return str(event["id"])

    def cancel_instance(self, master: str, original: str, *, calendar: str = "primary") -> None:
        self.change_instance(master, original, calendar=calendar, status="cancelled")

    def exceptions(self, master: str, *, calendar: str = "primary") -> list[Json]:
        records = self.shelf(calendar).events.everything()
        return [event for event in records if event.get("recurringEventId") == master]

    def _cancel_exceptions(self, master: str, calendar: str) -> None:
        """They end with their series, and a listing of changes says so: it tells of everything deleted."""
        for exception in self.exceptions(master, calendar=calendar):
            self.save(calendar, {**exception, "status": "cancelled"})

    def shelf(self, calendar: str) -> Shelf:
        shelf = self.shelves.get(self.user if calendar == "primary" else calendar)
        if shelf is None or not shelf.shared:
            raise old_error(404, "notFound", "Not Found")
        return shelf

    def when(self, text: str) -> Json:
        """``2026-11-01`` or ``2026-11-01T09:00`` (in the calendar's zone, or with its own offset)."""
        if "T" not in text:
            return {"date": text}
        return {"dateTime": _with_offset(text, self.time_zone), "timeZone": self.time_zone}

    def event(self, event_id: str, calendar: str = "primary") -> Json:
        event = self.shelf(calendar).events.find(event_id)
        if event is None:
            raise KeyError(event_id)
        return event

    def new_number(self) -> int:
        return next(self._numbers)

    def save(self, calendar: str, event: Json) -> Json:
        number = next(self._numbers)
        saved = {
            "created": self.clock.stamp(),
            "creator": {"email": self.user, "self": True},
            "htmlLink": f"https://calendar.google.com/calendar/event?eid={event['id']}",
            "sequence": 0,
            "reminders": {"useDefault": True},
            **event,
            "kind": "calendar#event",
            "etag": f'"{number}"',
            "updated": self.clock.stamp(),
        }
        return self.shelf(calendar).events.put(event["id"], saved)


def _with_offset(text: str, zone: str) -> str:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).isoformat()


def _moment(when: Json) -> datetime:
    return datetime.fromisoformat(when.get("dateTime") or when["date"])


def _later(when: Json, length: timedelta) -> Json:
    if "date" in when:
        return {"date": (_moment(when) + length).date().isoformat()}
    moment = (_moment(when).astimezone(UTC) + length).isoformat()
    return {**when, "dateTime": moment}


def _instance_name(when: Json) -> str:
    moment = _moment(when)
    return f"{moment:%Y%m%d}" if "date" in when else f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
