r"""Values of properties: text unescaped and escaped, structured ones normalised, dates read.

Programs mix escaped and bare separators. The result is always escaped in one way, so that a text is not cut
at a bare comma and ``\:`` does not stay in a URL.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from connectors.shared.dates import read_birthday

_ESCAPED = re.compile(r"\\([\\,;:nN])")
_BARE_SEMICOLON = re.compile(r"\\.|;", re.DOTALL)
_FULL = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?=\Z|[T ])")
_SHORT = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?=\Z|[T ])")
_NO_YEAR = re.compile(r"-{1,2}([0-9]{2})-?([0-9]{2})(?=\Z|[T ])")
_APPLE_YEAR = "1604"  # Apple writes this leap year for "no year"
_NOT_A_YEAR = frozenset((0, int(_APPLE_YEAR)))
_BETWEEN = re.compile(r"[,;|\s]+|(?<=\s)/(?=\s)")
_LONGEST_DATE = 80
_LEAP_YEAR = 2000

PLAIN_EMAIL = re.compile(r"[^\s<>()\[\],;:|\"@]+@[^\s<>()\[\],;:|\"@]+")
"""An address with nothing around it, as almost all are."""

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


def read_emails(text: str) -> tuple[list[str], bool]:
    """The bare addresses of one value, in lower case, and whether the value has other words besides.

    >>> read_emails("Anna <anna@berg.example>; an@berg.example")
    (['anna@berg.example', 'an@berg.example'], False)
    """
    only = _email(text.strip(" ,;"))
    if only is not None and (text.count("@") == 1 or not _BETWEEN.search(text.strip(" ,;"))):
        return [only], False
    words = [word.strip('()[]"') for word in _BETWEEN.split(text)]
    emails = [email for word in words if (email := _email(word)) is not None]
    others = [word for word in words if word and _email(word) is None]
    return emails, bool(others) and "<" not in text


def _email(text: str) -> str | None:
    if text.endswith(">"):
        text = text[:-1].rpartition("<")[2]
    if text[:7].lower() == "mailto:":
        text = text[7:]
    text = text.strip()
    local, _, domain = text.rpartition("@")
    return text.lower() if local and domain and not any(map(str.isspace, text)) else None


def read_day(value: str, omitted_year: str | None = None) -> str | None:
    """Read a date, with or without a time, as ``YYYY-MM-DD`` or ``--MM-DD``; None if it is not a date.

    Forms that no vCard allows, such as ``14.03.1985``, are read as ``read_birthday`` reads them.

    ``omitted_year`` is Apple's parameter: the year that stands for "no year". A time of day and its zone
    are dropped, and the day stays as written.
    """
    value = value.strip()
    if yearless := _NO_YEAR.match(value):
        return _without_year(int(yearless[1]), int(yearless[2]))
    match = _FULL.match(value) or _SHORT.match(value)
    if match is None:
        day = read_birthday(value[:_LONGEST_DATE])
        return _without_year(int(day[5:7]), int(day[8:])) if day and day[:4] == _APPLE_YEAR else day
    year, month, of_month = (int(part) for part in match.groups())
    if year in _NOT_A_YEAR or match[1] == omitted_year:
        return _without_year(month, of_month)
    try:
        return date(year, month, of_month).isoformat()
    except ValueError:
        return None


def _without_year(month: int, of_month: int) -> str | None:
    try:
        return f"--{date(_LEAP_YEAR, month, of_month):%m-%d}"
    except ValueError:
        return None


def read_instant(value: str) -> datetime | None:
    """Read a timestamp (REV) as an aware UTC instant, in UTC if it has no zone; None if it is not one."""
    try:
        moment = datetime.fromisoformat(value.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
