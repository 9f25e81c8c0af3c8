"""Search files for a person: by full name, address, number or record key, however a format writes them."""

from __future__ import annotations

import html
import io
import os
import quopri
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from connectors.shared.plain_text import decode
from people.store.one_person.traces import Traces

LARGEST = 256 * 1024 * 1024
"""Larger files are not searched, and are listed as such."""
MOST_FILES = 20_000
"""Of a folder with more files, the first ones are searched."""

_FOLDED = (".vcf", ".ics")
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")
_QUOTED = re.compile(r"=[0-9A-F]{2}")
_CHUNK = 1 << 16


_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd", b"Rar!", b"%PDF")
"""How gzip, bzip2, xz, 7z, zstd, RAR and PDF begin."""
_ZIP = b"PK\x03\x04"
_BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Other ways of packing unpack a few bytes to gigabytes before anybody can stop them."""


class NotSearched(Exception):
    """A file that was not searched; the text says why, and ``remedy`` what to do."""

    def __init__(self, why: str, remedy: str = "look through it") -> None:
        super().__init__(why)
        self.remedy = remedy


class Search:
    """A search for one person. ``records`` are looked for in the files where record keys are written."""

    def __init__(self, known: Traces) -> None:
        self._sought = known.sought()
        keys = "|".join(re.escape(record) for record in sorted({*known.records, *known.ids}))
        self._keys = re.compile(rf'(?<![^\s"]){keys and f"(?:{keys})"}(?![^\s"])') if keys else None

    def lines(self, path: Path, *, keys: bool = False) -> list[int]:
        """Return the numbers of the lines that name the person; 0 stands for a file that is not text.

        ``keys`` looks for record keys, too. Raises ``NotSearched``.
        """
        data = _read(path)
        if data.startswith(_ZIP):
            return [0] if any(map(self._names, _unzipped(data))) else []
        if data.startswith(_PACKED):
            raise _is_packed("it is packed")
        if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            # In one piece, a backup would take four times its size.
            pieces = (data[at : at + _CHUNK + 200] for at in range(0, len(data), _CHUNK))
            return [0] if any(self._names(piece.decode("utf-8", "replace")) for piece in pieces) else []
        text = decode(data).text
        return [
            number
            for number, line in _logical_lines(text, folded=path.suffix.lower() in _FOLDED)
            if self._names(line) or (keys and self._keys is not None and self._keys.search(line))
        ]

    def _names(self, line: str) -> bool:
        return any(map(self._sought.is_in, _readings(line)))


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the regular files below a folder. No link is followed.

    Raises ``NotSearched`` after the first ``MOST_FILES``.
    """
    number = 0
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _NOT_ENTERED)
        for name in sorted(names):
            number += 1
            if number > MOST_FILES:
                raise NotSearched(f"it holds more than {MOST_FILES:,} files")
            path = Path(at, name)
            if not path.is_symlink() and path.is_file():
                yield path


_NOT_ENTERED = {".git", ".venv", "venv", "node_modules", "__pycache__"}


def _read(path: Path) -> bytes:
    try:
        # A pipe or a device would block.
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise NotSearched("it is not a regular file")
        if found.st_size > LARGEST:
            raise NotSearched(f"it is larger than {LARGEST >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise NotSearched(error.strerror or str(error)) from error


def _is_packed(why: str) -> NotSearched:
    return NotSearched(why, "unpack and look through it; delete it if it names them")


def _unzipped(data: bytes) -> Iterator[str]:
    """Yield the lines of the files in a ZIP, such as LinkedIn's archive. Raises ``NotSearched``."""
    left = LARGEST
    inner = False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                if member.compress_type not in _BOUNDED:
                    raise _is_packed("it is packed in an unusual way")
                left -= member.file_size
                if left < 0:
                    raise _is_packed("it is too large when it is unpacked")
                with archive.open(member) as file:
                    unpacked = file.read(member.file_size)
                inner = inner or unpacked.startswith((_ZIP, *_PACKED))
                yield member.filename
                yield from decode(unpacked).text.split("\n")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise _is_packed("it is a ZIP that cannot be unpacked") from error
    if inner:
        raise _is_packed("it is a ZIP with packed files in it")


def _pieces(text: str) -> Iterator[str]:
    """Cut a long text into pieces that overlap, so that no name is cut in two."""
    for start in range(0, len(text), _CHUNK):
        yield text[start : start + _CHUNK + 200]


def _logical_lines(text: str, *, folded: bool) -> Iterator[tuple[int, str]]:
    """Yield each line with its number; of a card or calendar, with the lines that continue it."""
    number, logical = 0, ""
    for at, line in enumerate(text.split("\n"), start=1):
        if folded and line[:1] in (" ", "\t"):
            logical += line[1:]
        elif folded and logical.endswith("=") and "QUOTED-PRINTABLE" in logical.upper():
            logical = logical[:-1] + line
        else:
            if number:
                yield from ((number, piece) for piece in _pieces(logical))
            number, logical = at, line
    yield from ((number, piece) for piece in _pieces(logical))


def _readings(line: str) -> Iterator[str]:
    """Yield the line as it is, and as HTML, JSON, an address or quoted-printable text mean it."""
    yield line
    if "&" in line and ";" in line:
        yield html.unescape(line)
    if "%" in line:
        yield unquote(line)
    if "\\u" in line:
        yield _UNICODE.sub(lambda match: chr(int(match[1], 16)), line)
    if _QUOTED.search(line):
        yield quopri.decodestring(line.encode()).decode("utf-8", "replace")
