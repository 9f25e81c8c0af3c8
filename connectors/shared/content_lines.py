"""Content lines of iCalendar (RFC 5545, 3.1), unfolded and split in linear time.

Input from other people comes here first, so no regular expression is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_LONGEST_KEPT = 64
_ESCAPES = {"n": "\n", "N": "\n"}


class Line(NamedTuple):
    """One logical line. ``number`` is its first physical line, from 1; ``raw`` is still folded."""

    number: int
    text: str
    raw: str


def unfold(text: str, number_of_first: int = 1) -> Iterator[Line]:
    """Join folded lines and drop blank ones, even inside a fold (files with CR CR LF have them)."""
    number, first = 0, ""
    folded: list[str] = []
    for at, physical in enumerate(text.split("\n"), start=number_of_first):
        if physical[:1] in (" ", "\t") and first:
            folded.append(physical)
        elif physical.strip():
            if first:
                yield _joined(number, first, folded)
            number, first = at, physical
            if folded:
                folded = []
    if first:
        yield _joined(number, first, folded)


def _joined(number: int, first: str, folded: list[str]) -> Line:
    if not folded:
        return Line(number, first, first)
    return Line(number, first + "".join(line[1:] for line in folded), "\r\n".join((first, *folded)))


def name_of(line: str) -> str:
    """The property's name in upper case, without a group's prefix."""
    name = line.partition(":")[0].partition(";")[0]
    return _known_name(name) if len(name) <= _LONGEST_KEPT else _bare_name(name)


def _bare_name(name: str) -> str:
    return name.strip().upper().rpartition(".")[2]


# A calendar has a few dozen names on half a million lines. The limit drops invented names again.
_known_name = lru_cache(maxsize=1024)(_bare_name)


def value_of(line: str) -> str:
    """The part after the first colon outside quotes, still escaped; empty if there is no colon."""
    head, colon, value = line.partition(":")
    if '"' not in head:
        return value if colon else ""
    quoted = False
    for at, char in enumerate(line):
        if char == '"':
            quoted = not quoted
        elif char == ":" and not quoted:
            return line[at + 1 :]
    return ""


def unescape(value: str) -> str:
    r"""A TEXT value with its escapes (``\n``, ``\,``, ``\;``, ``\\``) resolved."""
    if "\\" not in value:
        return value
    result, rest = [], iter(value)
    for char in rest:
        if char == "\\":
            following = next(rest, "\\")
            result.append(_ESCAPES.get(following, following))
        else:
            result.append(char)
    return "".join(result)
