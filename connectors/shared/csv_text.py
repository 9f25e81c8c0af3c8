"""CSV files that people edit, read record by record, so that a stray quote costs only one line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import NamedTuple

_MAX_LINES = 200
"""A quoted field with more lines than this was never closed."""


class Record(NamedTuple):
    """One record and its first line (from 1). ``cells`` is None if it cannot be read."""

    line: int
    cells: list[str] | None


DELIMITERS = ",;\t|"


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of one line, read as leniently as a spreadsheet does.

    A program that opened a file with the wrong delimiter quotes the whole line, so one cell is split again.
    """
    cells = _cells(line, delimiter)
    return _cells(cells[0], delimiter) if len(cells) == 1 and delimiter in cells[0] else cells


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line.replace("\n", " ")], delimiter=delimiter), [])
    except csv.Error:  # a NUL, or a cell of more than 128 KiB
        return without_quotes(line, delimiter)


def without_quotes(line: str, delimiter: str) -> list[str]:
    """The cells of a line whose quotation marks do not fit together."""
    return [cell.strip().strip('"') for cell in line.split(delimiter)]


def records(
    text: str, *, first_line: int = 1, delimiter: str = ",", most_lines: int = _MAX_LINES
) -> Iterator[Record]:
    """Yield the records from line ``first_line`` on, without blank lines.

    A quote that is never closed, or not within ``most_lines``, makes only its line unreadable.
    """
    lines = text.split("\n")
    at = first_line - 1
    while at < len(lines):
        if not lines[at].strip(" \t,;|"):
            at += 1
            continue
        window = (f"{lines[index]}\n" for index in range(at, min(at + most_lines, len(lines))))
        reader = csv.reader(window, strict=True, delimiter=delimiter)
        try:
            cells = next(reader)
        except (csv.Error, StopIteration):
            yield Record(at + 1, None)
            at += 1
        else:
            yield Record(at + 1, [cell.removesuffix("\n") for cell in cells])
            at += reader.line_num
