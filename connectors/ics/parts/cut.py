"""Well-formed events of a calendar file, found as whole pieces of text.

Nearly all events are well-formed, and most are as they were at the last read. Such an event costs a search
and a hash; its lines are not even split. Everything between these pieces, damage included, is read line by
line (``connectors.ics.text``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 1024 * 1024
"""Longer events are read line by line, where long lines are refused one by one."""

_BEGIN = "BEGIN:VEVENT\n"
_LINE = r"(?!BEGIN[:;]|END[:;])[A-Z][A-Z0-9-]*+[:;][^\n]*+\n(?:[ \t][^\n]*+\n)*+"
# Each alternative is decided by its first characters and nothing is given back, so it takes linear time.
_EVENT = re.compile(
    rf"BEGIN:VEVENT\n(?:{_LINE}|BEGIN:VALARM\n(?:{_LINE})*+END:VALARM\n)*+END:VEVENT\n(?=\S|\Z)"
)


def well_formed(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each VEVENT that stands on lines of its own, with no part but alarms.

    ``text`` has LF line ends. What follows an event does not continue its last line.
    """
    at = 0 if text.startswith(_BEGIN) else _next(text, 0)
    while at >= 0:
        match = _EVENT.match(text, at)
        end = match.end() if match else at + 1
        if match and end - at <= LONGEST:
            yield at, end
        at = end if match and text.startswith(_BEGIN, end) else _next(text, end - 1)


def _next(text: str, after: int) -> int:
    found = text.find("\n" + _BEGIN, after)
    return found + 1 if found >= 0 else -1
