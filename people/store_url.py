"""Addresses of stores as the settings write them: which file is meant, and which two are one store. Pure.

After ``sqlite:///`` the rest is a path as the file system has it. ``?``, ``#``, ``%`` and spaces in it are
letters like any other, because a folder may have them. Only options of SQLite's driver at the very end are
not part of it: ``sqlite:///touchbase.db?timeout=60``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

FILE_PREFIX = "sqlite:///"
_SQLITE = re.compile(r"sqlite(?:\+pysqlite)?:///(.*)", re.DOTALL)
_NAME = "timeout|mode|uri|cache|immutable|nolock|vfs|psow|check_same_thread|cached_statements|isolation_level"
_OPTION = rf"(?:{_NAME})=(?:\d+(?:\.\d+)?|[A-Za-z]*)"
_OPTIONS = re.compile(rf"\?({_OPTION}(?:&{_OPTION})*)$")
_POSTGRES = re.compile(r"([\w+]+://)(?:([^:/]*)(?::[^@]*)?@)?(.*)", re.DOTALL)
_THIS_MACHINE = ("", "localhost", "127.0.0.1", "::1")


def split(url: str) -> tuple[str, str] | None:
    """Return the path and the options of a SQLite file's address; None for any other address.

    >>> split("sqlite:///a?b/touchbase.db?timeout=60")
    ('a?b/touchbase.db', 'timeout=60')
    >>> split("sqlite:///:memory:"), split("postgresql+psycopg://me@host/name")
    (None, None)
    """
    found = _SQLITE.fullmatch(url)
    if found is None:
        return None
    options = _OPTIONS.search(found[1])
    path = found[1][: options.start()] if options else found[1]
    return None if path in ("", ":memory:") else (path, options[1] if options else "")


def within(folder: Path, url: str) -> str:
    """Return ``url`` with the path of a SQLite file as seen from ``folder``. Other addresses stay."""
    parts = split(url)
    if parts is None or parts[0].startswith("file:"):
        return url
    path, options = parts
    return f"{FILE_PREFIX}{(folder / Path(path).expanduser()).absolute()}{'?' * bool(options)}{options}"


def with_schema(url: str, schema: str) -> str:
    """Return the address of a Postgres database with the schema of one network."""
    found = _POSTGRES.fullmatch(url)
    # A password may hold a question mark.
    asked = "?" in (found[3] if found else url)
    return f"{url}{'&' if asked else '?'}schema={schema}"


def identity(url: str) -> object:
    """Return the same value for every address of one store, also through a link or ``..``."""
    parts = split(url)
    if parts is not None:
        path = Path(parts[0])
        try:
            path = path.resolve()
            found = path.stat()
        except (OSError, RuntimeError):
            return str(path)
        return found.st_dev, found.st_ino
    try:
        return _postgres_identity(url)
    except ValueError:
        return url


def _postgres_identity(url: str) -> tuple[str, ...]:
    found = _POSTGRES.fullmatch(url)
    if found is None:
        return (url,)
    address = urlsplit(found[1] + found[3])
    query = parse_qs(address.query)

    def first(key: str, otherwise: object) -> str:
        return str(query.get(key, [otherwise or ""])[0])

    host = first("host", address.hostname).lower()
    user = first("user", unquote(found[2] or ""))
    schema = first("schema", "")
    return (
        "" if host in _THIS_MACHINE else host,
        first("port", address.port or 5432),
        first("dbname", address.path.lstrip("/") or user),
        # Without a schema, it may be one with the user's name.
        schema or f"user {user}",
    )


def options(url: str) -> Mapping[str, str]:
    """Return the options of a SQLite file's address.

    >>> options("sqlite:///touchbase.db?timeout=60")
    {'timeout': '60'}
    """
    parts = split(url)
    return dict(parse_qsl(parts[1])) if parts else {}
