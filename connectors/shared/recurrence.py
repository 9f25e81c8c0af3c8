"""Recurrence rules that are safe to expand: checked, bounded and put in canonical form.

dateutil walks a rule from its first day, and a rule that never matches to the year 9999; a few
bytes can keep it busy for minutes. So what a rule will cost is known before it is expanded.
"""

from __future__ import annotations

import re
from calendar import isleap
from datetime import UTC, date, datetime, time
from math import prod

from dateutil.rrule import rrulestr

from people.errors import SkipThis
from people.text import one_line

MAX_CANDIDATES = 200_000
"""Days or times that a rule may have to try before the window ends: 400 years of days fit in."""

MAX_COUNT = 5000
"""A rule with a greater COUNT is read, within the window, and pointed out."""
NEVER_COST = 25_000
"""What finding out that a rule never happens costs, in candidates."""

_PERIOD_DAYS = {"HOURLY": 1 / 24, "DAILY": 1.0, "WEEKLY": 7.0, "MONTHLY": 30.0, "YEARLY": 365.0}
_RANGES = {
    "BYSECOND": (0, 59),
    "BYMINUTE": (0, 59),
    "BYHOUR": (0, 23),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYMONTH": (1, 12),
    "BYSETPOS": (-366, 366),
}
_TIME_PARTS = ("BYHOUR", "BYMINUTE", "BYSECOND")
_DAY_PARTS = ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO")
_WEEKDAY = re.compile(r"[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU)")
_FORMS = {
    "FREQ": re.compile(r"[A-Z_]+"),
    "INTERVAL": re.compile(r"0*[1-9]\d{0,8}"),
    "COUNT": re.compile(r"0*[1-9]\d{0,8}"),
    "UNTIL": re.compile(r"\d{8}(T\d{6}Z?)?"),
    "WKST": re.compile(r"MO|TU|WE|TH|FR|SA|SU"),
    "RSCALE": re.compile(r"GREGORIAN"),
    "SKIP": re.compile(r"OMIT"),
}
_MAX_VALUES = 400


class NeverHappens(SkipThis):
    """A rule without a single date; it was costly to find out."""


def check_rule(text: str, start: date, stop: date) -> tuple[str, int]:
    """The rule in canonical form, and how many candidates lie between ``start`` and ``stop``.

    ``start`` is DTSTART, a date or an aware datetime. Raises ``SkipThis`` for rules that mean nothing,
    repeat by the second or minute, or would take too long to expand; ``NeverHappens`` is one of them.
    """
    parts = _parts(text)
    if "UNTIL" in parts:
        parts.pop("COUNT", None)  # both at once is against RFC 5545, and dateutil frowns on it
        until = _until(parts.pop("UNTIL"), start)
        if until:
            parts["UNTIL"] = until
    cost = _candidates(parts, start, stop)
    if cost > MAX_CANDIDATES:
        raise SkipThis(f"its rule {_shown(text)} would take too long to follow")
    _check_it_happens(parts, start)
    return ";".join(f"{name}={value}" for name, value in parts.items()), cost


def asked_count(text: str) -> int:
    """The COUNT a rule asks for, 0 when there is none that can be read."""
    match = re.search(r"\bCOUNT\s*=\s*(\d{1,9})\b", text.upper())
    return int(match[1]) if match else 0


def check_zone_rule(text: str) -> None:
    """Raise ``SkipThis`` for a VTIMEZONE rule other than a plain yearly one."""
    parts = _parts(text)
    times = prod(len(parts.get(name, "").split(",")) for name in _TIME_PARTS)
    if parts["FREQ"] != "YEARLY" or times > 1:  # Lotus Notes gives the hour and the minute
        raise SkipThis(f"the time zone's rule {_shown(text)} is not a yearly one")
    parts.pop("UNTIL", None)
    _check_it_happens(parts, date(2000, 1, 1))


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for item in text.strip().strip(";").upper().split(";"):
        name, _, value = item.partition("=")
        name, value = name.strip(), value.strip().strip(",").replace(" ", "")
        if name.startswith("X-") or not item.strip():
            continue
        if not _valid(name, value) or name in parts:
            raise SkipThis(f"its rule {_shown(text)} cannot be understood ({_shown(item)})")
        parts[name] = value
    for name in ("RSCALE", "SKIP"):  # they say what is so anyway, and dateutil does not know them
        parts.pop(name, None)
    frequency = parts.get("FREQ")
    if frequency in ("SECONDLY", "MINUTELY"):
        raise SkipThis(f"its rule {_shown(text)} repeats by the {frequency[:6].lower()}")
    if frequency not in _PERIOD_DAYS:
        raise SkipThis(f"its rule {_shown(text)} names no known frequency")
    return {"FREQ": frequency, **parts}


def _valid(name: str, value: str) -> bool:
    values = value.split(",")
    if name in _RANGES:
        low, high = _RANGES[name]
        return len(values) <= _MAX_VALUES and all(
            re.fullmatch(r"[+-]?\d{1,3}", item) and low <= int(item) <= high for item in values
        )
    if name == "BYDAY":
        return len(values) <= _MAX_VALUES and all(_WEEKDAY.fullmatch(item) for item in values)
    form = _FORMS.get(name)
    return form is not None and form.fullmatch(value) is not None


def _until(value: str, start: date) -> str:
    """UNTIL in the form that DTSTART asks for; empty when it lies beyond the calendar's end.

    A bare day with a timed DTSTART means the whole of that day, a time without a zone DTSTART's zone.
    """
    day, clock = value[:8], value[8:]
    try:
        if not isinstance(start, datetime):
            return date.fromisoformat(day).isoformat().replace("-", "")
        if clock.endswith("Z"):
            return value
        naive = datetime.fromisoformat(day + (clock or "T235959"))
        until = naive.replace(tzinfo=start.tzinfo).astimezone(UTC)
    except ValueError as error:
        raise SkipThis(f"its rule ends on {day}, which is no date") from error
    except OverflowError:
        return ""
    return f"{until.year:04}{until:%m%dT%H%M%SZ}"


def _candidates(parts: dict[str, str], start: date, stop: date) -> int:
    """An upper bound of the candidates dateutil tries from ``start`` to ``stop``."""
    days = max(0, (_day(stop) - _day(start)).days + 1)
    period = _PERIOD_DAYS[parts["FREQ"]]
    periods = days / period / int(parts.get("INTERVAL", "1"))
    in_a_period = 1.0
    if any(name in parts for name in _DAY_PARTS):
        in_a_period = max(1.0, period)
    elif parts["FREQ"] == "YEARLY" and "BYMONTH" in parts:
        in_a_period = 12.0
    return int(periods * in_a_period * prod(len(parts.get(name, "").split(",")) for name in _TIME_PARTS)) + 1


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _check_it_happens(parts: dict[str, str], start: date) -> None:
    """Try the rule near the end of the calendar, where a search that finds nothing is soon over.

    The year of the trial has the same weekdays and leap day as DTSTART's; 40 years and more remain.
    """
    clock = start.time() if isinstance(start, datetime) else time()
    year = next(year for year in range(9959, 9931, -1) if _calendar(year) == _calendar(start.year))
    later = datetime(year, start.month, start.day, clock.hour, clock.minute, clock.second)  # noqa: DTZ001 - as dateutil wants it
    endless = {name: value for name, value in parts.items() if name not in ("COUNT", "UNTIL")}
    text = ";".join(f"{name}={value}" for name, value in endless.items())
    try:
        first = next(iter(rrulestr(text, dtstart=later)), None)
    except (ValueError, LookupError, TypeError) as error:
        raise SkipThis(f"its rule {_shown(text)} cannot be understood") from error
    if first is None:
        raise NeverHappens(f"its rule {_shown(text)} never happens")


def _calendar(year: int) -> tuple[int, bool]:
    return date(year, 1, 1).weekday(), isleap(year)


def _shown(text: str) -> str:
    return f"'{one_line(text)[:80]}'"
