"""The instances of a recurring Google event, expanded here and within a window.

Google can expand series itself, but then one edit of an endless series comes back as hundreds of changed
instances. A series keeps its time of day in its own IANA zone when summer time begins or ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.shared.recurrence import Moment, NeverHappens, Window, occurrences
from people.errors import SkipThis

Json = Mapping[str, Any]

_YEARLY_PARTS = ("BYWEEKNO", "BYYEARDAY")


class Instance(NamedTuple):
    """One instance: its key, and its start and end as UTC instants, or as dates for whole days."""

    key: str
    start: Moment
    end: Moment


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises ``SkipThis`` if there is none of this name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SkipThis(f"unknown time zone {name!r}") from None


def aware_moment(when: Json, zone: str) -> Moment:
    """The instant in any zone, or the day, of a ``start``, ``end`` or ``originalStartTime``."""
    text = when.get("dateTime")
    if text is None:
        return date.fromisoformat(when["date"])
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone_of(when.get("timeZone") or zone))


def moment_of(when: Json, zone: str) -> Moment:
    """The same as ``aware_moment``, with instants in UTC."""
    return _in_utc(aware_moment(when, zone))


def key_of(moment: Moment) -> str:
    """The name of an instance within its series: its original start, as in Google's own ids."""
    return moment.strftime("%Y%m%dT%H%M%SZ" if isinstance(moment, datetime) else "%Y%m%d")


def expand(master: Json, window: Window, zone: str) -> list[Instance]:
    """The instances that start within the window. Exceptions are not considered yet.

    ``zone`` is the zone of a series that names none. Raises ``SkipThis`` if the series cannot be expanded,
    and ``KeyError``, ``TypeError`` or ``ValueError`` if the JSON is not a series.
    """
    start, end = moment_of(master["start"], zone), moment_of(master["end"], zone)
    length = end - start
    if isinstance(start, datetime):
        start = start.astimezone(zone_of(master["start"].get("timeZone") or zone))
    moments = sorted(_moments(master["recurrence"], start, window))
    return [Instance(key_of(moment), moment, moment + length) for moment in moments]


def _in_utc(moment: Moment) -> Moment:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


def _moments(lines: Iterable[str], start: Moment, window: Window) -> set[Moment]:
    """Starts within the window: DTSTART, RRULE and RDATE, less EXRULE and EXDATE."""
    moments: defaultdict[str, set[Moment]] = defaultdict(set, RDATE={_in_utc(start)})
    for line in lines:
        head, _, value = line.partition(":")
        name, *parameters = head.split(";")
        kind = name.upper()
        if kind in ("RRULE", "EXRULE"):
            _check_yearly_parts(value)
            # The start, and what RDATE lists, happen all the same.
            with suppress(NeverHappens):
                moments[kind] |= set(map(_in_utc, occurrences(value, start, window)))
        elif kind in ("RDATE", "EXDATE"):
            moments[kind] |= set(map(_in_utc, _listed(value, parameters, start)))
    wanted = (moments["RRULE"] | moments["RDATE"]) - moments["EXRULE"] - moments["EXDATE"]
    first, last = window.bounds() if isinstance(start, datetime) else (window.start, window.stop)
    return {moment for moment in wanted if first <= moment < last}


def _check_yearly_parts(rule: str) -> None:
    parts = rule.upper()
    if "FREQ=YEARLY" not in parts and any(part in parts for part in _YEARLY_PARTS):
        raise SkipThis("BYWEEKNO and BYYEARDAY belong to yearly rules (RFC 5545, 3.3.10)")


def _listed(value: str, parameters: Sequence[str], start: Moment) -> Iterator[Moment]:
    """The moments of an RDATE or EXDATE, in the form of ``start``; of a period the start."""
    written = {key.upper(): text for key, _, text in (part.partition("=") for part in parameters)}
    for text in filter(None, (item.strip().partition("/")[0] for item in value.split(","))):
        day = datetime.strptime(text[:8], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
        if not isinstance(start, datetime):
            yield day
        elif "T" in text.upper():
            yield _instant(text.upper(), zone_of(written["TZID"]) if "TZID" in written else start.tzinfo)
        else:
            yield datetime.combine(day, time(), start.tzinfo)


def _instant(text: str, zone: tzinfo | None) -> datetime:
    moment = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the zone follows
    return moment.replace(tzinfo=UTC if text.endswith("Z") else zone)
