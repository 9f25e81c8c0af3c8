"""Dates of cards. A missing year (absent, Apple's 1604, 0000) is left out."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_FULL = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?=\Z|[T ])")
_SHORT = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?=\Z|[T ])")
_NO_YEAR = re.compile(r"--([0-9]{2})-?([0-9]{2})(?=\Z|[T ])")
_NOT_A_YEAR = frozenset((0, 1604))  # Apple writes 1604, a leap year, for "no year"
_LEAP_YEAR = 2000


def day(value: str, omitted_year: str | None = None) -> str | None:
    """Read a date, with or without a time, as ``YYYY-MM-DD`` or ``--MM-DD``; None if it is not a date.

    ``omitted_year`` is Apple's parameter: the year that stands for "no year". A time of day and its zone
    are dropped, and the day stays as written.
    """
    value = value.strip()
    if yearless := _NO_YEAR.match(value):
        return _without_year(int(yearless[1]), int(yearless[2]))
    match = _FULL.match(value) or _SHORT.match(value)
    if match is None:
        return None
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


def instant(value: str) -> datetime | None:
    """Read a timestamp (REV) as an aware UTC instant, in UTC if it has no zone; None if it is not one."""
    try:
        moment = datetime.fromisoformat(value.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
