"""The cursor of a Google source: the tokens of its parts in one JSON text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import Field, ValidationError

from people.types import Frozen, Instant

FULL_EVERY = timedelta(days=6)
"""Google's sync tokens expire seven days after the full read, so the next one comes a day earlier."""


class PartCursor(Frozen):
    """The state of one part.

    ``asked`` is a hash of everything that shaped the answers. ``full_at`` is when the last full read
    began. For calendars, ``since`` and ``until`` bound the expansion of series (``until`` exclusive), and
    ``exceptions`` holds the original starts of moved, changed and cancelled instances by series.
    """

    token: str
    asked: str
    full_at: Instant
    since: date | None = None
    until: date | None = None
    exceptions: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def fresh(self, now: datetime) -> bool:
        """Whether the last full read is recent enough."""
        return timedelta() <= now - self.full_at < FULL_EVERY


class GoogleCursor(Frozen):
    """The state of all parts. ``groups`` maps contact groups to names, ``titles`` calendars' names to ids."""

    version: Literal[1] = 1
    people: PartCursor | None = None
    groups: dict[str, str] = Field(default_factory=dict)
    other: PartCursor | None = None
    calendars: dict[str, PartCursor] = Field(default_factory=dict)
    titles: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def parse(cls, text: str | None) -> GoogleCursor:
        """Read a cursor. An unreadable one counts as none, so that everything is read again."""
        try:
            return cls.model_validate_json(text) if text else cls()
        except ValidationError:
            return cls()

    def with_calendar(self, name: str, calendar_id: str, part: PartCursor) -> GoogleCursor:
        """A copy in which the calendar ``name`` has this id and this state."""
        calendars, titles = {**self.calendars, name: part}, {**self.titles, name: calendar_id}
        return self.model_copy(update={"calendars": calendars, "titles": titles})


def fingerprint(parameters: Mapping[str, object]) -> str:
    """A short hash of everything that shapes a read."""
    text = json.dumps(parameters, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
