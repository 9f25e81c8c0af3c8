"""Many networks in one Postgres database: a schema each, and nothing seen of one another."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from flows.settings.loading import load
from people.errors import SettingsError, StoreBusy, StoreUnavailable
from people.store import Store, open_store, runs
from people.store.db import backups, migrate, schema
from people.store.db.postgres import engine as postgres_engine
from people.store.db.postgres import ensure_schema

pytestmark = [pytest.mark.postgres]

NOW = dt.datetime(2026, 1, 14, 6, 30, tzinfo=dt.UTC)


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """The address of a fresh, empty database."""
    name = f"many{uuid4().hex[:12]}"
    admin = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield sa.make_url(postgres).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def of(database: str, network: str) -> str:
    return f"{database}{'&' if '?' in database else '?'}schema={network}"


def run_ids(store: Store) -> set[str]:
    with store.read() as connection:
        return {run.id for run in runs.latest(connection)}


def test_two_networks_never_see_each_other(database: str) -> None:
    anna, ben = open_store(of(database, "anna")), open_store(of(database, "ben"))
    for store, run in ((anna, "a"), (ben, "b")):
        with store.begin() as connection:
            runs.start(connection, run, NOW, NOW.date())
    assert (run_ids(anna), run_ids(ben)) == ({"a"}, {"b"})
    assert "schema=anna" in anna.url
    with anna.run_lock(), ben.run_lock(wait_seconds=0):
        twin = open_store(of(database, "anna"))
        with pytest.raises(StoreBusy), twin.run_lock(wait_seconds=0):
            pytest.fail("two runs of one network at once")
    plain = open_store(database)
    assert run_ids(plain) == set()
    for store in (anna, ben, twin, plain):
        store.close()


def test_each_schema_has_all_tables_and_a_revision_of_its_own(database: str) -> None:
    for network in ("anna", "ben"):
        open_store(of(database, network)).close()
    engine = sa.create_engine(database)
    found = sa.inspect(engine)
    for network in ("anna", "ben"):
        assert set(found.get_table_names(network)) == {*schema.metadata.tables, "alembic_version"}
    assert found.get_table_names("public") == []
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE anna.alembic_version SET version_num = '0000'"))
    engine.dispose()
    ben = open_store(of(database, "ben"))
    assert migrate.current(ben.engine) == migrate.revisions()[-1]
    ben.close()


def test_of_many_first_starts_at_once_each_finds_a_ready_store(database: str) -> None:
    script = f"from people.store import open_store\nopen_store({of(database, 'anna')!r}).check_writable()"
    started = [
        subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in started] == [("", 0)] * 4


def test_a_schema_that_another_first_start_makes_in_between_is_used(database: str) -> None:
    address = of(database, "anna")
    store = postgres_engine(sa.make_url(address))

    def another_start(*_about: object) -> None:
        open_store(address).close()

    # The first statement finds that there is no schema.
    sa.event.listen(store, "after_cursor_execute", another_start, once=True)
    ensure_schema(store)
    with store.connect() as connection:
        assert connection.scalar(sa.select(sa.func.current_schema())) == "anna"
    store.dispose()


def test_who_may_not_make_the_schema_is_told_who_may(database: str) -> None:
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE ROLE r{(role := uuid4().hex[:12])} LOGIN"))
    engine.dispose()
    address = sa.make_url(of(database, "anna")).set(username=f"r{role}").render_as_string(hide_password=False)
    with pytest.raises(StoreUnavailable, match="no schema 'anna'") as refused:
        open_store(address)
    assert refused.value.help.endswith(f"CREATE SCHEMA anna AUTHORIZATION r{role}")


def test_a_search_path_without_a_schema_is_an_error_and_no_endless_wait(database: str) -> None:
    joint = "&" if "?" in database else "?"
    with pytest.raises(StoreUnavailable, match="search_path") as refused:
        open_store(f"{database}{joint}options=-csearch_path%3Dnobody")
    assert "schema" in refused.value.help


@pytest.mark.parametrize("name", ["Anna", "pg_anna", 'a"; DROP SCHEMA public', "1st"])
def test_a_schema_that_cannot_be_one_is_a_settings_error(name: str, tmp_path: Path) -> None:
    written = name.replace('"', '\\"')
    config = tmp_path / "touchbase.toml"
    config.write_text(f'[store]\nurl = "postgresql+psycopg://me@host/x"\nschema = "{written}"\n')
    with pytest.raises(SettingsError, match=r"store.schema: .* is not a valid schema"):
        load(config, {})
    with pytest.raises(SettingsError, match=r"store\.schema"):
        open_store(str(sa.make_url("postgresql+psycopg://me@host/x").update_query_dict({"schema": name})))


class TestSettings:
    def test_the_schema_is_part_of_the_address(self, tmp_path: Path) -> None:
        config = tmp_path / "touchbase.toml"
        config.write_text('[store]\nurl = "postgresql+psycopg://me@h/x?sslmode=require"\nschema = "anna"\n')
        assert load(config, {}).store_url == "postgresql+psycopg://me@h/x?sslmode=require&schema=anna"
        assert load(config, {"TOUCHBASE_STORE__SCHEMA": "ben"}).store_url.endswith("&schema=ben")

    def test_sqlite_has_none(self, tmp_path: Path) -> None:
        config = tmp_path / "touchbase.toml"
        config.write_text('[store]\nschema = "anna"\n')
        with pytest.raises(SettingsError, match="needs a store on Postgres"):
            load(config, {})

    def test_a_misspelt_one_is_known(self, tmp_path: Path) -> None:
        config = tmp_path / "touchbase.toml"
        config.write_text('[store]\nshema = "anna"\n')
        with pytest.raises(SettingsError, match="did you mean 'schema'"):
            load(config, {})


class TestRights:
    """Since Postgres 15 a user may not create tables in the schema ``public`` of somebody else's database."""

    @pytest.fixture
    def role(self, database: str) -> Iterator[str]:
        name = f"r{uuid4().hex[:12]}"
        admin = sa.create_engine(database, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            for statement in (
                f"CREATE ROLE {name} LOGIN",
                "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
                f"CREATE SCHEMA closed; GRANT USAGE ON SCHEMA closed TO {name}",
                "CREATE SCHEMA shut",
            ):
                connection.execute(sa.text(statement))
        yield name
        admin.dispose()

    def address(self, database: str, role: str, schema_name: str = "") -> str:
        url = of(database, schema_name) if schema_name else database
        return sa.make_url(url).set(username=role).render_as_string(hide_password=False)

    @pytest.mark.parametrize("where", ["", "closed", "shut"])
    def test_who_may_not_create_tables_is_told_who_may_allow_it(
        self, database: str, role: str, where: str
    ) -> None:
        with pytest.raises(StoreUnavailable) as refused:
            open_store(self.address(database, role, where))
        place = where or "public"
        assert refused.value.message == (
            f"the database user {role} may not create tables in the schema '{place}'"
        )
        assert f'GRANT USAGE, CREATE ON SCHEMA {place} TO "{role}"' in refused.value.help

    def test_who_may_not_read_the_tables_gets_a_sentence(self, database: str, role: str) -> None:
        open_store(database).close()
        with pytest.raises(StoreUnavailable, match="permission denied") as refused:
            open_store(self.address(database, role))
        assert "SELECT" not in refused.value.message
        assert "administrator" in refused.value.help


def test_tables_of_another_program_stay_as_they_are(database: str) -> None:
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num TEXT)"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES ('ae1027a6acf')"))
    with pytest.raises(StoreUnavailable, match="another program"):
        open_store(database)
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()
    open_store(of(database, "anna")).close()


def test_a_backup_is_made_during_a_run(database: str, tmp_path: Path) -> None:
    """A run holds the lock and commits between two tables of the backup."""
    address = of(database, "anna")
    store = open_store(address)
    with store.begin() as connection:
        runs.start(connection, "r1", NOW, NOW.date())
    with store.run_lock():
        counts = backups.backup(address, tmp_path / "b.db")
        with store.snapshot() as seen:
            assert seen.scalar(sa.select(sa.func.count()).select_from(schema.runs)) == 1
            with store.begin() as connection:
                runs.start(connection, "r2", NOW, NOW.date())
            assert seen.scalar(sa.select(sa.func.count()).select_from(schema.runs)) == 1
    assert counts["runs"] == 1
    assert [one.name for one in tmp_path.iterdir()] == ["b.db"]
    assert (tmp_path / "b.db").stat().st_mode & 0o777 == 0o600
    store.close()
    backups.restore(tmp_path / "b.db", of(database, "ben"))
    ben = open_store(of(database, "ben"))
    assert run_ids(ben) == {"r1"}
    ben.close()
