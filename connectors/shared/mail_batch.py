"""Mails on their way to a page: those that count, and in few words those that do not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Self

from pydantic import ValidationError

from connectors.shared.digest_cursor import digest
from connectors.shared.mail_headers import NOTHING_KNOWN, HeaderReader, Known
from people.days import start_of
from people.types import Frozen, Message, Problem

BATCH = 500
"""Mails per page. Each page has its cursor, so that a first read of years survives a kill."""

_PARSER = "1"
"""Raise it if the same headers give another message. All mail is then read again."""
_MOST_NAMED = 5


def shaping(mine: Collection[str], since: str, *, subjects: bool) -> str:
    """A digest of everything beside the mail itself that decides what a read yields."""
    return digest([_PARSER, since, str(subjects), *sorted(mine)])


class ShapedCursor(Frozen):
    """What a cursor of mail has in common. ``shaped`` is a digest of what else decides about a read."""

    version: Literal[1] = 1
    shaped: str = ""

    @classmethod
    def parse(cls, text: str | None, shaped: str) -> Self:
        """Read a cursor. One that cannot be used counts as none, so that everything is read again."""
        try:
            found = cls.model_validate_json(text) if text else None
        except ValidationError:
            found = None
        return found if found is not None and found.shaped == shaped else cls(shaped=shaped)


@dataclass
class Batch:
    """Collects the messages of one page, since the beginning of ``first_day`` (UTC)."""

    reader: HeaderReader
    first_day: date
    messages: list[Message] = field(default_factory=list)
    _first: datetime = field(init=False)
    _left_out: dict[str, list[Problem]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._first = start_of(self.first_day)

    def add(self, fields: Mapping[str, str], place: str, where: str, known: Known = NOTHING_KNOWN) -> None:
        """Read one mail, which lies at ``where`` in the file or folder ``place``."""
        found = self.reader.message(fields, where, known)
        if isinstance(found, Problem):
            self._left_out.setdefault(place, []).append(found)
        elif found.at >= self._first:
            self.messages.append(found)

    @property
    def full(self) -> bool:
        """Whether the next page is due."""
        return len(self.messages) >= BATCH

    def take(self) -> tuple[Message, ...]:
        """Return what was collected, and begin again."""
        taken, self.messages = tuple(self.messages), []
        return taken

    def problems(self) -> list[Problem]:
        """Return the mails that do not count: the first ones of each place, and how many more there are."""
        named: list[Problem] = []
        for place, problems in self._left_out.items():
            named += problems[:_MOST_NAMED]
            if (more := len(problems) - _MOST_NAMED) > 0:
                message = f"and {more} more mails without a usable sender or date"
                named.append(Problem(where=place, message=message, help="they do not count"))
        return named
