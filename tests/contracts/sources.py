"""What every source must do, whatever it reads: one class, run by each implementation.

An implementation's test module subclasses ``SourceContract`` and gives it a fixture ``world``: the
outside world of one source, which the test changes and the source reads. Pages are applied here by
``Known``, the smallest store there is; one test asks whether the real store agrees with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol

import pytest
import sqlalchemy as sa

from people.errors import CursorExpired
from people.store import Store
from people.store.db import schema
from people.store.ingest.messages import message_number
from people.store.ingest.reading import Reading
from people.types import Change, Contact, Gone, JournalLine, Meeting, Message, Page, Source

Record = Contact | Meeting | Message | JournalLine


class SourceWorld(Protocol):
    """The outside world of a source under test.

    ``many`` is how many records make a full read yield more than one page. ``keeps_ids`` says that a
    record that was edited keeps its id (a journal line's id comes from what it says).
    """

    many: int
    keeps_ids: bool

    def source(self, known: Known) -> Source:
        """A fresh source reading this world; ``known`` is for sources that skip by hash."""
        ...

    def put(self, names: list[str]) -> None:
        """Make these records, and no others, all there is, in this order."""
        ...

    def edit(self, name: str) -> None:
        """Change something of one record that the source tells of."""
        ...


@dataclass
class Known:
    """What is known of one source: the pages' meaning, without a database."""

    records: dict[str, Record] = field(default_factory=dict)
    cursor: str | None = None
    told: int = 0
    _seen: set[str] = field(default_factory=set)

    def apply(self, page: Page) -> None:
        """Save one page; with the last page of a full read, what was not seen is gone."""
        named = set(page.unchanged)
        for change in page.changes:
            named.add(change.source_id)
            self._take(change)
        self._seen |= named
        for path in page.replaces:
            self._drop(key for key in self.records if _below(key, path) and key not in named)
        if page.complete:
            self._drop(key for key in self.records if key not in self._seen and self._covered(key, page))
        if page.cursor is not None:
            self.cursor = page.cursor
            self._seen = set()

    def _take(self, change: Change) -> None:
        if isinstance(change, Gone):
            self.records.pop(change.source_id, None)
            return
        if isinstance(change, Meeting):
            # What else of a series was edited is no news of this instance.
            change = change.model_copy(update={"raw_hash": None})
        self.told += self.records.get(change.source_id) != change
        self.records[change.source_id] = change

    def _covered(self, key: str, page: Page) -> bool:
        record = self.records[key]
        if page.scope is not None and not _below(key, page.scope):
            return False
        if isinstance(record, Meeting) and page.covers_from is not None:
            return _last_day(record) >= page.covers_from
        return True

    def _drop(self, keys: Iterable[str]) -> None:
        for key in list(keys):
            # A mail that was deleted was written all the same.
            if not isinstance(self.records[key], Message):
                del self.records[key]

    def interrupt(self) -> None:
        """A crash: what a run had in mind is lost, what it saved is not."""
        self._seen = set()

    @property
    def hashes(self) -> dict[str, str]:
        """Raw hash to source id, as the store hands them to sources that skip unchanged cards."""
        cards = (record for record in self.records.values() if isinstance(record, Contact))
        return {card.raw_hash: card.source_id for card in cards if card.raw_hash}


def _below(key: str, path: str) -> bool:
    return key == path or key.startswith(f"{path}/")


def _last_day(meeting: Meeting) -> date:
    if meeting.end is not None:
        return meeting.end.date()
    return meeting.end_date or date.max


def read(world: SourceWorld, known: Known) -> list[Page]:
    """One whole read into ``known``, in full when the cursor has expired."""
    try:
        pages = list(world.source(known).changes(known.cursor))
    except CursorExpired:
        pages = list(world.source(known).changes(None))
    for page in pages:
        known.apply(page)
    return pages


def _stored_id(record: Record) -> str | int:
    """By what the store knows a record: a message by a number."""
    return message_number(record) if isinstance(record, Message) else record.source_id


def _live_ids(store: Store) -> set[str | int]:
    tables = (schema.contacts, schema.meetings, schema.journal)
    queries = [sa.select(table.c.source_id).where(table.c.gone_at.is_(None)) for table in tables]
    with store.read() as connection:
        return {
            *connection.scalars(sa.union_all(*queries)),
            *connection.scalars(sa.select(schema.messages.c.id)),
        }


def _names(count: int) -> list[str]:
    return [f"Person{number:05d}" for number in range(count)]


class SourceContract:
    """Subclass it with a fixture ``world``; see ``SourceWorld``.

    ``forgets`` is False for evidence: a mail that is deleted was written all the same.
    """

    forgets = True

    def test_a_first_read_tells_of_everything_and_ends_complete(self, world: SourceWorld) -> None:
        world.put(_names(7))
        known = Known()
        pages = read(world, known)
        assert len(known.records) == 7
        assert pages[-1].complete
        assert known.cursor

    def test_everything_told_carries_the_sources_name(self, world: SourceWorld) -> None:
        world.put(_names(3))
        known = Known()
        read(world, known)
        name = world.source(known).name
        assert {record.source for record in known.records.values()} == {name}
        assert {record.record for record in known.records.values()} == {
            f"{name}:{key}" for key in known.records
        }

    def test_a_replay_changes_nothing(self, world: SourceWorld) -> None:
        world.put(_names(7))
        known = Known()
        read(world, known)
        before = dict(known.records)
        known.cursor = None
        read(world, known)
        assert known.records == before
        assert known.told == 7

    def test_reading_on_from_the_cursor_tells_of_no_change(self, world: SourceWorld) -> None:
        world.put(_names(7))
        known = Known()
        read(world, known)
        before = dict(known.records)
        pages = read(world, known)
        assert [page.changes for page in pages if page.changes] == []
        assert known.records == before

    def test_a_large_read_comes_in_pages(self, world: SourceWorld) -> None:
        world.put(_names(world.many))
        known = Known()
        pages = read(world, known)
        assert len(pages) > 1
        assert len(known.records) == world.many
        assert pages[-1].complete
        assert pages[-1].cursor

    def test_a_crash_between_pages_loses_nothing(self, world: SourceWorld) -> None:
        world.put(_names(world.many))
        whole = Known()
        count = len(read(world, whole))
        for survived in range(count + 1):
            known = Known()
            for page in list(world.source(known).changes(None))[:survived]:
                known.apply(page)
            known.interrupt()
            read(world, known)
            assert known.records == whole.records

    def test_a_crash_while_something_is_removed_keeps_what_is_still_there(self, world: SourceWorld) -> None:
        world.put(_names(world.many))
        known = Known()
        read(world, known)
        world.put(_names(world.many)[1:])
        pages = list(world.source(known).changes(known.cursor))
        for page in pages[:-1]:
            known.apply(page)
        known.interrupt()
        read(world, known)
        assert len(known.records) == world.many - self.forgets

    def test_what_was_removed_becomes_a_tombstone(self, world: SourceWorld) -> None:
        world.put(_names(7))
        known = Known()
        read(world, known)
        before = set(known.records)
        world.put([name for name in _names(7) if name != "Person00003"])
        read(world, known)
        assert len(before - set(known.records)) == self.forgets
        assert set(known.records) <= before

    def test_what_comes_back_has_its_old_id(self, world: SourceWorld) -> None:
        world.put(_names(5))
        known = Known()
        read(world, known)
        before = set(known.records)
        world.put(_names(4))
        read(world, known)
        world.put(_names(5))
        read(world, known)
        assert set(known.records) == before

    def test_an_edit_is_told_and_nothing_else(self, world: SourceWorld) -> None:
        world.put(_names(5))
        known = Known()
        read(world, known)
        before = dict(known.records)
        world.edit("Person00002")
        read(world, known)
        kept = {key for key in before if known.records.get(key) == before[key]}
        assert len(known.records) == 5
        assert len(kept) == 4
        assert (set(known.records) == set(before)) is world.keeps_ids

    def test_ids_do_not_hang_on_the_order(self, world: SourceWorld) -> None:
        world.put(_names(9))
        forwards, backwards = Known(), Known()
        read(world, forwards)
        world.put(_names(9)[::-1])
        read(world, backwards)
        assert set(forwards.records) == set(backwards.records)

    def test_records_added_in_front_leave_the_others_ids(self, world: SourceWorld) -> None:
        world.put(_names(9)[4:])
        known = Known()
        read(world, known)
        before = set(known.records)
        world.put(_names(9))
        read(world, known)
        assert before < set(known.records)
        assert len(known.records) == 9

    def test_the_real_store_ends_up_with_the_same(self, world: SourceWorld, memory: Store) -> None:
        known = Known()
        for names in (_names(9), _names(9), _names(6), _names(9)[2:]):
            world.put(names)
            source = world.source(known)
            reading = Reading(memory, source.name, datetime(2026, 11, 1, tzinfo=UTC), accept_removals=True)
            for page in source.changes(known.cursor):
                reading.apply(page)
                known.apply(page)
            assert _live_ids(memory) == {_stored_id(record) for record in known.records.values()}

    @pytest.mark.parametrize("cursor", ["", "{}", "from another version", "[1,2]", "\x00", '{"digest":null}'])
    def test_a_cursor_that_means_nothing_leads_to_a_full_read(self, world: SourceWorld, cursor: str) -> None:
        world.put(_names(3))
        known = Known(cursor=cursor)
        read(world, known)
        assert len(known.records) == 3
