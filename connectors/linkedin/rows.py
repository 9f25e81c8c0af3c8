"""Header and rows of Connections.csv, also as spreadsheets and other tools write them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from connectors.columns import spelled
from connectors.shared.csv_text import DELIMITERS, cells_of, without_quotes
from connectors.shared.dates import read_date
from people.text import clean

HEADER_WITHIN = 50
"""The header comes after a few lines of notes, and newer exports have more of them."""

_NAMES = {
    "given_name": "first name, firstname, given name, forename, vorname, prenom, nombre, nome",
    "family_name": "last name, lastname, family name, surname, nachname, nom, nom de famille, apellidos, "
    "apellido, cognome, sobrenome",
    "name": "name, full name, fullname",
    "url": "url, profile url, linkedin url, linkedin profile url, linkedin profile, profile link, profile, "
    "linkedin, linked in url, linked in profile url, linked in profile, linked in",
    "email": "email address, email, e mail, e mail address, emails, mail, e mail adresse, adresse e mail, "
    "direccion de correo electronico, correo electronico, indirizzo email, endereco de e mail",
    "organisation": "company, company name, current company, organization, organisation, employer, firma, "
    "unternehmen, entreprise, societe, empresa, azienda, bedrijf",
    "title": "position, title, job title, jobtitle, current position, role, poste, fonction, puesto, cargo, "
    "posizione, functie",
    "connected_on": "connected on, connected, connected at, connection date, date connected, connected date, "
    "verbunden am, verknupft am, kontakt seit, connecte le, en relation depuis, date de connexion, "
    "conectado el, fecha de conexion, conectado em, collegato il, data collegamento, verbonden op",
    "labels": "tags, labels",
}
_COLUMNS = {name: field for field, names in _NAMES.items() for name in names.split(", ")}
_TEXTS = ("organisation", "title", "family_name", "given_name")
"""Columns with text in which a comma is likely, likeliest first."""


class Header(NamedTuple):
    """The line of the header (from 1), the delimiter, and each column's field and name, empty if unknown."""

    line: int
    delimiter: str
    columns: list[str]
    names: list[str]


class Fitted(NamedTuple):
    """The cells of a row by field, what is odd about the row, and further cells with their columns.

    A row without cells is left out.
    """

    cells: dict[str, str]
    problem: str = ""
    extra: tuple[tuple[str, str], ...] = ()


def find_header(lines: Sequence[str]) -> Header | None:
    """Find the line that names the columns, whatever its delimiter is."""
    for at, line in enumerate(lines, start=1):
        for delimiter in DELIMITERS:
            names = [cell.strip() for cell in cells_of(line.lstrip("\ufeff"), delimiter)]
            columns = _columns(names)
            whole = "name" in columns and ("url" in columns or "connected_on" in columns)
            if whole or {"given_name", "family_name"} <= set(columns):
                return Header(at, delimiter, columns, names)
    return None


def _columns(cells: Sequence[str]) -> list[str]:
    columns: list[str] = []
    for cell in cells:
        field = _COLUMNS.get(spelled(cell), "")
        columns.append("" if field in columns else field)
    return columns


def fit(cells: list[str] | None, line: str, header: Header) -> Fitted:
    """Fit the cells of a row to the columns. ``cells`` is None if its quotation marks do not fit together."""
    delimiter, columns = header.delimiter, header.columns
    problem = ""
    if cells is None:
        cells = without_quotes(line, delimiter)
        if len(cells) != len(columns):
            return Fitted({}, "a quotation mark is not closed; the row was left out")
        problem = "a quotation mark is not closed; the row was read without it"
    elif len(cells) == 1 < len(columns):
        cells = cells_of(cells[0], delimiter)
    while len(cells) > len(columns) and not cells[-1].strip():
        cells = cells[:-1]
    count = f"has {len(cells)} cells instead of {len(columns)}"
    if len(cells) < len(columns):
        if sum(bool(cell.strip()) for cell in cells) < 2:
            return Fitted({}, f"{count}; the row was left out")
        problem = f"{count}; the others were read as empty"
    elif len(cells) > len(columns):
        cells, joined = _joined(cells, columns, delimiter)
        problem = f"{count}; '{joined}' was read as one"
    texts = [" ".join(clean(cell).split()) for cell in cells]
    rest = zip(header.names, columns, texts, strict=False)
    extra = tuple((name, text) for name, field, text in rest if name and text and not field)
    return Fitted({name: text for name, text in zip(columns, texts, strict=False) if name}, problem, extra)


def _joined(cells: list[str], columns: list[str], delimiter: str) -> tuple[list[str], str]:
    """Join the cells that an unquoted delimiter parted, where the row then fits best."""
    surplus = len(cells) - len(columns)

    def joined(at: int) -> list[str]:
        return [*cells[:at], delimiter.join(cells[at : at + surplus + 1]), *cells[at + surplus + 1 :]]

    def fits(at: int) -> tuple[int, int]:
        row = dict(zip(columns, joined(at), strict=True))
        good = sum(_looks_right(name, text.strip()) for name, text in row.items())
        blanks = sum(cell.startswith(" ") for cell in cells[at + 1 : at + surplus + 1])
        return good, blanks

    likely = [columns.index(name) for name in _TEXTS if name in columns]
    places = likely or list(range(len(columns)))
    best = max(places, key=fits)
    row = joined(best)
    return row, " ".join(row[best].split())[:60]


def _looks_right(name: str, text: str) -> bool:
    if name == "url":
        return text.lower().startswith("http") or not text
    if name == "email":
        return "@" in text or not text
    if name == "connected_on":
        day, message = read_date(text, None)
        return day is not None or message.endswith("than one date")
    return name != "" and "@" not in text and not text.lower().startswith("http")
