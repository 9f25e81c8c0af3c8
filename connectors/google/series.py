"""The instances of a recurring event, expanded here and within a window.

Google could expand series itself, but then one edit of an endless series comes back as hundreds of
changed instances. Wall-clock time is kept in the series' own IANA zone, over changes to summer time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrulestr

Json = Mapping[str, Any]

MOST_INSTANCES = 5_000
_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
_MOST_COMBINATIONS = 400


class UnusableSeries(ValueError):
    """A recurrence that cannot be expanded, or that nobody means seriously."""


@dataclass(frozen=True, slots=True)
class Window:
    """The days whose instances are wanted; ``until`` is exclusive."""

    since: date
    until: date


class Instance(NamedTuple):
    """One instance: its key, and its start and end as UTC instants, or as dates for whole days."""

    key: str
    start: datetime | date
    end: datetime | date


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises ``UnusableSeries`` when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnusableSeries(f"unknown time zone {name!r}") from None


def aware_moment(when: Json, zone: str) -> datetime | date:
    """The instant in any zone, or the day, of a ``start``, ``end`` or ``originalStartTime``."""
    text = when.get("dateTime")
    if text is None:
        return date.fromisoformat(when["date"])
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone_of(when.get("timeZone") or zone))


def moment_of(when: Json, zone: str) -> datetime | date:
    """The same with instants in UTC."""
    moment = aware_moment(when, zone)
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


def key_of(moment: datetime | date) -> str:
    """The name of an instance within its series: its original start, as in Google's own ids."""
    return moment.strftime("%Y%m%dT%H%M%SZ" if isinstance(moment, datetime) else "%Y%m%d")


def expand(master: Json, window: Window, zone: str) -> list[Instance]:
    """The instances that start within the window, exceptions not yet considered.

    ``zone`` is for a series that names none. Raises ``UnusableSeries``, or ``KeyError``, ``TypeError``
    and ``ValueError`` when the JSON is no series.
    """
    start, end = moment_of(master["start"], zone), moment_of(master["end"], zone)
    if not isinstance(start, datetime):
        naive = datetime.combine(start, time())
        bounds = (datetime.combine(window.since, time()), datetime.combine(window.until, time()))
        length = end - start
        days = (when.date() for when in _occurrences(master, naive, bounds, ZoneInfo("UTC")))
        return [Instance(key_of(day), day, day + length) for day in days]
    own = zone_of(master["start"].get("timeZone") or zone)
    bounds = (_naive(_midnight(window.since), own), _naive(_midnight(window.until), own))
    length = end - start
    moments = (
        when.replace(tzinfo=own).astimezone(UTC)
        for when in _occurrences(master, _naive(start, own), bounds, own)
    )
    return [Instance(key_of(moment), moment, moment + length) for moment in moments]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _naive(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _occurrences(
    master: Json, start: datetime, bounds: tuple[datetime, datetime], zone: ZoneInfo
) -> list[datetime]:
    """Naive wall-clock starts in the bounds: DTSTART, RRULE and RDATE, less EXRULE and EXDATE."""
    found = {"RRULE": set[datetime](), "RDATE": {start}, "EXRULE": set[datetime](), "EXDATE": set[datetime]()}
    for line in master["recurrence"]:
        head, _, value = line.partition(":")
        name, *parameters = head.split(";")
        kind = name.upper()
        if kind in ("RRULE", "EXRULE"):
            found[kind] |= _by_rule(value, start, bounds, zone)
        elif kind in ("RDATE", "EXDATE"):
            found[kind] |= set(_listed(value, parameters, zone))
    wanted = (found["RRULE"] | found["RDATE"]) - found["EXRULE"] - found["EXDATE"]
    return sorted(when for when in wanted if bounds[0] <= when < bounds[1])


def _by_rule(value: str, start: datetime, bounds: tuple[datetime, datetime], zone: ZoneInfo) -> set[datetime]:
    parts = dict(part.split("=", 1) for part in value.upper().split(";") if part)
    _check(parts)
    until = parts.pop("UNTIL", None)
    rule = rrulestr(";".join("=".join(part) for part in parts.items()), dtstart=start)
    last = min(bounds[1], _until(until, zone)) if until else bounds[1]
    return set(_within(rule, bounds[0], last))


def _within(rule: Iterable[datetime], first: datetime, last: datetime) -> Iterator[datetime]:
    count = 0
    for when in rule:
        if when > last:
            return
        if when >= first:
            count += 1
            if count > MOST_INSTANCES:
                raise UnusableSeries(f"more than {MOST_INSTANCES} instances")
            yield when


def _check(parts: Mapping[str, str]) -> None:
    """Refuse rules that would keep the machine busy for minutes, as strangers may send them."""
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise UnusableSeries(f"FREQ={frequency[:20]} is not supported")
    if int(parts.get("INTERVAL", "1")) < 1:
        raise UnusableSeries("INTERVAL must be at least 1")
    lists = {key: part.split(",") for key, part in parts.items() if key.startswith("BY")}
    positions = [abs(int(place)) for place in lists.pop("BYSETPOS", ())]
    combinations = math.prod(map(len, lists.values()))
    if combinations > _MOST_COMBINATIONS:
        raise UnusableSeries("too many combinations of BY parts")
    if frequency != "YEARLY" and lists.keys() & {"BYWEEKNO", "BYYEARDAY"}:
        raise UnusableSeries("BYWEEKNO and BYYEARDAY belong to yearly rules")
    if frequency in ("DAILY", "WEEKLY") and positions and min(positions) > combinations:
        raise UnusableSeries("BYSETPOS names a place that does not exist")
    _check_days(lists)


def _check_days(lists: Mapping[str, Sequence[str]]) -> None:
    """Refuse a day that no month named has: the search for one would only end in the year 9999."""
    days = [abs(int(day)) for day in lists.get("BYMONTHDAY", ())]
    longest = [_LONGEST[int(month)] for month in lists.get("BYMONTH", ()) if 1 <= int(month) <= 12]
    if days and min(days) > max(longest, default=31):
        raise UnusableSeries("no such day in that month")


_LONGEST = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _until(text: str, zone: ZoneInfo) -> datetime:
    if "T" not in text:
        return datetime.combine(_day(text), time.max)
    return _stamp(text, zone, zone)


def _listed(value: str, parameters: Sequence[str], zone: ZoneInfo) -> Iterator[datetime]:
    written = {key.upper(): text for key, _, text in (part.partition("=") for part in parameters)}
    own = zone_of(written["TZID"]) if "TZID" in written else zone
    for text in value.split(","):
        first = text.strip().partition("/")[0]  # of a period, the start
        if first:
            yield _stamp(first, own, zone) if "T" in first else datetime.combine(_day(first), time())


def _stamp(text: str, own: ZoneInfo, zone: ZoneInfo) -> datetime:
    moment = datetime.strptime(text.upper().rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the zone follows
    if text.upper().endswith("Z"):
        return _naive(moment.replace(tzinfo=UTC), zone)
    return _naive(moment.replace(tzinfo=own), zone) if own is not zone else moment


def _day(text: str) -> date:
    return datetime.strptime(text[:8], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
