"""Reading one calendar: single events, and series expanded here.

How a series is kept right by deltas: an exception (a moved, changed or cancelled instance) is a whole
event with its original start, so it stands for itself. A changed *master* makes all its instances
anew, and for that its exceptions are needed: they are asked for again, one request for a series (by
its iCalUID), and more than ``MOST_SERIES`` of them at once are one full read instead. So nothing raw
has to be kept between runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from connectors.google.api import Api
from connectors.google.cursor import PartCursor, fingerprint
from connectors.google.events import EventReader
from connectors.google.paging import answers, sync_token
from connectors.google.parts import Told, read_part
from connectors.google.series import UnusableSeries, Window
from people.types import Gone, Meeting, Problem

Json = Mapping[str, Any]

HISTORY = timedelta(days=3 * 365)
"""How far back series are expanded at the first read; afterwards that day stays where it is."""

AHEAD = timedelta(days=400)
MOST_SERIES = 20
_COMMON = {"maxResults": 2500, "singleEvents": False, "showDeleted": True}
_NO_EVENT = (KeyError, TypeError, AttributeError, ValueError)


@dataclass
class CalendarPart:
    """One calendar as the settings name it; ``calendar_id`` is what Google calls it.

    ``my_emails`` are lower case, ``zone`` is the user's IANA zone (of events that name none).
    """

    api: Api
    source: str
    calendar: str
    calendar_id: str
    my_emails: AbstractSet[str]
    zone: str
    today: date
    now: datetime
    _asked: str = field(init=False)

    def __post_init__(self) -> None:
        shaping = {"calendar": self.calendar_id, "me": sorted(self.my_emails), "zone": self.zone}
        self._asked = fingerprint({**_COMMON, **shaping})

    @property
    def reader(self) -> EventReader:
        """Reads this calendar's events; it knows the calendar's own zone after the first answer."""
        return EventReader(self.source, self.calendar, self.my_emails, self.zone)

    def read(self, part: PartCursor | None) -> tuple[Told, PartCursor]:
        """Read what changed, or everything. Raises the groups of ``people.errors``."""
        return read_part(
            part,
            self._asked,
            self.now,
            changes=self._changes,
            full=lambda: self._full(part),
            what=f"{self.source} calendar {self.calendar}",
        )

    def _full(self, part: PartCursor | None) -> tuple[Told, PartCursor]:
        intake = _Intake(self.reader)
        token = self._list(intake, {})
        since = min(part.since if part and part.since else date.max, self.today - HISTORY)
        window = Window(since, self.today + AHEAD)
        told = Told(self.reader.path, complete=True, covers_from=None if part else since)
        told.changes += intake.singles.values()
        for master in intake.masters.values():
            told.changes += intake.series(master, window)
        for master_id, exceptions in intake.exceptions.items():
            if master_id not in intake.cancelled:
                told.changes += (change for change in exceptions if isinstance(change, Meeting))
        told.problems, told.unchanged = intake.problems, intake.unread
        return told, PartCursor(
            token=token, asked=self._asked, full_at=self.now, since=since, until=window.until
        )

    def _changes(self, part: PartCursor) -> tuple[Told, PartCursor]:
        intake = _Intake(self.reader)
        token = self._list(intake, {"syncToken": part.token})
        if len(intake.masters) > MOST_SERIES or part.since is None or part.until is None:
            return self._full(part)
        told = Told(self.reader.path, complete=False, problems=intake.problems)
        told.changes += intake.singles.values()
        renewed = intake.masters.keys() | intake.cancelled
        told.replaces += map(self.reader.path_of, [*renewed, *intake.singles])
        for master in intake.masters.values():
            told.changes += self._again(master, Window(part.since, part.until), told)
        for master_id, exceptions in intake.exceptions.items():
            if master_id not in renewed:
                told.changes += exceptions
        return told, part.model_copy(update={"token": token})

    def _again(self, master: Json, window: Window, told: Told) -> Iterator[Meeting]:
        """All instances of a changed series, its exceptions asked for once more."""
        intake = _Intake(self.reader)
        self._list(intake, {"iCalUID": master["iCalUID"]} if master.get("iCalUID") else {}, last=False)
        master_id = master["id"]
        if master_id in intake.masters:
            yield from intake.series(intake.masters[master_id], window)
            exceptions = intake.exceptions.get(master_id, ())
            yield from (change for change in exceptions if isinstance(change, Meeting))
        told.problems += intake.problems

    def _list(self, intake: _Intake, start: Json, *, last: bool = True) -> str:
        """Read a listing to its end; return its sync token, or nothing unless it is the ``last``."""
        doing = f"read the calendar {self.calendar}"
        events = self.api.service("calendar").events()
        parameters = {**_COMMON, "calendarId": self.calendar_id, **start}
        answer: Json = {}
        for answer in answers(self.api, events, parameters, doing):
            intake.take(answer)
        return sync_token(answer, doing) if last else ""


@dataclass
class _Intake:
    """Events sorted by what they are: single ones, masters of series, exceptions by master id.

    An exception that was cancelled is a ``Gone``. ``unread`` are the record ids of unreadable events.
    """

    reader: EventReader
    singles: dict[str, Meeting] = field(default_factory=dict)
    masters: dict[str, Json] = field(default_factory=dict)
    exceptions: dict[str, list[Meeting | Gone]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def take(self, answer: Json) -> None:
        """Sort in the events of one page."""
        if answer.get("timeZone"):
            self.reader = self.reader.in_zone(answer["timeZone"])
        for event in answer.get("items", ()):
            try:
                self._sort(event)
            except _NO_EVENT as error:
                self._unreadable(event, error)

    def series(self, master: Json, window: Window) -> list[Meeting]:
        """The regular instances of one series."""
        taken = {change.source_id for change in self.exceptions.get(master["id"], ())}
        try:
            return list(self.reader.instances(master, taken, window))
        except _NO_EVENT as error:
            self._unreadable(master, error)
            return []

    def _sort(self, event: Json) -> None:
        cancelled = event.get("status") == "cancelled"
        if "recurringEventId" in event:
            of_series = self.exceptions.setdefault(event["recurringEventId"], [])
            of_series.append(self._gone(event) if cancelled else self.reader.exception(event))
        elif cancelled:
            self.cancelled.add(event["id"])
        elif event.get("recurrence"):
            self.masters[event["id"]] = event
        else:
            self.singles[event["id"]] = self.reader.single(event)

    def _gone(self, event: Json) -> Gone:
        return Gone(source=self.reader.source, source_id=self.reader.exception_id(event))

    def _unreadable(self, event: Json, error: Exception) -> None:
        name = event.get("id") if isinstance(event, Mapping) else None
        if isinstance(name, str):
            self.unread.append(self.reader.path_of(name))
        why = str(error) if isinstance(error, UnusableSeries) else type(error).__name__
        self.problems.append(
            Problem(
                where=f"{self.reader.source} calendar {self.reader.calendar} event {name}",
                message=f"this event could not be read ({why})",
                help="the other events are not affected; open it in Google Calendar",
            )
        )
