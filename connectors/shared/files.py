"""File handling: reading files that may be odd, and listing folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import NamedTuple, cast

from people.errors import SkipThis, SourceMissing, UserMustAct
from people.regular_files import NotRegular, TooLarge, open_regular, read_inside, read_regular

MAX_BYTES = 256 * 1024 * 1024
"""Larger files are refused, because no real calendar or list is that large."""


class SourceFile(NamedTuple):
    """One file of a source. ``name`` is relative to the source's path, with forward slashes."""

    name: str
    path: Path


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Read a regular file.

    Raises ``SkipThis`` if it cannot be read, is not a regular file (a FIFO would block for ever) or has more
    than ``limit`` bytes.
    """
    try:
        return read_regular(path, limit)
    except OSError as error:
        raise _skipped(error) from error


def read_bytes_inside(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Read a regular file as ``read_bytes`` does, but through no link that leads out of its folder."""
    try:
        return read_inside(path, limit)
    except OSError as error:
        raise _skipped(error) from error


def _skipped(error: OSError) -> SkipThis:
    if isinstance(error, TooLarge):
        return SkipThis(f"{error.strerror}".removeprefix("it "), help="split it into smaller files")
    if isinstance(error, NotRegular):
        return SkipThis(f"cannot be read: {error.strerror}", help="remove it, or put a file in its place")
    return SkipThis(f"cannot be read: {error.strerror or error}", help="check the file and its permissions")


def read_only_file(path: Path, what: str, remedy: str, limit: int = MAX_BYTES) -> bytes:
    """Read the only file of a source.

    Raises ``SourceMissing`` if it does not exist, and ``UserMustAct`` if it cannot be read.
    """
    if not path.exists():
        raise SourceMissing(f"{what} {path} does not exist", help=remedy)
    try:
        return read_bytes(path, limit)
    except SkipThis as error:
        raise UserMustAct(f"{what} {path} {error.message}", help=error.help) from error


def regular_file(path: Path) -> FileIO:
    """Open a regular file without a buffer; raise ``SkipThis`` if it is none. A FIFO does not block."""
    try:
        return cast("FileIO", open_regular(path, buffering=0))
    except NotRegular as error:
        raise SkipThis(f"cannot be read: {error.strerror}", help="remove it from the folder") from error


def find(root: Path, suffix: str, on_error: Callable[[str, str], None]) -> Iterator[SourceFile]:
    """Yield the files below ``root`` whose names end in ``suffix``, sorted by name.

    Hidden files are left out, because editors and sync tools keep half-written files there. Links to folders
    are not followed, so that no loop can form. ``on_error(name, reason)`` is called for each folder that
    cannot be listed.
    """

    def failed(error: OSError) -> None:
        on_error(_relative(Path(error.filename or root), root), error.strerror or str(error))

    files = []
    for folder, subfolders, names in os.walk(root, onerror=failed):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            if name.lower().endswith(suffix) and not name.startswith("."):
                path = Path(folder, name)
                files.append(SourceFile(_relative(path, root), path))
    yield from sorted(files)


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix().encode("utf-8", "replace").decode()
