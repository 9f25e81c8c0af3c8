"""Opening the store: SQLite or Postgres, transactions, the run lock and the dry run."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout

from people.errors import SettingsError, StoreBusy, StoreLocked, StoreUnavailable
from people.store.db import migrate, postgres

_ADVISORY_LOCK = 0x70756C7365  # any fixed number; "pulse" in ASCII

_WRITES = "touchbase_writes"
_LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED")
_REMEDIES = {
    **dict.fromkeys(_LOCKED, "another program holds the store; close it, then run again"),
    "SQLITE_READONLY": "make the file and its folder writable, or set store.url to another place",
    "SQLITE_FULL": "free some disk space, then run again; nothing was lost",
    "SQLITE_CANTOPEN": "check that the folder in store.url exists and may be written",
}
"""What to do, by SQLite's name of the error. An extended name (SQLITE_BUSY_SNAPSHOT) begins with it."""


class Store:
    """The people, meetings, journal and follow-ups of one network.

    ``begin`` is one write transaction, ``read`` a read-only view. Writers of one process take turns;
    across processes ``run_lock`` keeps a second run out. The functions of ``people.store`` take the
    connection that these yield.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._writer = threading.RLock()
        self._rehearsal: sa.Connection | None = None

    @property
    def url(self) -> str:
        """The database's address, without a password."""
        return self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Open one transaction: everything in it is saved, or nothing."""
        with self._writer, _plain_errors(self.url):
            if self._rehearsal is not None:
                with self._rehearsal.begin_nested():
                    yield self._rehearsal
            else:
                with self._writing() as connection, connection.begin():
                    yield connection

    def _writing(self) -> sa.Connection:
        return self.engine.connect().execution_options(**{_WRITES: True})

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a connection for reading."""
        with _plain_errors(self.url):
            if self._rehearsal is not None:
                with self._writer:
                    yield self._rehearsal
            else:
                with self.engine.connect() as connection:
                    yield connection

    def check_writable(self) -> None:
        """Raise ``StoreUnavailable`` if nothing can be written. A run that holds the store does not count."""
        try:
            with self.begin() as connection:
                connection.execute(sa.text("UPDATE meta SET value = value WHERE key = ''"))
        except StoreLocked:
            pass

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Roll back at the end what the block writes; inside the block it can be read."""
        with self._writer, _plain_errors(self.url), self._writing() as connection:
            transaction = connection.begin()
            self._rehearsal = connection
            # Other threads of the run take turns on the writer lock per call.
            self._writer.release()
            try:
                yield
            finally:
                self._writer.acquire()
                self._rehearsal = None
                transaction.rollback()

    def run_lock(
        self, *, wait_seconds: float = 60.0, on_wait: Callable[[], None] = lambda: None
    ) -> AbstractContextManager[None]:
        """Hold the only run of this store; the lock ends with the process, however it ends.

        ``on_wait`` is called once if another run holds it. Raises ``StoreBusy`` after ``wait_seconds``.
        """
        if self.engine.dialect.name == "postgresql":
            return self._advisory_lock(wait_seconds, on_wait)
        database = self.engine.url.database
        if not database or database == ":memory:":
            return nullcontext()
        return _file_lock(Path(f"{database}.lock"), wait_seconds, on_wait)

    @contextmanager
    def _advisory_lock(self, wait_seconds: float, on_wait: Callable[[], None]) -> Iterator[None]:
        deadline = time.monotonic() + wait_seconds
        # Networks may share a database with one schema each, so the lock belongs to the schema.
        key = sa.func.hashtextextended(sa.func.current_schema(), _ADVISORY_LOCK)
        with _plain_errors(self.url), self.engine.connect() as connection:
            waited = False
            while not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key))):
                if not waited:
                    on_wait()
                    waited = True
                if time.monotonic() >= deadline:
                    raise _busy()
                connection.rollback()
                time.sleep(0.2)
            connection.commit()
            try:
                yield
            finally:
                connection.scalar(sa.select(sa.func.pg_advisory_unlock(key)))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open the store at ``url``, and create or migrate it if needed.

    On Postgres, ``?schema=NAME`` at the end of the address gives it a schema of its own. An older SQLite
    store is copied to ``NAME.backup-REVISION-TIME`` before it is migrated. Raises ``StoreTooNew``,
    ``StoreUnavailable`` or ``SettingsError`` (a URL that cannot be used).
    """
    store = Store(_engine(url))
    with _plain_errors(store.url):
        if migrate.behind(store.engine):
            if store.engine.dialect.name == "postgresql":
                postgres.ensure_schema(store.engine)
            # If two first starts coincide, the second one waits and finds the work done.
            with store.run_lock():
                migrate.to_head(store.engine)
    return store


def _engine(url: str) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise SettingsError(
            "store.url is not a database address", help='for example: url = "sqlite:///touchbase.db"'
        ) from error
    if parsed.get_backend_name() == "postgresql":
        return postgres.engine(parsed)
    if parsed.get_backend_name() != "sqlite":
        raise SettingsError(
            f"store.url names '{parsed.get_backend_name()}', which Touchbase cannot use",
            help="use sqlite:///touchbase.db, or postgresql+psycopg://user@host/name",
        )
    if parsed.database and parsed.database != ":memory:":
        engine = sa.create_engine(_file_url(parsed, Path(parsed.database)), hide_parameters=True)
    else:
        engine = sa.create_engine(
            parsed,
            poolclass=sa.pool.StaticPool,
            connect_args={"check_same_thread": False},
            hide_parameters=True,
        )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _file_url(url: sa.URL, path: Path) -> sa.URL:
    """Return the address of a SQLite file and create its folder. On a read-only disk it can still be read."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"the store's folder {path.parent} cannot be made: {error.strerror}",
            help="set store.url to a place that may be written",
        ) from error
    if path.exists() and not os.access(path.parent, os.W_OK):
        return url.set(database=f"file:{path}", query={"immutable": "1", "uri": "true"})
    return url


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # By default the driver begins transactions late, which breaks savepoints.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    # Overwrites deleted data, so that forgotten people are really gone.
    cursor.execute("PRAGMA secure_delete = ON")
    # KiB, allocated as needed. With the default of 2 MiB, a first import takes half its time for indices.
    cursor.execute("PRAGMA cache_size = -32768")
    try:
        cursor.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError:
        # A read-only store can still be read; the first write reports the problem.
        pass
    finally:
        cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later fails if another process wrote in between.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _file_lock(path: Path, wait_seconds: float, on_wait: Callable[[], None]) -> Iterator[None]:
    lock = FileLock(path)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            on_wait()
            lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        raise _busy() from error
    except OSError as error:
        raise StoreUnavailable(
            f"the store's lock {path} cannot be written: {error.strerror}",
            help="make the folder of the store writable, or set store.url to another place",
        ) from error
    try:
        yield
    finally:
        lock.release()


def _busy() -> StoreBusy:
    return StoreBusy(
        "another run is using this store",
        help="wait until it has ended (touchbase status shows it), then run again",
    )


@contextmanager
def _plain_errors(url: str) -> Iterator[None]:
    """Turn errors of the database driver into one sentence. Programming errors pass."""
    try:
        yield
    except sa.exc.OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0] if error.orig else "unknown reason"
        name = getattr(error.orig, "sqlite_errorname", "")
        kind = StoreLocked if name.startswith(_LOCKED) else StoreUnavailable
        raise kind(f"the store {url} cannot be used: {reason}", help=_remedy(name)) from error


def _remedy(name: str) -> str:
    remedies = (advice for start, advice in _REMEDIES.items() if name.startswith(start))
    return next(remedies, "check store.url in touchbase.toml, and that the database server is running")
