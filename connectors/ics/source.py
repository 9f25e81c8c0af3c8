"""Calendars in .ics files as a source of meetings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from connectors.base import Check
from connectors.checks import readable
from connectors.ics.calendar import Group, Reading
from connectors.ics.copies import newest
from connectors.ics.text import CalendarText, Names, take_apart
from connectors.shared.digest_cursor import PAGE_SIZE, digest, make_cursor, unchanged
from connectors.shared.files import SourceFile, find, read_bytes
from connectors.shared.recurrence import Window
from people.errors import SkipThis, SourceMissing
from people.types import Meeting, Page, Problem

_PARSER = "2"
"""Raise it if the same file gives different meetings. All calendars are then read again."""


_SUFFIXES = (".ics", ".vcs")


class IcsSource:
    """Meetings from an .ics file, or from all .ics and .vcs files below a folder.

    Each instance from ``past_days`` ago to ``future_days`` ahead is one Meeting. Both ends are rounded to
    whole months, so that a new day alone changes nothing. Floating times are read in ``time_zone``, and so
    are times in an unknown zone (a Problem). All-day events stay dates.

    A file that names a calendar, or contains several UIDs, is its own calendar. Single events (the items of
    a vdir) belong to the calendar of their folder. Ids are paths of calendar, UID and the instance's original
    start. ``my_emails`` identify the user among the guests. ``known`` maps the raw hash of each event in the
    store to the ids of its meetings; these are reported as ``unchanged``.

    Series of more than 5,000 instances and rules that repeat by the minute or second are refused, each with a
    Problem. Descriptions are cut at 64 KiB. If a file cannot be read or is cut short, no meeting counts as
    removed.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        *,
        my_emails: Collection[str],
        today: date,
        time_zone: ZoneInfo,
        past_days: int = 1100,
        future_days: int = 365,
        known: Mapping[str, Sequence[str]] | None = None,
        encoding: str | None = None,
    ) -> None:
        self._encoding = encoding
        self._known = {} if known is None else known
        self.name = name
        self.path = path
        self.my_emails = frozenset(email.strip().lower() for email in my_emails)
        self.time_zone = time_zone
        self.start = (today - timedelta(days=past_days)).replace(day=1)
        end = today + timedelta(days=future_days)
        self.stop = date(end.year + end.month // 12, end.month % 12 + 1, 1)

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield one empty page if no file changed, else all meetings within the window.

        Raises ``SourceMissing`` if the path does not exist.
        """
        files, problems = self._files()
        current = self._digest(files)
        page = unchanged(cursor, current)
        if page is not None:
            yield page
            return
        yield from self._read(files, problems, current)

    def _files(self) -> tuple[dict[str, bytes | None], list[Problem]]:
        """The content of each file by name (None if it cannot be read), and the problems."""
        problems: list[Problem] = []
        files: dict[str, bytes | None] = {}

        def failed(name: str, reason: str) -> None:
            files[name] = None
            problems.append(Problem(where=name, message=reason, help="check the folder and its permissions"))

        for file in self._find(failed):
            try:
                files[file.name] = read_bytes(file.path)
            except SkipThis as error:
                files[file.name] = None
                problems.append(Problem(where=file.name, message=error.message, help=error.help))
        return files, problems

    def _find(self, failed: Callable[[str, str], None]) -> list[SourceFile]:
        if not self.path.exists():
            raise SourceMissing(
                f"calendar {self.path} of source '{self.name}' does not exist",
                help="check the path of this source in touchbase.toml",
            )
        if self.path.is_dir():
            return sorted(file for suffix in _SUFFIXES for file in find(self.path, suffix, failed))
        return [SourceFile(self.path.name, self.path)]

    def _digest(self, files: dict[str, bytes | None]) -> str:
        contents = (
            part for name, data in files.items() for part in (name, b"?" if data is None else b"=" + data)
        )
        return digest([*self.settings(), *contents])

    def look(self) -> Check:
        """Check the file or folder, for ``touchbase doctor``."""
        return readable(self.path)

    def reading(self) -> Reading:
        """Begin a read: its window, and what the store knows."""
        window = Window(self.start, self.stop, self.time_zone)
        return Reading(window, self.my_emails, digest(self.settings()), self._known)

    @property
    def covers_from(self) -> date:
        """The first day from which a full read names every meeting."""
        return self.start + timedelta(days=1)

    def settings(self) -> tuple[str, ...]:
        """Everything that shapes a meeting except the files."""
        parsers = (_PARSER, version("icalendar"), version("recurring-ical-events"))
        window = (str(self.start), str(self.stop), str(self.time_zone))
        return (*parsers, *window, self._encoding or "", *sorted(self.my_emails))

    def _names(self, file: str, text: CalendarText) -> Names:
        path = PurePosixPath(file)
        title = text.title
        if not self.path.is_dir():
            return Names(self.name, title or path.stem, (), file)
        if self._is_item(text):
            folder = path.parent.parts
            return Names(self.name, folder[-1] if folder else self.path.resolve().name, folder, file)
        return Names(self.name, title or path.stem, path.with_suffix("").parts, file)

    def _is_item(self, text: CalendarText) -> bool:
        """Whether this is one event in a file: an item of a vdir, or a saved invitation."""
        if text.title is not None or not self.path.is_dir():
            return False
        return len({block.uid for block in text.events}) <= 1

    def _read(self, files: dict[str, bytes | None], problems: list[Problem], current: str) -> Iterator[Page]:
        reading = self.reading()
        texts = {name: take_apart(data, self._encoding) for name, data in files.items() if data is not None}
        groups: dict[Names, Group] = {}
        highest = newest(texts) if len(texts) > 1 else {}
        for name, text in texts.items():
            names = self._names(name, text)
            key = names._replace(file="") if self._is_item(text) else names
            groups.setdefault(key, Group(names, reading, highest)).add(text, name)
        waiting: list[Meeting] = []
        for group in groups.values():
            for meeting in group.meetings():
                waiting.append(meeting)
                if len(waiting) > PAGE_SIZE:
                    yield Page(changes=tuple(waiting[:PAGE_SIZE]))
                    del waiting[:PAGE_SIZE]
            problems += group.problems()
        whole = None not in files.values() and not any(text.damaged for text in texts.values())
        yield Page(
            changes=tuple(waiting),
            unchanged=tuple(reading.unchanged),
            problems=tuple(problems),
            cursor=make_cursor(current, problems),
            complete=whole and not reading.limited,
            covers_from=self.covers_from,
        )
