"""Guess time zones by other names: display names of Windows, offsets, cities, abbreviations.

A name is only guessed if neither the zone database nor the file itself knows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

_OFFSET = re.compile(r"(?:UTC|GMT|Z)?\s*([+-])\s*(\d{1,2})(?:[:.]?([0-5]\d))?(?:[:.]?00)?", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\(\s*(?:UTC|GMT)\s*([+-]\s*\d{1,2}(?:[:.]?[0-5]\d)?)?\s*\)\s*(.*)", re.IGNORECASE)
_HOURS = r"([+-]\d{1,2})[:.]?([0-5]\d)"
_TWO_OFFSETS = re.compile(
    rf"(?:UTC|GMT)?\s*{_HOURS}\s*(?:\(Standard\))?\s*/\s*(?:UTC|GMT)?\s*{_HOURS}(?:\s*\(Daylight\))?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(.+\D)\s*\d{1,3}")
_SUMMER = re.compile(r"\b(?:daylight|summer)\b", re.IGNORECASE)
_UNIVERSAL = frozenset(
    ("z", "utc", "gmt", "utc/gmt", "coordinated universal time", "greenwich mean time", "zulu")
)
_LONGEST = 200
_MOST_PARTS = 12

# What Windows calls zones without a city, and its cities that the zone database names otherwise.
_PLACES = {
    "eastern time": "America/New_York",
    "eastern": "America/New_York",
    "central time": "America/Chicago",
    "central": "America/Chicago",
    "mountain time": "America/Denver",
    "mountain": "America/Denver",
    "pacific time": "America/Los_Angeles",
    "pacific": "America/Los_Angeles",
    "atlantic time": "America/Halifax",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "arizona": "America/Phoenix",
    "indiana": "America/Indiana/Indianapolis",
    "saskatchewan": "America/Regina",
    "newfoundland": "America/St_Johns",
    "yukon": "America/Whitehorse",
    "baja california": "America/Tijuana",
    "central america": "America/Guatemala",
    "chetumal": "America/Cancun",
    "haiti": "America/Port-au-Prince",
    "greenland": "America/Nuuk",
    "brasilia": "America/Sao_Paulo",
    "salvador": "America/Bahia",
    "georgetown": "America/Guyana",
    "saint pierre and miquelon": "America/Miquelon",
    "quito": "America/Guayaquil",
    "rio branco": "America/Rio_Branco",
    "city of buenos aires": "America/Argentina/Buenos_Aires",
    "cape verde is.": "Atlantic/Cape_Verde",
    "cabo verde is.": "Atlantic/Cape_Verde",
    "west central africa": "Africa/Lagos",
    "pretoria": "Africa/Johannesburg",
    "bern": "Europe/Zurich",
    "edinburgh": "Europe/London",
    "chisinau": "Europe/Chisinau",
    "st. petersburg": "Europe/Moscow",
    "ekaterinburg": "Asia/Yekaterinburg",
    "abu dhabi": "Asia/Dubai",
    "islamabad": "Asia/Karachi",
    "port louis": "Indian/Mauritius",
    "sri jayawardenepura": "Asia/Colombo",
    "chennai": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "new delhi": "Asia/Kolkata",
    "astana": "Asia/Almaty",
    "hanoi": "Asia/Bangkok",
    "beijing": "Asia/Shanghai",
    "osaka": "Asia/Tokyo",
    "sapporo": "Asia/Tokyo",
    "wellington": "Pacific/Auckland",
    "solomon is.": "Pacific/Guadalcanal",
    "marshall is.": "Pacific/Majuro",
    "nuku'alofa": "Pacific/Tongatapu",
    "samoa": "Pacific/Apia",
    "aleutian islands": "America/Adak",
    "line islands": "Pacific/Kiritimati",
    "central european time": "Europe/Berlin",
    "mitteleuropäische zeit": "Europe/Berlin",
    "western european time": "Europe/Lisbon",
    "eastern european time": "Europe/Athens",
    "eastern africa": "Africa/Nairobi",
    "british": "Europe/London",
    # Abbreviations, the summer ones too. Of those with several meanings only the one that programs write.
    **dict.fromkeys(("pst", "pdt"), "America/Los_Angeles"),
    **dict.fromkeys(("mdt",), "America/Denver"),
    **dict.fromkeys(("cst", "cdt"), "America/Chicago"),
    **dict.fromkeys(("est", "edt"), "America/New_York"),
    **dict.fromkeys(("cest", "mez", "mesz"), "Europe/Berlin"),
    **dict.fromkeys(("aest", "aedt"), "Australia/Sydney"),
    **dict.fromkeys(("nzst", "nzdt"), "Pacific/Auckland"),
    "eest": "Europe/Athens",
    "bst": "Europe/London",
    "msk": "Europe/Moscow",
    "jst": "Asia/Tokyo",
    "hkt": "Asia/Hong_Kong",
    "sgt": "Asia/Singapore",
}

# Exchange's web access names a zone by its two offsets only.
_BY_OFFSETS = {
    (-600, -540): "America/Adak",
    (-540, -480): "America/Anchorage",
    (-480, -420): "America/Los_Angeles",
    (-420, -360): "America/Denver",
    (-360, -300): "America/Chicago",
    (-300, -240): "America/New_York",
    (-240, -180): "America/Halifax",
    (0, 60): "Europe/London",
    (60, 120): "Europe/Berlin",
    (120, 180): "Europe/Athens",
    (600, 660): "Australia/Sydney",
    (720, 780): "Pacific/Auckland",
}


def guess(name: str) -> tzinfo | None:
    """Guess the zone that a name means; None if nothing in it is known.

    >>> guess("(UTC-05:00) Eastern Time (US & Canada)")
    zoneinfo.ZoneInfo(key='America/New_York')
    >>> guess("UTC+5:30").utcoffset(None)
    datetime.timedelta(seconds=19800)
    """
    text = " ".join(name.replace("\\", "").split()).strip("\"' /")[:_LONGEST]
    while text[:5].upper() == "TZID=" or text[:5].upper() == "TZID:":
        text = text[5:].strip("\"' /")
    return _two_offsets(text) or _offset(text) or _in_brackets(text) or _named(text)


def _two_offsets(text: str) -> tzinfo | None:
    match = _TWO_OFFSETS.fullmatch(text)
    if match is None:
        return None
    standard, daylight = (_minutes(match[at], match[at + 1]) for at in (1, 3))
    key = _BY_OFFSETS.get((standard, daylight))
    if key:
        return ZoneInfo(key)
    return timezone(timedelta(minutes=standard)) if abs(standard) < 1440 else None


def _offset(text: str) -> tzinfo | None:
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    minutes = _minutes(match[1] + match[2], match[3] or "0")
    return timezone(timedelta(minutes=minutes)) if abs(minutes) < 1440 else None


def _minutes(hours: str, minutes: str) -> int:
    """The minutes of ``-05`` and ``30``."""
    return int(hours) * 60 + int(hours[0] + minutes)


def _in_brackets(text: str) -> tzinfo | None:
    """``(UTC+01:00) Amsterdam, Berlin``: the first place whose zone has this offset, or else any place."""
    match = _IN_BRACKETS.fullmatch(text)
    if match is None:
        return None
    offset = _offset(match[1]) if match[1] else UTC
    zones = list(_places(match[2]))
    fitting = (zone for zone in zones if offset is not None and _can_have(zone, offset))
    return next(fitting, None) or next(iter(zones), None) or offset


def _can_have(zone: tzinfo, offset: tzinfo) -> bool:
    """Whether the zone's standard time has this offset from UTC."""
    moments = (datetime(2024, month, 1, tzinfo=UTC).astimezone(zone) for month in (1, 7))
    return min(moment.utcoffset() or timedelta() for moment in moments) == offset.utcoffset(None)


def _places(text: str) -> Iterator[tzinfo]:
    bare = re.sub(r"\(.*?\)", "", text)
    for part in [text, *bare.split(",")[:_MOST_PARTS]]:
        zone = _named(part)
        if zone is not None:
            yield zone


def _named(text: str) -> tzinfo | None:
    for name in _spellings(text):
        if name in _UNIVERSAL:
            return ZoneInfo("UTC")
        key = _PLACES.get(name) or _by_name().get(name)
        if key is not None:
            return ZoneInfo(key)
    return None


def _spellings(text: str) -> Iterator[str]:
    """The name and simpler forms of it, in lower case and with blanks for underscores."""
    text = " ".join(text.replace("_", " ").split()).strip("\"' ,;/").lower()
    yield text
    yield text.rpartition("/")[2]
    yield text.replace(" ", "/", 1)
    if numbered := _NUMBERED.fullmatch(text):
        yield numbered[1].strip()
    winter = _SUMMER.sub("standard", text)
    yield winter
    bare = re.sub(r"\s*\(.*?\)", "", winter).strip()
    yield bare
    yield re.sub(r"\s*(?:standard)?\s*(?:time)?$", "", bare)
    yield f"{re.sub(r' time$', '', bare)} standard time"
    yield re.sub(r"\s+(?:islands?|is\.)$", "", bare)


@cache
def _by_name() -> dict[str, str]:
    """IANA zones by their whole name and by their city, and Windows zones, in lower case."""
    names: dict[str, str] = {}
    for key in sorted(available_timezones()):
        spelled = key.replace("_", " ").lower()
        names[spelled] = key
        area, _, city = spelled.rpartition("/")
        if area and area.partition("/")[0] not in (
            "etc",
            "us",
            "canada",
            "brazil",
            "mexico",
            "chile",
            "posix",
            "right",
        ):
            names.setdefault(city, key)
    return names | {windows.lower(): key for windows, key in WINDOWS_TO_OLSON.items()}
