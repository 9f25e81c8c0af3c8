"""A mail without what it says: its two ends, its thread and its time."""

from __future__ import annotations

from typing import Literal

from people.types.base import Frozen, Instant, Record

Role = Literal["from", "to", "cc"]
"""Where an address stands in a mail. Bcc counts as cc."""


class Counterpart(Frozen):
    """Somebody else in a mail. ``email`` is lower case, ``name`` as the mail writes it."""

    email: str
    role: Role
    name: str | None = None


class Message(Record):
    """What the headers of one mail say about contact. A body is never read.

    ``source_id`` is the Message-ID where the mail has one, so that a mail in two folders is one message.
    ``at`` is the instant of its Date header; ``direction`` is "sent" if the user wrote it. ``role`` is the
    user's own in a received mail, None where none of their addresses is named (a list, a Bcc) and in a sent
    one. ``counterparts`` leaves the user out, and holds at most 50; ``recipients`` counts all addresses in
    To and Cc, the user's included. ``thread`` is shared by a mail and its answers. ``bulk`` is a mailing
    to many, ``automatic`` written by a machine, ``calendar`` an invitation or its answer, ``bounce`` a
    report that a mail did not arrive. ``subject`` is None unless the source's ``subjects`` is on.
    """

    at: Instant
    direction: Literal["sent", "received"]
    role: Literal["to", "cc"] | None = None
    counterparts: tuple[Counterpart, ...] = ()
    recipients: int = 0
    thread: str
    list_id: str | None = None
    bulk: bool = False
    automatic: bool = False
    calendar: bool = False
    bounce: bool = False
    folder: str | None = None
    subject: str | None = None
