"""The tables of a LinkedIn archive beside the connections: only the columns that say who, when, which way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.columns import Column, spelled
from connectors.shared.csv_text import DELIMITERS, cells_of, records
from people.errors import UserMustAct
from people.text import clean
from people.types import Problem

MESSAGES = {
    "conversation id": "conversation",
    "conversation title": "title",
    "from": "sender_name",
    "sender profile url": "sender",
    "to": "to_name",
    "recipient profile urls": "to",
    "date": "at",
    "folder": "folder",
    "is message draft": "draft",
}
INVITATIONS = {
    "from": "sender_name",
    "to": "to_name",
    "sent at": "at",
    "direction": "direction",
    "inviter profile url": "sender",
    "invitee profile url": "to",
}
NAMES: Mapping[str, Mapping[str, str]] = {"messages": MESSAGES, "invitations": INVITATIONS}
"""The columns that are read, by table."""
REMEDY = "the other rows were read; if many are named, download the archive again"
_NEEDED = {"at", "sender"}
_HEADER_WITHIN = 10
_LONGEST = 5000  # lines of one message


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its line in the file, and its cells by field."""

    number: int
    cells: Mapping[str, str]

    def cell(self, name: str) -> str:
        """The cell of a field; empty without such a column."""
        return self.cells.get(name, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its rows, what its columns became, and what is wrong with it."""

    file: str
    lines: list[Line] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def sheet_of(text: str, names: Mapping[str, str], file: str) -> Sheet:
    """Read a table whose columns have these names, whatever its delimiter is. Other columns are not read.

    Raises ``UserMustAct`` if its columns have other names.
    """
    sheet = Sheet(file)
    found = _header_among(text.split("\n", _HEADER_WITHIN), names)
    if found is None:
        raise UserMustAct("has not the columns of LinkedIn's own file", help="download the archive again")
    at, delimiter, header, fields = found
    filled: Counter[str] = Counter()
    for record in records(text, first_line=at + 1, delimiter=delimiter, most_lines=_LONGEST):
        cells = record.cells or []
        if len(cells) == 1:
            cells = cells_of(cells[0], delimiter)
        if len(cells) <= fields.index("at"):
            where = f"{file}:{record.line}"
            sheet.problems.append(Problem(where=where, message="the row cannot be read", help=REMEDY))
            continue
        read = {name: clean(text).strip() for name, text in zip(fields, cells, strict=False) if name}
        filled.update(name for name, cell in read.items() if cell)
        sheet.lines.append(Line(record.line, read))
    for name, became in zip(header, fields, strict=True):
        rows = filled[became] if became else 0
        sheet.columns.append(Column(file, name, "contact" if became else "", rows=rows))
    return sheet


def is_header_among(lines: Sequence[str], table: str) -> bool:
    """Whether the first lines of a file hold the header of this table."""
    return _header_among(lines, NAMES[table]) is not None


def _header_among(
    lines: Sequence[str], names: Mapping[str, str]
) -> tuple[int, str, list[str], list[str]] | None:
    first = enumerate(lines[:_HEADER_WITHIN], 1)
    return next(((at, *one) for at, line in first for one in _headers(line, names)), None)


def _headers(line: str, names: Mapping[str, str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """The line read as a header, if it is one."""
    for delimiter in DELIMITERS:
        header: Sequence[str] = [cell.strip() for cell in cells_of(line.lstrip("\ufeff"), delimiter)]
        fields = [names.get(spelled(cell), "") for cell in header]
        if set(fields) >= _NEEDED:
            yield delimiter, [*header], fields
