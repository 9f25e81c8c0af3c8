"""The meetings of one calendar: each instance within the window is one.

Each UID is read and expanded separately, so that a bad event does not affect the others.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from connectors.ics.copies import calendars_of, outdated, settle, without_cancelled
from connectors.ics.event import ITSELF, Event, read_event
from connectors.ics.expand import LIBRARY_ERRORS, Budget, Instance, expand
from connectors.ics.parts.block import Block, Calendar
from connectors.ics.text import CalendarText, Names
from connectors.ics.zones import Zones, definitions
from connectors.shared.digest_cursor import at_most, digest
from connectors.shared.recurrence import MAX_INSTANCES, Moment, Window
from people.errors import SkipThis
from people.text import clean, one_line
from people.types import Meeting, Problem

MAX_MEETINGS = 50_000
"""Meetings of one source within the window. The rest is left out, with a problem."""
_NO_UID = "no-uid-"
_PLAIN = re.compile(r"[A-Za-z0-9@._:+=~-]*")
_SLACK = timedelta(days=2)
_REMEDY = "open the event in your calendar program, save it and export the calendar again"


@dataclass(slots=True)
class Reading:
    """The state of one read, over all of its files.

    ``claims`` maps the id path of each event or series to its group and file. ``limited`` is True if
    something was left out. ``known`` maps the raw hash of an event to the ids of its meetings in the store;
    such an event is not read again, and its ids go to ``unchanged``. ``settings`` is a digest of everything
    else that shapes a meeting.
    """

    window: Window
    my_emails: Collection[str]
    settings: str = ""
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    claims: dict[str, tuple[object, str]] = field(default_factory=dict)
    count: int = 0
    limited: bool = False


def read_calendar(text: CalendarText, names: Names, reading: Reading) -> tuple[list[Meeting], list[Problem]]:
    """Read the meetings of one file within the window, and its problems."""
    group = Group(names, reading, {})
    group.add(text, names.file)
    meetings = list(group.meetings())
    return meetings, group.problems()


class Group:
    """The files whose events have ids in one namespace: one calendar, or the items of a folder (a vdir).

    ``newest`` is the highest SEQUENCE of each UID in all files of the source.
    """

    def __init__(self, names: Names, reading: Reading, newest: Mapping[str, tuple[int, str]]) -> None:
        self.names = names
        self._folders = tuple(map(_safe, names.folders))
        self._reading = reading
        self._newest = newest
        self._events: list[Block] = []
        self._zones: dict[int, Zones] = {}
        self._around: dict[int, bytes] = {}
        self._problem_lines: dict[tuple[str, int, str], str] = {}
        self._unknown: dict[tuple[str, str], int] = {}

    def add(self, text: CalendarText, file: str) -> None:
        """Add the events of one file."""
        window, others = self._reading.window, definitions(text.calendars)
        defined = hashlib.blake2b(repr([zone.lines for zone in others.values()]).encode("utf-8", "replace"))
        for calendar in text.calendars:
            calendar.file = file
            self._zones[id(calendar)] = Zones(calendar, others, window.zone)
            self._around[id(calendar)] = self._surroundings(calendar, defined.digest())
        self._events += text.events
        self._problem_lines |= {(file, line, message): "" for line, message in text.problems}

    def meetings(self) -> Iterator[Meeting]:
        """Read the meetings within the window. ``problems`` is complete only afterwards."""
        reading = self._reading
        for uid, found in self._series().items():
            raw_hash = self._raw_hash(found)
            known = reading.known.get(raw_hash)
            # What is known lies within the window.
            is_sure = known and not self._newest
            blocks = found if is_sure else [block for block in found if not self._is_outside(block)]
            if not blocks:
                continue
            path = "/".join((*self._folders, _safe(uid)))
            before = len(self._problem_lines)
            try:
                if file := outdated(blocks, self._newest.get(uid)):
                    raise SkipThis(f"a newer version of it is in {file}, which counts")
                self._claim(path, blocks[0])
                if known:
                    reading.unchanged += known
                    reading.count += len(known)
                    continue
                instances = self._instances(uid, blocks)
            except SkipThis as error:
                self._note(blocks[0], error.message)
                continue
            except LIBRARY_ERRORS as error:
                reason = f"{type(error).__name__}: {one_line(str(error))[:100]}"
                self._note(blocks[0], f"cannot be understood ({reason})")
                continue
            if reading.count + len(instances) > MAX_MEETINGS:
                reading.limited = True
                message = f"there are more than {MAX_MEETINGS} meetings; it and the rest were not read"
                self._note(blocks[0], message)
                return
            reading.count += len(instances)
            unknown = any(self._zones[id(calendar)].unknown for calendar in calendars_of(blocks))
            # Without a hash it is read, and its problems reported, in every run.
            saved = None if unknown or len(self._problem_lines) > before else raw_hash
            for instance in instances:
                yield _meeting(instance, uid, path, self.names, saved)
            for block in found:
                block.fold_up()

    def _raw_hash(self, blocks: list[Block]) -> str:
        """One hash of everything that the meetings of one UID depend on."""
        if len(blocks) == 1:
            whole = self._around[id(blocks[0].calendar)] + blocks[0].content()
            return hashlib.blake2b(whole, digest_size=16).hexdigest()
        several = sum(not block.has("RECURRENCE-ID") for block in blocks) > 1
        parts = [self._around[id(calendar)] for calendar in calendars_of(blocks)]
        for block in blocks:
            # Of several copies, DTSTAMP may decide. Otherwise it changes with every export.
            parts += (block.content(), block.stamp.encode("utf-8", "replace") if several else b"")
        return digest(parts)

    def _surroundings(self, calendar: Calendar, defined: bytes) -> bytes:
        """A digest of what else an event depends on. ``defined`` is that of the zones in its file."""
        zones = [zone.lines for zone in calendar.zones]
        names = (*self.names[:3], calendar.file, calendar.cancelled, calendar.answer, calendar.zone)
        around = repr((*names, self._reading.settings, zones)).encode("utf-8", "replace")
        return hashlib.blake2b(around + defined, digest_size=16).digest()

    def _claim(self, path: str, block: Block) -> None:
        group, file = self._reading.claims.setdefault(path, (self, block.calendar.file))
        if group is not self:
            raise SkipThis(f"the same event is in {file}, which counts")

    def _series(self) -> dict[str, list[Block]]:
        series: dict[str, list[Block]] = {}
        for block in self._events:
            series.setdefault(block.uid or _derived_uid(block), []).append(block)
        return series

    def _is_outside(self, block: Block) -> bool:
        if block.has("RRULE", "RDATE", "RECURRENCE-ID", "DURATION"):
            return False
        window = self._reading.window
        with suppress(ValueError):
            start = _day(block.first("DTSTART"))
            end = _day(block.first("DTEND")) if block.has("DTEND") else start
            return start > window.stop + _SLACK or max(start, end) < window.start - _SLACK
        return False

    def _instances(self, uid: str, blocks: list[Block]) -> list[Instance]:
        if len(blocks) > MAX_INSTANCES:
            self._note(
                blocks[0], f"it has {len(blocks)} changed instances, more than {MAX_INSTANCES}; {ITSELF}"
            )
            blocks = [block for block in blocks if not block.has("RECURRENCE-ID")][:MAX_INSTANCES]
        events: list[Event] = []
        cancels: list[Block] = []
        lines: dict[int, Block] = {}
        for block in blocks:
            zones = self._zones[id(block.calendar)]
            known = set(zones.unknown)
            try:
                event = read_event(block, uid, zones, self._reading.my_emails)
            except SkipThis as error:
                if block.calendar.cancelled and not block.has("DTSTART", "RECURRENCE-ID"):
                    cancels.append(block)
                else:
                    self._note(block, error.message)
                continue
            for zone in zones.unknown - known:
                self._unknown.setdefault((block.calendar.file, zone), block.line)
            events.append(event)
            lines[id(event)] = block
            for message in event.problems:
                self._note(block, message)
            if uid.startswith(_NO_UID):
                self._note(block, "it has no UID, so each edit makes it a new event")

        def note(event: Event, message: str) -> None:
            self._note(lines[id(event)], message)

        events = settle(events, note)
        if not events:
            return []
        without_cancelled(events, cancels)
        window, budget = self._reading.window, self._reading.budget
        found = expand(events, window, budget, note)
        self._reading.limited |= budget.spent
        return found

    def _note(self, block: Block, message: str) -> None:
        label = _label(block.first("SUMMARY"), block.first("UID") or "")
        self._problem_lines[block.calendar.file, block.line, message] = label

    def problems(self) -> list[Problem]:
        """All problems, file by file. Each unknown zone is one per file."""
        problems: dict[str, list[Problem]] = {}
        for (file, line, message), event in self._problem_lines.items():
            problem = Problem(
                where=f"{file}:{line}",
                message=f"event {event}: {message}" if event else message,
                help=_REMEDY if event else "export the calendar again",
            )
            problems.setdefault(file, []).append(problem)
        for (file, zone), line in sorted(self._unknown.items()):
            problem = Problem(
                where=f"{file}:{line}",
                message=f"time zone '{one_line(zone)[:80]}' is unknown; its times were read in yours",
                help="give the events an IANA time zone, such as Europe/London",
            )
            problems.setdefault(file, []).append(problem)
        return [one for file, found in problems.items() for one in at_most(found, file)]


def _meeting(instance: Instance, uid: str, path: str, names: Names, raw_hash: str | None) -> Meeting:
    event, original = instance.event, instance.original
    timed = isinstance(instance.start, datetime)
    return Meeting(
        source=names.source,
        source_id=path if original is None else f"{path}/{_stamp(original, floating=event.floating)}",
        calendar=names.calendar,
        uid=clean(uid),
        series=None if original is None else path,
        title=event.title,
        description=event.description,
        location=event.location,
        start=instance.start if timed else None,
        end=instance.end if timed else None,
        start_date=None if timed else instance.start,
        end_date=None if timed else instance.end,
        status=event.status,
        event_type=event.event_type,
        my_response=event.guests.my_response,
        organizer=event.guests.organizer,
        attendees=event.guests.attendees,
        attendees_omitted=event.guests.omitted,
        labels=event.labels,
        file=event.calendar.file,
        raw_hash=raw_hash,
    )


def _stamp(moment: Moment, *, floating: bool) -> str:
    """The instance's place in the series, independent of the zone in which a program writes it."""
    if not isinstance(moment, datetime):
        return f"{moment.year:04}{moment:%m%d}"
    if floating:
        return f"{moment.year:04}{moment:%m%dT%H%M%S}"
    moment = moment.astimezone(UTC)
    return f"{moment.year:04}{moment:%m%dT%H%M%SZ}"


def _safe(name: str) -> str:
    """A name as one step of a path. A very long name is hashed."""
    if len(name) <= 200 and _PLAIN.fullmatch(name):
        return name
    escaped = quote(clean(name), safe="@.-_:+=~ {}()&,'!")
    return escaped if len(escaped) <= 200 else "long-" + _short(name)


def _derived_uid(block: Block) -> str:
    return _NO_UID + _short("\n".join(line for _, line in block.lines))


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _day(value: str | None) -> date:
    return date.fromisoformat((value or "")[:8])


def _label(title: str | None, uid: str) -> str:
    return f"'{one_line(title or uid)[:60]}'"
