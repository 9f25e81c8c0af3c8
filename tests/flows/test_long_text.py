"""Texts that are longer or wider than the terminal."""

from __future__ import annotations

from tests.support.terminal import in_terminal, raw_lines

PAGED = """
import os, sys
sys.stdin = open(os.ttyname(1))
from flows.cli.long_text import paged
paged("\\n".join(f"line {number}" for number in range(1, int(sys.argv[1]) + 1)))
"""

FOLDED = """
from flows.cli.long_text import folded
print(folded("  name    The full name of a person, as the card of the best source gives it."))
print(folded("         -> tier target (lost to clients-and-vips, which comes first)"))
print(folded("short  enough   as it \\x1b[31m is"))
"""


def test_only_what_is_longer_than_the_terminal_goes_to_the_pager() -> None:
    # The terminal has 40 lines, and this pager numbers them.
    assert raw_lines(PAGED, "60", columns=80, PAGER="cat -n")[59].split() == ["60", "line", "60"]
    assert raw_lines(PAGED, "30", columns=80, PAGER="cat -n")[29] == "line 30"


def test_a_wide_line_continues_below_its_second_column() -> None:
    assert in_terminal(FOLDED, columns=40) == [
        "  name    The full name of a person, as",
        "          the card of the best source",
        "          gives it.",
        "         -> tier target (lost to",
        "         clients-and-vips, which comes",
        "         first)",
        "short  enough   as it [31m is",
    ]
