"""Header blocks from a server, asked for by UID. What came is held against what was asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from connectors.imap.session import Answer, Session
from connectors.shared.mail_headers import Known, gmail_id

_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*)"|([^\s()"]+)')
_ARRIVAL = re.compile(rb"\s*(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTHS = (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec")
_WINDOW = 50_000
"""Mails per search: an answer in one line must not grow beyond what ``imaplib`` reads."""


@dataclass(frozen=True)
class Arrived:
    """The headers of one mail, and what the server knows of it beside them."""

    uid: int
    block: bytes
    internal_date: bytes = b""
    number: str | None = None
    thread: str | None = None
    draft: bool = False
    sent: bool = False

    def known(self, folder: str, *, sent: bool) -> Known:
        """What to tell the reader of its headers."""
        arrived = partial(arrival, self.internal_date)
        return Known(
            number=self.number, thread=self.thread, folder=folder, arrived=arrived, sent=sent or self.sent
        )


def items(headers: Sequence[str], *, is_gmail: bool) -> str:
    """What to FETCH. PEEK leaves mail unread, and only the named headers are sent."""
    gmail = "X-GM-MSGID X-GM-THRID X-GM-LABELS " if is_gmail else ""
    return f"(UID INTERNALDATE {gmail}BODY.PEEK[HEADER.FIELDS ({' '.join(headers)})])"


def uids_since(session: Session, exists: int, day: str) -> list[int]:
    """The UIDs of all mails that arrived since ``day``, sorted."""
    return sorted({uid for _, uids in _windows(session, exists, "SINCE", day) for uid in uids})


def uids_from(session: Session, exists: int, first: int) -> list[int]:
    """The UIDs from ``first`` on, sorted. They are those of the last mails."""
    found: set[int] = set()
    for size, uids in _windows(session, exists, "UID", f"{first}:*"):
        # "7:*" always names the last mail, even if its UID is 5.
        newer = [uid for uid in uids if uid >= first]
        found.update(newer)
        if len(newer) < size:
            break
    return sorted(found)


def _windows(session: Session, exists: int, *keys: str) -> Iterator[tuple[int, list[int]]]:
    """Search the mails in parts, the last ones first; yield the size of each part and what was found.

    If a mail is deleted meanwhile, those behind it move down. So none is missed.
    """
    for last in range(exists, 0, -_WINDOW):
        first = max(1, last - _WINDOW + 1)
        yield last - first + 1, session.search(f"{first}:{last}", *keys)


def uid_set(uids: Sequence[int]) -> str:
    """Sorted UIDs as IMAP writes them.

    >>> uid_set([1, 2, 3, 7, 9, 10])
    '1:3,7,9:10'
    """
    ranges: list[list[int]] = []
    for uid in uids:
        if ranges and uid == ranges[-1][1] + 1:
            ranges[-1][1] = uid
        else:
            ranges.append([uid, uid])
    return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in ranges)


def fetch(session: Session, uids: Sequence[int], what: str) -> tuple[list[Arrived], int]:
    """Fetch these mails; return what came, and how many exist and did not come although asked twice.

    Some servers answer OK and leave a mail out. One that was deleted meanwhile is not missed.
    """
    found = _asked(session, uids, what)
    missing = [uid for uid in uids if uid not in found]
    if missing:
        missing = session.search("UID", uid_set(missing))
    if missing:
        found |= _asked(session, missing, what)
    return [found[uid] for uid in sorted(found)], sum(uid not in found for uid in missing)


def _asked(session: Session, uids: Sequence[int], what: str) -> dict[int, Arrived]:
    wanted = set(uids)
    answer = session.fetch(uid_set(uids), what)
    return {one.uid: one for one in arrived(answer) if one.uid in wanted}


def arrived(answer: Answer) -> Iterator[Arrived]:
    """The mails in an answer to FETCH. What it says of other things, such as flags, is passed over."""
    text, block = b"", None
    for part in answer:
        line, literal = part if isinstance(part, tuple) else (part or b"", None)
        before, section, after = line.partition(b"BODY[")
        text += before
        if section:
            # Some servers write an empty block as NIL or "".
            block = literal or b""
            text += after.rpartition(b"]")[2].removeprefix(b" NIL")
        elif literal is not None:
            text += b'""'
        if literal is None:
            if block is not None and (one := _arrived(text, block)) is not None:
                yield one
            text, block = b"", None


def _arrived(text: bytes, block: bytes) -> Arrived | None:
    """Read ``UID 5 INTERNALDATE "..."`` and so on, in any order."""
    tokens = _TOKEN.findall(text)
    values: dict[bytes, bytes] = {}
    labels: set[bytes] = set()
    for at, (quoted, atom) in enumerate(tokens):
        if atom and at + 1 < len(tokens):
            following = tokens[at + 1]
            values.setdefault(atom.upper(), following[0] or following[1])
        labels.add((quoted or atom).lstrip(b"\\").lower() if (quoted or atom).startswith(b"\\") else b"")
    uid = values.get(b"UID", b"")
    if not uid.isdigit():
        return None
    return Arrived(
        int(uid),
        block,
        values.get(b"INTERNALDATE", b""),
        _gmail(values.get(b"X-GM-MSGID")),
        _gmail(values.get(b"X-GM-THRID")),
        draft=b"draft" in labels or b"drafts" in labels,
        sent=b"sent" in labels,
    )


def _gmail(number: bytes | None) -> str | None:
    return gmail_id(number.decode("ascii")) if number is not None and number.isdigit() else None


def arrival(text: bytes) -> datetime | None:
    """An INTERNALDATE in UTC; None if it is none."""
    match = _ARRIVAL.fullmatch(text)
    if match is None:
        return None
    day, month, year, hour, minute, second, sign, east, more = match.groups()
    try:
        at = datetime(
            int(year), _MONTHS.index(month.lower()) + 1, int(day), int(hour), int(minute), int(second),
            tzinfo=UTC,
        )  # fmt: skip
        offset = timedelta(hours=int(east), minutes=int(more))
        return at + offset if sign == b"-" else at - offset
    except (ValueError, OverflowError):
        return None
