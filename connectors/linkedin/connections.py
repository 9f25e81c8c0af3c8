"""Connections.csv, preamble and all, also after a spreadsheet has saved it, read into contacts."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from connectors.columns import Column, left_over
from connectors.linkedin.archive import HELP
from connectors.linkedin.profiles import profile_of
from connectors.linkedin.rows import HEADER_WITHIN, Header, find_header, fit
from connectors.shared.csv_text import records
from connectors.shared.dates import Order, read_date
from connectors.shared.digest_cursor import at_most
from people.errors import UserMustAct
from people.text import fold, one_line
from people.types import Contact, Problem

_HELP = f"{HELP}, Connections"
_LEFT_OVER = 'a source of type "csv" reads the same file and lets you name columns: docs/csv.md'


class _Row(NamedTuple):
    line: int
    position: int
    cells: dict[str, str]
    extra: tuple[tuple[str, str], ...]


class Reading:
    """The rows of one file on their way to contacts, with what is odd about them."""

    def __init__(self, source: str, file: str) -> None:
        self.source = source
        self.file = file
        self.contacts: dict[str, Contact] = {}
        self.problems: list[Problem] = []
        self.seen: Counter[str] = Counter()
        self.header = Header(0, "", [], [])
        self.filled: Counter[str] = Counter()
        self.examples: dict[str, str] = {}

    def columns(self) -> tuple[Column, ...]:
        """What each column became."""
        return tuple(
            Column(
                self.file,
                name,
                field or "custom",
                bool(field),
                self.filled[field or name],
                self.examples.get(field or name, ""),
            )
            for name, field in zip(self.header.names, self.header.columns, strict=True)
            if name
        )

    def told(self) -> list[Problem]:
        """What is wrong with the file, the columns that are left over first."""
        unknown = left_over(self.columns(), f"{self.file}:{self.header.line}", _LEFT_OVER)
        return at_most([*unknown, *self.problems], self.file)

    def note(self, line: int, message: str, remedy: str = _HELP) -> None:
        """Keep what is odd about a line."""
        self.problems.append(Problem(where=f"{self.file}:{line}", message=message, help=remedy))

    def rows(self, text: str, path: Path) -> Iterator[_Row]:
        """The rows below the header, by column."""
        header = find_header(text.split("\n", HEADER_WITHIN)[:HEADER_WITHIN])
        if header is None:
            raise _not_an_export(path)
        self.header = header
        lines = text.split("\n")
        for index, record in enumerate(records(text, first_line=header.line + 1, delimiter=header.delimiter)):
            row = fit(record.cells, lines[record.line - 1], header)
            if row.problem:
                self.note(record.line, row.problem)
            for column, cell in (*row.cells.items(), *row.extra):
                if cell:
                    self.filled[column] += 1
                    self.examples.setdefault(column, cell)
            if row.cells:
                yield _Row(record.line, index, row.cells, row.extra)

    def take(self, row: _Row, order: Order | None) -> None:
        """Read one row as a contact, unless it names nobody."""
        cells = row.cells
        url = cells.get("url", "")
        profile = profile_of(url)
        parts = (cells.get("given_name"), cells.get("family_name"))
        name = cells.get("name") or " ".join(filter(None, parts)) or None
        email = cells.get("email", "").lower()
        if not (name or profile or "@" in email):
            return
        source_id = profile or self._derived_id(cells)
        if source_id in self.contacts:
            self.note(row.line, f"{one_line(source_id)[:80]} is here a second time; the first row counts")
            return
        connected_on, wrong = read_date(cells.get("connected_on", ""), order)
        if wrong:
            self.note(row.line, wrong, "write the date as 2025-06-05")
        self.contacts[source_id] = Contact(
            source=self.source,
            source_id=source_id,
            name=name,
            given_name=cells.get("given_name") or None,
            family_name=cells.get("family_name") or None,
            emails=(email,) if "@" in email else (),
            organisation=cells.get("organisation") or None,
            title=cells.get("title") or None,
            urls=(url,) if profile else (),
            labels=tuple(filter(None, (label.strip() for label in cells.get("labels", "").split(",")))),
            extra=tuple(f"{name}: {text}" for name, text in row.extra),
            connected_on=connected_on,
            file=self.file,
            index=row.position,
        )

    def _derived_id(self, cells: dict[str, str]) -> str:
        names = (cells.get("given_name") or cells.get("name", ""), cells.get("family_name", ""))
        parts = (fold(text) for text in (*names, cells.get("connected_on", "")))
        key = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
        self.seen[key] += 1
        return f"row-{key}" if self.seen[key] == 1 else f"row-{key}-{self.seen[key]}"


def _not_an_export(path: Path) -> UserMustAct:
    return UserMustAct(
        f"LinkedIn export {path} does not look like one: no header was found",
        help=f"its header has First Name and Last Name; {_HELP}",
    )
