"""Recurrence rules (RRULE, RFC 5545) checked before they are expanded, and the window of an expansion.

dateutil walks a rule from its first day. If the rule never matches, the walk ends in the year 9999, so a
few bytes can keep it busy for minutes. The checks here bound the cost before anything is expanded.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from functools import lru_cache
from math import prod

from dateutil.rrule import rrulestr

from people.errors import SkipThis
from people.text import one_line

Moment = date | datetime
"""A day, or an aware instant."""

MAX_INSTANCES = 5000
"""Instances of one series within the window. A series with more is refused."""

MAX_CANDIDATES = 200_000
"""Days or times that dateutil may try before the window ends. 400 years of days are 146,000."""

MAX_COUNT = 5000
"""A rule with a greater COUNT is read within the window and reported as a problem."""

NEVER_COST = 25_000
"""The cost, in candidates, of finding out that a rule never happens."""

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
    """A rule without a single date. Finding that out is expensive (``NEVER_COST``)."""


@dataclass(frozen=True, slots=True)
class Window:
    """Whole days in ``zone``. ``stop`` is exclusive."""

    start: date
    stop: date
    zone: tzinfo

    def bounds(self) -> tuple[datetime, datetime]:
        """The first instant, and the first instant after the window."""
        return _bounds(self)

    def overlaps(self, start: Moment, end: Moment) -> bool:
        """Whether something from ``start`` to ``end`` (exclusive) touches the window."""
        if isinstance(start, datetime) and isinstance(end, datetime):
            first, last = self.bounds()
            return start < last and (end > first or start >= first)
        return start < self.stop and end > self.start


@lru_cache(maxsize=16)
def _bounds(window: Window) -> tuple[datetime, datetime]:
    return datetime.combine(window.start, time(), window.zone), datetime.combine(
        window.stop, time(), window.zone
    )


def occurrences(text: str, start: Moment, window: Window) -> Iterator[Moment]:
    """Yield the moments within the window at which the rule ``text`` of a series happens, in order.

    ``start`` is DTSTART. If it is a date, dates come out. If it is an aware datetime, datetimes in its zone
    come out, all at the same time of day on the clock there. Raises ``SkipThis`` like ``check_rule``, and
    for more than ``MAX_INSTANCES`` moments.
    """
    rule, _ = check_rule(text, start, window.stop)
    timed = isinstance(start, datetime)
    first, last = window.bounds() if timed else (_midnight(window.start), _midnight(window.stop))
    count = 0
    for moment in rrulestr(rule, dtstart=start if timed else _midnight(start)):
        if moment >= last:
            return
        if moment >= first:
            count += 1
            if count > MAX_INSTANCES:
                raise too_many(window)
            yield moment if timed else moment.date()


def too_many(window: Window) -> SkipThis:
    """The error for a series of more than ``MAX_INSTANCES`` instances."""
    return SkipThis(f"it has more than {MAX_INSTANCES} instances from {window.start} to {window.stop}")


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - dateutil takes days as naive midnights


def check_rule(text: str, start: Moment, stop: date) -> tuple[str, int]:
    """Return the rule in canonical form, and an upper bound of its candidates from ``start`` to ``stop``.

    ``start`` is DTSTART. Raises ``SkipThis`` if the rule is not valid, repeats by the second or minute, or
    would take too long to expand, and ``NeverHappens`` if it has no date at all.
    """
    parts = _parts(text)
    if "UNTIL" in parts:
        parts.pop("COUNT", None)  # RFC 5545 forbids both at once, and dateutil warns
        until = _until(parts.pop("UNTIL"), start)
        if until:
            parts["UNTIL"] = until
    cost = _candidates(parts, start, stop)
    if cost > MAX_CANDIDATES:
        raise SkipThis(f"its rule {_shown(text)} takes too long to expand")
    _check_it_happens(parts, start)
    return ";".join(f"{name}={value}" for name, value in parts.items()), cost


def asked_count(text: str) -> int:
    """The COUNT of a rule, 0 if there is none or it is not a number."""
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
    plain = text.replace("\\", "").upper().strip().removeprefix("RRULE:")  # some programs escape ; and ,
    for item in plain.strip(";").split(";"):
        name, _, value = item.partition("=")
        name, value = name.strip(), value.strip().strip(",").replace(" ", "")
        if name == "UNTIL":
            value = value.replace("-", "").replace(":", "")
        if name.startswith("X-") or not item.strip() or (name == "COUNT" and value.startswith("-")):
            continue  # COUNT=-1 means without end
        if not _valid(name, value) or name in parts:
            raise SkipThis(f"its rule {_shown(text)} is not valid ({_shown(item)})")
        parts[name] = value
    for name in ("RSCALE", "SKIP"):  # only their defaults are valid here, and dateutil does not know them
        parts.pop(name, None)
    frequency = parts.get("FREQ")
    if frequency in ("SECONDLY", "MINUTELY"):
        raise SkipThis(f"its rule {_shown(text)} repeats by the {frequency[:6].lower()}")
    if frequency not in _PERIOD_DAYS:
        raise SkipThis(f"its rule {_shown(text)} has no known frequency")
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
    """UNTIL in the form that DTSTART requires; empty if it lies after the year 9999.

    With a timed DTSTART, a bare day means the end of that day, and a time without a zone is in DTSTART's.
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
        raise SkipThis(f"its rule ends on {day}, which is not a date") from error
    except OverflowError:
        return ""
    return f"{until.year:04}{until:%m%dT%H%M%SZ}"


def _candidates(parts: dict[str, str], start: date, stop: date) -> int:
    """An upper bound of the candidates that dateutil tries from ``start`` to ``stop``."""
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
    """Try the rule near the year 9999, where a search without a result ends soon.

    The year of the trial has the same weekdays and leap day as DTSTART's year, and 40 years follow it.
    """
    clock = start.time() if isinstance(start, datetime) else time()
    year = next(year for year in range(9959, 9931, -1) if _calendar(year) == _calendar(start.year))
    later = datetime(year, start.month, start.day, clock.hour, clock.minute, clock.second)  # noqa: DTZ001 - dateutil wants it naive
    endless = {name: value for name, value in parts.items() if name not in ("COUNT", "UNTIL")}
    text = ";".join(f"{name}={value}" for name, value in endless.items())
    try:
        first = next(iter(rrulestr(text, dtstart=later)), None)
    except (ValueError, LookupError, TypeError) as error:
        raise SkipThis(f"its rule {_shown(text)} is not valid") from error
    if first is None:
        raise NeverHappens(f"its rule {_shown(text)} never happens")


def _calendar(year: int) -> tuple[int, bool]:
    return date(year, 1, 1).weekday(), isleap(year)


def _shown(text: str) -> str:
    return f"'{one_line(text)[:80]}'"
