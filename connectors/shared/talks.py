"""Calls and messages that a machine recorded, as contact: one line per day, person and channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import Literal, NamedTuple, get_args

from people.types import JournalLine

Channel = Literal["call", "text", "chat", "mail", "video", "letter", "message"]
"""How two people were in touch. *message* is any other way."""
CHANNELS: tuple[Channel, ...] = get_args(Channel)


class Talk(NamedTuple):
    """One call or message. ``who`` is an e-mail address, a number in E.164 or a name."""

    day: date
    who: str
    channel: Channel
    minutes: float | None = None


def as_contact(talks: Iterable[Talk], source: str, file: str) -> list[JournalLine]:
    """Return the lines of contact, by day. What was said is not known here, and never kept.

    A line has no number: a machine wrote it, and an unknown person is not a mistake in it.
    """
    daily: defaultdict[tuple[date, str, Channel], list[float]] = defaultdict(list)
    for talk in talks:
        daily[talk.day, talk.who, talk.channel].append(talk.minutes or 0.0)
    return [
        JournalLine(
            source=source,
            source_id=sha256(f"{day}\x1f{who}\x1f{channel}".encode()).hexdigest()[:16],
            date=day,
            person=who,
            kind="contact",
            note=_note(channel, minutes),
            file=file,
        )
        for (day, who, channel), minutes in sorted(daily.items())
    ]


def _note(channel: Channel, minutes: list[float]) -> str:
    total = round(sum(minutes))
    many = f"{len(minutes)} {channel}s" if len(minutes) > 1 else channel
    return f"{many}, {total} min" if total else many
