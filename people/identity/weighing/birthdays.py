"""Compare two birthdays: the same, mistyped, or another person's."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.distance import OSA, Hamming

from people.identity.weighing.terms import What

_DECADE = 3652


@lru_cache(maxsize=65536)
def agreement(one: str, other: str) -> What:
    """Compare two birthdays (``YYYY-MM-DD`` or ``--MM-DD``), neither empty.

    *nearly same* is one typing mistake. *close* is two mistakes, or at most 31 days; *a year apart* is at
    most 400 days. For both, a difference of ten years is ignored, because the decade is often mistyped.
    Anything else *differs* and belongs to another person.
    """
    if one == other:
        return _same(one)
    if one[0] == "-" or other[0] == "-":
        return _without_year(one[-5:], other[-5:])
    digits, others = one.replace("-", ""), other.replace("-", "")
    if OSA.distance(digits, others) <= 1 or (one[:4] == other[:4] and _turned(one[5:], other[5:])):
        year_alone = digits[4:] == others[4:] == "0101"
        return What.BIRTHDAY_CLOSE if year_alone else What.BIRTHDAY_NEARLY_SAME
    days = abs(_days(digits) - _days(others))
    days = min(days, abs(days - _DECADE))
    if days <= 31 or Hamming.distance(digits, others) <= 2:
        return What.BIRTHDAY_CLOSE
    return What.BIRTHDAY_A_YEAR_APART if days <= 400 else What.BIRTHDAY_DIFFERS


def _same(day: str) -> What:
    if day[0] == "-":
        return What.BIRTHDAY_SAME_YEAR_UNKNOWN
    # Many systems write the first of January if they know only the year.
    return What.BIRTHDAY_SAME_1_JANUARY if day.endswith("-01-01") else What.BIRTHDAY_SAME


def _without_year(one: str, other: str) -> What:
    if one == other:
        return What.BIRTHDAY_SAME_YEAR_UNKNOWN
    slip = OSA.distance(one, other) <= 1 or _turned(one, other)
    return What.BIRTHDAY_CLOSE if slip else What.BIRTHDAY_DIFFERS


def _turned(one: str, other: str) -> bool:
    """Whether two ``MM-DD`` are the same with day and month exchanged."""
    return one[:2] == other[3:] and one[3:] == other[:2]


def _days(digits: str) -> int:
    """Days on a calendar of equal months: exact enough, and works for impossible dates."""
    return round(int(digits[:4]) * 365.25 + int(digits[4:6]) * 30.4 + int(digits[6:]))
