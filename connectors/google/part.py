"""The parts of a source (the contacts, each calendar): their cursor, their news, and their full reads.

The tokens of all parts are one JSON text.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, TypeVar

from pydantic import Field, ValidationError

from connectors.google.client.errors import TokenRefused
from people.errors import CursorExpired, RetryLater
from people.types import Change, Frozen, Instant, Page, Problem

log = logging.getLogger(__name__)

T = TypeVar("T")

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


class Listing(Frozen):
    """A listing of mail that has not ended: its first day (None for all), and the page that comes next.

    ``done`` of about ``total`` mails were listed so far.
    """

    since: date | None = None
    page: str | None = None
    done: int = 0
    total: int = 0


class MailCursor(Frozen):
    """The state of the mail.

    ``account`` is the address of the mailbox. ``history`` is Gmail's history id up to which all is known,
    once ``listing`` has ended. ``began`` is when the last read began. ``left`` are mails that Gmail failed to
    give.
    """

    asked: str
    account: str = ""
    history: str
    began: Instant
    listing: Listing | None = None
    left: tuple[str, ...] = ()


class GoogleCursor(Frozen):
    """The state of all parts. ``groups`` maps contact groups to names, ``titles`` calendars' names to ids.

    ``mine`` are the user's addresses as Google marks them in the primary calendar. In other calendars it
    marks the calendar's owner instead.
    """

    version: Literal[1] = 1
    people: PartCursor | None = None
    groups: dict[str, str] = Field(default_factory=dict)
    other: PartCursor | None = None
    calendars: dict[str, PartCursor] = Field(default_factory=dict)
    titles: dict[str, str] = Field(default_factory=dict)
    mine: tuple[str, ...] = ()
    mail: MailCursor | None = None

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


@dataclass
class PartNews:
    """The changes of one part. They are passed on after the part was read to its end.

    So one transaction stores a full read, removes what is absent, and saves the new token. A read that fails
    half-way leaves no trace.
    """

    scope: str
    complete: bool
    changes: list[Change] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    replaces: list[str] = field(default_factory=list)
    covers_from: date | None = None

    def page(self, cursor: str) -> Page:
        """The page that is saved together with ``cursor``."""
        return Page(
            changes=tuple(self.changes),
            unchanged=tuple(self.unchanged),
            problems=tuple(self.problems),
            cursor=cursor,
            complete=self.complete,
            covers_from=self.covers_from,
            scope=self.scope,
            replaces=tuple(self.replaces),
        )


def read_part(
    part: PartCursor | None,
    asked: str,
    now: datetime,
    *,
    changes: Callable[[PartCursor], T],
    full: Callable[[], T],
    what: str,
) -> T:
    """Read the changes since ``part``, or everything if the token is old or the settings changed.

    An expired token, or one of another calendar or account, leads to exactly one full read. No other refusal
    does. Raises ``RetryLater`` if Google calls even that one expired, and the groups of ``people.errors``.
    """
    if part is not None and part.asked == asked and part.fresh(now):
        try:
            return changes(part)
        except (CursorExpired, TokenRefused) as error:
            log.info("%s: the sync token cannot be used, reading in full (%s)", what, error.message)
    try:
        return full()
    except CursorExpired as error:
        raise RetryLater(
            f"{what}: Google asks for a full read in answer to a full read",
            help="run again later; the stored records stay",
        ) from error
