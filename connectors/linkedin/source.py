"""LinkedIn's own export of connections (Connections.csv) as a source of contacts."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from connectors.linkedin.rows import HEADER_WITHIN, find_header, fit
from connectors.shared.csv_text import records
from connectors.shared.dates import Order, order_of, read_date
from connectors.shared.digest_cursor import at_most, digest, full_read, unchanged
from connectors.shared.files import read_only_file
from connectors.shared.plain_text import Lines, decode_lines
from people.errors import UserMustAct
from people.text import fold, one_line
from people.types import Contact, Page, Problem

_PARSER = "2"
_HELP = "export it again: LinkedIn, Settings, Data privacy, Get a copy of your data, Connections"


class _Row(NamedTuple):
    line: int
    position: int
    cells: dict[str, str]


class LinkedInSource:
    """The connections of one Connections.csv, preamble and all, also after a spreadsheet has saved it.

    A contact's id is its profile (``in/anna-berg-12345``), or is derived from its name and date if the export
    has no URL. A row without name, e-mail and profile (a hidden member) is left out. An ambiguous or
    unreadable date is a Problem, and the contact is kept without it.
    """

    def __init__(self, name: str, path: Path, encoding: str | None = None) -> None:
        self.name = name
        self.path = path
        self._encoding = encoding

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield one empty page if the file did not change, else all connections.

        Raises ``SourceMissing`` if the file does not exist, and ``UserMustAct`` if it is not such an export.
        """
        data = read_only_file(self.path, "LinkedIn export", _HELP)
        current = digest([_PARSER, self.path.name, self._encoding or "", data])
        page = unchanged(cursor, current)
        if page is not None:
            yield page
            return
        contacts, problems = self._read(decode_lines(data, self._encoding))
        yield from full_read(contacts, problems, current)

    def _read(self, decoded: Lines) -> tuple[list[Contact], list[Problem]]:
        reading = _Reading(self.name, self.path.name)
        for number, message in decoded.odd:
            reading.note(number, message, "save it as UTF-8, or set encoding")
        rows = list(reading.rows(decoded.text, self.path))
        order = order_of(row.cells.get("connected_on", "") for row in rows)
        for row in rows:
            reading.take(row, order)
        return list(reading.contacts.values()), at_most(reading.problems, self.path.name)


class _Reading:
    def __init__(self, source: str, file: str) -> None:
        self.source = source
        self.file = file
        self.contacts: dict[str, Contact] = {}
        self.problems: list[Problem] = []
        self.seen: Counter[str] = Counter()

    def note(self, line: int, message: str, remedy: str = _HELP) -> None:
        self.problems.append(Problem(where=f"{self.file}:{line}", message=message, help=remedy))

    def rows(self, text: str, path: Path) -> Iterator[_Row]:
        """The rows below the header, by column."""
        header = find_header(text.split("\n", HEADER_WITHIN)[:HEADER_WITHIN])
        if header is None:
            raise _not_an_export(text, path)
        lines = text.split("\n")
        for index, record in enumerate(records(text, first_line=header.line + 1, delimiter=header.delimiter)):
            row = fit(record.cells, lines[record.line - 1], header)
            if row.problem:
                self.note(record.line, row.problem)
            if row.cells:
                yield _Row(record.line, index, row.cells)

    def take(self, row: _Row, order: Order | None) -> None:
        """Read one row as a contact, unless it names nobody."""
        cells = row.cells
        url = cells.get("url", "")
        profile = _profile(url)
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


def _not_an_export(text: str, path: Path) -> UserMustAct:
    kind = "it is a ZIP file; unpack it first" if text.startswith("PK\x03\x04") else "no header was found"
    return UserMustAct(
        f"LinkedIn export {path} does not look like one: {kind}",
        help=f"its header has First Name and Last Name; {_HELP}",
    )


def _profile(url: str) -> str | None:
    """The path of the profile, the same for every host and spelling of its address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path = unquote(parts.path).strip("/").lower()
    host = (parts.hostname or "").removeprefix("www.")
    if parts.scheme not in ("http", "https") or not path:
        return None
    return path if host == "linkedin.com" or host.endswith(".linkedin.com") else f"{host}/{path}"
