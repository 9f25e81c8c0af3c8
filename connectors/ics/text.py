"""One .ics file split into events and time zones, still as content lines, in linear time.

Only properties that Touchbase uses are kept. Alarms, attachments and rich-text descriptions never reach a
parser, so damage in them does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.ics.vcal1 import QP_MARKS, decoded
from connectors.shared.content_lines import Line, name_of, unescape, unfold, value_of
from connectors.shared.plain_text import decode_lines
from people.text import one_line

MAX_LINE = 1024 * 1024
MAX_TEXT = 64 * 1024
"""Longer texts are cut, because rules only look for words in them."""

_MAX_DEPTH = 16

_EVENT_LINES = frozenset(
    (
        *("UID", "SEQUENCE", "STATUS", "SUMMARY", "DESCRIPTION", "LOCATION", "CATEGORIES"),
        *("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"),
        *("ORGANIZER", "ATTENDEE", "X-MICROSOFT-CDO-BUSYSTATUS", "X-NEXTCLOUD-BC-FIELD-TYPE"),
    )
)
_ANSWERS = ("REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH")
_TEXTS = ("DESCRIPTION", "SUMMARY", "LOCATION")


@dataclass(slots=True, eq=False)
class Calendar:
    """One VCALENDAR of a file. METHOD, X-WR-TIMEZONE and time zones belong to it alone.

    ``cancelled`` is METHOD:CANCEL. ``answer`` is a METHOD of guests, such as REPLY, whose events only repeat
    what the answer is about. ``zone`` is the name of the zone of floating times.
    """

    file: str = ""
    cancelled: bool = False
    answer: bool = False
    zone: str = ""
    zones: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Block:
    """One VEVENT or VTIMEZONE: its unfolded lines with their names, and its first line in the file.

    Sub-components of an event are left out. Those of a time zone are kept with their BEGIN and END.
    ``stamp`` is DTSTAMP, which is not among the lines because every export renews it.
    """

    name: str
    line: int
    calendar: Calendar
    stamp: str = ""
    lines: list[tuple[str, str]] = field(default_factory=list)

    def first(self, name: str) -> str | None:
        """The unescaped value of the first property of this name."""
        return next((unescape(value_of(line)).strip() for known, line in self.lines if known == name), None)

    def has(self, *names: str) -> bool:
        """Whether a property of one of these names is there."""
        return any(known in names for known, _ in self.lines)


def sequence_of(block: Block) -> int:
    """SEQUENCE, 0 if it is missing or not a number."""
    value = block.first("SEQUENCE") or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


@dataclass(slots=True)
class CalendarText:
    """The events of one file. ``problems`` are pairs of a line number and a message.

    ``damaged`` is True if the file is cut short, so that a missing event may not be removed.
    """

    title: str | None = None
    events: list[Block] = field(default_factory=list)
    calendars: list[Calendar] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    damaged: bool = False


def take_apart(data: bytes, encoding: str | None = None) -> CalendarText:
    """Split one file into its components. Never raises. Faults are in ``problems``.

    ``encoding`` is the codec of lines that are not in UTF-8.
    """
    text, odd = decode_lines(data, encoding)
    splitter = _Splitter()
    for number, message in odd:
        splitter.note(number, message)
    last = 0
    lines = unfold(text)
    for line in decoded(lines) if any(mark in text for mark in QP_MARKS) else lines:
        last = line.number
        splitter.take(line)
        if len(splitter.stack) > _MAX_DEPTH:
            splitter.note(last, f"components are nested deeper than {_MAX_DEPTH}; the rest was not read")
            break
    splitter.end(last)
    return splitter.result


class Names(NamedTuple):
    """The names under which the meetings of one file are stored.

    ``calendar`` is shown to people, ``folders`` are the first steps of the ids, and ``file`` is relative to
    the source's path.
    """

    source: str
    calendar: str
    folders: tuple[str, ...]
    file: str


class _Splitter:
    def __init__(self) -> None:
        self.result = CalendarText()
        self.calendar = Calendar()
        self.result.calendars.append(self.calendar)
        self.stack: list[str] = []
        self.block: Block | None = None
        self.seen_calendar = False

    def note(self, line: int, message: str) -> None:
        self.result.problems.append((line, message))

    def _note_endless(self, block: Block) -> None:
        self.note(block.line, f"the {block.name} that begins here has no end; it was left out")

    def take(self, line: Line) -> None:
        name = name_of(line.text)
        if name == "BEGIN":
            self._begin(line)
        elif name == "END":
            end, joined, begin = line.text.upper().partition("BEGIN:")
            self._end(line._replace(text=end.rstrip(" \t\x00\ufeff")))
            if joined:  # files were joined without a line end between them
                self._begin(line._replace(text=joined + begin))
        elif self.block is not None:
            self._property(self.block, name, line)
        elif self.stack == ["VCALENDAR"]:
            self._header(name, line.text)

    def _begin(self, line: Line) -> None:
        component = value_of(line.text).strip().upper()
        if component in ("VEVENT", "VTIMEZONE"):
            if self.block is not None:
                self._note_endless(self.block)
                del self.stack[self.stack.index(self.block.name) :]
            self.block = Block(component, line.number, self.calendar)
        elif self.block is not None and self.block.name == "VTIMEZONE":
            self.block.lines.append(("BEGIN", line.text))
        if component == "VCALENDAR":
            self.calendar = Calendar()
            self.result.calendars.append(self.calendar)
        self.seen_calendar |= component in ("VCALENDAR", "VEVENT", "VTIMEZONE", "VTODO", "VJOURNAL")
        self.stack.append(component)

    def _end(self, line: Line) -> None:
        component = value_of(line.text).strip().upper()
        if component not in self.stack:
            self.note(line.number, "this END has no BEGIN and was ignored")
            return
        while self.stack.pop() != component:
            self.note(line.number, f"{component} ends before a component inside it")
        block = self.block
        if block is None:
            return
        if block.name not in self.stack and component == block.name:
            (self.result.events if component == "VEVENT" else block.calendar.zones).append(block)
            self.block = None
        elif block.name not in self.stack:
            self._note_endless(block)
            self.block = None
        elif block.name == "VTIMEZONE":
            block.lines.append(("END", line.text))

    def _property(self, block: Block, name: str, line: Line) -> None:
        if name == "DTSTAMP" and self.stack[-1] == "VEVENT":
            block.stamp = value_of(line.text).strip()
        if block.name == "VEVENT" and (self.stack[-1] != "VEVENT" or name not in _EVENT_LINES):
            return
        if name in _TEXTS:
            block.lines.append((name, line.text[:MAX_TEXT]))
        elif len(line.text) > MAX_LINE:
            self.note(line.number, f"{name} is longer than {MAX_LINE >> 20} MiB and was left out")
        else:
            block.lines.append((name, line.text))

    def _header(self, name: str, text: str) -> None:
        if name in ("X-WR-CALNAME", "NAME"):
            self.result.title = one_line(unescape(value_of(text)))[:200] or self.result.title
        elif name == "METHOD":
            method = value_of(text).strip().upper()
            self.calendar.cancelled = method == "CANCEL"
            self.calendar.answer = method in _ANSWERS
        elif name == "X-WR-TIMEZONE":
            self.calendar.zone = value_of(text).strip()

    def end(self, last: int) -> None:
        if self.block is not None:
            self._note_endless(self.block)
        if self.stack:
            self.result.damaged = True
            self.note(last, f"the file ends in the middle of {self.stack[-1][:40]}")
        elif not self.seen_calendar:
            self.result.damaged = True
            self.note(1, "is not a calendar: it has no BEGIN:VCALENDAR")
