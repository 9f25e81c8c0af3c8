"""Time zones by the names in calendars: IANA, Windows, Mozilla, those that a file defines, and guesses.

IANA's rules win over a VTIMEZONE of the same name, because files carry old copies. Nothing is cached beyond
one file, because icalendar's own cache lets the zones of one file leak into the next.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from icalendar.cal import Timezone
from icalendar.prop import vText
from icalendar.timezone import tzp
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from connectors.ics.parts.block import Block, Calendar
from connectors.ics.zone_names import guess
from connectors.shared.content_lines import value_of
from connectors.shared.recurrence import check_zone_rule
from people.errors import SkipThis

_OFFSET = re.compile(r"\s*(?:UTC|GMT)?\s*([+-])?(\d{1,2}):?(\d{2})?:?(\d{2})?\s*", re.IGNORECASE)
_MAX_LINES = 2000
_ANY_DAY = datetime(2024, 7, 1, tzinfo=UTC).replace(tzinfo=None)
_LIBRARY_ERRORS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)


class Zones:
    """The zones that one calendar may use. ``unknown`` collects unknown names.

    Definitions in its own VCALENDAR win over ``others``, which are those of the whole file. ``default`` is
    the zone of floating times: the one that X-WR-TIMEZONE names, or else the user's.
    """

    def __init__(self, calendar: Calendar, others: dict[str, Block], user_zone: tzinfo) -> None:
        self.unknown: set[str] = set()
        self._blocks = ChainMap(definitions([calendar]), others)
        self._known: dict[str, tzinfo | None] = {}
        self.default = (self._find(calendar.zone) if calendar.zone else None) or user_zone

    def get(self, tzid: str) -> tzinfo:
        """The zone of this name. If it is unknown, the user's zone is returned and the name recorded."""
        zone = self._find(tzid)
        if zone is None:
            self.unknown.add(tzid)
            return self.default
        return zone

    def _find(self, tzid: str) -> tzinfo | None:
        if tzid not in self._known:
            self._known[tzid] = _public(tzid) or self._own(tzid) or guess(tzid)
        return self._known[tzid]

    def _own(self, tzid: str) -> tzinfo | None:
        block = self._blocks.get(tzid.strip("/"))
        if block is None:
            return None
        place = _public(block.first("X-LIC-LOCATION") or "")
        if place is None:
            with suppress(SkipThis, *_LIBRARY_ERRORS):
                return _build(tzid, block)
        return place


def definitions(calendars: Iterable[Calendar]) -> dict[str, Block]:
    """The time zones that calendars define, by name. Of two with one name, the later one counts."""
    return {_tzid(block): block for one in calendars for block in one.zones}


def _tzid(block: Block) -> str:
    return (block.first("TZID") or "").strip("/")


def _public(tzid: str) -> tzinfo | None:
    for name in _candidates(tzid.strip().strip("/")):
        # A folder of the zone database ("America") raises OSError, an odd name ValueError.
        with suppress(LookupError, ValueError, OSError):
            return ZoneInfo(name)
    return None


def _candidates(name: str) -> Iterator[str]:
    if name.upper() in ("Z", "UTC", "GMT"):
        yield "UTC"
    yield name
    if name in WINDOWS_TO_OLSON:
        yield WINDOWS_TO_OLSON[name]
    # "/freeassociation.sourceforge.net/Europe/Berlin", "/mozilla.org/20050126_1/Europe/Berlin"
    rest = name
    while "/" in rest:
        rest = rest.partition("/")[2]
        yield rest


def _signed(name: str, line: str) -> str:
    """The line, and an offset in the form ``+hhmm`` although a program left out the sign or more."""
    match = _OFFSET.fullmatch(value_of(line)) if name in ("TZOFFSETFROM", "TZOFFSETTO") else None
    if match is None:
        return line
    sign, hours, minutes, seconds = match.groups()
    return f"{name}:{sign or '+'}{hours:>02}{minutes or '00'}{seconds or ''}"


def _build(tzid: str, block: Block) -> tzinfo:
    if len(block.lines) > _MAX_LINES:
        raise SkipThis(f"time zone {tzid} has more than {_MAX_LINES} lines")
    for name, line in block.lines:
        if name == "RRULE":
            check_zone_rule(value_of(line))
    # icalendar caches a VTIMEZONE with a TZID for the whole process, so the name is set later.
    lines = [
        "BEGIN:VTIMEZONE",
        *(_signed(name, line) for name, line in block.lines if name != "TZID"),
        "END:VTIMEZONE",
        "",
    ]
    component = Timezone.from_ical("\r\n".join(lines).encode())
    component["TZID"] = vText(tzid)
    zone: tzinfo = tzp.create_timezone(component)
    zone.utcoffset(_ANY_DAY)  # dateutil notices only here that it cannot use a zone
    return zone
