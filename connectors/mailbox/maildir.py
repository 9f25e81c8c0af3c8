"""A Maildir: one file per mail, in the folders ``cur`` and ``new`` of each mail folder."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from connectors.mailbox.mbox import MOST_HEADERS
from connectors.shared.files import regular_file
from people.types import Frozen

PARTS = ("cur", "new")
_TICK_NS = 2_000_000_000
"""A folder that changed so recently may change again without a new time."""
_MOST_LAST = 1000
_CHUNK = 16 << 10


class MaildirState(Frozen):
    """What was read of one mail folder.

    ``times`` are the modification times of ``cur`` and ``new``; if they are the same, no mail was added.
    ``until`` is a time in nanoseconds: each file whose inode changed before it was read. ``last`` are the
    names of those that changed then or later, and were read.
    """

    times: tuple[int, ...] = ()
    until: int = 0
    last: tuple[str, ...] = ()

    def unchanged(self, times: tuple[int, ...]) -> bool:
        """Whether nothing was added. A time that is too young to rely on does not say so."""
        now = time.time_ns()
        return times == self.times and all(now - at > _TICK_NS for at in times)

    def after(
        self, found: Sequence[Found], listed: tuple[int, ...], times: tuple[int, ...] = ()
    ) -> MaildirState:
        """The state after these files, the oldest first, were read; ``listed`` are the times before that.

        A file that came while the folder was listed may be missing in the list, so ``until`` never lies
        after the listing began.
        """
        until = min(found[-1].changed, max(listed)) if found else self.until
        last = [one.name for one in found[-_MOST_LAST:] if one.changed >= until]
        if until == self.until:
            last = [*self.last, *last][-_MOST_LAST:]
        return MaildirState(times=times, until=until, last=tuple(last))


class Found(NamedTuple):
    """A mail that is new, and ``changed``, the time when its inode changed."""

    path: Path
    changed: int

    @property
    def name(self) -> str:
        """The file's name without the flags, which change when a mail is read or answered."""
        return unflagged(self.path.name)


def unflagged(name: str) -> str:
    """The unique part of a file's name."""
    return name.partition(":")[0].partition(";")[0]


def is_maildir(path: Path) -> bool:
    """Whether a folder is a mail folder."""
    return all((path / part).is_dir() for part in PARTS)


def times_of(folder: Path) -> tuple[int, ...]:
    """When ``cur`` and ``new`` changed last, in nanoseconds."""
    return tuple((folder / part).stat().st_mtime_ns for part in PARTS)


def news(folder: Path, state: MaildirState, failed: Callable[[Path, OSError], None]) -> list[Found]:
    """List the files that came since ``state``, the oldest first.

    A flag that changes renames the file, and a mail that is moved to ``cur`` is renamed, too: both are
    listed again, which does no harm.
    """
    last = frozenset(state.last)
    found = []
    for entry in _entries(folder, failed):
        try:
            changed = entry.stat(follow_symlinks=False).st_ctime_ns
        except OSError as error:
            failed(Path(entry.path), error)
            continue
        if changed >= state.until and unflagged(entry.name) not in last:
            found.append(Found(path=Path(entry.path), changed=changed))
    return sorted(found, key=lambda one: (one.changed, one.path.name))


def _entries(folder: Path, failed: Callable[[Path, OSError], None]) -> Iterator[os.DirEntry[str]]:
    for part in PARTS:
        try:
            with os.scandir(folder / part) as entries:
                yield from (entry for entry in entries if not entry.name.startswith("."))
        except OSError as error:
            failed(folder / part, error)


def header_block(path: Path) -> bytes:
    """The headers of a mail in a file of its own. Raises ``OSError``, and ``SkipThis`` for a FIFO."""
    with regular_file(path) as file:
        return _until_empty_line(file.read)


def _until_empty_line(read: Callable[[int], bytes]) -> bytes:
    parts: list[bytes] = []
    size, end = 0, b""
    while size < MOST_HEADERS and (chunk := read(_CHUNK)):
        parts.append(chunk)
        size += len(chunk)
        # An empty line may lie across two chunks.
        if b"\n\n" in end + chunk or b"\n\r\n" in end + chunk:
            break
        end = chunk[-2:]
    block = b"".join(parts)
    ends = [at for mark in (b"\n\n", b"\n\r\n") if (at := block.find(mark)) >= 0]
    return block[: min(ends, default=len(block))]
