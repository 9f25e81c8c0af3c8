"""Contacts in any CSV file as a source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from connectors.columns import Column, left_over
from connectors.csv.columns import UNNAMED, Header, Wanted, find_header
from connectors.csv.ids import with_own_ids
from connectors.csv.names import fact
from connectors.csv.row import Row, contact_of
from connectors.shared.csv_text import cells_of, records, without_quotes
from connectors.shared.dates import Order, order_of
from connectors.shared.digest_cursor import at_most, digest, full_read, unchanged
from connectors.shared.files import read_only_file
from connectors.shared.plain_text import decode_lines
from people.errors import UserMustAct
from people.text import clean, fold, one_line
from people.types import Contact, Page, Problem

_PARSER = "3"
_REMEDY = "correct the row; the others were read"
_NAME_IT = 'add to the source: columns = {custom = ["its name"]}, or another field, or ignore: docs/csv.md'
_DAY_FIRST = ("geburtstag", "geburtsdatum", "anniversaire", "naissance", "cumplea", "nacimiento", "jahrestag")


class _Table(NamedTuple):
    """A file as rows. ``notes`` are line numbers and what is odd there."""

    header: Header
    rows: list[tuple[int, list[str]]]
    notes: list[tuple[int, str]]


class CsvSource:
    """The contacts of one CSV file, whose columns are known by their names or named in the settings.

    The id of a contact is its cell in the column ``id``, or else its e-mail address, or else made of its name
    and firm; if several rows share one, each has its name in the id, too. ``known`` maps the raw hashes of
    the contacts in the store to their ids, so that a contact whose id changes stays the same person. Cells of
    unknown columns are in ``extra``, and a problem names these columns. A row that is too short or too long
    is kept, with a problem. ``columns`` maps fields to columns; ``encoding`` is the codec of lines that are
    not in UTF-8.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        columns: Wanted | None = None,
        encoding: str | None = None,
        known: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.path = path
        self._columns = dict(columns or {})
        self._encoding = encoding
        self._known = known if known is not None else {}

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield one empty page if the file did not change, else all contacts.

        Raises ``SourceMissing`` if the file does not exist, and ``UserMustAct`` if its columns are unknown.
        """
        data = self._data()
        settings = repr((_PARSER, self.path.name, self._encoding, sorted(self._columns.items())))
        current = digest([settings, data])
        page = unchanged(cursor, current)
        if page is not None:
            yield page
            return
        contacts, problems = self._read(self._table(data))
        yield from full_read(contacts, problems, current)

    def columns(self) -> tuple[Column, ...]:
        """What each column became. Raises as ``changes`` does."""
        return self._became(self._table(self._data()))

    def _data(self) -> bytes:
        return read_only_file(self.path, "CSV file", "check the path of this source in touchbase.toml")

    def _table(self, data: bytes) -> _Table:
        decoded = decode_lines(data, self._encoding)
        lines = decoded.text.split("\n")
        header = find_header(lines, self._columns, f"CSV file {self.path}")
        rows: list[tuple[int, list[str]]] = []
        notes = [(line, message) for line, message in decoded.odd]
        for record in records(decoded.text, first_line=header.line + 1, delimiter=header.delimiter):
            cells, message = _fitting(record.cells, lines[record.line - 1], header)
            rows.append((record.line, cells))
            if message:
                notes.append((record.line, message))
        return _Table(header, rows, notes)

    def _read(self, table: _Table) -> tuple[list[Contact], list[Problem]]:
        file, header = self.path.name, table.header
        order = _order(table)
        contacts: list[Contact] = []
        notes = list(table.notes)
        for index, (line, cells) in enumerate(table.rows):
            contact = contact_of(Row(header.places, cells, order), self.name, file, index)
            if contact is not None:
                contacts.append(contact)
            elif any(cells):
                notes.append((line, "names nobody; the row was left out"))
        if not contacts and _is_odd(table):
            raise UserMustAct(
                f"no row of CSV file {self.path} names anybody; line {header.line} was read as its header",
                help='name its columns in the source: columns = {given_name = "Vorname", email = "Mail"}',
            )
        unknown = left_over(self._became(table), f"{file}:{header.line}", _NAME_IT)
        problems = [
            Problem(where=f"{file}:{line}", message=text, help=_REMEDY) for line, text in sorted(notes)
        ]
        return with_own_ids(contacts, self._known), at_most([*unknown, *problems], file)

    def _became(self, table: _Table) -> tuple[Column, ...]:
        filled = [[row[at] for _, row in table.rows if row[at]] for at in range(len(table.header.places))]
        return tuple(
            Column(
                self.path.name,
                place.name,
                fact(place.field),
                place.known,
                len(cells),
                next(iter(cells), ""),
            )
            for place, cells in zip(table.header.places, filled, strict=True)
            if cells or place.group != UNNAMED
        )


def _is_odd(table: _Table) -> bool:
    """Whether a table that names nobody was read with the wrong header, rather than being empty."""
    after_lines = table.header.line > 1 and not all(place.known for place in table.header.places)
    return after_lines or any(any(cells) for _, cells in table.rows)


def _order(table: _Table) -> Order | None:
    """Whether days or months come first in the file's dates; by the language of the header if in doubt."""
    at = [n for n, place in enumerate(table.header.places) if place.field in ("birthday", "anniversary")]
    order = order_of(row[n] for _, row in table.rows for n in at)
    names = " ".join(fold(table.header.places[n].name) for n in at)
    return order or ("day first" if any(word in names for word in _DAY_FIRST) else None)


def _fitting(cells: Sequence[str] | None, line: str, header: Header) -> tuple[list[str], str]:
    """The cells of a row, as many as there are columns, and what is odd about them."""
    count, message = len(header.places), ""
    if cells is None:
        cells = without_quotes(line, header.delimiter)
        message = "a quotation mark is not closed; the row was read without it"
    elif len(cells) == 1 < count:
        cells = cells_of(cells[0], header.delimiter)
    while len(cells) > count and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > count:
        rest = one_line(header.delimiter.join(cells[count:]))[:60]
        message = f"has {len(cells)} cells instead of {count}; '{rest}' was left out"
    elif len(cells) < count:
        message = f"has {len(cells)} cells instead of {count}; the others were read as empty"
    texts = [clean(cell).strip() for cell in cells[:count]]
    return [*texts, *[""] * (count - len(texts))], message
