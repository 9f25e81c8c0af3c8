"""Lengths of time as rules write them: ``90d``, ``12w``, ``6mo``, ``1y``. All are whole days."""

from __future__ import annotations

import re

DAYS_IN = {"d": 1, "w": 7, "mo": 30, "y": 365}
"""A month is 30 days and a year 365, so that a length never depends on the day it is read."""

LONGEST_DAYS = 365 * 200

_LENGTH = re.compile(r"([+-]?)(\d{1,6})(d|w|mo|y)", re.ASCII)


def days_of(text: str) -> int | None:
    """Return a length's days; None when the text is no length, or is over 200 years."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        return None
    sign, count, unit = found.groups()
    days = int(count) * DAYS_IN[unit]
    if days > LONGEST_DAYS:
        return None
    return -days if sign == "-" else days
