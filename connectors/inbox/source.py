"""The inbox as a source of journal lines."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.inbox.thought import Thought, day_of, understand
from connectors.shared.digest_cursor import digest, full_read, unchanged
from connectors.shared.files import read_only_file
from connectors.shared.plain_text import decode_lines
from people.errors import SkipThis
from people.text import one_line, without_invisible
from people.types import JournalLine, Page

MAX_BYTES = 8 * 1024 * 1024
"""Larger files are refused, because nobody writes that much on a phone."""
_LONGEST_LINE = 2_000
_PARSER = "1"


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One line of the file: its id, its place, its text, and what it says or why it is unclear.

    The id comes from the text, so that it stays when lines are added above it. The second of two equal
    lines has ``-2`` at the end.
    """

    id: str
    number: int
    text: str
    thought: Thought | None
    problem: SkipThis | None = None


class InboxSource:
    """The lines of one text file as journal lines. Blank lines and lines that begin with ``#`` do not count.

    An unclear line does not become a journal line. ``read_lines`` says what is unclear, and the command
    ``touchbase inbox`` shows it until the user edits the line or sets it aside.

    ``known_days`` maps the id of each line that the store holds to its day. A line without a date has the
    day on which it was first read, but not a later one than the file's last change. ``zone`` is the user's.
    """

    def __init__(
        self, name: str, path: Path, today: date, zone: ZoneInfo, known_days: Mapping[str, date] | None = None
    ) -> None:
        self.name = name
        self.path = path
        self._today = today
        self._zone = zone
        self._known_days = {} if known_days is None else known_days

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield one empty page if the file did not change, else all of its lines.

        Raises ``SourceMissing`` if the file does not exist, and ``UserMustAct`` if it cannot be read.
        """
        data = _data(self.path)
        current = digest([_PARSER, self.path.name, data])
        page = unchanged(cursor, current)
        if page is not None:
            yield page
            return
        seen = self._last_change()
        told = [self._journal_line(line, line.thought, seen) for line in _lines(data) if line.thought]
        yield from full_read(told, (), current)

    def _last_change(self) -> date:
        changed = datetime.fromtimestamp(self.path.stat().st_mtime, self._zone).date()
        return min(changed, self._today)

    def _journal_line(self, line: InboxLine, thought: Thought, seen: date) -> JournalLine:
        day = self._known_days.get(line.id) or (day_of(thought.when, seen) if thought.when else seen)
        return JournalLine(
            source=self.name,
            source_id=line.id,
            date=day,
            person=thought.person,
            kind=thought.kind,
            direction=thought.direction,
            other=thought.other,
            hours=thought.hours,
            note=thought.note,
            file=self.path.name,
            line=line.number,
        )


def read_lines(path: Path) -> list[InboxLine]:
    """Return all lines of an inbox. Raises as ``InboxSource.changes`` does."""
    return list(_lines(_data(path)))


def _data(path: Path) -> bytes:
    remedy = "check its path in touchbase.toml, or put an empty text file there"
    return read_only_file(path, "inbox", remedy, MAX_BYTES)


def _lines(data: bytes) -> Iterator[InboxLine]:
    seen: Counter[str] = Counter()
    for number, raw in enumerate(decode_lines(data).text.split("\n"), start=1):
        text = one_line(without_invisible(raw[:_LONGEST_LINE]))
        if not text or text.startswith("#"):
            continue
        key = hashlib.sha256(text.encode()).hexdigest()[:16]
        seen[key] += 1
        own = key if seen[key] == 1 else f"{key}-{seen[key]}"
        try:
            if len(raw) > _LONGEST_LINE:
                raise SkipThis("is too long", help="write one thought per line")
            yield InboxLine(own, number, text, understand(text))
        except SkipThis as error:
            yield InboxLine(own, number, text, None, error)
