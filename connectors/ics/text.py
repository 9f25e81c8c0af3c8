"""One .ics file split into events and time zones, still as content lines, in linear time.

Only properties that Touchbase uses are kept. Alarms, attachments and rich-text descriptions never reach a
parser, so damage in them does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.ics.parts.block import TEXTS, Block, Calendar
from connectors.ics.parts.cut import well_formed
from connectors.ics.vcal1 import QP_MARKS, decoded
from connectors.shared.content_lines import Line, name_of, unescape, unfold, value_of
from connectors.shared.plain_text import decode_lines
from people.text import one_line

MAX_LINE = 1024 * 1024
_MAX_DEPTH = 16
_ALARM_DEPTH = 2
"""Components that a well-formed event adds to those around it: itself and an alarm."""
_ANSWERS = ("REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH")


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
    if any(mark in text for mark in QP_MARKS):
        splitter.take_all(decoded(unfold(text)))
    else:
        _take_pieces(text, splitter)
    splitter.end()
    return splitter.result


def _take_pieces(text: str, splitter: _Splitter) -> None:
    """Take well-formed events as they are, and what is between them line by line."""
    done, number = 0, 1
    for start, end in well_formed(text):
        if start > done:
            if not splitter.take_all(unfold(text[done:start], number)):
                return
            number += text.count("\n", done, start)
        lines = text.count("\n", start, end)
        if splitter.take_event(text[start:end], number, lines):
            done = end
            number += lines
        else:
            done = start
    splitter.take_all(unfold(text[done:], number))


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
        self.last = 0

    def take_all(self, lines: Iterable[Line]) -> bool:
        """Take lines one by one; False if the rest is not to be read."""
        for line in lines:
            self.last = line.number
            self.take(line)
            if len(self.stack) > _MAX_DEPTH:
                message = f"components are nested deeper than {_MAX_DEPTH}; the rest was not read"
                self.note(self.last, message)
                return False
        return True

    def take_event(self, raw: str, number: int, lines: int) -> bool:
        """Take a well-formed event; False if something else has begun around it. ``lines`` counts its own."""
        if self.block is not None or len(self.stack) + _ALARM_DEPTH > _MAX_DEPTH:
            return False
        self.seen_calendar = True
        self.last = number + lines - 1
        self.result.events.append(Block("VEVENT", number, self.calendar, raw))
        return True

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
        own = self.stack[-1] == "VEVENT"
        if len(line.text) > MAX_LINE and name not in TEXTS and block.takes(name, own=own):
            self.note(line.number, f"{name} is longer than {MAX_LINE >> 20} MiB and was left out")
        else:
            block.take(name, line.text, own=own)

    def _header(self, name: str, text: str) -> None:
        if name in ("X-WR-CALNAME", "NAME"):
            self.result.title = one_line(unescape(value_of(text)))[:200] or self.result.title
        elif name == "METHOD":
            method = value_of(text).strip().upper()
            self.calendar.cancelled = method == "CANCEL"
            self.calendar.answer = method in _ANSWERS
        elif name == "X-WR-TIMEZONE":
            self.calendar.zone = value_of(text).strip()

    def end(self) -> None:
        if self.block is not None:
            self._note_endless(self.block)
        if self.stack:
            self.result.damaged = True
            self.note(self.last, f"the file ends in the middle of {self.stack[-1][:40]}")
        elif not self.seen_calendar:
            self.result.damaged = True
            self.note(1, "is not a calendar: it has no BEGIN:VCALENDAR")
