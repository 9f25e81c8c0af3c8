"""Back up a store into one SQLite file, restore it, and copy a store to another database."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from people import store_url
from people.errors import StoreDamaged, StoreUnavailable, UserMustAct
from people.private_files import close_to_others, private_folder
from people.store.db import address, copies, copying, sqlite_file
from people.store.db.database import Store, file_lock, open_store
from people.store.db.plain_errors import plain_errors


def backup(url: str, file: Path) -> dict[str, int]:
    """Write a store, as it is at this moment, to a new SQLite file; return the number of rows per table.

    A run may work meanwhile. The file is for the user alone, complete or not there. Raises ``UserMustAct``
    if it exists or there is no store yet, ``StoreDamaged`` and ``StoreUnavailable``.
    """
    sqlite_file.refuse_existing(file)
    parsed = address.parse(url)
    path = address.file_of(parsed)
    with plain_errors(parsed):
        if path is None:
            with closing(open_store(parsed)) as source:
                return _into_new_file(source, file, locked=False)
        if sqlite_file.revision(path) is None:
            raise UserMustAct(f"there is no store at {path} yet, so there is nothing to back up")
        _make_folder(file)
        sqlite_file.copy_to(path, file)
        return sqlite_file.count_rows(file)


def copy(source_url: str, target_url: str) -> dict[str, int]:
    """Copy a store to an empty or new database; return the number of rows per table.

    Both are locked against runs meanwhile. Raises the errors of ``copying.copy``.
    """
    if store_url.identity(source_url) == store_url.identity(target_url):
        raise UserMustAct("the target is the store itself; nothing was copied", help="name a new database")
    path = address.file_of(address.parse(target_url))
    with closing(open_store(source_url)) as source:
        if path is not None and not path.exists():
            return _into_new_file(source, path, locked=True)
        with closing(open_store(target_url)) as target:
            return copying.copy(source, target)


def restore(file: Path, url: str) -> tuple[dict[str, int], Path | None]:
    """Restore a backup into the store at ``url``, which must be new, empty or damaged.

    A damaged store is renamed, never removed. Returns the number of rows per table, and where the damaged
    store lies. The backup stays as it is. Raises ``UserMustAct`` if the store has rows or the
    backup has none, ``StoreUnavailable`` if ``file`` is damaged or another program's, and ``StoreTooNew``.
    """
    _check_backup(file)
    parsed = address.parse(url)
    path = address.file_of(parsed)
    with plain_errors(parsed):
        # The target is looked at first: another program's file is refused before anything is written.
        aside = _move_aside_if_damaged(path) if path is not None else None
        with closing(open_store(parsed)) as target, _opened(file, path) as source:
            return copying.copy(source, target), aside


def _check_backup(file: Path) -> None:
    try:
        holds_rows = sqlite_file.revision(file) is not None and any(sqlite_file.count_rows(file).values())
        found = sqlite_file.damage(file) if holds_rows else None
    except StoreDamaged as error:
        found, holds_rows = str(error.__cause__ or error.message), True
    except sqlite3.Error as error:
        raise StoreUnavailable(
            f"{file} cannot be read: {error}", help="check the file and its permissions"
        ) from error
    if found:
        raise StoreUnavailable(
            f"{file} is damaged: {found}; nothing was restored", help="restore another backup"
        )
    if not holds_rows:
        raise UserMustAct(
            f"{file} is a backup of nothing: it has no rows; nothing was restored",
            help="restore another backup",
        )


@contextmanager
def _opened(file: Path, target: Path | None) -> Iterator[Store]:
    """Open a copy of a backup, which is migrated if it is older. The backup itself stays as it is."""
    folder = target.parent if target else None
    with tempfile.TemporaryDirectory(prefix=".touchbase-restore-", dir=folder) as temporary:
        draft = Path(temporary, "backup.db")
        sqlite_file.copy_to(file, draft)
        with closing(open_store(address.of_file(draft))) as source:
            yield source


def _into_new_file(source: Store, file: Path, *, locked: bool) -> dict[str, int]:
    _make_folder(file)
    with sqlite_file.new_file(file) as draft:
        with closing(open_store(address.of_file(draft))) as target:
            counts = copying.copy(source, target, locked=locked)
        with closing(sqlite3.connect(draft)) as written:
            written.execute("PRAGMA journal_mode = DELETE")
        return counts


def _make_folder(file: Path) -> None:
    try:
        private_folder(file.parent)
    except OSError as error:
        raise StoreUnavailable(
            f"the folder {file.parent} cannot be made: {error.strerror}", help="name a file in another folder"
        ) from error


def _move_aside_if_damaged(path: Path) -> Path | None:
    try:
        sqlite_file.revision(path)
        if not path.is_file() or not sqlite_file.damage(path):
            return None
    except StoreDamaged:
        if not _was_a_store(path):
            raise
    with file_lock(path):
        close_to_others(path)
        aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        ends = [one.name.removeprefix(path.name) for one in sqlite_file.side_files(path) if one.exists()]
        # Otherwise SQLite would apply the leftovers of the damaged store to the new one.
        for end in ("", *ends):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    return aside


def _was_a_store(path: Path) -> bool:
    """Whether a file that SQLite cannot read may be renamed: it began as a database, or a store lay here."""
    return (
        sqlite_file.is_one(path) or bool(copies.beside(path)) or path.with_name(f"{path.name}.lock").exists()
    )
