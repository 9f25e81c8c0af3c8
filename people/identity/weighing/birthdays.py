"""Birthdays as evidence: the same, mistyped, or another person's."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.distance import OSA, Hamming

_DECADE = 3652


@lru_cache(maxsize=65536)
def agreement(one: str, other: str) -> str:
    """Compare two birthdays (``YYYY-MM-DD`` or ``--MM-DD``), neither empty; returns the term of ``weights``.

    *nearly same* is one slip of the pen; *close* are two slips, or a month's difference, a decade's slip
    allowed; *a year apart* likewise. Whatever lies beyond *differs*, and is another person's.
    """
    if one == other:
        return _same(one)
    if one[0] == "-" or other[0] == "-":
        return _without_year(one[-5:], other[-5:])
    digits, others = one.replace("-", ""), other.replace("-", "")
    if OSA.distance(digits, others) <= 1 or (one[:4] == other[:4] and _turned(one[5:], other[5:])):
        year_alone = digits[4:] == others[4:] == "0101"
        return "birthday close" if year_alone else "birthday nearly same"
    days = abs(_days(digits) - _days(others))
    days = min(days, abs(days - _DECADE))
    if days <= 31 or Hamming.distance(digits, others) <= 2:
        return "birthday close"
    return "birthday a year apart" if days <= 400 else "birthday differs"


def _same(day: str) -> str:
    if day[0] == "-":
        return "birthday same, year unknown"
    # Many systems write the first of January when they know the year alone.
    return "birthday same, 1 January" if day.endswith("-01-01") else "birthday same"


def _without_year(one: str, other: str) -> str:
    if one == other:
        return "birthday same, year unknown"
    slip = OSA.distance(one, other) <= 1 or _turned(one, other)
    return "birthday close" if slip else "birthday differs"


def _turned(one: str, other: str) -> bool:
    """Whether two ``MM-DD`` are each other's with day and month exchanged."""
    return one[:2] == other[3:] and one[3:] == other[:2]


def _days(digits: str) -> int:
    """Days on a calendar of equal months: exact enough, and fit for impossible dates."""
    return round(int(digits[:4]) * 365.25 + int(digits[4:6]) * 30.4 + int(digits[6:]))
