"""The headers of one mail, read into a `Message`: its two ends, its time, its thread, and its kind.

Every source of mail uses it. It takes time linear in what a stranger sent, and keeps a bounded part of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_tz
from functools import lru_cache
from typing import Literal

from connectors.shared.mail.addresses import MOST_TEXT, Mailbox, mailboxes, shown
from connectors.shared.mail.kinds import kinds_of
from people.days import start_of
from people.text import clean
from people.types import Counterpart, Message, Problem, Role

HEADERS = (
    "From", "To", "Cc", "Bcc", "Date", "Message-ID", "In-Reply-To", "References", "List-Id",
    "List-Unsubscribe", "Precedence", "Auto-Submitted", "X-Auto-Response-Suppress", "X-Autoreply",
    "Return-Path", "Content-Type", "Content-Class",
)  # fmt: skip
"""All that is ever read of a mail. With ``subjects``, ``Subject`` comes on top."""

MOST_COUNTERPARTS = 50
_MOST_ID = 250
_MOST_OF_THREAD = 1 << 16
_MANY = ("to", "cc", "bcc")
_FIRST_YEAR = 1990
"""An older date was not set by a clock: it is that of a machine without a battery, or a zero."""
_AHEAD = timedelta(days=2)
"""How far a date may lie ahead: clocks go wrong, and zones are 26 hours apart."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(
    r"\s*(?:\w{3},)?\s*(\d{1,2})\s(\w{3})\s(\d{4})\s(\d\d):(\d\d)(?::(\d\d))?\s(?:([+-])(\d\d)(\d\d)|GMT|UTC?|Z)"
    r"\s*(?:\([^()]*\))?\s*"
)
_PLAIN_ID = re.compile(r"\s{0,9}<([!-;=?-~]{1,250})>")
_ID = re.compile(r"<([^<>]+)>")
_LIST = re.compile(r"<([^<>]+)>\s*$")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Known:
    """What a source knows of a mail beside its headers.

    ``number`` is what the server calls a mail without a Message-ID, and ``thread`` is Gmail's.
    ``arrived`` is asked when the server took it, if the Date header says nothing. ``sent`` says that the mail
    lies in the folder of sent mail, so that the user wrote it under whatever address.
    """

    number: str | None = None
    thread: str | None = None
    folder: str | None = None
    arrived: Callable[[], datetime | None] = lambda: None
    sent: bool = False


NOTHING_KNOWN = Known()


class HeaderReader:
    """Reads headers into messages of the source ``source``.

    ``mine`` are the user's addresses. ``today`` bounds the dates that can be true. With ``subjects``, the
    subject is kept. ``more`` are headers that only the source itself looks at.
    """

    def __init__(
        self,
        source: str,
        mine: Collection[str],
        *,
        today: date,
        subjects: bool = False,
        more: Sequence[str] = (),
    ) -> None:
        self._source = source
        self._mine = frozenset(email.strip().lower() for email in mine)
        self._latest = start_of(today) + _AHEAD
        self._wanted = (*HEADERS, "Subject") if subjects else HEADERS
        self._keys = {name.lower().encode(): name.lower() for name in (*self._wanted, *more)}
        names = "|".join(map(re.escape, (*self._wanted, *more))).encode()
        # Lines of a message are searched for by their line feed, which is the quickest way.
        self._field = re.compile(rb"\n(" + names + rb")[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The names of the headers that are read."""
        return self._wanted

    def read(
        self, headers: bytes | Iterable[tuple[str, str]], where: str, known: Known = NOTHING_KNOWN
    ) -> Message | Problem:
        """Read a header block, or pairs of name and value; never raises. See ``message``."""
        return self.message(self.fields(headers), where, known)

    def fields(self, headers: bytes | Iterable[tuple[str, str]]) -> dict[str, str]:
        """The headers that count, by their name in lower case."""
        return self._of_block(headers) if isinstance(headers, bytes) else self._of_pairs(headers)

    def message(
        self, fields: Mapping[str, str], where: str, known: Known = NOTHING_KNOWN
    ) -> Message | Problem:
        """Make a message. The Problem, at ``where``, says why the mail cannot count."""
        author = next(iter(mailboxes(fields.get("from", ""))), None)
        if author is None and not known.sent:
            return Problem(where=where, message="the mail names no sender", help="this mail does not count")
        at = self._instant(fields.get("date", ""), known.arrived)
        if at is None:
            stated = shown(fields.get("date", ""))[:60]
            message = (
                f"the date of the mail, '{stated}', cannot be true" if stated else "the mail has no date"
            )
            return Problem(where=where, message=message, help="this mail does not count")
        return self._message(fields, author, at, known)

    def _of_block(self, block: bytes) -> dict[str, str]:
        block = b"\n" + (block.replace(b"\r\n", b"\n") if b"\r" in block else block)
        fields: dict[str, str] = {}
        for name, value in self._field.findall(block):
            key = self._keys[name.lower()]
            if key not in fields:
                fields[key] = _text(value[:MOST_TEXT])
            elif key in _MANY:
                _add(fields, key, _text(value[:MOST_TEXT]))
        return fields

    def _of_pairs(self, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
        fields: dict[str, str] = {}
        for name, value in pairs:
            if (name := name.strip().lower()) in self._keys.values():
                _add(fields, name, value[:MOST_TEXT])
        return fields

    def _instant(self, stated: str, arrived: Callable[[], datetime | None]) -> datetime | None:
        """The Date header if it can be true, else the arrival; None if neither can."""
        at = self._possible(_date(stated))
        return at if at is not None else self._possible(arrived())

    def _possible(self, at: datetime | None) -> datetime | None:
        return at if at is not None and at.year >= _FIRST_YEAR and at <= self._latest else None

    def _message(
        self, fields: Mapping[str, str], author: Mailbox | None, at: datetime, known: Known
    ) -> Message:
        sent = known.sent or (author is not None and self._own(author.email))
        to, cc = mailboxes(fields.get("to", "")), mailboxes(fields.get("cc", ""))
        hidden = mailboxes(fields["bcc"]) if "bcc" in fields else ()
        own_id = _first_id(fields.get("message-id", ""))
        # By its Message-ID a mail is the same in all folders, exports and accounts.
        source_id = own_id or known.number or _made_id(fields, at)
        return Message(
            source=self._source,
            source_id=source_id,
            at=at,
            direction="sent" if sent else "received",
            role=None if sent else self._role(to, cc),
            counterparts=self._others(None if sent else author, to, (*cc, *hidden)),
            recipients=len({one.email for one in (*to, *cc)}),
            thread=known.thread or _thread(fields) or source_id,
            list_id=_list_id(fields.get("list-id")),
            folder=known.folder,
            subject=shown(fields["subject"]) or None if "subject" in fields else None,
            **kinds_of(fields, author.email if author else ""),
        )

    def _own(self, email: str) -> bool:
        """Whether it is the user's address, or one with a tag of theirs (``me+shop@...``; RFC 5233)."""
        if email in self._mine or "+" not in email:
            return email in self._mine
        name, _, domain = email.partition("@")
        return f"{name.partition('+')[0]}@{domain}" in self._mine

    def _role(self, to: Iterable[Mailbox], cc: Iterable[Mailbox]) -> Literal["to", "cc"] | None:
        if any(self._own(one.email) for one in to):
            return "to"
        return "cc" if any(self._own(one.email) for one in cc) else None

    def _others(
        self, author: Mailbox | None, to: Iterable[Mailbox], cc: Iterable[Mailbox]
    ) -> tuple[Counterpart, ...]:
        """Everybody but the user, each once and in the role that is named first."""
        others: dict[str, Counterpart] = {}
        named: tuple[tuple[Role, Iterable[Mailbox]], ...]
        named = (("from", (author,) if author else ()), ("to", to), ("cc", cc))
        for role, people in named:
            for email, name in people:
                if email not in others and not self._own(email):
                    if len(others) == MOST_COUNTERPARTS:
                        return tuple(others.values())
                    others[email] = _counterpart(email, name, role)
        return tuple(others.values())


@lru_cache(maxsize=1 << 14)
def _counterpart(email: str, name: str | None, role: Role) -> Counterpart:
    """One is for many mails: it cannot change."""
    return Counterpart(email=email, name=name, role=role)


def gmail_id(number: str | int) -> str:
    """Gmail's own id of a mail or a thread, as its API writes it. IMAP and Takeout write decimal numbers.

    >>> gmail_id("1278455344230334865")
    '11bdfc5cae0c8191'
    """
    return f"{int(number):x}"


def _add(fields: dict[str, str], name: str, value: str) -> None:
    """Keep a header. Several To are one; of everything else the first counts."""
    if name not in fields:
        fields[name] = value
    elif name in _MANY and len(fields[name]) < MOST_TEXT:
        fields[name] = f"{fields[name]},{value}"


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def _date(text: str) -> datetime | None:
    """A Date header as an instant in UTC. A time without a zone counts as UTC."""
    text = text[:200]
    try:
        if match := _DATE.fullmatch(text):
            day, month, year, hour, minute, second, sign, east, more = match.groups()
            at = datetime(
                int(year), _MONTHS.index(month.lower()) + 1, int(day), int(hour), int(minute),
                min(int(second or 0), 59), tzinfo=UTC,
            )  # fmt: skip
            offset = timedelta(hours=int(east or 0), minutes=int(more or 0))
            return at + offset if sign == "-" else at - offset
        parts = parsedate_tz(text)
        if parts is None:
            return None
        at = datetime(*parts[:5], min(parts[5], 59), tzinfo=UTC)
        return at - timedelta(seconds=parts[9] or 0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _first_id(text: str) -> str | None:
    """The first id of a header without its brackets; a long one becomes a hash."""
    if plain := _PLAIN_ID.match(text):
        return plain.group(1)
    text = text[:_MOST_OF_THREAD]
    match = _ID.search(text)
    # Without brackets only one word is an id: some programs write a sentence.
    words = [match.group(1)] if match else text.split()
    found = _SPACE.sub("", clean(words[0])).strip("<>") if len(words) == 1 else ""
    if len(found) > _MOST_ID:
        return f"{_hash(found)}@long"
    return found or None


def _thread(fields: Mapping[str, str]) -> str | None:
    """The mail that the thread began with, as far as this one says. The subject says nothing."""
    for name in ("references", "in-reply-to"):
        if found := _first_id(fields.get(name, "")):
            return found
    return None


def _made_id(fields: Mapping[str, str], at: datetime) -> str:
    parts = [at.isoformat(), *(fields.get(name, "") for name in ("date", "from", "to", "cc"))]
    return f"{_hash(chr(31).join(parts))}@headers"


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _list_id(text: str | None) -> str | None:
    if not text:
        return None
    text = shown(text)
    match = _LIST.search(text)
    return (match.group(1) if match else text).strip("<> ").lower() or None
