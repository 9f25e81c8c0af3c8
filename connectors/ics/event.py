"""One VEVENT: its aware times, its guests, and the fields that all its instances share."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import MAXYEAR, UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

from icalendar.parser import Contentline, Parameters

from connectors.ics.guest_lines import lenient_parameters
from connectors.ics.guests import Guests, read_guests
from connectors.ics.parts.block import Block, Calendar, sequence_of
from connectors.ics.times import typed
from connectors.ics.zones import Zones
from connectors.shared.content_lines import unescape
from connectors.shared.recurrence import MAX_COUNT, Moment, asked_count
from people.errors import SkipThis
from people.text import clean, one_line
from people.types import EventType

MAX_DATES = 20_000
"""Single dates (RDATE, EXDATE) of one event. No real calendar has more."""

_MOMENTS = frozenset(("DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE"))
_NO_PARAMETERS = Parameters()
_PLAIN_HEAD = re.compile(r"[A-Z-]{1,20};(?:TZID|VALUE)=[A-Za-z0-9_/+-]{1,60}")
_PLAIN_VALUE = re.compile(r"\d{8}(?:T\d{6}Z?)?")
_DATE_VALUE = re.compile(r":\s*(?=\d{4}-?\d{2}-?\d{2})")
ITSELF = "only the event itself was read"
"""What becomes of a series whose rule is refused."""

Status = Literal["confirmed", "tentative", "cancelled"]
_STATUS: dict[str, Status] = {"TENTATIVE": "tentative", "CANCELLED": "cancelled"}
_BUSY: dict[str, EventType] = {"OOF": "out_of_office", "WORKINGELSEWHERE": "working_location"}
_LABELS: dict[str, EventType] = {
    "birthday": "birthday",
    "birthdays": "birthday",
    "focus time": "focus_time",
    "out of office": "out_of_office",
}


@dataclass(slots=True)
class Event:
    """One VEVENT. Moments are dates or aware datetimes; floating times are in the user's zone.

    ``end`` is exclusive. ``calendar`` is the one that it is written in, and ``stamp`` is when, as text.
    ``problems`` are messages about details that were lost.
    """

    uid: str
    calendar: Calendar
    stamp: str
    start: Moment
    end: Moment
    floating: bool
    original: Moment | None = None
    and_future: bool = False
    rules: list[str] = field(default_factory=list)
    extra: list[Moment | tuple[Moment, timedelta]] = field(default_factory=list)
    excluded: list[Moment] = field(default_factory=list)
    sequence: int = 0
    title: str | None = None
    description: str | None = None
    location: str | None = None
    status: Status = "confirmed"
    event_type: EventType = "default"
    labels: tuple[str, ...] = ()
    guests: Guests = field(default_factory=Guests)
    problems: list[str] = field(default_factory=list)

    @property
    def alone(self) -> bool:
        """Whether this is a single event, not a series or a changed instance."""
        return not (self.rules or self.extra or self.original)


def read_event(block: Block, uid: str, zones: Zones, my_emails: Collection[str]) -> Event:
    """Read one VEVENT. Raises ``SkipThis`` if its start is missing, unreadable or ambiguous."""
    return _Reader(block, zones).read(uid, my_emails)


class _Reader:
    def __init__(self, block: Block, zones: Zones) -> None:
        self.block = block
        self.zones = zones
        self.problems: list[str] = []
        self.zone: tzinfo = zones.default

    def read(self, uid: str, my_emails: Collection[str]) -> Event:
        start, floating = self._start()
        event = Event(uid, self.block.calendar, self.block.stamp, start, self._end(start), floating)
        event.original, event.and_future = self._original()
        if self.block.has("RRULE", "RDATE", "EXDATE", "EXRULE"):
            self._recurrence(event)
        event.sequence = sequence_of(self.block)
        self._texts(event)
        named = self.block.named
        event.guests = read_guests(named.get("ATTENDEE", ()), named.get("ORGANIZER", ()), my_emails)
        event.problems = [*self.problems, *event.guests.problems]
        return event

    def _recurrence(self, event: Event) -> None:
        event.rules = [value for _, value in self._all("RRULE") if value]
        for count in filter(lambda count: count > MAX_COUNT, map(asked_count, event.rules)):
            self.problems.append(f"it repeats {count} times; only the instances within the window were read")
        try:
            event.extra = list(self._dates("RDATE"))
            event.excluded = [moment for moment in self._dates("EXDATE") if not isinstance(moment, tuple)]
            if self.block.has("EXRULE") and event.rules:
                raise SkipThis("it excludes days by a rule (EXRULE), which is not supported")
        except SkipThis as error:
            event.rules, event.extra, event.excluded = [], [], []
            self.problems.append(f"{error.message}; {ITSELF}")

    def _all(self, name: str) -> list[tuple[Parameters, str]]:
        """Parameters and value, still escaped, of each property of this name."""
        properties = []
        for line in self.block.named.get(name, ()):
            head, colon, value = line.partition(":")
            if colon and head.upper() == name:
                properties.append((_NO_PARAMETERS, value.strip()))
                continue
            if _PLAIN_HEAD.fullmatch(head) and _PLAIN_VALUE.fullmatch(value):
                properties.append((_known_parameters(head), value))
                continue
            try:
                _, parameters, value = Contentline(line).raw_parts()  # type: ignore[no-untyped-call]
            except (ValueError, LookupError):
                parameters = Parameters(lenient_parameters(head))
            dated = _DATE_VALUE.search(line) if name in _MOMENTS else None
            if dated and line[dated.end() :].strip() != value.strip():
                # An unquoted zone such as UTC+05:30 has a colon.
                parameters = Parameters(lenient_parameters(line[: dated.start()]))
                value = line[dated.end() :]
            properties.append((parameters, value.strip()))
        return properties

    def _one(self, name: str) -> tuple[Parameters, str] | None:
        properties = self._all(name)
        if len(properties) > 1 and len({value for _, value in properties}) > 1:
            raise SkipThis(f"it has {len(properties)} different {name}")
        return properties[0] if properties else None

    def _start(self) -> tuple[Moment, bool]:
        prop = self._one("DTSTART")
        if prop is None:
            raise SkipThis("it has no readable DTSTART")
        start, floating = self._moment("DTSTART", *prop)
        if isinstance(start, datetime) and start.tzinfo is not None:
            self.zone = start.tzinfo
        return start, floating

    def _end(self, start: Moment) -> Moment:
        end = self._explicit_end(start)
        if isinstance(start, datetime) and not isinstance(end, datetime):
            end = datetime(end.year, end.month, end.day, tzinfo=start.tzinfo)
        elif isinstance(end, datetime) and not isinstance(start, datetime):
            end = end.date() + timedelta(days=1 if end.time() else 0)
        if end < start:
            self.problems.append("it ends before it starts; it was read with the end at its start")
            end = start
        if end == start and not isinstance(start, datetime):
            end = start + timedelta(days=1)
        return end

    def _explicit_end(self, start: Moment) -> Moment:
        prop = self._one("DTEND")
        if prop is not None:
            try:
                return self._moment("DTEND", *prop)[0]
            except SkipThis as error:
                self.problems.append(error.message)
                return start
        prop = self._one("DURATION")
        length = self._duration(prop[1]) if prop is not None else timedelta()
        if isinstance(start, datetime):
            # Days are calendar days and hours are elapsed time, even if summer time begins in between.
            day = start + timedelta(days=length.days)
            return day.astimezone(UTC) + timedelta(seconds=length.seconds)
        return start + timedelta(days=length.days + bool(length.seconds))

    def _duration(self, value: str) -> timedelta:
        length = typed(value)
        if isinstance(length, timedelta) and length >= timedelta():
            return length
        self.problems.append(f"its DURATION {_shown(value)} is not valid")
        return timedelta()

    def _original(self) -> tuple[Moment | None, bool]:
        prop = self._one("RECURRENCE-ID")
        if prop is None:
            return None, False
        moment, _ = self._moment("RECURRENCE-ID", *prop)
        return moment, str(prop[0].get("RANGE", "")).upper() == "THISANDFUTURE"

    def _dates(self, name: str) -> Iterator[Moment | tuple[Moment, timedelta]]:
        count = 0
        for parameters, value in self._all(name):
            items = [item.strip() for item in value.split(",")]
            count += len(items)
            if count > MAX_DATES:
                raise SkipThis(f"it has more than {MAX_DATES} {name}")
            for item in filter(None, items):
                try:
                    yield self._date(name, parameters, item)
                except SkipThis as error:
                    self.problems.append(error.message)

    def _date(self, name: str, parameters: Parameters, item: str) -> Moment | tuple[Moment, timedelta]:
        first, slash, second = item.partition("/")
        start, _ = self._moment(name, parameters, first)
        if not slash:
            return start
        length = typed(second)
        if not isinstance(length, timedelta):
            end, _ = self._moment(name, parameters, second)
            if isinstance(end, datetime) is not isinstance(start, datetime):
                raise SkipThis(f"its {name} {_shown(item)} is not valid")
            length = end - start  # type: ignore[operator]  # they are of one kind, see above
        return start, max(length, timedelta())

    def _moment(self, name: str, parameters: Parameters, value: str) -> tuple[Moment, bool]:
        """The date or aware datetime, and whether it was floating."""
        moment = typed(value)
        if not isinstance(moment, date):
            raise SkipThis(f"its {name} {_shown(value)} is not a date")
        if isinstance(moment, datetime) and str(parameters.get("VALUE", "")).upper() == "DATE":
            moment = moment.date()
        if not isinstance(moment, datetime) or moment.tzinfo is not None:
            return moment, False
        tzid = parameters.get("TZID")
        if isinstance(tzid, list):  # a name with commas, without quotes
            tzid = ", ".join(tzid)
        zone = self.zones.get(str(tzid)) if tzid else self.zone
        moment = moment.replace(tzinfo=zone)
        if 1 < moment.year < MAXYEAR:
            return moment, not tzid
        try:
            moment.astimezone(UTC)
        except OverflowError as error:
            raise SkipThis(f"its {name} {_shown(value)} is after the year 9999") from error
        return moment, not tzid

    def _texts(self, event: Event) -> None:
        event.title = self._text("SUMMARY", one_line=True)
        event.location = self._text("LOCATION", one_line=True)
        event.description = self._text("DESCRIPTION")
        cancelled = self.block.calendar.cancelled
        status = "CANCELLED" if cancelled else (self.block.first("STATUS") or "").upper()
        event.status = _STATUS.get(status, "confirmed")
        event.labels = tuple(dict.fromkeys(self._labels()))
        event.event_type = self._event_type(event.labels)

    def _text(self, name: str, *, one_line: bool = False) -> str | None:
        text = clean(self.block.first(name) or "")
        return (" ".join(text.split()) if one_line else text.strip()) or None

    def _labels(self) -> Iterator[str]:
        for _, value in self._all("CATEGORIES"):
            # An escaped comma belongs to the label.
            for item in value.replace("\\,", "\x00").split(","):
                label = " ".join(clean(unescape(item.replace("\x00", "\\,"))).split())
                if label:
                    yield label

    def _event_type(self, labels: tuple[str, ...]) -> EventType:
        if self.block.has("X-NEXTCLOUD-BC-FIELD-TYPE"):
            return "birthday"
        busy = (self.block.first("X-MICROSOFT-CDO-BUSYSTATUS") or "").upper()
        if busy in _BUSY:
            return _BUSY[busy]
        return next((_LABELS[label.lower()] for label in labels if label.lower() in _LABELS), "default")


@lru_cache(maxsize=256)
def _known_parameters(head: str) -> Parameters:
    """The parameters of a plain property: moments are many, zones are few. Nobody changes them."""
    return Contentline(f"{head}:0").raw_parts()[1]  # type: ignore[no-untyped-call]


def _shown(value: str) -> str:
    return f"'{one_line(value)[:40]}'"
