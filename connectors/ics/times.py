"""Dates, times and durations of calendars, also those that are nearly right: ``2026-01-05T09:00:00Z``."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from icalendar.prop import vDDDTypes

_DATE_TIME = re.compile(
    r"(\d{4})(?:[-/](?=\d{1,2}[-/])|(?=\d{4}))(\d{1,2})[-/]?(\d{1,2})"
    r"(?:(?:T|\s)?(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d{1,9})?)?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?"
)
_PLAIN = re.compile(r"[0-9]{8}(?:T[0-9]{6}Z?)?")
_DATE_LENGTH = 8
_UTC = ZoneInfo("UTC")
"""As icalendar gives it."""
_DURATION = re.compile(
    r"([+-])?P?(?:(\d{1,5})W)?(?:(\d{1,6})D)?\s?T?(?:(\d{1,7})H)?\s?(?:(\d{1,8})M)?\s?(?:(\d{1,9})S)?"
)


def typed(value: str) -> object:
    """A date, datetime or duration; None for anything else.

    Read like a careful reader would: a time of 24:00 is the next midnight, a second of 60 is 59 (RFC 5545,
    3.3.12), a date with a Z is a date, and hours without a T are hours.
    """
    text = value.strip().upper()
    if _PLAIN.fullmatch(text):
        # Nearly all moments are written so, and this way takes a tenth of the time.
        with suppress(ValueError):
            return _plain(text)
    try:
        moment: object = vDDDTypes.from_ical(text)  # type: ignore[no-untyped-call]
    except (ValueError, LookupError, TypeError, ArithmeticError):
        moment = None
    return _nearly(text) if moment is None or isinstance(moment, tuple) else moment


def _plain(text: str) -> date:
    """The date or datetime of a text in the basic form. Raises ``ValueError`` if there is no such moment."""
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    if len(text) == _DATE_LENGTH:
        return date(year, month, day)
    clock = int(text[9:11]), int(text[11:13]), int(text[13:15])
    return datetime(year, month, day, *clock, tzinfo=_UTC if text[-1] == "Z" else None)


def _nearly(text: str) -> object:
    if match := _DATE_TIME.fullmatch(text):
        try:
            return _moment(match)
        except (ValueError, OverflowError):
            return None
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if match[1] == "-" else length


def _moment(match: re.Match[str]) -> date:
    day = date(int(match[1]), int(match[2]), int(match[3]))
    if match[4] is None:
        return day
    hour, minute, second = int(match[4]), int(match[5]), min(int(match[6] or 0), 59)
    if hour == 24 and not minute and not second:
        hour, day = 0, day + timedelta(days=1)
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=_zone(match[7]))


def _zone(offset: str | None) -> timezone | None:
    if offset is None or offset == "Z":
        return UTC if offset else None
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
