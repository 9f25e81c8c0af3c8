"""The calls and messages of an Android phone as a source of contact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.android.backup import CutShort, Entry, entries
from connectors.shared.digest_cursor import PAGE_SIZE, digest, make_cursor, unchanged
from connectors.shared.files import SourceFile, find
from connectors.shared.talks import Talk, as_contact
from people.errors import SourceMissing
from people.phones import e164
from people.types import Page, Problem

_PARSER = "1"
_LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


class AndroidSource:
    """Calls that were answered and messages of one backup, or of all .xml files in a folder.

    A call or message that stands in several backups is one. Numbers without a country are in ``region``;
    services without a whole number (short codes) are left out. Days are in ``zone``, the user's. If a file is
    cut short, what it has is read and nothing counts as removed.
    """

    def __init__(self, name: str, path: Path, *, zone: ZoneInfo, region: str) -> None:
        self.name = name
        self.path = path
        self._zone = zone
        self._region = region

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield one empty page if no file changed, else all of its contact.

        Raises ``SourceMissing`` if the path does not exist.
        """
        problems: list[Problem] = []
        files = self._files(problems)
        current = digest([_PARSER, str(self._zone), self._region, *map(_state, files)])
        page = unchanged(cursor, current)
        if page is not None:
            yield page
            return
        found: set[Entry] = set()
        for file in files:
            problem = _read(file, found)
            if problem is not None:
                problems.append(problem)
        lines = as_contact(self._talks(found), self.name, self.path.name)
        for start in range(0, len(lines), PAGE_SIZE):
            yield Page(changes=tuple(lines[start : start + PAGE_SIZE]))
        yield Page(problems=tuple(problems), cursor=make_cursor(current, problems), complete=not problems)

    def _files(self, problems: list[Problem]) -> list[SourceFile]:
        if not self.path.exists():
            raise SourceMissing(
                f"{self.path} of source '{self.name}' does not exist",
                help="check the path of this source in touchbase.toml; a backup of the phone belongs there",
            )
        if not self.path.is_dir():
            return [SourceFile(self.path.name, self.path)]

        def failed(name: str, reason: str) -> None:
            problems.append(Problem(where=name, message=reason, help="check the folder and its permissions"))

        return list(find(self.path, ".xml", failed))

    def _talks(self, found: set[Entry]) -> Iterator[Talk]:
        for entry in found:
            number = e164(entry.number, self._region)
            if number is not None and entry.at / 1000 < _LATEST:
                day = datetime.fromtimestamp(entry.at / 1000, UTC).astimezone(self._zone).date()
                minutes = entry.seconds / 60 if entry.channel == "call" else None
                yield Talk(day, number, entry.channel, minutes)


def _read(file: SourceFile, found: set[Entry]) -> Problem | None:
    """Add what one file holds; return what is wrong with it."""
    if not file.path.is_file():
        return Problem(where=file.name, message="is not a regular file", help="remove it")
    try:
        found.update(entries(file.path))
    except CutShort as error:
        message = "is cut short, or is not a backup of SMS Backup & Restore"
        return Problem(where=f"{file.name}:{error.line}", message=message, help="make the backup again")
    except OSError as error:
        return Problem(
            where=file.name, message=f"cannot be read: {error.strerror}", help="check its permissions"
        )
    return None


def _state(file: SourceFile) -> str:
    try:
        stat = file.path.stat()
    except OSError:
        return f"{file.name}\0unreadable"
    return f"{file.name}\0{stat.st_size}\0{stat.st_mtime_ns}"
