"""Errors of the database drivers, each as one sentence and the way out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from people.errors import StoreLocked, StoreUnavailable, TouchbaseError
from people.store.db import address, sqlite_file

_LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED")
_REMEDIES = {
    **dict.fromkeys(_LOCKED, "another program holds the store; close it, then run again"),
    "SQLITE_READONLY": "make the file and its folder writable, or set store.url to another place",
    "SQLITE_FULL": "free some disk space, then run again; nothing was lost",
    "SQLITE_CANTOPEN": "check that the folder in store.url exists and may be written",
    "SQLITE_IOERR": "check the disk that holds the store, then run again",
}
"""What to do, by SQLite's name of the error. An extended name (SQLITE_BUSY_SNAPSHOT) begins with it."""
_SERVER = "check store.url in touchbase.toml, and that the database server is running"
_REFUSALS = {
    "42501": "let an administrator give this user the right to create and change tables in its schema",
    "25006": "the server is read-only, perhaps a standby: set store.url to the one that takes writes",
    "3F000": "let an administrator give this user the right to use and create in its schema",
    "53100": "free some disk space on the server, then run again; nothing was lost",
    "25P02": "run again",
}
"""What to do, by Postgres' SQLSTATE, where SQLAlchemy takes the error for one of the program."""
_NOT_AN_ADDRESS = ("invalid connection option", "invalid dsn", "invalid URI", 'missing "="')
_MAY_BE_DAMAGE = (sqlite3.DatabaseError, sa.exc.SQLAlchemyError, ValueError, LookupError, TypeError)


@contextmanager
def plain_errors(url: sa.URL) -> Iterator[None]:
    """Turn errors of the database into one sentence. Errors of the program pass, if the file is sound."""
    try:
        yield
    except TouchbaseError:
        raise
    except _MAY_BE_DAMAGE as error:
        plain = _plain(error, url)
        if plain is None:
            raise
        raise plain from error


def _plain(error: Exception, url: sa.URL) -> StoreUnavailable | None:
    path, cause = address.file_of(url), getattr(error, "orig", None) or error
    if path is not None and sqlite_file.is_damage(cause):
        return sqlite_file.damaged(path, cause)
    operational = isinstance(error, sa.exc.OperationalError | sqlite3.OperationalError)
    # psycopg takes an address that it cannot read for a mistake of the program.
    operational = operational or str(cause).startswith(_NOT_AN_ADDRESS)
    state = getattr(cause, "sqlstate", None) or ""
    if operational or state in _REFUSALS:
        name = getattr(cause, "sqlite_errorname", "")
        kind = StoreLocked if name.startswith(_LOCKED) else StoreUnavailable
        reason = address.without_secrets(next(iter(str(cause).strip().splitlines()), "unknown reason"), url)
        remedy = _REFUSALS.get(state) or _remedy(name)
        return kind(f"the store {address.shown(url)} cannot be used: {reason}", help=remedy)
    # Damage can also show as a value that cannot be.
    found = sqlite_file.damage(path) if path is not None and path.is_file() else None
    return sqlite_file.damaged(path, found) if path is not None and found else None


def _remedy(name: str) -> str:
    return next((advice for start, advice in _REMEDIES.items() if name.startswith(start)), _SERVER)
