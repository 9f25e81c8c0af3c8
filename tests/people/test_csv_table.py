"""The CSV of an export: no spreadsheet takes a cell, or a part of one, for a formula."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.text import csv_table

SIGNS = (
    "=",
    "+",
    "-",
    "@",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
    "\ufe66",
    "\ufe62",
    "\ufe63",
    "\ufe6b",
    "\u2212",
)
SEPARATORS = (",", ";", "\t", "|")
FORMULAS = [
    *(f"{sign}1+1" for sign in SIGNS),
    *(f"{space}=1+1" for space in (" ", "\t", "\r", "\n", "\u00a0", "\u200b", "\ufeff", "\u202e", "\x00")),
    "\t1",
    "x;=1+1",
    "x\t=1+1",
    "x,=1+1",
    "x\n=1+1",
    "x\r\n=1+1",
    'x";=1+1',
    '";"=1+1',
    "x; \u200b\uff1d1+1",
    '"=1+1"',
]


def _is_formula(cell: str) -> bool:
    """Whether a spreadsheet may take a cell for a formula, whatever the width, and behind what is unseen."""
    seen = "".join(one for one in cell if unicodedata.category(one) not in ("Cf", "Cc")).strip().lstrip('"')
    return unicodedata.normalize("NFKC", seen.replace("\u2212", "-").strip()[:1]) in ("=", "+", "-", "@")


def _cells(text: str, separator: str) -> list[str]:
    """The cells as a spreadsheet cuts them: with quotes, and as one that minds no quotes."""
    quoted = [cell for row in csv.reader(io.StringIO(text), delimiter=separator) for cell in row]
    return [*quoted, *(cell for line in text.splitlines() for cell in line.split(separator))]


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_is_a_formula_whatever_separates_cells(cell: str, separator: str) -> None:
    text = csv_table([["name", cell], [cell, "note"]])
    assert [one for one in _cells(text, separator) if _is_formula(one)] == []


@given(
    st.text(st.sampled_from([*SIGNS, *SEPARATORS, '"', "'", " ", "\n", "\r", "\u200b", "x", "1"]), max_size=8)
)
def test_no_text_makes_a_formula(cell: str) -> None:
    text = csv_table([["x", cell, "y"]])
    for separator in SEPARATORS:
        assert [one for one in _cells(text, separator) if _is_formula(one)] == []


def test_ordinary_text_stays_as_it_is_in_quotes() -> None:
    rows = [["Zo\u00eb Jarvis-Lee", "a@b.example", "Co. & Sons, Ltd", 'he said "yes"', "2026-01-14"]]
    text = csv_table(rows)
    assert list(csv.reader(io.StringIO(text))) == rows
    assert text.count('","') == 4
