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

from people.errors import SettingsError, StoreBusy, StoreLocked, StoreUnavailable
from people.private_files import close_to_others, create_private, private_folder
from people.store.db import address, copies, migrate, postgres, sqlite_file
from people.store.db.plain_errors import plain_errors

_ADVISORY_LOCK = 0x70756C7365  # any fixed number; "pulse" in ASCII

_WRITES = "touchbase_writes"


class Store:
    """The people, meetings, journal and follow-ups of one network.

    ``begin`` is one write transaction, ``read`` a read-only view. Writers of one process take turns;
    across processes ``run_lock`` keeps a second run out. The functions of ``people.store`` take the
    connection that these yield.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.path = address.file_of(engine.url)
        """The file of a SQLite store; None for one in memory, and for Postgres."""
        self._writer = threading.RLock()
        self._rehearsal: sa.Connection | None = None

    @property
    def url(self) -> str:
        """The database's address, without secrets."""
        return address.shown(self.engine.url)

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Open one transaction: everything in it is saved, or nothing."""
        with self._writer, plain_errors(self.engine.url):
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
        with plain_errors(self.engine.url):
            if self._rehearsal is not None:
                with self._writer:
                    yield self._rehearsal
            else:
                with self.engine.connect() as connection:
                    yield connection

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """Open a connection that sees the store as it is at this moment, whatever a run writes meanwhile."""
        with plain_errors(self.engine.url), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection

    def check_writable(self) -> None:
        """Raise ``StoreUnavailable`` if nothing can be written. A run that holds the store does not count."""
        try:
            with self.begin() as connection:
                connection.execute(sa.text("UPDATE meta SET value = value WHERE key = ''"))
        except StoreLocked:
            pass

    def check_sound(self) -> None:
        """Raise ``StoreDamaged`` if SQLite's quick check finds damage in the store's file."""
        with plain_errors(self.engine.url):
            found = sqlite_file.damage(self.path) if self.path else None
        if self.path and found:
            raise sqlite_file.damaged(self.path, found)

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Roll back at the end what the block writes; inside the block it can be read."""
        with self._writer, plain_errors(self.engine.url), self._writing() as connection:
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
        if self.path is None:
            return nullcontext()
        return file_lock(self.path, wait_seconds, on_wait)

    @contextmanager
    def _advisory_lock(self, wait_seconds: float, on_wait: Callable[[], None]) -> Iterator[None]:
        deadline = time.monotonic() + wait_seconds
        # Networks may share a database with one schema each, so the lock belongs to the schema.
        key = sa.func.hashtextextended(sa.func.current_schema(), _ADVISORY_LOCK)
        with plain_errors(self.engine.url), self.engine.connect() as connection:
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

    def compact(self) -> bool:
        """Write the database afresh, so that no free page and no log keeps what was deleted.

        Returns False if that did not succeed, because another program uses the store or the disk is full.
        On Postgres, the server decides when it overwrites the space that ``VACUUM`` frees.
        """
        if self.path is not None:
            self.engine.dispose()
            return sqlite_file.compact(self.path)
        if self.engine.dialect.name == "postgresql":
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM")
        return True

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_store(url: str | sa.URL) -> Store:
    """Open the store at ``url``, and create or migrate it if needed.

    On Postgres, ``?schema=NAME`` at the end of the address gives it a schema of its own. An older SQLite
    store is copied to ``NAME.backup-REVISION-TIME`` before it is migrated. Raises ``StoreTooNew``,
    ``StoreUnavailable`` (``StoreDamaged`` if its file is) or ``SettingsError`` (a URL that cannot be used).
    """
    parsed = address.parse(url)
    with plain_errors(parsed):
        store = Store(_engine(parsed))
        if migrate.behind(store.engine):
            if store.engine.dialect.name == "postgresql":
                postgres.ensure_schema(store.engine)
            # If two first starts coincide, the second one waits and finds the work done.
            with store.run_lock():
                migrate.to_head(store.engine)
    return store


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() == "postgresql":
        return postgres.engine(url)
    if url.get_backend_name() != "sqlite":
        raise SettingsError(
            f"store.url names '{url.get_backend_name()}', which Touchbase cannot use",
            help="use sqlite:///touchbase.db, or postgresql+psycopg://user@host/name",
        )
    path = address.file_of(url)
    if path is not None:
        engine = sa.create_engine(_file_url(url, path), hide_parameters=True)
    else:
        engine = sa.create_engine(
            url,
            poolclass=sa.pool.StaticPool,
            connect_args={"check_same_thread": False},
            hide_parameters=True,
        )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _file_url(url: sa.URL, path: Path) -> sa.URL:
    """Return the address of a SQLite file, which is made if it is missing, for the user alone.

    Another program's file is refused before anything is written to it. On a read-only disk a store can
    still be read.
    """
    if path.exists() and not path.is_file():
        raise StoreUnavailable(
            f"the store {path} is not a regular file", help="set store.url to another path"
        )
    # SQLite sets the mode of the files beside it by that of the database.
    sqlite_file.revision(path)
    try:
        private_folder(path.parent)
        writable = os.access(path.parent, os.W_OK)
        if not path.exists() and writable:
            create_private(path)
    except OSError as error:
        raise StoreUnavailable(
            f"the store {path} cannot be made: {error.strerror}",
            help="set store.url to a place that may be written",
        ) from error
    if path.exists() and not writable:
        return address.read_only(url, path)
    for one in (path, *sqlite_file.side_files(path), *copies.beside(path)):
        close_to_others(one)
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
def file_lock(
    store: Path, wait_seconds: float = 60.0, on_wait: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Hold the only run of the store in a SQLite file: see ``Store.run_lock``."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 - a command that only looks takes no lock

    path = store.with_name(f"{store.name}.lock")
    lock = FileLock(path, mode=0o600)
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
