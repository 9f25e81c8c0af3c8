"""The store on both databases: pages and cursors, the brake, migrations, locks, dry runs."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from people.errors import (
    SettingsError,
    StoreBusy,
    StoreLocked,
    StoreTooNew,
    StoreUnavailable,
    SuspiciousEmptiness,
)
from people.store import Store, open_store, runs
from people.store.db import migrate, schema, values
from people.store.ingest import already_read
from people.store.ingest.reading import Reading
from people.types import Attendee, Contact, Gone, JournalLine, Meeting, Page

NOW = datetime(2026, 1, 14, 6, 30, tzinfo=UTC)


def anna(number: int = 0, **values: object) -> Contact:
    fields = {
        "source": "phone",
        "source_id": f"c{number}",
        "name": f"Anna {number}",
        "raw_hash": f"h{number}",
    }
    return Contact.model_validate(fields | values)


def lunch(number: int = 0, **values: object) -> Meeting:
    fields = {
        "source": "phone",
        "source_id": f"m{number}",
        "title": "Lunch",
        "start": datetime(2026, 1, 1 + number % 28, 12, tzinfo=UTC),
        "end": datetime(2026, 1, 1 + number % 28, 13, tzinfo=UTC),
        "attendees": (Attendee(email="anna@example.com"),),
    }
    return Meeting.model_validate(fields | values)


def read(store: Store, *pages: Page, accept: bool = False) -> Reading:
    reading = Reading(store, "phone", NOW, accept_removals=accept)
    for page in pages:
        reading.apply(page)
    reading.finish()
    return reading


def live(store: Store, table: sa.Table) -> set[str]:
    with store.read() as connection:
        return set(connection.scalars(sa.select(table.c.source_id).where(table.c.gone_at.is_(None))))


def cursor(store: Store) -> str | None:
    with store.read() as connection:
        state = runs.source_state(connection, "phone")
    return state.cursor if state else None


class TestPages:
    def test_a_page_is_counted_and_kept_with_its_cursor(self, store: Store) -> None:
        counts = read(store, Page(changes=(anna(1), lunch(1)), cursor="one", complete=True)).counts
        assert (counts["contacts"].added, counts["meetings"].added) == (1, 1)
        assert cursor(store) == "one"
        assert live(store, schema.contacts) == {"c1"}

    def test_the_same_page_again_changes_nothing(self, store: Store) -> None:
        page = Page(changes=(anna(1), lunch(1)), cursor="one", complete=True)
        read(store, page)
        counts = read(store, page).counts
        assert (counts["contacts"].added, counts["contacts"].changed, counts["contacts"].unchanged) == (
            0,
            0,
            1,
        )
        assert (counts["meetings"].changed, counts["meetings"].unchanged) == (0, 1)

    def test_an_edit_is_a_change_and_a_new_revision_date_is_not(self, store: Store) -> None:
        read(store, Page(changes=(anna(1), anna(2)), cursor="one", complete=True))
        edited = (anna(1, title="Owner"), anna(2, revised_at=NOW))
        counts = read(store, Page(changes=edited, cursor="two", complete=True)).counts["contacts"]
        assert (counts.added, counts.changed, counts.unchanged) == (0, 1, 1)

    def test_what_a_complete_read_does_not_name_is_gone(self, store: Store) -> None:
        read(store, Page(changes=(anna(1), anna(2)), cursor="one", complete=True))
        counts = read(store, Page(changes=(anna(1),), cursor="two", complete=True)).counts["contacts"]
        assert counts.gone == 1
        assert live(store, schema.contacts) == {"c1"}

    def test_what_was_skipped_by_hash_is_not_gone(self, store: Store) -> None:
        read(store, Page(changes=(anna(1), anna(2)), cursor="one", complete=True))
        assert already_read.hashes(store, "phone") == {"h1": "c1", "h2": "c2"}
        counts = read(store, Page(changes=(anna(1),), unchanged=("c2",), cursor="2", complete=True)).counts
        assert counts["contacts"].gone == 0

    def test_a_delta_removes_only_what_it_names(self, store: Store) -> None:
        read(store, Page(changes=(anna(1), anna(2), anna(3)), cursor="one", complete=True))
        read(store, Page(changes=(Gone(source="phone", source_id="c2"),), cursor="two"))
        assert live(store, schema.contacts) == {"c1", "c3"}

    def test_what_comes_back_is_added_again(self, store: Store) -> None:
        read(store, Page(changes=(anna(1), anna(2)), cursor="one", complete=True))
        read(store, Page(changes=(Gone(source="phone", source_id="c2"),), cursor="two"))
        counts = read(store, Page(changes=(anna(2),), cursor="three")).counts["contacts"]
        assert (counts.added, live(store, schema.contacts)) == (1, {"c1", "c2"})

    def test_a_crash_between_pages_keeps_the_old_cursor_and_loses_nothing(self, store: Store) -> None:
        read(store, Page(changes=(anna(1), anna(2)), cursor="one", complete=True))
        unfinished = Reading(store, "phone", NOW)
        unfinished.apply(Page(changes=(anna(3),)))
        assert cursor(store) == "one"
        assert live(store, schema.contacts) == {"c1", "c2", "c3"}

    def test_a_full_read_leaves_history_outside_its_window(self, store: Store) -> None:
        old = lunch(1, start=datetime(2023, 5, 1, 12, tzinfo=UTC), end=datetime(2023, 5, 1, 13, tzinfo=UTC))
        read(store, Page(changes=(old, lunch(2), lunch(3)), cursor="one", complete=True))
        read(store, Page(changes=(lunch(3),), cursor="two", complete=True, covers_from=date(2024, 1, 1)))
        assert live(store, schema.meetings) == {"m1", "m3"}

    def test_a_full_read_of_one_part_leaves_the_others(self, store: Store) -> None:
        parts = (
            lunch(source_id="a/1"),
            lunch(source_id="a/2"),
            lunch(source_id="b/1"),
            lunch(source_id="a_/1"),
        )
        read(store, Page(changes=parts, cursor="one", complete=True))
        read(store, Page(changes=(lunch(source_id="a/1"),), cursor="two", complete=True, scope="a"))
        assert live(store, schema.meetings) == {"a/1", "b/1", "a_/1"}

    def test_a_series_told_anew_loses_the_instances_that_are_not_named(self, store: Store) -> None:
        series = tuple(lunch(n, source_id=f"a/s/{n}", series="s") for n in range(4))
        read(store, Page(changes=(*series, lunch(source_id="a/other")), cursor="one", complete=True))
        read(store, Page(changes=series[:2], replaces=("a/s",), cursor="two"))
        assert live(store, schema.meetings) == {"a/s/0", "a/s/1", "a/other"}

    def test_a_renamed_record_lives_on_under_its_new_id(self, store: Store) -> None:
        read(store, Page(changes=(anna(1), anna(2)), cursor="one", complete=True))
        with store.begin() as connection:
            connection.execute(sa.update(schema.contacts).values(person_id="p1"))
        renamed = anna(1, source_id="new", previous_ids=("c1",))
        counts = read(store, Page(changes=(renamed, anna(2)), cursor="two", complete=True)).counts["contacts"]
        assert (counts.added, counts.gone, counts.unchanged + counts.changed) == (0, 0, 2)
        assert live(store, schema.contacts) == {"new", "c2"}
        with store.read() as connection:
            assert set(connection.scalars(sa.select(schema.contacts.c.person_id))) == {"p1"}

    def test_guest_lists_are_replaced_not_added_to(self, store: Store) -> None:
        read(store, Page(changes=(lunch(1),), cursor="one", complete=True))
        other = lunch(1, attendees=(Attendee(email="bea@example.com"), Attendee(email="bea@example.com")))
        read(store, Page(changes=(other,), cursor="two", complete=True))
        with store.read() as connection:
            assert list(connection.scalars(sa.select(schema.attendees.c.email))) == ["bea@example.com"]

    def test_a_journal_line_that_only_moved_is_unchanged(self, store: Store) -> None:
        said = JournalLine(
            source="phone", source_id="j", date=NOW.date(), person="Anna", kind="contact", line=2
        )
        read(store, Page(changes=(said,), cursor="one", complete=True))
        moved = said.model_copy(update={"line": 9})
        counts = read(store, Page(changes=(moved,), cursor="two", complete=True)).counts["journal"]
        assert (counts.changed, counts.unchanged) == (0, 1)


class TestBrake:
    def many(self, count: int) -> Page:
        return Page(changes=tuple(anna(n) for n in range(count)), cursor=str(count), complete=True)

    def test_a_sudden_emptiness_is_refused_and_nothing_is_lost(self, store: Store) -> None:
        read(store, self.many(30))
        with pytest.raises(SuspiciousEmptiness, match="0 left of 30") as refused:
            read(store, Page(cursor="empty", complete=True))
        assert "--accept-removals phone" in refused.value.help
        assert len(live(store, schema.contacts)) == 30
        assert cursor(store) == "30"

    @pytest.mark.parametrize(("before", "after"), [(30, 15), (30, 29), (10, 0), (20, 10)])
    def test_half_of_it_or_ten_at_most_may_go(self, store: Store, before: int, after: int) -> None:
        read(store, self.many(before))
        read(store, self.many(after))
        assert len(live(store, schema.contacts)) == after

    def test_the_user_can_accept_the_removals(self, store: Store) -> None:
        read(store, self.many(30))
        read(store, Page(cursor="empty", complete=True), accept=True)
        assert live(store, schema.contacts) == set()

    def test_removals_spread_over_deltas_of_one_read_are_seen_together(self, store: Store) -> None:
        read(store, self.many(30))
        gone = [Gone(source="phone", source_id=f"c{n}") for n in range(20)]
        with pytest.raises(SuspiciousEmptiness):
            read(store, Page(changes=tuple(gone[:10])), Page(changes=tuple(gone[10:]), cursor="two"))
        assert len(live(store, schema.contacts)) == 30

    def test_a_long_series_is_one_thing(self, store: Store) -> None:
        series = tuple(lunch(n, source_id=f"s/{n}", series="s") for n in range(100))
        others = tuple(lunch(n, source_id=f"o/{n}") for n in range(5))
        read(store, Page(changes=(*series, *others), cursor="one", complete=True))
        read(store, Page(changes=others, cursor="two", complete=True))
        assert len(live(store, schema.meetings)) == 5


class TestMigrations:
    def test_the_migrations_make_the_tables_of_the_schema(self, store: Store) -> None:
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        with store.engine.connect() as connection:
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, schema.metadata) == []

    def test_opening_a_current_store_needs_no_migration_library(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path / 'a.db'}"
        open_store(url).close()
        script = "\n".join(
            [
                "import sys",
                "from people.store import open_store",
                f"open_store({url!r})",
                "print('alembic' in sys.modules)",
            ]
        )
        shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert shown.stdout.strip() == "False"

    def test_a_newer_store_is_refused_and_left_alone(self, store_url: str) -> None:
        opened = open_store(store_url)
        with opened.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        opened.close()
        with pytest.raises(StoreTooNew, match="revision 9999"):
            open_store(store_url)

    def test_an_older_store_is_copied_before_it_is_migrated(self, tmp_path: Path) -> None:
        path = tmp_path / "a.db"
        opened = open_store(f"sqlite:///{path}")
        read(opened, Page(changes=(anna(1),), cursor="one", complete=True))
        copy = migrate.backup(opened.engine, "0001")
        opened.close()
        assert copy is not None
        assert copy.name.startswith("a.db.backup-0001-")
        assert live(open_store(f"sqlite:///{copy}"), schema.contacts) == {"c1"}


class TestOpening:
    def test_a_store_in_a_folder_that_is_not_there_is_made(self, tmp_path: Path) -> None:
        open_store(f"sqlite:///{tmp_path / 'new' / 'folder' / 'a.db'}").close()
        assert (tmp_path / "new" / "folder" / "a.db").exists()

    @pytest.mark.parametrize("url", ["nonsense", "mysql://localhost/x"])
    def test_an_address_that_cannot_be_used_is_a_settings_error(self, url: str) -> None:
        with pytest.raises(SettingsError, match=r"store\.url"):
            open_store(url)

    def test_a_server_that_is_not_there_is_one_sentence_without_the_password(self) -> None:
        with pytest.raises(StoreUnavailable) as refused:
            open_store("postgresql+psycopg://me:secret@127.0.0.1:9/x")
        assert "secret" not in refused.value.message
        assert refused.value.help

    def test_a_store_that_may_not_be_written_says_so(self, tmp_path: Path) -> None:
        path = tmp_path / "a.db"
        open_store(f"sqlite:///{path}").close()
        # Root may write any file: SQLite's own read-only mode stands for the read-only disk.
        opened = open_store(f"sqlite:///file:{path}?mode=ro&uri=true")
        with pytest.raises(StoreUnavailable, match="readonly") as refused:
            read(opened, Page(changes=(anna(1),), cursor="one"))
        assert "writable" in refused.value.help


class TestRunLock:
    def test_a_second_run_waits_and_then_says_so(self, store: Store, store_url: str) -> None:
        waits: list[str] = []
        with store.run_lock():
            other = open_store(store_url)
            with (
                pytest.raises(StoreBusy),
                other.run_lock(wait_seconds=0.3, on_wait=lambda: waits.append("x")),
            ):
                pytest.fail("two runs at once")
            other.close()
        assert waits == ["x"]
        with store.run_lock(wait_seconds=0):
            pass

    def test_the_lock_of_a_killed_process_is_free(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path / 'a.db'}"
        script = (
            "import os, signal\nfrom people.store import open_store\n"
            f"with open_store({url!r}).run_lock():\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        killed = subprocess.run([sys.executable, "-c", script], check=False, env=dict(os.environ))
        assert killed.returncode < 0
        with open_store(url).run_lock(wait_seconds=5):
            pass


def test_a_rehearsal_sees_its_own_writes_and_takes_them_back(store: Store) -> None:
    read(store, Page(changes=(anna(1),), cursor="one", complete=True))
    with store.rehearsal():
        read(store, Page(changes=(anna(2),), cursor="two", complete=True))
        assert live(store, schema.contacts) == {"c2"}
    assert live(store, schema.contacts) == {"c1"}
    assert cursor(store) == "one"


class TestErrors:
    def test_a_store_that_another_program_holds_counts_as_writable(self, tmp_path: Path) -> None:
        opened = open_store(f"sqlite:///{tmp_path / 'touchbase.db'}")
        opened.engine.dispose()
        sa.event.listen(opened.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 10"))
        with closing(sqlite3.connect(tmp_path / "touchbase.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            opened.check_writable()
            with pytest.raises(StoreLocked, match="locked") as caught, opened.begin() as connection:
                values.put(connection, "key", "value")
        assert caught.value.help == "another program holds the store; close it, then run again"
        opened.close()

    def test_a_file_in_the_way_is_named_with_a_remedy(self, tmp_path: Path) -> None:
        with pytest.raises(StoreUnavailable) as caught:
            open_store(f"sqlite:///{tmp_path}")
        assert caught.value.help == "set store.url to another path"
