"""One part of a source (the contacts, or one calendar): its news, and when it is read in full."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from connectors.google.cursor import PartCursor
from people.errors import CursorExpired, RetryLater
from people.types import Change, Page, Problem

log = logging.getLogger(__name__)

T = TypeVar("T")


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

    An expired token leads to exactly one full read. Raises ``RetryLater`` if Google calls even that one
    expired, and the groups of ``people.errors``.
    """
    if part is not None and part.asked == asked and part.fresh(now):
        try:
            return changes(part)
        except CursorExpired as error:
            log.info("%s: the sync token has expired, reading in full (%s)", what, error.message)
    try:
        return full()
    except CursorExpired as error:
        raise RetryLater(
            f"{what}: Google asks for a full read in answer to a full read",
            help="run again later; the stored records stay",
        ) from error
