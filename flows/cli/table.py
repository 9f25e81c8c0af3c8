"""Tables and lines that fit the terminal: no boxes, one line per row, never wrapped.

On a terminal, a table that is too wide loses its least important columns, and then its longest cells end
with an ellipsis. In a file or a pipe nothing is cut. Text that strangers wrote can neither colour nor
reorder a line.

``rich.cells`` measures the text: letters of two cells, accents and emoji as terminals draw them. The rest of
rich has no part here, because ``rich.table`` cannot drop a column, and takes five seconds for 10,000 people.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click
from rich.cells import cell_len, set_cell_size

from people.text import for_terminal

_GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    ``drop`` says when the column goes if the table is too wide: the highest number first, and 0 never.
    ``least`` is the fewest cells to which its text is shortened before a column is dropped. ``right`` aligns
    to the right, as figures are.
    """

    header: str = ""
    drop: int = 0
    least: int = 8
    right: bool = False


def terminal_width() -> int | None:
    """Return the columns of the terminal, or None in a file or a pipe, where lines may have any length."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def table(
    columns: Sequence[Column | str],
    rows: Iterable[Sequence[object]],
    *,
    indent: str = "",
) -> str:
    """Return a table with one line per row, and a line of headers if any column has one.

    A column given by its header alone is never dropped. None is an empty cell.
    """
    shapes = [Column(column) if isinstance(column, str) else column for column in columns]
    cells = [[for_terminal("" if value is None else str(value)) for value in row] for row in rows]
    headers = [one.header for one in shapes]
    widths = [max(map(cell_len, texts)) for texts in zip(headers, *cells, strict=True)]
    available = terminal_width()
    if available is not None:
        widths = _fitting(shapes, widths, available - len(indent))
    head = [click.style(indent + _line(headers, shapes, widths), bold=True)] if any(headers) else []
    return "\n".join([*head, *(indent + _line(row, shapes, widths) for row in cells)])


def fitting(text: str, indent: str = "") -> str:
    """Return one line that ends with an ellipsis if the terminal is too narrow for it."""
    width = terminal_width()
    line = indent + for_terminal(text)
    return line if width is None else shortened(line, width)


def wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """Return a sentence, broken between words where the terminal ends; each line keeps the ``indent``.

    The first line begins with ``first`` instead. A word is never broken, because it may be a path or a
    command to copy.
    """
    width = terminal_width()
    lines = [""]
    for word in for_terminal(text).split():
        if lines[-1] and width is not None and cell_len(f"{indent}{lines[-1]} {word}") > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".lstrip()
    start = indent if first is None else first
    return "\n".join((indent if number else start) + line for number, line in enumerate(lines))


def shortened(text: str, width: int) -> str:
    """Return text of at most ``width`` cells; what was cut is an ellipsis."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def _fitting(columns: Sequence[Column], widths: Sequence[int], available: int) -> list[int]:
    """Return the cells of each column, 0 for one that is dropped."""
    fitting = list(widths)
    least = [min(width, column.least) for column, width in zip(columns, widths, strict=True)]
    for n in sorted(range(len(columns)), key=lambda n: -columns[n].drop):
        if columns[n].drop and _total(least) > available:
            least[n] = fitting[n] = 0
    while _total(fitting) > available:
        n = max(range(len(fitting)), key=lambda n: (fitting[n] - least[n], fitting[n]))
        if fitting[n] <= 1:
            break
        fitting[n] -= 1
    return fitting


def _total(widths: Sequence[int]) -> int:
    shown = [width for width in widths if width]
    return sum(shown) + len(_GAP) * (len(shown) - 1)


def _line(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    shown = zip(cells, columns, widths, strict=True)
    return _GAP.join(_cell(text, column, width) for text, column, width in shown if width).rstrip()


def _cell(text: str, column: Column, width: int) -> str:
    text = shortened(text, width)
    blank = " " * (width - cell_len(text))
    return blank + text if column.right else text + blank
