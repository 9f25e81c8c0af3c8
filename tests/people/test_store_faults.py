"""What happens to a store in the real world: odd paths, damage, other programs' files, read-only disks."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flows.settings import networks
from flows.settings.loading import load
from people.errors import SettingsError, StoreDamaged, StoreUnavailable, UserMustAct
from people.store import open_store, runs
from people.store.db import address, backups, copies
from people.store_url import identity
from tests.support.demo import command, network, run
from tests.support.marks import ABOUT_SQLITE

pytestmark = [ABOUT_SQLITE]
NOW = dt.datetime(2026, 1, 14, 6, 30, tzinfo=dt.UTC)


def with_run(path: Path, name: str = "r1") -> Path:
    """A store in which one run is noted."""
    with closing(open_store(address.of_file(path))) as store, store.begin() as connection:
        runs.start(connection, name, NOW, NOW.date())
    return path


def run_ids(path: Path) -> set[str]:
    with closing(open_store(address.of_file(path))) as store, store.read() as connection:
        return {one.id for one in runs.latest(connection)}


ODD = ["a?b", "a?timeout=5", "a#b", "100%", "a%20b", "a b", "ü'\"", "file:", "a&b=c", "*", "-"]


class TestPaths:
    @pytest.mark.parametrize("name", ODD)
    def test_a_network_keeps_its_store_in_its_own_folder(self, tmp_path: Path, name: str) -> None:
        config = tmp_path / name / "touchbase.toml"
        config.parent.mkdir()
        config.write_text("")
        open_store(load(config, {}).store_url).close()
        assert sorted(one.name for one in config.parent.iterdir()) == [
            "touchbase.db",
            "touchbase.db.lock",
            "touchbase.toml",
        ]
        assert [one.name for one in tmp_path.iterdir()] == [name]

    @pytest.mark.parametrize("name", ODD)
    def test_a_backup_lies_where_it_was_asked_for(self, tmp_path: Path, name: str) -> None:
        path = with_run(tmp_path / "a.db")
        backups.backup(f"sqlite:///{path}", tmp_path / name)
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
        backups.restore(tmp_path / name, f"sqlite:///{tmp_path / 'new' / name}.db")
        assert run_ids(tmp_path / "new" / f"{name}.db") == {"r1"}
        assert {one.name for one in tmp_path.iterdir()} == {"a.db", "a.db.lock", name, "new"}

    def test_networks_whose_names_differ_behind_a_question_mark_have_two_stores(self, tmp_path: Path) -> None:
        configs = [network(tmp_path / name) for name in ("net?anna", "net?ben")]
        run(configs[0])
        assert "never ran" in command("networks", tmp_path).output
        assert networks.sharing(networks.listed(tmp_path)) == {}

    def test_options_of_the_driver_stay_options(self, tmp_path: Path) -> None:
        config = tmp_path / "touchbase.toml"
        config.write_text('[store]\nurl = "sqlite:///a.db?timeout=60"\n')
        assert load(config, {}).store_url == f"sqlite:///{tmp_path / 'a.db'}?timeout=60"
        open_store(load(config, {}).store_url).close()
        assert (tmp_path / "a.db").exists()

    def test_the_drivers_name_does_not_move_the_file(self, tmp_path: Path) -> None:
        config = tmp_path / "touchbase.toml"
        config.write_text('[store]\nurl = "sqlite+pysqlite:///a.db"\n')
        assert load(config, {}).store_url == f"sqlite:///{tmp_path / 'a.db'}"


class TestTwoNetworksOneStore:
    def sharing(self, folder: Path, *urls: str) -> dict[str, str]:
        for name, url in zip("ab", urls, strict=True):
            (folder / name).mkdir()
            (folder / name / "touchbase.toml").write_text(f'[store]\nurl = "{url}"\n')
        return networks.sharing(networks.listed(folder))

    def test_through_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(tmp_path)
        with_run(tmp_path / "one.db")
        one, other = f"sqlite:///{tmp_path}/one.db", f"sqlite:///{tmp_path}/link/./one.db"
        assert self.sharing(tmp_path, one, other) == {"b": "a"}

    @pytest.mark.parametrize(
        "other",
        [
            "postgresql+psycopg://ben:x@DB.example:5432/net?schema=one",
            "postgresql://db.example/net?schema=one&user=ben",
            "postgresql+psycopg:///net?host=db.example&schema=one",
        ],
    )
    def test_spelt_otherwise(self, tmp_path: Path, other: str) -> None:
        one = "postgresql+psycopg://anna:p%40w@db.example/net?schema=one"
        assert self.sharing(tmp_path, one, other) == {"b": "a"}

    def test_schemas_and_databases_are_told_apart(self) -> None:
        server = "postgresql+psycopg://anna@db.example"
        urls = ["net", "other", "net?schema=one", "net?schema=two"]
        assert len({identity(f"{server}/{url}") for url in urls}) == 4


class TestSecrets:
    @pytest.mark.parametrize(
        "url",
        [
            "postgresql+psycopg://me:geheim@127.0.0.1:9/x",
            "postgresql+psycopg://me@127.0.0.1:9/x?password=geheim",
            "postgresql+psycopg://127.0.0.1:9/x?user=me&password=geheim&schema=anna",
            "postgresql+psycopg://me@127.0.0.1:9/x?passwort=geheim",
            "postgresql+psycopg://me@127.0.0.1:9/x?sslpassword=geheim",
            "postgresql+psycopg://me:p@geheim@127.0.0.1:9/x",
            "postgresql+psycopg://me:p@geheim/x@127.0.0.1:9/x",
            "postgresql+psycopg://127.0.0.1:9/x?password=a@geheim",
        ],
    )
    @pytest.mark.parametrize("words", [["doctor"], ["status"], ["run"], ["people"]], ids=lambda w: w[0])
    def test_no_command_prints_a_password(self, tmp_path: Path, url: str, words: list[str]) -> None:
        config = tmp_path / "touchbase.toml"
        config.write_text(f'[store]\nurl = "{url}"\n')
        try:
            shown = command(*words, "--config", config).output
        except UserMustAct as error:
            shown = f"{error.message} {error.help}"
        assert "store" in shown
        assert "geheim" not in shown

    def test_what_is_no_secret_is_shown(self) -> None:
        url = address.parse("postgresql+psycopg://me:x@h/net?schema=anna&sslmode=require&password=y")
        assert (
            address.shown(url) == "postgresql+psycopg://me:***@h/net?password=***&schema=anna&sslmode=require"
        )


class TestOtherPrograms:
    STATEMENTS = (
        "CREATE TABLE bookmarks (id INTEGER PRIMARY KEY, title TEXT)",
        "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('ae1027a6acf')",
        "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('0001')",
        "CREATE TABLE contacts (id INTEGER PRIMARY KEY); CREATE TABLE runs (id TEXT)",
    )

    @pytest.fixture(params=STATEMENTS)
    def other(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
        path = tmp_path / "places.sqlite"
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(request.param)
        before = path.read_bytes()
        yield path
        assert path.read_bytes() == before
        assert not [one for one in tmp_path.iterdir() if one.name.startswith("places.sqlite-")]

    def test_their_file_is_no_store(self, other: Path) -> None:
        with pytest.raises(StoreUnavailable, match="another program") as refused:
            open_store(f"sqlite:///{other}")
        assert refused.value.help

    def test_their_file_is_no_backup(self, other: Path, tmp_path: Path) -> None:
        with pytest.raises(StoreUnavailable, match="another program"):
            backups.restore(other, f"sqlite:///{tmp_path / 'new.db'}")
        assert not (tmp_path / "new.db").exists()

    def test_nothing_is_restored_or_copied_into_their_file(self, other: Path, tmp_path: Path) -> None:
        path = with_run(tmp_path / "a.db")
        backups.backup(f"sqlite:///{path}", tmp_path / "b.db")
        for work in (backups.restore, lambda _, url: backups.copy(f"sqlite:///{path}", url)):
            with pytest.raises(StoreUnavailable, match="another program"):
                work(tmp_path / "b.db", f"sqlite:///{other}")

    def test_a_file_that_never_was_a_database_is_not_moved(self, tmp_path: Path) -> None:
        photo = tmp_path / "photo.jpg"
        photo.write_bytes(b"\xff\xd8" * 5000)
        path = with_run(tmp_path / "a.db")
        backups.backup(f"sqlite:///{path}", tmp_path / "b.db")
        with pytest.raises(StoreDamaged, match="not a database"):
            backups.restore(tmp_path / "b.db", f"sqlite:///{photo}")
        assert photo.read_bytes() == b"\xff\xd8" * 5000


class TestBackups:
    def test_a_backup_is_made_during_a_run(self, tmp_path: Path) -> None:
        """A run holds the lock, and a transaction with a new run is open."""
        path = with_run(tmp_path / "a.db")
        with closing(open_store(f"sqlite:///{path}")) as store, store.run_lock(), store.begin() as connection:
            runs.start(connection, "r2", NOW, NOW.date())
            counts = backups.backup(f"sqlite:///{path}", tmp_path / "b.db")
        assert counts["runs"] == 1
        backups.restore(tmp_path / "b.db", f"sqlite:///{tmp_path / 'c.db'}")
        assert run_ids(tmp_path / "c.db") == {"r1"}
        assert run_ids(path) == {"r1", "r2"}

    def test_a_backup_does_not_migrate(self, tmp_path: Path) -> None:
        path = with_run(tmp_path / "a.db")
        later = ("counterparts", "messages", "mail_addresses", "mail_names", "dismissed_threads")
        with closing(sqlite3.connect(path)) as older:
            older.executescript(
                "".join(f"DROP TABLE {table};" for table in later)
                + "ALTER TABLE people DROP COLUMN first_seen; UPDATE alembic_version SET version_num = '0004'"
            )
        assert backups.backup(f"sqlite:///{path}", tmp_path / "b.db")["runs"] == 1
        before = (tmp_path / "b.db").read_bytes()
        assert copies.beside(path) == []
        backups.restore(tmp_path / "b.db", f"sqlite:///{tmp_path / 'c.db'}")
        assert run_ids(tmp_path / "c.db") == {"r1"}
        # Restoring migrates a copy of the backup.
        assert (tmp_path / "b.db").read_bytes() == before
        assert copies.beside(tmp_path / "b.db") == []

    def test_a_disk_that_is_full_leaves_no_file_that_looks_like_a_backup(self, tmp_path: Path) -> None:
        path = with_run(tmp_path / "a.db")
        script = (
            "import resource, signal\nfrom pathlib import Path\nfrom people.errors import StoreUnavailable\n"
            "from people.store.db import backups\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
            f"try:\n    backups.backup({f'sqlite:///{path}'!r}, Path({str(tmp_path / 'b.db')!r}))\n"
            "except StoreUnavailable as error:\n    print(error.message)\n"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert "b.db cannot be written" in done.stdout
        assert sorted(one.name for one in tmp_path.iterdir()) == ["a.db", "a.db.lock"]

    def test_there_is_no_backup_of_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(UserMustAct, match="no store at"):
            backups.backup(f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "b.db")
        assert list(tmp_path.iterdir()) == []

    def test_an_empty_backup_is_not_restored(self, tmp_path: Path) -> None:
        (tmp_path / "zero.db").write_bytes(b"")
        open_store(f"sqlite:///{tmp_path / 'empty.db'}").close()
        for name in ("zero.db", "empty.db"):
            with pytest.raises(UserMustAct, match="nothing was restored"):
                backups.restore(tmp_path / name, f"sqlite:///{tmp_path / 'new.db'}")
        assert not (tmp_path / "new.db").exists()

    def test_a_copy_that_fails_leaves_no_new_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = with_run(tmp_path / "a.db")
        monkeypatch.setattr("people.store.db.copying._continue_numbers", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            backups.copy(f"sqlite:///{path}", f"sqlite:///{tmp_path / 'c.db'}")
        assert sorted(one.name for one in tmp_path.iterdir()) == ["a.db", "a.db.lock"]

    def test_a_store_is_not_copied_onto_itself(self, tmp_path: Path) -> None:
        path = with_run(tmp_path / "a.db")
        with pytest.raises(UserMustAct, match="itself"):
            backups.copy(f"sqlite:///{path}", f"sqlite:///{path.parent}/./a.db")


def overwrite(path: Path, start: int, data: bytes) -> None:
    with path.open("rb+") as file:
        file.seek(start)
        file.write(data)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "header": lambda path: overwrite(path, 0, b"garbage" * 20),
    "cut off": lambda path: os.truncate(path, 20_000),
    "pages": lambda path: overwrite(path, 4096, os.urandom(path.stat().st_size - 4096)),
    "not a database": lambda path: path.write_text("<html>404</html>" * 100),
}


class TestDamage:
    @pytest.fixture
    def config(self, tmp_path: Path) -> Path:
        config = network(tmp_path / "nets" / "anna")
        run(config)
        command("store", "backup", tmp_path / "good.db", "--config", config)
        return config

    @pytest.mark.parametrize("damage", DAMAGE)
    def test_every_command_names_it_and_the_way_back(self, config: Path, tmp_path: Path, damage: str) -> None:
        path = config.with_name("touchbase.db")
        copies_first = copies.name(path, "0004", NOW)
        copies_first.write_bytes((tmp_path / "good.db").read_bytes())
        DAMAGE[damage](path)
        for words in (["status"], ["people"], ["follow-ups"], ["run"], ["report"], ["explain", "Anna"]):
            with pytest.raises(StoreDamaged, match=r"touchbase\.db is damaged") as told:
                command(*words, "--config", config)
            assert f"touchbase store restore {copies_first}" in told.value.help
            assert "PRAGMA integrity_check" in told.value.help
        doctor = command("doctor", "--config", config).output
        assert "error  store: the store" in doctor
        assert "is damaged" in doctor

        other = network(config.parents[1] / "ben")
        run(other)
        shown = command("networks", config.parents[1]).output
        assert "is damaged" in shown
        assert [line.split()[:2] for line in shown.splitlines() if line.startswith("ben")] == [["ben", "ok"]]

        restored = command("store", "restore", tmp_path / "good.db", "--config", config)
        assert "The damaged store is kept as" in restored.stderr
        assert command("status", "--config", config).output
        assert len(list(path.parent.glob("touchbase.db.damaged-*"))) == 1

    def test_doctor_finds_what_still_opens(self, config: Path) -> None:
        path = config.with_name("touchbase.db")
        overwrite(path, path.stat().st_size // 2 // 4096 * 4096, b"\xff" * 4096)
        assert command("status", "--config", config).output
        assert "is damaged" in command("doctor", "--config", config).output

    def test_a_damaged_store_makes_no_backup(self, config: Path, tmp_path: Path) -> None:
        path = config.with_name("touchbase.db")
        overwrite(path, path.stat().st_size // 2 // 4096 * 4096, b"\xff" * 4096)
        with pytest.raises(StoreDamaged):
            command("store", "backup", tmp_path / "bad.db", "--config", config)
        assert not (tmp_path / "bad.db").exists()

    def test_a_damaged_backup_is_not_restored(self, config: Path, tmp_path: Path) -> None:
        overwrite(tmp_path / "good.db", 8192, b"\xff" * 40_000)
        path = config.with_name("touchbase.db")
        path.unlink()
        with pytest.raises(StoreUnavailable, match=r"good.db is damaged.*nothing was restored"):
            command("store", "restore", tmp_path / "good.db", "--config", config)
        assert not path.exists()

    def test_the_sound_store_is_never_moved(self, config: Path, tmp_path: Path) -> None:
        with pytest.raises(UserMustAct, match="is not empty"):
            command("store", "restore", tmp_path / "good.db", "--config", config)
        assert not list(config.parent.glob("*.damaged-*"))


class TestReadOnly:
    def test_reading_makes_no_folder_elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Root may write anywhere, so what the system says of the folder is replaced."""
        path = with_run(tmp_path / "disk?" / "a.db")
        here = tmp_path / "here"
        here.mkdir()
        monkeypatch.chdir(here)
        real = os.access
        monkeypatch.setattr(os, "access", lambda p, m: m != os.W_OK and real(p, m))
        with closing(open_store(f"sqlite:///{path}")) as store:
            with store.read() as connection:
                assert [one.id for one in runs.latest(connection)] == ["r1"]
            assert store.url == f"sqlite:///{path}"
            with store.run_lock():
                pass
        assert list(here.iterdir()) == []
        assert sorted(one.name for one in path.parent.iterdir()) == ["a.db", "a.db.lock"]

    def test_a_backup_is_restored_from_a_read_only_disk(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = with_run(tmp_path / "a.db")
        backups.backup(f"sqlite:///{path}", tmp_path / "cd" / "b.db")
        real = os.access
        monkeypatch.setattr(os, "access", lambda p, m: real(p, m) and "cd" not in str(p))
        backups.restore(tmp_path / "cd" / "b.db", f"sqlite:///{tmp_path / 'c.db'}")
        assert run_ids(tmp_path / "c.db") == {"r1"}
        assert [one.name for one in (tmp_path / "cd").iterdir()] == ["b.db"]


def test_a_store_from_before_is_closed_to_others(tmp_path: Path) -> None:
    path = with_run(tmp_path / "a.db")
    copy = copies.name(path, "0004", NOW)
    copy.write_text("x")
    for one in (path, copy):
        one.chmod(0o644)
    open_store(f"sqlite:///{path}").close()
    assert [one.stat().st_mode & 0o777 for one in (path, copy)] == [0o600, 0o600]


def test_a_password_with_an_at_sign_is_a_settings_error() -> None:
    with pytest.raises(SettingsError, match="@ too many") as refused:
        address.parse("postgresql+psycopg://me:p@geheim@host/x")
    assert "%40" in refused.value.help
