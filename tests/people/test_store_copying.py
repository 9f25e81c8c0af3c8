"""Copying a store: everything arrives, from and to either database, and nothing is overwritten."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from people.errors import StoreBusy, UserMustAct
from people.store import Store, open_store
from people.store.db import copying, schema
from tests.support.demo import command, network
from tests.support.marks import ABOUT_SQLITE

NOW = dt.datetime(2026, 1, 14, 6, 30, 15, 123456, tzinfo=dt.UTC)


def filled(store: Store) -> None:
    """At least a row in each table, with what the two databases keep differently."""
    with store.begin() as connection:
        for table in schema.metadata.sorted_tables:
            rows = [{c.name: value(c, n) for c in table.columns} for n in range(1, 4)]
            connection.execute(sa.insert(table), rows)


def value(column: sa.Column[Any], number: int) -> Any:
    """Something that fits the column, the same for the same number; text with quotes and accents."""
    match column.type:
        case sa.Boolean():
            return bool(number % 2)
        case sa.Integer():
            return number
        case sa.Float():
            return number + 0.25
        case sa.LargeBinary():
            return bytes([0, number, 255])
        case sa.Date():
            return dt.date(2024, 2, 26 + number)
        case schema.UtcDateTime():
            return NOW + dt.timedelta(days=number)
    return f'Zoë O\'Hara \\ "{number}" 李'


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.read() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for table in schema.metadata.sorted_tables
        }


@pytest.fixture
def local(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path / 'local.db'}")


def test_everything_arrives_and_comes_back(store: Store, local: Store, tmp_path: Path) -> None:
    filled(local)
    counts = copying.copy(local, store)
    assert counts == {table.name: 3 for table in schema.metadata.sorted_tables}
    assert everything(store) == everything(local)
    back = open_store(f"sqlite:///{tmp_path / 'back.db'}")
    copying.copy(store, back)
    assert everything(back) == everything(local)
    back.close()


def test_numbering_goes_on_after_the_copied_rows(store: Store, local: Store) -> None:
    filled(local)
    copying.copy(local, store)
    event = {"at": NOW, "person_id": "p", "kind": "merged", "doc": "{}"}
    with store.begin() as connection:
        connection.execute(sa.insert(schema.identity_events), [event])
    assert [row[0] for row in everything(store)["identity_events"]] == [1, 2, 3, 4]


def test_a_copy_of_nothing_can_be_written_to(store: Store, local: Store) -> None:
    assert set(copying.copy(local, store).values()) == {0}
    filled(store)


@pytest.mark.parametrize(
    "table", [table.name for table in schema.metadata.sorted_tables if not table.foreign_keys]
)
def test_a_target_that_holds_anything_is_refused(table: str, local: Store, memory: Store) -> None:
    target = schema.metadata.tables[table]
    with memory.begin() as connection:
        connection.execute(sa.insert(target), [{c.name: value(c, 1) for c in target.columns}])
    before = everything(memory)
    filled(local)
    with pytest.raises(UserMustAct, match=f"'{table}' has rows; nothing was copied"):
        copying.copy(local, memory)
    assert everything(memory) == before


def test_a_copy_does_not_run_beside_a_run(
    local: Store, memory: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = local.run_lock
    monkeypatch.setattr(local, "run_lock", lambda: held(wait_seconds=0))
    other = open_store(local.engine.url.render_as_string(hide_password=False))
    with other.run_lock(), pytest.raises(StoreBusy):
        copying.copy(local, memory)
    other.close()


class TestCommands:
    @ABOUT_SQLITE
    def test_backup_and_restore(self, tmp_path: Path) -> None:
        config = network(tmp_path / "network")
        url = f"sqlite:///{config.parent / 'touchbase.db'}"
        before = open_store(url)
        filled(before)
        kept = everything(before)
        before.close()
        backup = tmp_path / "backups" / "day.db"
        assert command("store", "backup", backup, "--config", config).exit_code == 0
        assert backup.stat().st_mode & 0o777 == 0o600
        for path in config.parent.glob("touchbase.db*"):
            path.unlink()
        assert "restored from" in command("store", "restore", backup, "--config", config).output
        after = open_store(url)
        assert everything(after) == kept
        after.close()

    def test_a_backup_overwrites_nothing(self, tmp_path: Path) -> None:
        config = network(tmp_path / "network")
        file = tmp_path / "day.db"
        file.write_text("mine")
        with pytest.raises(UserMustAct, match="overwrites nothing"):
            command("store", "backup", file, "--config", config)
        assert file.read_text() == "mine"

    def test_copy_names_the_next_step(self, tmp_path: Path) -> None:
        config = network(tmp_path / "network")
        told = command("store", "copy", f"sqlite:///{tmp_path / 'other.db'}", "--config", config)
        assert told.exit_code == 0
        assert "[store] url" in told.stderr
