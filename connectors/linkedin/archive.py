"""LinkedIn's archive as it comes: the ZIP, the folder that it was unpacked to, or Connections.csv alone."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

from connectors.linkedin import rows, sheets
from connectors.shared.digest_cursor import digest
from connectors.shared.files import find, read_only_file, regular_file
from connectors.shared.plain_text import decode_lines
from people.errors import SkipThis, SourceMissing, UserMustAct
from people.text import one_line

Table = Literal["connections", "messages", "invitations"]
TABLES: tuple[Table, ...] = get_args(Table)

MOST_BYTES = 64 * 1024 * 1024
"""Of one table in a ZIP. A real one has a few; a small file that grows to more is made to do harm."""
HELP = "export it again: LinkedIn, Settings, Data privacy, Get a copy of your data"
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How LinkedIn packs. Other ways unpack a few bytes to gigabytes before anybody can stop them."""
_UNSET = 1980  # what a ZIP says of a time that nobody gave
_HEAD_BYTES = 64 * 1024
_WAIT = f"LinkedIn sends the complete archive within a day; or {HELP}, Connections"


@dataclass(frozen=True)
class Part:
    """One table of an archive: its name there, and where it is. ``member`` is None for a file by itself."""

    table: Table
    name: str
    path: Path
    member: zipfile.ZipInfo | None = None

    def mark(self) -> str:
        """What changes when the table does, without unpacking it."""
        if self.member is None:
            try:
                return digest([self.name, self.read()])
            except UserMustAct as error:
                return f"{self.name} {error.message}"
        return f"{self.name} {self.member.CRC} {self.member.file_size}"

    def read(self) -> bytes:
        """The bytes of the table. Raises ``UserMustAct`` if they cannot be had."""
        if self.member is None:
            return read_only_file(self.path, "LinkedIn export", HELP)
        return _unpacked(self.path, self.member)

    def rank(self) -> tuple[int, float, float]:
        """What makes it count before others: whether it is such a table at all, then when LinkedIn wrote it.

        A copy of a ZIP has a new time; its members keep theirs.
        """
        try:
            copied = self.path.stat().st_mtime
        except OSError:
            return 0, 0.0, 0.0
        if self.member is None:
            return _likeness(self.path, self.table), copied, copied
        return _LIKELIEST, _written(self.member) or copied, copied


def parts_of(path: Path) -> dict[Table, Part]:
    """The tables below ``path``, each from the newest export that has it: LinkedIn sends two archives.

    Raises ``SourceMissing`` if nothing is there, and ``UserMustAct`` if there are no connections in it.
    """
    if not path.exists():
        raise SourceMissing(f"LinkedIn export {path} does not exist", help=HELP)
    if path.is_dir():
        found = _in_folder(path)
    elif _is_zip(path) or path.suffix.lower() == ".zip":
        found = {part.table: part for part in _in_zip(path)}
    else:
        return {"connections": Part("connections", path.name, path)}
    if "connections" not in found:
        raise UserMustAct(f"LinkedIn export {path} holds no Connections.csv", help=_WAIT)
    return found


def _in_folder(folder: Path) -> dict[Table, Part]:
    parts = [
        Part(table, file.name, file.path)
        for file in find(folder, ".csv", _ignore)
        if (table := _table(file.path.name)) is not None
    ]
    for file in find(folder, ".zip", _ignore):
        if "linkedin" in file.path.name.lower() and _is_zip(file.path):
            parts += _in_zip(file.path)
    return {part.table: part for part in sorted(parts, key=Part.rank)}


_LIKELIEST = 2


def _likeness(path: Path, table: Table) -> int:
    """How much a file by itself looks like LinkedIn's, because other programs write a connections.csv too."""
    try:
        with regular_file(path) as file:
            lines = decode_lines(file.read(_HEAD_BYTES), None).text.split("\n")
    except (SkipThis, OSError):
        return 0
    if table != "connections":
        return _LIKELIEST if sheets.is_header_among(lines, table) else 0
    header = rows.find_header(lines[: rows.HEADER_WITHIN])
    return 0 if header is None else _LIKELIEST if "connected_on" in header.columns else 1


def _written(member: zipfile.ZipInfo) -> float | None:
    """When a member was written, in seconds. A ZIP has no zone; the hours between two zones do not matter."""
    try:
        return datetime(*member.date_time, tzinfo=UTC).timestamp() if member.date_time[0] > _UNSET else None
    except ValueError:
        return None


def _ignore(name: str, reason: str) -> None:
    """A folder that cannot be listed holds nothing for us; without connections, the source fails."""


def _is_zip(path: Path) -> bool:
    try:
        with regular_file(path) as file:
            return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except (SkipThis, OSError):
        return False


def _in_zip(path: Path) -> Iterator[Part]:
    try:
        with regular_file(path) as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except SkipThis as error:
        raise UserMustAct(f"LinkedIn export {path} {error.message}", help=HELP) from error
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _cut(path) from error
    for member in members:
        inside = PurePosixPath(member.filename.replace("\\", "/"))
        hidden = "__MACOSX" in inside.parts or inside.name.startswith(".")
        table = None if hidden or member.is_dir() else _table(inside.name)
        if table is not None:
            yield Part(table, inside.as_posix(), path, member)


def _table(name: str) -> Table | None:
    stem = name.lower().removesuffix(".csv")
    return next((table for table in TABLES if table == stem and name.lower() != stem), None)


def _unpacked(path: Path, member: zipfile.ZipInfo) -> bytes:
    if member.flag_bits & 0x1:
        raise UserMustAct(
            f"LinkedIn export {path} is encrypted",
            help="unpack it with its password, and set path to the folder",
        )
    if member.compress_type not in _PLAIN:
        raise UserMustAct(
            f"LinkedIn export {path} is packed in a way that LinkedIn does not use",
            help="if it is yours, unpack it, and set path to the folder",
        )
    if member.file_size > MOST_BYTES:
        raise UserMustAct(
            f"{one_line(member.filename)} in LinkedIn export {path} is larger than {MOST_BYTES >> 20} MiB",
            help="unpack it, look at that file, and set path to the folder if it is yours",
        )
    try:
        with (
            regular_file(path) as file,
            zipfile.ZipFile(file) as archive,
            archive.open(member) as unpacked,
        ):
            return unpacked.read(MOST_BYTES)
    except SkipThis as error:
        raise UserMustAct(f"LinkedIn export {path} {error.message}", help=HELP) from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise _cut(path) from error


def _cut(path: Path) -> UserMustAct:
    return UserMustAct(
        f"LinkedIn export {path} is a ZIP that is damaged or cut short", help=f"download it again, or {HELP}"
    )
