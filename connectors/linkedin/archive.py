"""LinkedIn's archive as it comes: the ZIP, the folder that it was unpacked to, or Connections.csv alone."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

from connectors.shared.digest_cursor import digest
from connectors.shared.files import find, read_only_file, regular_file
from people.errors import SkipThis, SourceMissing, UserMustAct
from people.text import one_line

Table = Literal["connections", "messages", "invitations"]
TABLES: tuple[Table, ...] = get_args(Table)

MOST_BYTES = 64 * 1024 * 1024
"""Of one table in a ZIP. A real one has a few; a small file that grows to more is made to do harm."""
HELP = "export it again: LinkedIn, Settings, Data privacy, Get a copy of your data"
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
            return digest([self.name, self.read()])
        return f"{self.name} {self.member.CRC} {self.member.file_size}"

    def read(self) -> bytes:
        """The bytes of the table. Raises ``UserMustAct`` if they cannot be had."""
        if self.member is None:
            return read_only_file(self.path, "LinkedIn export", HELP)
        return _unpacked(self.path, self.member)


def parts_of(path: Path) -> dict[Table, Part]:
    """The tables below ``path``, each from the newest file that has it: LinkedIn sends two archives.

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
    return {part.table: part for part in sorted(parts, key=_written_at)}


def _written_at(part: Part) -> float:
    try:
        return part.path.stat().st_mtime
    except OSError:  # a link that leads nowhere; reading it says so
        return 0.0


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
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
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
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as file:
            data = file.read(MOST_BYTES + 1)
    except NotImplementedError as error:
        raise UserMustAct(
            f"LinkedIn export {path} is packed in a way that Touchbase does not know",
            help="unpack it, and set path to the folder",
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise _cut(path) from error
    if len(data) > MOST_BYTES:
        raise UserMustAct(
            f"{one_line(member.filename)} in LinkedIn export {path} is larger than {MOST_BYTES >> 20} MiB",
            help="unpack it, look at that file, and set path to the folder if it is yours",
        )
    return data


def _cut(path: Path) -> UserMustAct:
    return UserMustAct(
        f"LinkedIn export {path} is a ZIP that is damaged or cut short", help=f"download it again, or {HELP}"
    )
