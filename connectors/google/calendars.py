"""One calendar: finds its id by title, reads single events, and expands series.

How deltas keep a series right: an exception (a moved, changed or cancelled instance) is a complete event
with its original start. A changed *master* makes all its regular instances again, except those that an
exception replaces. The cursor holds the original starts of the exceptions, as Google asks clients to do. So
a delta never needs a further request, no matter how many series changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from connectors.google.client.api import Api, answers, sync_token
from connectors.google.client.errors import NotFound
from connectors.google.events import EventReader
from connectors.google.part import PartCursor, PartNews, fingerprint, read_part
from connectors.shared.recurrence import Window
from people.errors import SkipThis
from people.text import one_line
from people.types import Gone, Meeting, Problem

Json = Mapping[str, Any]

HISTORY = timedelta(days=3 * 365)
"""How far back series are expanded at the first read. Later reads keep that day."""

AHEAD = timedelta(days=400)
PRIMARY = "primary"
_COMMON = {"maxResults": 2500, "singleEvents": False, "showDeleted": True}
_UNREADABLE = (KeyError, TypeError, AttributeError, ValueError, SkipThis)


def is_title(name: str) -> bool:
    """Whether a calendar's name in the settings is a title. Ids contain an @, except ``primary``."""
    return name != PRIMARY and "@" not in name


def calendar_id_of(api: Api, name: str, known: Mapping[str, str], *, refresh: bool) -> str:
    """The id of the calendar that the settings call ``name``.

    ``known`` maps titles of earlier runs to ids. With ``refresh`` the title is looked up again, because a
    sync token does not report renamed calendars. Raises ``NotFound`` if no calendar has this title, and the
    groups of ``people.errors``.
    """
    if not is_title(name):
        return name
    if name in known and not refresh:
        return known[name]
    titles = _titles(api)
    calendar_id = titles.get(name.casefold(), known.get(name))
    if calendar_id is None:
        there = ", ".join(sorted(one_line(title) for title in titles)) or "none"
        raise NotFound(f"no calendar is called {name!r} (there are: {there})")
    return calendar_id


def _titles(api: Api) -> dict[str, str]:
    ids: dict[str, str] = {}
    calendars = api.service("calendar", "calendarList")
    for answer in answers(api, calendars, {"maxResults": 250, "showHidden": True}, "list the calendars"):
        for entry in answer.get("items", ()):
            for title in (entry.get("summary"), entry.get("summaryOverride")):
                if title:
                    ids[title.casefold()] = entry["id"]
    return ids


@dataclass
class CalendarPart:
    """One calendar. ``calendar`` is its name in the settings, ``calendar_id`` is Google's id.

    ``my_emails`` are lower case. ``zone`` is the user's IANA zone, for events that name none.
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
        """Reads this calendar's events. ``_Intake`` sets the calendar's own zone after the first answer."""
        owner = "" if self.calendar_id == PRIMARY else self.calendar_id.lower()
        return EventReader(self.source, self.calendar, self.my_emails, self.zone, owner)

    def read(self, part: PartCursor | None) -> tuple[PartNews, PartCursor]:
        """Read what changed, or everything. Raises the groups of ``people.errors``."""
        return read_part(
            part,
            self._asked,
            self.now,
            changes=self._changes,
            full=lambda: self._full(part),
            what=f"{self.source} calendar {self.calendar}",
        )

    def _full(self, part: PartCursor | None) -> tuple[PartNews, PartCursor]:
        intake = _Intake(self.reader)
        token = self._list(intake, {})
        since = min(part.since if part and part.since else date.max, self.today - HISTORY)
        window = Window(since, self.today + AHEAD, UTC)
        news = PartNews(self.reader.path, complete=True, covers_from=None if part else since)
        exceptions = _together({}, intake.exceptions)
        self._add_news(news, intake, exceptions, window)
        news.unchanged += intake.unread
        now = PartCursor(
            token=token,
            asked=self._asked,
            full_at=self.now,
            since=since,
            until=window.stop,
            exceptions=exceptions,
        )
        return news, now

    def _changes(self, part: PartCursor) -> tuple[PartNews, PartCursor]:
        if part.since is None or part.until is None:
            return self._full(part)
        intake = _Intake(self.reader)
        token = self._list(intake, {"syncToken": part.token})
        news = PartNews(self.reader.path, complete=False)
        news.replaces += map(self.reader.path_of, [*intake.ended, *intake.masters])
        exceptions = _together(part.exceptions, intake.exceptions)
        self._add_news(news, intake, exceptions, Window(part.since, part.until, UTC))
        return news, part.model_copy(update={"token": token, "exceptions": exceptions})

    def _add_news(
        self, news: PartNews, intake: _Intake, exceptions: Mapping[str, tuple[str, ...]], window: Window
    ) -> None:
        """Add what the intake means. ``exceptions`` are the keys of all exceptions, by series."""
        news.changes += intake.singles.values()
        for series, master in intake.masters.items():
            taken = set(exceptions.get(series, ()))
            news.changes += intake.instances(master, taken, window)
            kept = taken - intake.exceptions.get(series, {}).keys()
            news.unchanged += (f"{self.reader.path_of(series)}/{key}" for key in sorted(kept))
        ended = intake.ended
        for series, by_key in intake.exceptions.items():
            if series not in ended:
                news.changes += by_key.values()
        news.problems += intake.problems

    def _list(self, intake: _Intake, start: Json) -> str:
        """Read a listing to its end and return its sync token."""
        doing = f"read the calendar {self.calendar}"
        events = self.api.service("calendar", "events")
        answer: Json = {}
        for answer in answers(self.api, events, {**_COMMON, "calendarId": self.calendar_id, **start}, doing):
            intake.take(answer)
        return sync_token(answer, doing)


def _together(
    before: Mapping[str, tuple[str, ...]], keys_by_series: Mapping[str, Iterable[str]]
) -> dict[str, tuple[str, ...]]:
    """Keys of exceptions by series. They are kept until the next full read, as a series may come back."""
    added = {
        series: tuple(sorted({*before.get(series, ()), *keys})) for series, keys in keys_by_series.items()
    }
    return {**before, **added}


@dataclass
class _Intake:
    """Events by kind: single ones, masters of series, and exceptions by series and key.

    A cancelled exception is a ``Gone``. ``unread`` are the record ids of unreadable events.
    """

    reader: EventReader
    singles: dict[str, Meeting] = field(default_factory=dict)
    masters: dict[str, Json] = field(default_factory=dict)
    exceptions: dict[str, dict[str, Meeting | Gone]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    @property
    def ended(self) -> set[str]:
        """Ids that are not, or no longer, a series: single events and cancelled ones."""
        return self.cancelled | self.singles.keys()

    def take(self, answer: Json) -> None:
        """Sort the events of one page."""
        if answer.get("timeZone"):
            self.reader = self.reader.in_zone(answer["timeZone"])
        for event in answer.get("items", ()):
            try:
                self._sort(event)
            except _UNREADABLE as error:
                self._unreadable(event, error)

    def instances(self, master: Json, taken: AbstractSet[str], window: Window) -> list[Meeting]:
        """The regular instances of one series, except the ``taken`` ones."""
        try:
            return list(self.reader.instances(master, taken, window))
        except _UNREADABLE as error:
            self._unreadable(master, error)
            return []

    def _sort(self, event: Json) -> None:
        cancelled = event.get("status") == "cancelled"
        if "recurringEventId" in event:
            key = self.reader.exception_key(event)
            news = self._gone(event, key) if cancelled else self.reader.exception(event, key)
            self.exceptions.setdefault(event["recurringEventId"], {})[key] = news
        elif cancelled:
            self.cancelled.add(event["id"])
        elif event.get("recurrence"):
            self.masters[event["id"]] = event
        else:
            self.singles[event["id"]] = self.reader.single(event)

    def _gone(self, event: Json, key: str) -> Gone:
        series = self.reader.path_of(event["recurringEventId"])
        return Gone(source=self.reader.source, source_id=f"{series}/{key}")

    def _unreadable(self, event: Json, error: Exception) -> None:
        name = event.get("id") if isinstance(event, Mapping) else None
        if isinstance(name, str):
            self.unread.append(self.reader.path_of(name))
        why = error.message if isinstance(error, SkipThis) else type(error).__name__
        self.problems.append(
            Problem(
                where=f"{self.reader.source} calendar {self.reader.calendar} event {name}",
                message=f"this event could not be read ({why})",
                help="open it in Google Calendar and save it again; the other events were read",
            )
        )
