"""The meetings of one .ics file: each instance within the window is one.

Each UID is read and expanded separately, so that a bad event does not affect the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from connectors.ics.event import Event, read_event
from connectors.ics.expand import Budget, Instance, TooMuch, expand
from connectors.ics.text import Block, CalendarText, Names
from connectors.ics.zones import Zones
from connectors.shared.digest_cursor import at_most
from connectors.shared.recurrence import MAX_INSTANCES, Moment, Window
from people.errors import SkipThis
from people.text import clean, one_line
from people.types import Meeting, Problem

MAX_MEETINGS = 50_000
"""Meetings of one source within the window. The rest is left out, with a problem."""
_NO_UID = "no-uid-"
_SLACK = timedelta(days=2)
_REMEDY = "open the event in your calendar program, save it and export the calendar again"
# What icalendar, dateutil and recurring-ical-events raise on input they do not expect.
_LIBRARY_ERRORS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError)


@dataclass(slots=True)
class Reading:
    """The state of one read, over all of its files.

    ``files`` maps the id path of each event or series to its file. ``limited`` is True if something was left
    out. ``known`` maps the raw hash of an event to the ids of its meetings in the store; such an event is
    not read again, and its ids go to ``unchanged``. ``settings`` is a digest of everything else that shapes
    a meeting.
    """

    window: Window
    my_emails: Collection[str]
    settings: str = ""
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    files: dict[str, str] = field(default_factory=dict)
    count: int = 0
    limited: bool = False


def read_calendar(text: CalendarText, names: Names, reading: Reading) -> tuple[list[Meeting], list[Problem]]:
    """Read the meetings of one file within the window, and its problems."""
    file = _File(text, names, reading)
    meetings = list(file.meetings())
    return meetings, file.problems()


class _File:
    def __init__(self, text: CalendarText, names: Names, reading: Reading) -> None:
        self.text = text
        self.names = names
        self.reading = reading
        self.zones = Zones(text.zones, reading.window.zone)
        self.problem_lines: dict[tuple[int, str], str] = dict.fromkeys(text.problems, "")
        around = [*names, text.cancelled, reading.settings, *(zone.lines for zone in text.zones)]
        self.around = repr(around).encode("utf-8", "replace")

    def meetings(self) -> Iterator[Meeting]:
        for uid, blocks in self._series().items():
            path = "/".join(map(_safe, (*self.names.folders, uid)))
            before = len(self.problem_lines)
            raw_hash: str | None = self._raw_hash(blocks)
            try:
                self._claim(path)
                if known := self.reading.known.get(raw_hash or ""):
                    self.reading.unchanged += known
                    self.reading.count += len(known)
                    continue
                instances = self._instances(uid, blocks)
            except TooMuch as error:
                self._stop(blocks[0], error.message)
                return
            except SkipThis as error:
                self._note(blocks[0], error.message)
                continue
            except _LIBRARY_ERRORS as error:
                self._note(
                    blocks[0], f"cannot be understood ({type(error).__name__}: {one_line(str(error))[:100]})"
                )
                continue
            if self.reading.count + len(instances) > MAX_MEETINGS:
                self._stop(blocks[0], f"there are more than {MAX_MEETINGS} meetings")
                return
            self.reading.count += len(instances)
            if self.zones.unknown or len(self.problem_lines) > before:
                raw_hash = None  # Without a hash it is read, and its problems reported, in every run.
            for instance in instances:
                update: dict[str, object] = {"raw_hash": raw_hash}
                if self.text.cancelled:
                    update["status"] = "cancelled"
                yield _meeting(instance, uid, path, self.names).model_copy(update=update)

    def _raw_hash(self, blocks: list[Block]) -> str:
        """One hash of everything that the meetings of one UID depend on."""
        total = hashlib.blake2b(self.around, digest_size=16)
        for block in blocks:
            total.update(repr(block.lines).encode("utf-8", "replace"))
        return total.hexdigest()

    def _settle_copies(self, events: list[Event], block: Block) -> None:
        """Settle copies under one UID: the highest SEQUENCE counts. If several have it, all of them count."""
        # The order in the file must not decide which copy counts.
        events.sort(key=lambda event: (-event.sequence, str(event.start), event.title or ""))
        masters = [event for event in events if event.original is None]
        newest = [event for event in masters if event.sequence == masters[0].sequence]
        if len({event.start for event in newest}) > 1:
            self._note(block, f"{len(newest)} different events share its UID")
            if all(event.alone for event in events):
                for event in newest:
                    event.original = event.start

    def _stop(self, block: Block, why: str) -> None:
        self.reading.limited = True
        self._note(block, f"{why}; it and the rest of the file were not read")

    def _claim(self, path: str) -> None:
        file = self.reading.files.setdefault(path, self.names.file)
        if file != self.names.file:
            raise SkipThis(f"the same event is in {file}, which counts")

    def _series(self) -> dict[str, list[Block]]:
        """Blocks by UID, without single events that are clearly outside the window."""
        series: dict[str, list[Block]] = {}
        for block in self.text.events:
            if self._is_outside(block):
                continue
            uid = block.first("UID")
            series.setdefault(uid or _derived_uid(block), []).append(block)
        return series

    def _is_outside(self, block: Block) -> bool:
        if block.has("RRULE", "RDATE", "RECURRENCE-ID", "DURATION"):
            return False
        window = self.reading.window
        with suppress(ValueError):
            start = _day(block.first("DTSTART"))
            end = _day(block.first("DTEND")) if block.has("DTEND") else start
            return start > window.stop + _SLACK or max(start, end) < window.start - _SLACK
        return False

    def _instances(self, uid: str, blocks: list[Block]) -> list[Instance]:
        if len(blocks) > MAX_INSTANCES:
            raise SkipThis(f"it has {len(blocks)} changed instances, more than {MAX_INSTANCES}")
        events: list[Event] = []
        for block in blocks:
            try:
                events.append(read_event(block, uid, self.zones, self.reading.my_emails))
            except SkipThis as error:
                self._note(block, error.message)
                continue
            for message in events[-1].problems:
                self._note(block, message)
            if uid.startswith(_NO_UID):
                self._note(block, "it has no UID, so each edit makes it a new event")
        self._settle_copies(events, blocks[0])
        return expand(events, self.reading.window, self.reading.budget) if events else []

    def _note(self, block: Block, message: str) -> None:
        self.problem_lines[block.line, message] = _label(block.first("SUMMARY"), block.first("UID") or "")

    def problems(self) -> list[Problem]:
        """All problems of the file. Each unknown zone is one."""
        problems = [
            Problem(
                where=f"{self.names.file}:{line}",
                message=f"event {event}: {message}" if event else message,
                help=_REMEDY if event else "export the calendar again",
            )
            for (line, message), event in self.problem_lines.items()
        ]
        problems += [
            Problem(
                where=self.names.file,
                message=f"time zone '{one_line(zone)[:80]}' is unknown; its times were read in yours",
                help="give the events an IANA time zone, such as Europe/London",
            )
            for zone in sorted(self.zones.unknown)
        ]
        return at_most(problems, self.names.file)


def _meeting(instance: Instance, uid: str, path: str, names: Names) -> Meeting:
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
        file=names.file,
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
