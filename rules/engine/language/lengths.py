"""Lengths of time as rules write them: ``90d``, ``12w``, ``6mo``, ``1y``, in whole days."""

from __future__ import annotations

import re

DAYS_IN = {"d": 1, "w": 7, "mo": 30, "y": 365}
"""A month is 30 days and a year 365, so that a length does not depend on the day."""

LONGEST_DAYS = 365 * 200

_LENGTH = re.compile(r"([+-]?)(\d{1,6})(d|w|mo|y)", re.ASCII)


def days_of(text: str) -> int | None:
    """Return the days of a length, None if the text is not a length or is over 200 years.

    >>> days_of("12w"), days_of("-3d"), days_of("12 weeks")
    (84, -3, None)
    """
    length = _LENGTH.fullmatch(text)
    if length is None:
        return None
    sign, count, unit = length.groups()
    days = int(count) * DAYS_IN[unit]
    if days > LONGEST_DAYS:
        return None
    return -days if sign == "-" else days
