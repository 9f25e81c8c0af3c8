"""Calls and messages that a machine recorded, as contact: one line per day, person and channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import Literal, NamedTuple, get_args

from people.types import JournalLine

Channel = Literal["call", "text", "chat", "mail", "video", "letter", "invitation", "message"]
"""How two people were in touch. *message* is any other way."""
CHANNELS: tuple[Channel, ...] = get_args(Channel)


_WAYS = {"in": "from them", "out": "from you", "": ""}


class Talk(NamedTuple):
    """One call or message. ``who`` is an e-mail address, a number in E.164, a record key or a name.

    ``direction`` is "out" if the user spoke or wrote, and "" if nobody asks.
    """

    day: date
    who: str
    channel: Channel
    minutes: float | None = None
    direction: Literal["in", "out", ""] = ""


def as_contact(talks: Iterable[Talk], source: str, file: str, *, below: str = "") -> list[JournalLine]:
    """Return the lines of contact, by day. What was said is not known here, and never kept.

    ``below`` is the first part of their ids, if a source must tell its lines apart.

    A line has no number: a machine wrote it, and an unknown person is not a mistake in it.
    """
    daily: defaultdict[tuple[date, str, Channel], list[Talk]] = defaultdict(list)
    for talk in talks:
        daily[talk.day, talk.who, talk.channel].append(talk)
    return [
        JournalLine(
            source=source,
            source_id=below + sha256(f"{day}\x1f{who}\x1f{channel}".encode()).hexdigest()[:16],
            date=day,
            person=who,
            kind="contact",
            note=_note(channel, of_day),
            file=file,
        )
        for (day, who, channel), of_day in sorted(daily.items())
    ]


def _note(channel: Channel, talks: list[Talk]) -> str:
    total = round(sum(talk.minutes or 0.0 for talk in talks))
    many = f"{len(talks)} {channel}s" if len(talks) > 1 else channel
    directions = {talk.direction for talk in talks} - {""}
    way = "both ways" if len(directions) > 1 else _WAYS[next(iter(directions), "")]
    return ", ".join(filter(None, (many, f"{total} min" if total else "", way)))
