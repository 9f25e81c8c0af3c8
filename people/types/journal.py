"""A line of the journal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from people.types.base import Record

JournalKind = Literal[
    "contact", "met", "purchase", "referral", "introduction", "participation", "mention", "pause"
]
"""What a journal line is about. *met* is contact at an event, whose name is the note up to a semicolon.
*pause* asks for no follow-up until the day in its outcome."""
Direction = Literal["given", "received"]


class JournalLine(Record):
    """One line of the user's journal, as written.

    ``person`` and ``other`` (the second party of a referral or introduction) are a name, an e-mail
    or a record key, still to be looked up. ``amount`` is in the network's currency. ``line`` counts
    from 1 and includes the header; it is None where a
    machine wrote the line, which may name people that the user does not know.
    """

    date: date
    person: str
    kind: JournalKind
    direction: Direction | None = None
    other: str | None = None
    group: str | None = None
    hours: Decimal | None = None
    amount: Decimal | None = None
    outcome: str | None = None
    note: str | None = None
    file: str | None = None
    line: int | None = None
