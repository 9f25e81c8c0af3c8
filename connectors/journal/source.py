"""The journal: a CSV file that the user keeps, with one line per event outside the calendar."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from connectors.shared.csv_text import Record, records
from connectors.shared.digest_cursor import at_most, digest, full_read, unchanged
from connectors.shared.files import MAX_BYTES, read_only_file
from connectors.shared.plain_text import Lines, decode, decode_lines
from people.errors import SkipThis, UserMustAct
from people.private_files import private_opener
from people.regular_files import TooLarge, open_regular
from people.text import FORMULA_SIGNS, clean, did_you_mean, for_csv, one_line
from people.types import Direction, JournalKind, JournalLine, Page, Problem

if sys.platform != "win32":
    import fcntl

HEADER = ("date", "person", "kind", "direction", "other", "group", "hours", "amount", "outcome", "note")
_PARSER = "1"
_FORMULA = re.compile(rf"'+\s*[{FORMULA_SIGNS}]")
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?")
_REMEDY = "correct the line; the others were read"


class JournalSource:
    """The lines of one journal file, as written. ``people.store`` finds out which person is meant.

    The file may have Windows line ends, a byte order mark, UTF-16 or cp1252. A line that cannot be used is a
    Problem at ``file:line``, and the others are read. The id of a line comes from its content, so that it
    stays when lines are added above it. The second of two equal lines gets ``-2`` at the end. ``encoding`` is
    the codec of lines that are not in UTF-8.
    """

    def __init__(self, name: str, path: Path, encoding: str | None = None) -> None:
        self.name = name
        self.path = path
        self._encoding = encoding

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield one empty page if the file did not change, else all of its lines.

        Raises ``SourceMissing`` if the file does not exist, ``UserMustAct`` if its header is not ``HEADER``.
        """
        remedy = "check its path in touchbase.toml, or create it with `touchbase log`"
        data = read_only_file(self.path, "journal", remedy)
        current = digest([_PARSER, self.path.name, self._encoding or "", data])
        page = unchanged(cursor, current)
        if page is not None:
            yield page
            return
        lines, problems = self._read(decode_lines(data, self._encoding))
        yield from full_read(lines, problems, current)

    def _read(self, decoded: Lines) -> tuple[list[JournalLine], list[Problem]]:
        lines: list[JournalLine] = []
        problems: list[Problem] = []
        seen: Counter[str] = Counter()
        file = self.path.name
        for number, message in decoded.odd:
            problems.append(Problem(where=f"{file}:{number}", message=message, help="save it as UTF-8"))
        for record in _after_header(decoded.text, self.path):
            try:
                line = _line(record, self.name, file, seen)
            except SkipThis as error:
                where = f"{file}:{record.line}"
                problems.append(Problem(where=where, message=error.message, help=error.help or _REMEDY))
            else:
                lines.append(line)
        return lines, at_most(problems, file)


def append_line(
    path: Path,
    *,
    on: date,
    person: str,
    kind: JournalKind,
    direction: Direction | None = None,
    other: str | None = None,
    group: str | None = None,
    hours: Decimal | None = None,
    amount: Decimal | None = None,
    outcome: str | None = None,
    note: str | None = None,
) -> None:
    """Add one line to the journal, and first the header if the file is new or empty.

    The line is written in one piece and under a lock, so that writers do not mix their lines. It has the
    encoding and line ends of the file. A cell that a spreadsheet would take for a formula gets an
    apostrophe, which reading removes. Raises ``UserMustAct`` if the file has another header or cannot be
    written, or if the line could not be read back.
    """
    cells = (on.isoformat(), person, kind, direction, other, group, hours, amount, outcome, note)
    row = [_cell(cell) for cell in cells]
    try:
        _line(Record(1, row), "", path.name, Counter())
    except SkipThis as error:
        raise UserMustAct(f"this line cannot be added: {error.message}", help=error.help) from error
    try:
        _append(path, row)
    except OSError as error:
        reason = error.strerror or error
        raise UserMustAct(
            f"journal {path} cannot be written: {reason}", help="check its path and permissions"
        ) from error


def _append(path: Path, row: Sequence[str]) -> None:
    if path.exists():
        # A FIFO or a device would never end.
        open_regular(path).close()
    with open(path, "ab+", opener=private_opener) as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_size > MAX_BYTES:
            raise TooLarge(errno.EFBIG, f"it is larger than {MAX_BYTES >> 20} MiB", str(path))
        file.seek(0)
        data = file.read()
        decoded = decode(data)
        if decoded.text.strip("\ufeff \n"):
            next(_after_header(decoded.text, path), None)
            start = "" if decoded.text.endswith("\n") else "\n"
        else:
            start = _csv(HEADER)
        text = start + _csv(row)
        if b"\r\n" in data or b"\r\x00\n\x00" in data:
            text = text.replace("\n", "\r\n")
        try:
            encoded = text.encode(_codec_to_append(decoded.codec, data))
        except UnicodeEncodeError as error:
            message = f"journal {path} is in {decoded.codec}, which cannot hold this line"
            raise UserMustAct(message, help="save it as UTF-8 and try again") from error
        file.write(encoded)
        file.flush()
        os.fsync(file.fileno())


def _codec_to_append(codec: str, data: bytes) -> str:
    """The codec without a byte order mark, which belongs only at the start of a file."""
    if codec == "utf-16":
        return "utf-16-be" if data.startswith(b"\xfe\xff") else "utf-16-le"
    return "utf-8" if codec == "utf-8-sig" else codec


def _csv(row: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(row)
    return buffer.getvalue()


def _cell(value: object) -> str:
    shown = format(value, "f") if isinstance(value, Decimal) else str(value)
    # for_csv strips direction marks. With the dot it does not yet escape a formula behind them.
    text = "" if value is None else for_csv(f".{shown}")[1:].strip()
    # If the user wrote an apostrophe before a formula sign, it gets another, because reading removes one.
    return f"'{text}" if _FORMULA.match(text) else for_csv(text)


def _value(cell: str) -> str:
    cell = clean(cell).strip()
    return cell[1:].strip() if _FORMULA.match(cell) else cell


def _after_header(text: str, path: Path) -> Iterator[Record]:
    """The records below the header. Raises ``UserMustAct`` if the header is not ``HEADER``."""
    rest = records(text)
    header = next(rest, None)
    cells = [cell.strip().lower() for cell in header.cells or ()] if header else []
    if tuple(cells) != HEADER:
        shown = one_line(",".join(cells))[:80]
        hint = " (it is separated by semicolons)" if ";" in shown and "," not in shown else ""
        raise UserMustAct(
            f"journal {path} begins with '{shown}'{hint}, not with its header",
            help=f"make its first line: {','.join(HEADER)}",
        )
    return rest


def _line(record: Record, source: str, file: str, seen: Counter[str]) -> JournalLine:
    """Read one record as a journal line. Raises ``SkipThis`` if a cell is wrong."""
    if record.cells is None:
        raise SkipThis("a quotation mark is not closed", help='close it, or double it where it is text: ""')
    if len(record.cells) != len(HEADER):
        raise SkipThis(
            f"has {len(record.cells)} cells instead of {len(HEADER)}",
            help="put text with a comma in quotation marks, and keep the commas of empty cells",
        )
    values: dict[str, Any] = dict(zip(HEADER, map(_value, record.cells), strict=True))
    if not values["person"]:
        raise SkipThis("names no person", help="write a name, an e-mail or a record key")
    values["date"] = _date(values["date"])
    values["kind"] = _choice("kind", values["kind"], get_args(JournalKind))
    if values["direction"]:
        values["direction"] = _choice("direction", values["direction"], get_args(Direction))
    for name in ("hours", "amount"):
        values[name] = _number(name, values[name])
    fields = {name: None if value == "" else value for name, value in values.items()}
    return JournalLine(source=source, source_id=_id(fields, seen), file=file, line=record.line, **fields)


def _date(text: str) -> date:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise SkipThis(
        f"'{one_line(text)[:40]}' is not a date", help="write it as YYYY-MM-DD, such as 2026-11-01"
    )


def _choice(name: str, text: str, known: Sequence[str]) -> str:
    word = text.lower()
    if word in known:
        return word
    meant = f"; {hint}" if (hint := did_you_mean(word, known)) else ""
    remedy = f"{name} is one of {', '.join(known)}"
    raise SkipThis(f"'{one_line(text)[:40]}' is not a {name}{meant}", help=remedy)


def _number(name: str, text: str) -> Decimal | None:
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    shown = one_line(text)[:40]
    raise SkipThis(f"'{shown}' is not a number of {name}", help="write digits and a point, such as 1.5")


def _id(fields: dict[str, Any], seen: Counter[str]) -> str:
    text = "\x1f".join("" if fields[name] is None else str(fields[name]) for name in HEADER)
    key = hashlib.sha256(text.encode()).hexdigest()[:16]
    seen[key] += 1
    return key if seen[key] == 1 else f"{key}-{seen[key]}"
