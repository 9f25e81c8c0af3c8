"""Tables on the terminal: no boxes, one line per row.

``rich.cells`` measures the text. ``rich.table`` takes five seconds for a network of 10,000 people.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence

import click
from rich.cells import cell_len, set_cell_size

from people.text import for_terminal

_GAP = "  "
_NARROWEST = 6
"""The fewest places a column keeps when the table is wider than the terminal."""


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table with one line per row.

    On a terminal it is as wide as the terminal, and a cell that does not fit ends with an ellipsis.
    In a file or a pipe nothing is cut. Text that strangers wrote can neither colour nor reorder a line.
    """
    cells = [[for_terminal("" if value is None else str(value)) for value in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(headers, *cells, strict=True)]
    if sys.stdout.isatty():
        widths = _fitting(widths, shutil.get_terminal_size().columns)
    return "\n".join([click.style(_line(headers, widths), bold=True), *(_line(row, widths) for row in cells)])


def _fitting(widths: Sequence[int], available: int) -> list[int]:
    """Take places from the widest columns until the table fits."""
    fitting = list(widths)
    while sum(fitting) + len(_GAP) * (len(fitting) - 1) > available and max(fitting) > _NARROWEST:
        fitting[fitting.index(max(fitting))] -= 1
    return fitting


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return _GAP.join(map(_cell, cells, widths)).rstrip()


def _cell(text: str, width: int) -> str:
    if cell_len(text) > width:
        return set_cell_size(text, width - 1) + "…"
    return set_cell_size(text, width)
