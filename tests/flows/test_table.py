"""Tables in a real terminal: they fit it, and drop and shorten what matters least."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

import pytest

from flows.cli.table import Column, table
from tests.support.terminal import cells, in_terminal

# Whatever breaks tables: letters of two cells, emoji, accents that are marks of their own, long words.
SCRIPT = """
from flows.cli.table import Column, fitting, table, wrapped
columns = [Column("key", least=4), Column("name"), Column("firm", drop=1), Column("over", drop=2, right=True),
           Column("why", drop=3), Column("note", drop=4)]
print(table(columns, [
    ("61e2", "Felix Moreau", "Moreau & Fils", 79, "client, 109 days, aim 30", "met at the fair"),
    ("9a8b", "山田太郎" * 12, "株式会社" * 8, 1079, "🇬🇧👍" * 20, "x" * 90),
    ("a0ad", "Zoe\\u0308 " * 9, None, "", "line\\nbreak \\x1b[31mred \\u202e", None),
]))
print(fitting("A line of " + "many words " * 20))
print(wrapped("A sentence of " + "山田 words " * 30, indent="  "))
"""


@pytest.mark.parametrize("columns", [20, 40, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    lines = in_terminal(SCRIPT, columns=columns)
    assert [line for line in lines if cells(line) > columns] == []


def test_the_least_important_columns_go_first_and_long_cells_end_with_an_ellipsis() -> None:
    assert in_terminal(SCRIPT, columns=48)[:4] == [
        "key   name        firm         over  why",
        "61e2  Felix Mor…  Moreau & F…    79  client, 10…",
        "9a8b  山田太郎…   株式会社株…  1079  🇬🇧👍🇬🇧👍🇬🇧…",
        "a0ad  Zoe\u0308 Zoe\u0308 Z…                     line break…",
    ]  # fmt: skip
    assert [line.rstrip() for line in in_terminal(SCRIPT, columns=24)[:2]] == [
        "key   name      firm",
        "61e2  Felix M…  Moreau…",
    ]


def test_in_a_pipe_nothing_is_cut() -> None:
    with redirect_stdout(io.StringIO()):
        shown = table([Column("name"), Column("note", drop=1)], [("Ann", "long " * 60 + "end"), ("Bo", None)])
    assert shown.splitlines()[1].endswith("long end")
    assert shown.splitlines()[2] == "Bo"
