"""Contacts in any CSV file as a source."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from connectors.csv.columns import Header, find_header
from connectors.shared.csv_text import cells_of, records, without_quotes
from connectors.shared.dates import read_birthday
from connectors.shared.digest_cursor import at_most, digest, full_read, unchanged
from connectors.shared.files import read_only_file
from connectors.shared.plain_text import Lines, decode_lines
from people.text import clean, fold, one_line
from people.types import Address, Contact, Page, Problem

_PARSER = "1"
_SEVERAL = " ::: "  # Google joins the values of one label so
_REMEDY = "correct the row; the others were read"
_MEANT = re.compile(r"[1-9]")  # Outlook writes 0/0/00 for no date
_ADDRESS = ("street", "city", "region", "postal_code", "country")

Values = dict[str, list[str]]
"""The values of one row by field."""


class CsvSource:
    """The contacts of one CSV file, whose columns are known by their names or named in the settings.

    The id of a contact is its cell in the column ``id``, or else its e-mail address, or else made of its name
    and firm. Cells of unknown columns are in ``extra``. A row that is too short or too long is kept, with a
    problem. ``columns`` maps fields to columns; ``encoding`` is the codec of lines that are not in UTF-8.
    """

    def __init__(
        self, name: str, path: Path, columns: Mapping[str, str] | None = None, encoding: str | None = None
    ) -> None:
        self.name = name
        self.path = path
        self._columns = dict(columns or {})
        self._encoding = encoding

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Yield one empty page if the file did not change, else all contacts.

        Raises ``SourceMissing`` if the file does not exist, and ``UserMustAct`` if its columns are unknown.
        """
        data = read_only_file(self.path, "CSV file", "check the path of this source in touchbase.toml")
        settings = repr((_PARSER, self.path.name, self._encoding, sorted(self._columns.items())))
        current = digest([settings, data])
        page = unchanged(cursor, current)
        if page is not None:
            yield page
            return
        contacts, problems = self._read(decode_lines(data, self._encoding))
        yield from full_read(contacts, problems, current)

    def _read(self, decoded: Lines) -> tuple[list[Contact], list[Problem]]:
        lines = decoded.text.split("\n")
        header = find_header(lines, self._columns, f"CSV file {self.path}")
        file = self.path.name
        notes = [(line, message) for line, message in decoded.odd]
        contacts: list[Contact] = []
        seen: Counter[str] = Counter()
        rows = records(decoded.text, first_line=header.line + 1, delimiter=header.delimiter)
        for index, record in enumerate(rows):
            cells, message = _fitting(record.cells, lines[record.line - 1], header)
            if message:
                notes.append((record.line, message))
            contact = self._contact(header, cells, index, seen)
            if contact is not None:
                contacts.append(contact)
            elif any(cells):
                notes.append((record.line, "names nobody; the row was left out"))
        problems = [Problem(where=f"{file}:{line}", message=message, help=_REMEDY) for line, message in notes]
        return contacts, at_most(problems, file)

    def _contact(self, header: Header, cells: list[str], index: int, seen: Counter[str]) -> Contact | None:
        values, extra = _values(header, cells)
        emails = tuple(email.lower() for email in values.get("email", []) if "@" in email)
        parts = [values.get(field, [""])[0] for field in ("given_name", "middle_name", "family_name")]
        name = next(iter(values.get("name", [])), "") or " ".join(filter(None, parts)) or None
        organisation = next(iter(values.get("organisation", [])), None)
        if not (name or emails or organisation or values.get("phone")):
            return None
        own = next(iter(values.get("id", [])), "") or (emails[0] if emails else "")
        key = own or f"row-{_hash(name, organisation, *values.get('phone', []))}"
        seen[key] += 1

        def first(field: str) -> str | None:
            return next(iter(values.get(field, [])), None)

        birthday, anniversary = _birthday(values), read_birthday(first("anniversary") or "")
        for field, day in (("birthday", birthday), ("anniversary", anniversary)):
            if day is None and _MEANT.search(first(field) or ""):
                extra = (*extra, f"{field}: {first(field)}")
        address = Address(**{part: first(part) for part in _ADDRESS})
        return Contact(
            source=self.name,
            source_id=key if seen[key] == 1 else f"{key}-{seen[key]}",
            name=name,
            **{part: first(part) for part in ("given_name", "middle_name", "family_name")},
            **{part: first(part) for part in ("prefix", "suffix", "nickname", "title")},
            emails=tuple(dict.fromkeys(emails)),
            phones=tuple(dict.fromkeys(values.get("phone", []))),
            organisation=organisation,
            note="\n".join(values.get("note", [])) or None,
            birthday=birthday,
            anniversary=anniversary,
            labels=tuple(dict.fromkeys(_labels(values.get("labels", [])))),
            urls=tuple(dict.fromkeys(values.get("url", []))),
            addresses=() if address == Address() else (address,),
            custom=tuple(("department", text) for text in values.get("department", [])),
            extra=extra,
            file=self.path.name,
            index=index,
        )


def _fitting(cells: list[str] | None, line: str, header: Header) -> tuple[list[str], str]:
    """The cells of a row, as many as there are columns, and what is odd about them."""
    count, message = len(header.fields), ""
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


def _values(header: Header, cells: list[str]) -> tuple[Values, tuple[str, ...]]:
    values: Values = {}
    extra: list[str] = []
    for name, field, cell in zip(header.names, header.fields, cells, strict=True):
        if cell and field:
            parts = [cell] if field == "note" else [" ".join(part.split()) for part in cell.split(_SEVERAL)]
            values.setdefault(field, []).extend(filter(None, parts))
        elif cell and name:
            extra.append(f"{name}: {one_line(cell)}")
    return values, tuple(extra)


def _birthday(values: Values) -> str | None:
    written = next(iter(values.get("birthday", [])), None)
    if written:
        return _iso(written)
    year, month, day = (next(iter(values.get(f"birth_{part}", [])), "") for part in ("year", "month", "day"))
    if month.isdigit() and day.isdigit():
        return _iso(f"{year}-{month:>02}-{day:>02}") if year else _iso(f"{day}.{month}.")
    return None


def _iso(text: str) -> str | None:
    """A birthday; Google writes one without a year as `` --03-14``, and Outlook none as ``0/0/00``."""
    text = text.strip()
    return read_birthday(text.removeprefix("--")) if text.startswith("--") else read_birthday(text)


def _labels(cells: list[str]) -> Iterator[str]:
    for cell in cells:
        for label in cell.split(";"):
            yield label.strip().removeprefix("* ")


def _hash(*parts: str | None) -> str:
    text = "\x1f".join(fold(part or "") for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
