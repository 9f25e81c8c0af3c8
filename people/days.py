"""Days in the words of a reader: ``11 Aug``, or ``11 Aug 2025`` when the year is another one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The days of the week as users write them, in the order of ``date.weekday()``."""

# Not strftime: its words follow the locale of the machine, and a page must read the same everywhere.
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FULL = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def start_of(day: date) -> datetime:
    """Return the instant at which the day begins in UTC, for limits where the zone makes no difference."""
    return datetime.combine(day, time(), UTC)


def short_day(day: date, today: date) -> str:
    """Return the day without its weekday.

    >>> short_day(date(2026, 8, 11), date(2026, 11, 28))
    '11 Aug'
    >>> short_day(date(2025, 8, 11), date(2026, 11, 28))
    '11 Aug 2025'
    """
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {_MONTHS[day.month - 1]}{year}"


def month_and_year(month: str) -> str:
    """Return a month (``YYYY-MM``) in words.

    >>> month_and_year("2026-08")
    'Aug 2026'
    """
    year, _, number = month.partition("-")
    return f"{_MONTHS[int(number) - 1]} {year}"


def weekday_and_day(day: date, today: date) -> str:
    """Return the day with its weekday.

    >>> weekday_and_day(date(2026, 11, 30), date(2026, 11, 28))
    'Mon 30 Nov'
    """
    return f"{_WEEKDAYS[day.weekday()]} {short_day(day, today)}"


def birthday_near(birthday: str, day: date, *, before: int, after: int) -> date | None:
    """Return the birthday that falls from ``before`` days before ``day`` to ``after`` days after it.

    ``birthday`` is ``YYYY-MM-DD`` or ``--MM-DD``. In years without 29 February, that birthday is on 1 March.

    >>> birthday_near("1976-12-02", date(2026, 11, 30), before=7, after=14)
    datetime.date(2026, 12, 2)
    >>> birthday_near("--06-01", date(2026, 11, 30), before=7, after=14)
    """
    month, day_of_month = int(birthday[-5:-3]), int(birthday[-2:])
    for year in (day.year - 1, day.year, day.year + 1):
        one = date(year, month, 1) + timedelta(days=day_of_month - 1)
        if -before <= (one - day).days <= after:
            return one
    return None


def birthday(text: str, today: date) -> str:
    """Return a birthday (``YYYY-MM-DD``, or ``--MM-DD`` without a year) in words; another text as it is.

    >>> birthday("--04-12", date(2026, 11, 28))
    '12 Apr'
    >>> birthday("1975-04-12", date(2026, 11, 28))
    '12 Apr 1975'
    """
    try:
        # 2000 has a 29 February.
        day = date.fromisoformat(text.replace("--", "2000-", 1) if text.startswith("--") else text)
    except ValueError:
        return text
    return short_day(day, day if text.startswith("--") else today)


def near_day(day: date, today: date) -> str:
    """Return the day as one would say it: by its distance or weekday if it is near, else by its date.

    >>> [near_day(date(2026, 11, day), date(2026, 11, 28)) for day in (27, 28, 30)]
    ['yesterday', 'today', 'Monday']
    >>> near_day(date(2026, 12, 5), date(2026, 11, 28))
    'Sat 5 Dec'
    """
    away = (day - today).days
    words = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    if away in words:
        return words[away]
    return _FULL[day.weekday()] if 1 < away < 7 else weekday_and_day(day, today)
