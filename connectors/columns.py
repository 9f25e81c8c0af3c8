"""What became of the columns of a table, and names of columns compared in plain letters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from people.text import fold, one_line
from people.types import Problem

LEFT_OVER = "extra"
"""The use of a column that no field takes. Its cells are kept as ``column: cell`` where they can be."""

_CAPITAL_INSIDE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_OTHER_SIGNS = re.compile(r"[\W\d_]+")
_SHOWN = 40
_MOST = 5


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name as written, the field that it became, and in how many rows it has a value.

    ``field`` is the fact about a person, "custom" for a labelled field, and "" for a column that is not used.
    ``known`` is False if the name of the column is not known. ``example`` is the first value.
    """

    file: str
    name: str
    field: str
    known: bool = True
    rows: int = 0
    example: str = ""


def spelled(name: str) -> str:
    """The name of a column in plain letters, without digits and signs.

    >>> spelled("E-mail 2 Address"), spelled("lastName"), spelled("Straße (privat)")
    ('e mail address', 'last name', 'strasse privat')
    """
    return _OTHER_SIGNS.sub(" ", fold(_CAPITAL_INSIDE.sub(" ", name.replace("ß", "ss")))).strip()


def left_over(columns: Sequence[Column], where: str, remedy: str) -> list[Problem]:
    """The problem of columns that have values and whose names are not known, if there are any."""
    names = [f"'{one_line(one.name)[:_SHOWN]}'" for one in columns if one.rows and not one.known]
    if not names:
        return []
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    what = f"column {names[0]} is" if len(names) == 1 else f"columns {', '.join(names[:_MOST])}{more} are"
    message = f"{what} not known; rules find the values under custom"
    return [Problem(where=where, message=message, help=remedy)]
