"""SQLite files: whose they are, whether they are sound, and a copy of one."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shlex import quote as quote_for_shell
from urllib.parse import quote

from people.errors import StoreDamaged, StoreUnavailable, UserMustAct
from people.private_files import create_private
from people.store.db import copies, schema

_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
FIRST_TABLES = frozenset({"alembic_version", "contacts", "meetings", "people", "follow_ups", "runs"})
"""Tables that every store has had since its first revision."""
REVISION = re.compile(r"\d{4}")
"""How the revision of a store is written. Other programs' revisions are hashes."""
MAGIC = b"SQLite format 3\0"
"""How every SQLite file begins."""
_SIDE_FILES = ("-wal", "-shm", "-journal")


def is_damage(error: BaseException | None) -> bool:
    """Whether an error of the driver says that the file itself is damaged."""
    name = getattr(error, "sqlite_errorname", None) or ""
    return name.startswith(_DAMAGE) or str(error).startswith("Could not decode to UTF-8")


def revision(path: Path) -> str | None:
    """Return the revision of the store in a file; None if there is no file, or nothing in it.

    Raises ``StoreDamaged``, and ``StoreUnavailable`` if the file belongs to another program. It is not
    written to.
    """
    if not path.is_file() or not path.stat().st_size:
        return None
    with _reading(path) as connection:
        query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
        tables = {str(name) for (name,) in connection.execute(query)}
        if not tables:
            return None
        ours = tables >= FIRST_TABLES
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone() if ours else None
        number = str(found[0]) if found else ""
    if not REVISION.fullmatch(number):
        raise StoreUnavailable(
            f"{path} is a database of another program, and nothing was written to it",
            help="name the file of a Touchbase store, or one that does not exist yet",
        )
    return number


def damage(path: Path) -> str | None:
    """Return the first line of what SQLite's quick check finds wrong in a file; None if it is sound.

    It reads the whole file, which takes under a second per 100 MB.
    """
    try:
        with _connected(path) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(1)")]
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return str(error)
    # The check names the database in a first line of its own.
    lines = [line for text in found for line in text.splitlines() if not line.startswith("***")]
    return None if lines == ["ok"] else (lines or ["it does not say what"])[0]


def is_one(path: Path) -> bool:
    """Whether a file is a SQLite database."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def compact(path: Path) -> bool:
    """Write a store afresh, without free pages, and empty its write-ahead log; whether that succeeded."""
    try:
        with _connected(path) as connection:
            connection.isolation_level = None
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("VACUUM")
            # VACUUM writes into the log, and what the log held before lies behind it until it is cut off.
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return False
    return not busy


def count_rows(path: Path) -> dict[str, int]:
    """Count the rows of each table of a store, of any revision."""
    with _reading(path) as connection:
        there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        names = [table.name for table in schema.metadata.sorted_tables if table.name in there]
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - our own names
            for name in names
        }


def copy_to(path: Path, target: Path) -> None:
    """Copy a store to a new file, as it is at this moment, also while a run writes to it.

    The copy is for the user alone (0600), complete or not there, and needs no other file beside it. Raises
    ``UserMustAct`` if ``target`` exists, ``StoreDamaged`` if the store is damaged, and ``StoreUnavailable``
    if the copy cannot be written.
    """
    with new_file(target) as draft, _reading(path) as old:
        with closing(sqlite3.connect(draft)) as new:
            old.backup(new)
            # A copy in one file, which can also be read from a disk that cannot be written.
            new.execute("PRAGMA journal_mode = DELETE")
        found = damage(draft)
        if found:
            raise damaged(path, found)


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """Yield an empty private file beside ``target``, which gets this name when the block ends without error.

    Raises ``UserMustAct`` if ``target`` exists, and ``StoreUnavailable`` if it cannot be written.
    """
    refuse_existing(target)
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        draft.unlink(missing_ok=True)
        create_private(draft)
        yield draft
        _publish(draft, target)
    except (OSError, sqlite3.OperationalError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StoreUnavailable(
            f"{target} cannot be written: {reason}", help="name another file, or free some disk space"
        ) from error
    finally:
        for path in (draft, *(draft.with_name(draft.name + end) for end in (*_SIDE_FILES, ".lock"))):
            with suppress(OSError):
                path.unlink()


def refuse_existing(target: Path) -> None:
    """Raise ``UserMustAct`` if ``target``, or what SQLite would keep beside it, exists."""
    for path in (target, *side_files(target)):
        if os.path.lexists(path):
            raise UserMustAct(
                f"{path} already exists, and a backup overwrites nothing", help="name a new file"
            )


def side_files(path: Path) -> list[Path]:
    """Return the files that SQLite keeps beside a database, whether they exist or not."""
    return [path.with_name(path.name + end) for end in _SIDE_FILES]


def damaged(path: Path, reason: object) -> StoreDamaged:
    """Return the error for a damaged file, with the way back."""
    newest = copies.newest(path)
    way = f"touchbase store restore {quote_for_shell(str(newest)) if newest else 'BACKUP'}"
    what = "the newest copy" if newest else "your newest backup"
    return StoreDamaged(
        f"the store {path} is damaged: {reason}",
        help=f"restore {what}: {way} (it keeps the damaged file beside it); "
        f"to see the damage: sqlite3 {quote_for_shell(str(path))} 'PRAGMA integrity_check'",
    )


def _publish(draft: Path, target: Path) -> None:
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        # A link, unlike a rename, never replaces a file that came in the meantime.
        os.link(draft, target)
    except FileExistsError:
        refuse_existing(target)
        raise
    except OSError:
        # Some disks have no links.
        refuse_existing(target)
        draft.replace(target)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with _connected(path) as connection:
            yield connection
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        raise damaged(path, error) from error


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file as it is, and never make one. On a disk that cannot be written it is read as it lies."""
    how = "mode=rw" if os.access(path.parent, os.W_OK) else "immutable=1"
    with closing(sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True, timeout=30)) as connection:
        yield connection
