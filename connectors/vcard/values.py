r"""Values of properties: unescaped, escaped, and structured ones normalised.

Programs mix escaped and bare separators. The result is always escaped in one way, so that a text is not cut
at a bare comma and ``\:`` does not stay in a URL.
"""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"\\([\\,;:nN])")
_BARE_SEMICOLON = re.compile(r"\\.|;", re.DOTALL)

PARTS = {"N": 5, "ADR": 7, "ORG": 0}
"""Structured properties and the number of their parts; 0 is any number."""


def unescape(text: str) -> str:
    r"""The plain text of a TEXT value. A backslash before another character (``\"``) stays."""
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda hit: "\n" if hit[1] in "nN" else hit[1], text)


def escape(text: str) -> str:
    r"""Plain text as a TEXT value."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def split_bare(text: str, separator: str) -> list[str]:
    """Split at unescaped separators. The parts stay escaped."""
    if "\\" not in text:
        return text.split(separator)
    parts: list[str] = []
    current: list[str] = []
    for piece in text.split(separator):
        current.append(piece)
        if (len(piece) - len(piece.rstrip("\\"))) % 2 == 0:
            parts.append(separator.join(current))
            current = []
    return [*parts, separator.join(current)] if current else parts


def protect_semicolons(text: str) -> str:
    """Escape bare semicolons in a part of a structured value that was decoded by itself."""
    return _BARE_SEMICOLON.sub(lambda hit: "\\;" if hit[0] == ";" else hit[0], text)


def structured(name: str, text: str) -> tuple[str, bool]:
    """The value of N, ADR or ORG with its parts escaped, and whether surplus parts were dropped."""
    parts = split_bare(text, ";")
    count = PARTS[name] or len(parts)
    surplus = any(part.strip() for part in parts[count:])
    make = _name_part if name == "N" else _text_part
    return ";".join(make(part) for part in parts[:count]), surplus


def _text_part(part: str) -> str:
    return escape(unescape(part).strip()) if "\\" in part or "," in part or "\n" in part else part.strip()


def _name_part(part: str) -> str:
    """Several names in one part stay a list. A comma before a blank is text."""
    if "," not in part:
        return _text_part(part)
    names = split_bare(part, ",")
    if any(not name or name[0] in " \n" for name in names[1:]):
        return _text_part(part)
    return ",".join(_text_part(name) for name in names)
