"""Messages on their way into the store. They are evidence: each is kept, even when its mail is deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from people.store import mail_news
from people.store.db import schema
from people.store.db.bulk import chunks, count, fetch_in, upsert
from people.store.ingest.forgotten import Forgotten
from people.types import Message

_messages, _counterparts = schema.messages, schema.counterparts
_COMPARED = (
    "at", "thread", "sent", "role", "recipients", "bulk", "automatic", "calendar", "bounce", "list",
    "folder", "subject",
)  # fmt: skip


def number_of(text: str) -> int:
    """Return 63 bits of the text's hash: of a million texts, two share a number once in 18 million cases."""
    digest = hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


def message_number(message: Message) -> int:
    """Return the number of a message. Its source id names the same mail in all sources."""
    return number_of(message.source_id)


def live_count(connection: sa.Connection, source: str) -> int:
    """Count the messages that came from this source first."""
    named = sa.select(schema.mail_names.c.id).where(schema.mail_names.c.name == source).scalar_subquery()
    return count(connection, _messages, _messages.c.source == named)


def save(
    connection: sa.Connection,
    source: str,
    messages: Iterable[Message],
    forgotten: Forgotten,
    seen: set[int],
    *,
    other_emails: bool = False,
) -> tuple[int, int]:
    """Store messages; return how many are new, and how many differ from what was known.

    ``seen`` holds the numbers that this read has met, and gains these: of a mail in two folders the first one
    counts, but one that the user sent before one that was received. What another source said of it stays.
    With ``other_emails``, the user's addresses are not those of the last read: a mail known as sent may turn
    out to be received. ``people.store.mail_news`` is told which threads changed.
    """
    unique: dict[int, Message] = {}
    for message in messages:
        number = message_number(message)
        kept = forgotten.without_counterparts(message)
        if kept is None or (number in seen and kept.direction != "sent"):
            continue
        if number not in unique or (kept.direction, unique[number].direction) == ("sent", "received"):
            unique[number] = kept
    if not unique:
        return 0, 0
    rows = dict(_rows(connection, source, unique))
    guests = dict(_guests(connection, unique))
    old = _known(connection, unique)
    fresh = [number for number in rows if number not in old]
    changed = [
        number
        for number, (row, before) in old.items()
        if _differs(rows[number], guests[number], row, before)
        and not (number in seen and row.sent)
        and not (_is_another(rows[number], guests[number], row, before) and not other_emails)
    ]
    seen.update(unique)
    for batch in chunks(changed):
        connection.execute(sa.delete(_counterparts).where(_counterparts.c.message.in_(batch)))
    written = sorted([*fresh, *changed])
    upsert(connection, _messages, [rows[number] for number in written])
    upsert(
        connection,
        _counterparts,
        [
            {"message": number, "address": address, "role": role}
            for number in written
            for address, role in guests[number].items()
        ],
    )
    if written:
        threads = {rows[number]["thread"] for number in written}
        mail_news.tell(connection, threads | {old[number][0].thread for number in changed})
    return len(fresh), len(changed)


def _rows(
    connection: sa.Connection, source: str, messages: Mapping[int, Message]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of ``messages``."""
    told = {text for m in messages.values() for text in (m.list_id, m.folder) if text}
    names = _numbers(connection, schema.mail_names.c.name, {source, *told})
    for number, message in messages.items():
        yield (
            number,
            {
                "id": number,
                "source": names[source],
                "at": int(message.at.timestamp()),
                "thread": number_of(message.thread),
                "sent": message.direction == "sent",
                "role": message.role,
                "recipients": message.recipients,
                "bulk": message.bulk,
                "automatic": message.automatic,
                "calendar": message.calendar,
                "bounce": message.bounce,
                "list": names[message.list_id] if message.list_id else None,
                "folder": names[message.folder] if message.folder else None,
                "subject": message.subject,
            },
        )


def _guests(
    connection: sa.Connection, messages: Mapping[int, Message]
) -> Iterator[tuple[int, dict[int, str]]]:
    """Yield the role of each address in each message: the first one, if an address has two."""
    named: dict[str, str | None] = {}
    for message in messages.values():
        for one in message.counterparts:
            named[one.email] = named.get(one.email) or one.name
    addresses = _numbers(connection, schema.mail_addresses.c.email, named)
    _name(connection, named)
    for number, message in messages.items():
        yield number, {addresses[one.email]: one.role for one in reversed(message.counterparts)}


def _numbers(connection: sa.Connection, column: sa.Column[str], texts: Collection[str]) -> dict[str, int]:
    """Return the number of each text in a table of texts, which gains those that it lacks."""
    table: Any = column.table
    known = {
        text: number
        for number, text in fetch_in(connection, sa.select(table.c.id, column), column, sorted(texts))
    }
    missing = sorted(set(texts) - known.keys())
    if missing:
        first = (connection.scalar(sa.select(sa.func.max(table.c.id))) or 0) + 1
        known |= {text: number for number, text in enumerate(missing, first)}
        upsert(connection, table, [{"id": known[text], str(column.key): text} for text in missing])
    return known


def _name(connection: sa.Connection, named: Mapping[str, str | None]) -> None:
    """Give addresses without a name the one that a mail says."""
    table = schema.mail_addresses
    nameless = sa.select(table.c.id, table.c.email).where(table.c.name.is_(None))
    telling = sorted(email for email, name in named.items() if name)
    found = list(fetch_in(connection, nameless, table.c.email, telling))
    rows = [{"id": row.id, "email": row.email, "name": named[row.email]} for row in found]
    upsert(connection, table, rows)


_Known = tuple[sa.Row[Any], dict[int, str]]


def _known(connection: sa.Connection, numbers: Iterable[int]) -> dict[int, _Known]:
    """Return the stored rows among these messages, each with the roles of its addresses."""
    found: dict[int, _Known] = {}
    for batch in chunks(numbers):
        for row in connection.execute(sa.select(_messages).where(_messages.c.id.in_(batch))):
            found[row.id] = (row, {})
    for batch in chunks(found):
        for one in connection.execute(sa.select(_counterparts).where(_counterparts.c.message.in_(batch))):
            found[one.message][1][one.address] = one.role
    return found


def _differs(
    new: Mapping[str, Any], guests: dict[int, str], old: sa.Row[Any], before: dict[int, str]
) -> bool:
    """Whether the source that a message came from first now describes it otherwise."""
    if new["source"] != old.source:
        return False
    return guests != before or any(new[name] != getattr(old, name) for name in _COMPARED)


def _is_another(
    new: Mapping[str, Any], guests: dict[int, str], old: sa.Row[Any], before: dict[int, str]
) -> bool:
    """Whether this is another mail under the same Message-ID: a stranger may use any.

    A mail that the user sent stays sent. One that was received keeps its sender and its time.
    """
    if old.sent or new["sent"]:
        return bool(old.sent and not new["sent"])
    return bool(new["at"] != old.at and _senders(guests) != _senders(before))


def _senders(guests: Mapping[int, str]) -> set[int]:
    return {address for address, role in guests.items() if role == "from"}
