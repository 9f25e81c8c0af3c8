"""Upgrades: a store of every released revision arrives whole, and an upgrade that fails costs one copy."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from people.errors import StoreUnavailable
from people.store import Store, open_store
from people.store.db import copies, migrate, schema

FOLDER = Path(migrate.__file__).parent / "migrations" / "versions"
RELEASED = {
    "0001": "9de4aa",
    "0002": "126488",
    "0003": "e63bdd",
    "0004": "2cd3e8",
    "0005": "8a77d8",
    "0006": "7dafea",
}
"""The start of the SHA-256 of each released migration."""


def test_a_released_migration_is_never_edited() -> None:
    found = {path.stem.split("_")[0]: path for path in FOLDER.glob("[0-9]*.py")}
    assert {key: sha256(found[key].read_bytes()).hexdigest()[:6] for key in RELEASED} == RELEASED


def value(column: sa.Column[Any], number: int) -> Any:
    """Something that fits the column, as a store of that time could hold it."""
    known = {"profile": '{"labels":["Choir"]}', "doc": f'{{"connected_on":"2020-01-0{number}"}}'}
    if column.name in known:
        return known[column.name]
    match column.type:
        case sa.Boolean():
            return True
        case sa.Integer() | sa.Float():
            return number
        case sa.DateTime():
            return dt.datetime(2026, 1, number, 6, 30, tzinfo=dt.UTC)
        case sa.Date():
            return dt.date(2026, 1, number)
        case sa.LargeBinary():
            return b"\x00\x01"
    return f"Zoë {number}"


def at_revision(store_url: str, revision: str, *changes: str) -> dict[str, list[dict[str, Any]]]:
    """Make a store as it was at ``revision``, with two rows per table; return the rows."""
    engine = sa.create_engine(store_url)
    if engine.dialect.name == "sqlite":
        Path(engine.url.database or "").parent.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(engine, revision)
    filled: dict[str, list[dict[str, Any]]] = {}
    with engine.begin() as connection:
        for change in changes:
            connection.execute(sa.text(change))
        tables = sa.MetaData()
        tables.reflect(connection)
        for table in tables.sorted_tables:
            if table.name != "alembic_version":
                rows = [{c.name: value(c, n) for c in table.columns} for n in (1, 2)]
                connection.execute(sa.insert(table), rows)
                filled[table.name] = rows
    engine.dispose()
    return filled


def rows(store: Store, table: str) -> int:
    with store.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(schema.metadata.tables[table])) or 0


def assert_upgraded(store_url: str, filled: dict[str, list[dict[str, Any]]]) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    store = open_store(store_url)
    assert migrate.current(store.engine) == migrate.revisions()[-1]
    assert {table: rows(store, table) for table in filled} == dict.fromkeys(filled, 2)
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, schema.metadata) == []
        people = connection.execute(sa.select(schema.people.c.name).order_by(schema.people.c.name)).all()
        follow_ups = connection.execute(sa.select(schema.follow_ups.c.done_is_contact)).scalars().all()
    assert [name for (name,) in people] == ["Zoë 1", "Zoë 2"]
    assert list(follow_ups) == [True, True]
    store.close()


@pytest.mark.parametrize("revision", migrate.revisions())
def test_a_store_of_each_revision_arrives_whole(store_url: str, revision: str) -> None:
    assert_upgraded(store_url, at_revision(store_url, revision))


def tables(engine: sa.Engine) -> dict[str, Any]:
    """Everything that the database says of its tables, whatever the order of their columns."""
    found = sa.inspect(engine)
    return {
        table: {
            "columns": {one["name"]: {**one, "type": str(one["type"])} for one in found.get_columns(table)},
            "primary key": found.get_pk_constraint(table),
            "indexes": sorted(found.get_indexes(table), key=str),
            "unique": sorted(found.get_unique_constraints(table), key=str),
            "foreign keys": found.get_foreign_keys(table),
            "checks": sorted(found.get_check_constraints(table), key=str),
        }
        for table in found.get_table_names()
    }


def test_a_new_store_has_the_tables_that_the_migrations_make(store_url: str) -> None:
    engine = sa.create_engine(store_url)
    if engine.dialect.name == "sqlite":
        Path(engine.url.database or "").parent.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(engine, migrate.revisions()[-1])
    expected = tables(engine)
    with engine.begin() as connection:
        schema.metadata.drop_all(connection)
        connection.execute(sa.text("DROP TABLE alembic_version"))
    store = open_store(store_url)
    assert tables(store.engine) == expected
    assert migrate.current(store.engine) == migrate.revisions()[-1]
    store.close()
    engine.dispose()


EARLY = {
    # 23 November 2026, 07:26: doing a follow-up was always contact.
    "before done_is_contact": ("ALTER TABLE follow_ups DROP COLUMN done_is_contact",),
    # 10:56, 16 minutes before 0002, which adds the same column.
    "with raw_hash": ("ALTER TABLE meetings ADD COLUMN raw_hash TEXT",),
    "both": (
        "ALTER TABLE follow_ups DROP COLUMN done_is_contact",
        "ALTER TABLE meetings ADD COLUMN raw_hash TEXT",
    ),
}


@pytest.mark.parametrize("changes", EARLY.values(), ids=EARLY)
def test_a_store_from_between_the_first_revisions_arrives_whole(
    store_url: str, changes: tuple[str, ...]
) -> None:
    assert_upgraded(store_url, at_revision(store_url, "0001", *changes))


@pytest.mark.parametrize("revision", migrate.revisions()[1:-1])
def test_one_that_was_upgraded_without_the_column_gets_it(store_url: str, revision: str) -> None:
    dropped = "ALTER TABLE follow_ups DROP COLUMN done_is_contact"
    assert_upgraded(store_url, at_revision(store_url, revision, dropped))


def stuck(path: Path) -> None:
    """A store of revision 0002 whose upgrade fails: what 0003 makes is there already."""
    at_revision(f"sqlite:///{path}", "0002", "CREATE TABLE kept_frames (x TEXT)")


def test_an_upgrade_that_fails_copies_the_store_once(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    stuck(path)
    for _ in range(4):
        with pytest.raises(StoreUnavailable):
            open_store(f"sqlite:///{path}")
    (copy,) = copies.beside(path)
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as copied:
        assert copied.execute("SELECT count(*) FROM people").fetchone() == (2,)


def test_what_was_written_since_the_last_copy_is_copied_before_the_next_attempt(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    stuck(path)
    with pytest.raises(StoreUnavailable):
        open_store(f"sqlite:///{path}")
    # The older Touchbase works on meanwhile.
    with closing(sqlite3.connect(path)) as older:
        older.execute("INSERT INTO meta VALUES ('key', 'new')")
        older.commit()
    with pytest.raises(StoreUnavailable):
        open_store(f"sqlite:///{path}")
    with closing(sqlite3.connect(copies.beside(path)[-1])) as copied:
        assert copied.execute("SELECT value FROM meta WHERE key = 'key'").fetchone() == ("new",)


def test_the_last_three_copies_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    at_revision(f"sqlite:///{path}", "0005")
    old = [tmp_path / f"a.db.backup-000{n}-2026010{n}T063000Z" for n in range(1, 5)]
    other = tmp_path / "a.db.backup-of-mine"
    for file in (*old, other):
        file.write_text("x")
    open_store(f"sqlite:///{path}").close()
    kept = copies.beside(path)
    assert (kept[:2], len(kept)) == (old[2:], 3)
    assert other.exists()
