"""What the columns of a CSV file mean: those of known programs, and those that the settings name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from connectors.columns import LEFT_OVER, spelled
from connectors.csv.names import ADDRESS, BY_NAME, kind_of, numbered
from connectors.shared.csv_text import DELIMITERS, cells_of
from people.errors import UserMustAct
from people.text import did_you_mean, fold

Wanted = Mapping[str, str | Sequence[str]]
"""Fields and the columns that the settings name for them."""

_WHO = frozenset(("name", "given_name", "family_name", "email", "organisation"))
UNNAMED = "unnamed"
"""The group of columns without a name."""
_HEADER_WITHIN = 20
_VALUE = re.compile(r"\S+@\S+\.\S+|https?://.*|(?!(?:19|20)\d\d$)[+(]?\d[\d\s()/.,:+-]*")
"""An address or a number, which no column is called. A year may be the name of a column."""
_TITLES = ("title", "titre", "titel", "titulo")
_PROFESSIONS = ("profession", "beruf", "profesion", "occupation")


class Place(NamedTuple):
    """What one column holds: the name as written, its field, and which address or pair it is part of.

    ``known`` is False if neither the settings nor a program that we know has the name.
    """

    name: str
    field: str
    group: str = ""
    known: bool = True


class Header(NamedTuple):
    """The header's line (from 1), the delimiter, and the columns."""

    line: int
    delimiter: str
    places: list[Place]


class _Candidate(NamedTuple):
    """A line that may be the header: how many cells name columns that we know, and how many have a text."""

    header: Header
    known: int
    filled: int

    def beats(self, earlier: _Candidate) -> bool:
        """Whether this is the header rather than an earlier line.

        A row never fills more columns than its header names, though its cells may be called like columns.
        """
        wider = self.filled > earlier.filled
        return self.known > earlier.known and (wider or self.known == self.filled == earlier.filled)


def find_header(lines: Sequence[str], wanted: Wanted, where: str) -> Header:
    """Find the header among the first lines. ``wanted`` are the columns that the settings name.

    Raises ``UserMustAct`` if there is none, or if a wanted column is missing.
    """
    best: _Candidate | None = None
    for candidate in _candidates(lines, wanted):
        if best is None or candidate.beats(best):
            best = candidate
    if best is None:
        columns = " or ".join(map(repr, _columns_of(wanted))) or "a name or an e-mail address"
        raise UserMustAct(
            f"{where} has no header with {columns}",
            help='name its columns in the source: columns = {given_name = "Vorname", email = "Mail"}',
        )
    header = best.header
    names = [place.name for place in header.places]
    for column in _columns_of(wanted):
        if fold(column) not in map(fold, names):
            hint = did_you_mean(column, names, otherwise=f"it has {', '.join(names)[:200]}")
            raise UserMustAct(
                f"{where} has no column '{column}'; {hint}", help="correct columns in the settings"
            )
    return header


def _candidates(lines: Sequence[str], wanted: Wanted) -> Iterator[_Candidate]:
    for at, line in enumerate(lines[:_HEADER_WITHIN], start=1):
        for delimiter in DELIMITERS:
            names = [cell.strip() for cell in cells_of(line.lstrip("\ufeff"), delimiter)]
            if any(map(_VALUE.fullmatch, names)):
                continue
            places = _places(names, wanted)
            if _WHO & {place.field for place in places}:
                known = sum(bool(place.name) and place.known for place in places)
                yield _Candidate(Header(at, delimiter, places), known, sum(map(bool, names)))


def _columns_of(wanted: Wanted) -> list[str]:
    return [column for columns in wanted.values() for column in _several(columns)]


def _several(columns: str | Sequence[str]) -> Sequence[str]:
    return [columns] if isinstance(columns, str) else columns


def _places(names: Sequence[str], wanted: Wanted) -> list[Place]:
    by_column = {fold(column): field for field, some in wanted.items() for column in _several(some)}
    places = [_place(name) if name else _unnamed(at) for at, name in enumerate(names, start=1)]
    meanings = _meanings(names, {place.field for place in places} | set(wanted))
    taken = set(wanted) - {"custom", "ignore"}
    for at, name in enumerate(names):
        if field := by_column.get(fold(name)):
            places[at] = Place(name, field)
            continue
        if at in meanings:
            places[at] = Place(name, meanings[at])
        if places[at].field in taken:
            places[at] = Place(name, LEFT_OVER)
    return _with_neighbours(places)


def _unnamed(number: int) -> Place:
    """A column without a name. Its values, if there are any, are kept with its number."""
    return Place(f"column {number}", LEFT_OVER, UNNAMED, known=False)


def _place(name: str) -> Place:
    """What a name says by itself."""
    number, rest = numbered(name)
    whole = spelled(rest)
    if whole in BY_NAME:
        return Place(name, BY_NAME[whole], number)
    kind, rest = kind_of(whole)
    if rest in BY_NAME:
        return Place(name, BY_NAME[rest], number or kind)
    return Place(name, LEFT_OVER, number, known=False)


def _meanings(names: Sequence[str], fields: set[str]) -> dict[int, str]:
    """The fields of names whose meaning hangs on the other columns, by place: ``Vorname`` beside ``Name``."""
    given, family = "given_name" in fields, "family_name" in fields
    last = "family_name" if given and not family else "name"
    first = "given_name" if family and not given else "name"
    by_word = {"name": last, "nom": last, "nombre": first, "nome": first}
    words = [spelled(name) for name in names]
    titles = [at for at, word in enumerate(words) if word in _TITLES]
    meanings = dict.fromkeys(titles, "prefix")
    if titles and "title" not in fields and ("organisation" in fields or len(titles) > 1):
        meanings[titles[-1]] = "title"  # Outlook in French: Titre is a salutation, and once more a job
    elif "title" not in fields:
        by_word |= dict.fromkeys(_PROFESSIONS, "title")
    return meanings | {at: by_word[word] for at, word in enumerate(words) if word in by_word}


def _with_neighbours(places: Sequence[Place]) -> list[Place]:
    """Let a city without a kind be at work if it stands behind a street at work: Thunderbird in French."""
    result: list[Place] = []
    for place in places:
        before = result[-1] if result else None
        follows = before is not None and not place.group and {place.field, before.field} <= ADDRESS
        result.append(place._replace(group=before.group) if before and follows else place)
    return result
