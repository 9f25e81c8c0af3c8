"""Apply the pages of a source: a page of changes and its cursor are one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from people.errors import SuspiciousEmptiness
from people.store.db import schema, values
from people.store.db.bulk import fetch_in, upsert
from people.store.db.database import Store
from people.store.ingest import messages, rows
from people.store.ingest.forgotten import Forgotten
from people.types import (
    RECORD_KINDS,
    Contact,
    Gone,
    JournalLine,
    Meeting,
    Message,
    Page,
    Problem,
    RecordKind,
)

BRAKE_GONE = 10
_TABLES = schema.BY_KIND
_REVISIONS = {"contacts": values.PEOPLE, "meetings": values.CALENDAR, "journal": values.JOURNAL}


@dataclass
class Counts:
    """How one read changed one kind of record."""

    added: int = 0
    changed: int = 0
    gone: int = 0
    unchanged: int = 0
    problems: int = 0


@dataclass
class Reading:
    """One read of one source, page by page.

    Removals wait for the last page, so that the emptiness brake sees all of them. ``region`` is for the
    telephone numbers of forgotten people, ``my_emails`` are the user's addresses.
    """

    store: Store
    source: str
    now: datetime
    accept_removals: bool = False
    region: str = ""
    my_emails: Collection[str] = ()
    counts: dict[str, Counts] = field(default_factory=lambda: {name: Counts() for name in RECORD_KINDS})
    problems: list[Problem] = field(default_factory=list)
    _seen: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in _TABLES})
    _seen_messages: set[int] = field(default_factory=set)
    _other_emails: bool | None = None
    _gone: set[str] = field(default_factory=set)
    _before: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.store.read() as connection:
            self._forgotten = Forgotten.load(connection, self.region)

    def apply(self, page: Page) -> None:
        """Save one page, and with the last one the removals and the cursor.

        Raises ``SuspiciousEmptiness`` if the read would remove more than ten records and more than half of
        those known. The page is then not saved, and the cursor stays.
        """
        self.problems.extend(page.problems)
        with self.store.begin() as connection:
            if not self._before and (page.changes or page.complete or page.replaces):
                self._before = {
                    name: _size(connection, table, self.source) for name, table in _TABLES.items()
                }
            self._upsert(connection, page)
            self._save_messages(connection, page)
            self._replace(connection, page)
            for name in _TABLES:
                self._seen[name].update(page.unchanged)
            if page.complete or page.cursor is not None:
                self._remove(connection, page)
            if page.cursor is not None:
                saved = {"cursor": page.cursor, "cursor_at": self.now}
                rows.upsert_source(connection, self.source, saved)

    def finish(self) -> None:
        """Count what did not change, and note whose mail was read. Call it after the last page."""
        with self.store.read() as connection:
            for name, table in _TABLES.items():
                counts = self.counts[name]
                live = rows.live_count(connection, table, self.source)
                counts.unchanged = max(0, live - counts.added - counts.changed)
            mail = self.counts["messages"]
            known = messages.live_count(connection, self.source)
            mail.unchanged = max(0, known - mail.added - mail.changed)
        if self._other_emails:
            with self.store.begin() as connection:
                values.put(connection, self._read_with, self._emails)

    def _upsert(self, connection: sa.Connection, page: Page) -> None:
        contacts, meetings, lines = [], [], []
        for change in page.changes:
            match change:
                case Contact():
                    if self._forgotten.holds(change):
                        self._seen["contacts"].add(change.source_id)
                    else:
                        contacts.append(self._forgotten.without_mention(change))
                case Meeting():
                    meetings.append(self._forgotten.without(change))
                case JournalLine():
                    if not self._forgotten.holds_line(change):
                        lines.append(self._forgotten.without_mention(change))
                case Gone():
                    self._gone.add(change.source_id)
                    continue
            self._gone.discard(change.source_id)
        for contact in contacts:
            for old in contact.previous_ids:
                rows.rekey(connection, self.source, old, contact.source_id)
        self._save(connection, "contacts", list(map(rows.contact_row, contacts)))
        self._save_meetings(connection, meetings)
        self._save(connection, "journal", list(map(rows.journal_row, lines)))
        self.counts["contacts"].problems += sum(bool(c.issues) or c.rejected for c in contacts)

    def _save_meetings(self, connection: sa.Connection, meetings: Sequence[Meeting]) -> None:
        """Write only meetings that differ: a calendar often comes whole although one event changed."""
        new = {m.source_id: (m, rows.short_hash(m.model_dump_json(exclude={"raw_hash"}))) for m in meetings}
        fresh = self._fresh(connection, "meetings", {key: content for key, (_, content) in new.items()})
        upsert(connection, schema.meetings, [rows.meeting_row(*new[key]) for key in fresh])
        rows.save_attendees(connection, [new[key][0] for key in fresh])
        same = [new[key][0] for key in new.keys() - set(fresh) if new[key][0].raw_hash is not None]
        rows.renew_raw_hashes(connection, same)
        if fresh:
            values.count_up(connection, values.CALENDAR)

    def _save_messages(self, connection: sa.Connection, page: Page) -> None:
        """Write new messages, and those that the source now describes otherwise."""
        mails = [change for change in page.changes if isinstance(change, Message)]
        if not mails:
            return
        if self._other_emails is None:
            self._other_emails = self._has_other_emails(connection)
        added, changed = messages.save(
            connection,
            self.source,
            mails,
            self._forgotten,
            self._seen_messages,
            other_emails=self._other_emails,
        )
        self.counts["messages"].added += added
        self.counts["messages"].changed += changed

    def _has_other_emails(self, connection: sa.Connection) -> bool:
        """Whether the user's addresses are not those with which the mail of this source was read before."""
        before = values.get(connection, self._read_with)
        if before is None:
            values.put(connection, self._read_with, self._emails)
        return before not in (None, self._emails)

    @property
    def _read_with(self) -> str:
        return f"{values.MAIL_READ_WITH} {self.source}"

    @property
    def _emails(self) -> str:
        return rows.short_hash("\n".join(sorted(email.lower() for email in self.my_emails)))

    def _save(self, connection: sa.Connection, name: RecordKind, new: Sequence[dict[str, Any]]) -> None:
        """Insert or overwrite all rows, because a row holds more than its hash covers."""
        unique = {row["source_id"]: row for row in new}
        self._fresh(connection, name, {key: row["hash"] for key, row in unique.items()})
        upsert(connection, _TABLES[name], list(unique.values()))
        if unique:
            values.count_up(connection, _REVISIONS[name])

    def _fresh(self, connection: sa.Connection, name: RecordKind, hashes: Mapping[str, str]) -> list[str]:
        """Return the ids of new or different records; count them, and mark all as seen."""
        table, counts, seen = _TABLES[name], self.counts[name], self._seen[name]
        query = sa.select(table.c.source_id, table.c.hash, table.c.gone_at).where(
            table.c.source == self.source
        )
        old = {row.source_id: row for row in fetch_in(connection, query, table.c.source_id, hashes)}
        fresh = []
        for key, content in hashes.items():
            before = old.get(key)
            if before is None or before.gone_at is not None:
                counts.added += key not in seen
                fresh.append(key)
            elif before.hash != content:
                counts.changed += key not in seen
                fresh.append(key)
        seen.update(hashes)
        return fresh

    def _remove(self, connection: sa.Connection, page: Page) -> None:
        for name, table in _TABLES.items():
            gone = self._explicitly_gone(connection, table)
            if page.complete:
                gone |= self._unseen(connection, name, page)
            self.counts[name].gone += len(gone)
            if gone:
                values.count_up(connection, _REVISIONS[name])
            rows.mark_gone(connection, table, ((self.source, key) for key in gone), self.now)
            if len(gone) > BRAKE_GONE and not self.accept_removals:
                self._check_brake(connection, name, len(gone))
        self._gone.clear()

    def _explicitly_gone(self, connection: sa.Connection, table: sa.Table) -> set[str]:
        # With a condition on gone_at, SQLite would search the whole source.
        query = sa.select(table.c.source_id, table.c.gone_at).where(table.c.source == self.source)
        rows = fetch_in(connection, query, table.c.source_id, self._gone)
        return {row.source_id for row in rows if row.gone_at is None}

    def _replace(self, connection: sa.Connection, page: Page) -> None:
        """Mark as gone what lies below a replaced path and is not in the page."""
        named = {change.source_id for change in page.changes} | set(page.unchanged)
        for table in _TABLES.values():
            for path in page.replaces:
                found = connection.scalars(self._live(table).where(_below(table, path)))
                self._gone.update(set(found) - named)

    def _live(self, table: sa.Table) -> sa.Select[tuple[str]]:
        return sa.select(table.c.source_id).where(table.c.source == self.source, table.c.gone_at.is_(None))

    def _unseen(self, connection: sa.Connection, name: RecordKind, page: Page) -> set[str]:
        table = _TABLES[name]
        known = self._live(table)
        if page.scope is not None:
            known = known.where(_below(table, page.scope))
        if name == "contacts":
            known = known.where(~table.c.derived)
        if name == "meetings" and page.covers_from is not None:
            known = known.where(rows.ends_on_or_after(page.covers_from))
        # A row object per record would take three times as long, and all of a large book are looked at.
        return {key for (key,) in connection.execute(known).cursor.fetchall()} - self._seen[name]

    def _check_brake(self, connection: sa.Connection, name: RecordKind, gone: int) -> None:
        """Refuse a sudden emptiness, as vdirsyncer does (the limits are ours)."""
        before, after = self._before[name], _size(connection, _TABLES[name], self.source)
        if after * 2 < before:
            raise SuspiciousEmptiness(
                f"source '{self.source}' suddenly lacks {gone} {name}"
                f" ({after} left of {before}); nothing was removed",
                help=f"check the source; if this is right: touchbase run --accept-removals {self.source}",
            )


def _below(table: sa.Table, path: str) -> sa.ColumnElement[bool]:
    column = table.c.source_id
    return sa.or_(column == path, column.startswith(f"{path}/", autoescape=True))


def _size(connection: sa.Connection, table: sa.Table, source: str) -> int:
    """The size of the source for the brake. A series of meetings counts as one, whatever its length."""
    if table is not schema.meetings:
        return rows.live_count(connection, table, source)
    one = sa.func.coalesce(table.c.series, table.c.source_id)
    query = sa.select(sa.func.count(one.distinct())).where(
        table.c.source == source, table.c.gone_at.is_(None)
    )
    return connection.scalar(query) or 0
