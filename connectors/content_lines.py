"""Content lines of iCalendar (RFC 5545, 3.1): unfolded and split in linear time, whatever they hold.

Bytes of strangers come here first; no regular expression sees them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_ESCAPES = {"n": "\n", "N": "\n"}


class Line(NamedTuple):
    """One logical line. ``number`` counts physical lines from 1; ``raw`` is as folded, without its end."""

    number: int
    text: str
    raw: str


def unfold(text: str) -> Iterator[Line]:
    """Join folded lines; blank ones are dropped, also inside a fold (CR CR LF files have them)."""
    number = 0
    parts: list[str] = []
    raw: list[str] = []
    for at, physical in enumerate(text.split("\n"), start=1):
        if physical[:1] in (" ", "\t") and parts:
            parts.append(physical[1:])
            raw.append(physical)
        elif physical.strip():
            if parts:
                yield Line(number, "".join(parts), "\r\n".join(raw))
            number, parts, raw = at, [physical], [physical]
    if parts:
        yield Line(number, "".join(parts), "\r\n".join(raw))


def name_of(line: str) -> str:
    """The property's name in upper case, without a group's prefix."""
    return line.partition(":")[0].partition(";")[0].strip().upper().rpartition(".")[2]


def value_of(line: str) -> str:
    """What follows the first colon outside quotes, still escaped; empty when there is none."""
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
