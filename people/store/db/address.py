"""Addresses of databases: parsed, made from a path, and shown without secrets."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, unquote

import sqlalchemy as sa

from people import store_url
from people.errors import SettingsError

_MAY_BE_SHOWN = frozenset(
    {"schema", "host", "port", "dbname", "user", "sslmode", "service", "options", "connect_timeout"}
)
_HIDDEN = "***"
# What is left of a password with an @ in it, or of an address whose @ belongs to a password further on.
_AT_IN_HOST = re.compile(r"[^/?]*@")
_PORT_AND_DATABASE = re.compile(r"\d*/[^@]*\?")


def parse(url: str | sa.URL) -> sa.URL:
    """Return the address that a text means. Raises ``SettingsError``, which never contains the text."""
    if isinstance(url, sa.URL):
        return url
    parts = store_url.split(url)
    if parts is not None:
        return sa.URL.create("sqlite", database=parts[0], query=store_url.options(url))
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise SettingsError(
            "store.url is not a database address", help='for example: url = "sqlite:///touchbase.db"'
        ) from error
    if parsed.password is not None and (
        _AT_IN_HOST.match(f"{parsed.host or ''}{parsed.database or ''}")
        or _PORT_AND_DATABASE.match(str(parsed.password))
    ):
        raise SettingsError(
            "store.url has an @ too many, perhaps in its password",
            help="write each @ of the password as %40, or keep the password in ~/.pgpass",
        )
    return parsed


def of_file(path: Path) -> sa.URL:
    """Return the address of a SQLite file, whatever letters its path has."""
    return sa.URL.create("sqlite", database=str(path.absolute()))


def read_only(url: sa.URL, path: Path) -> sa.URL:
    """Return the address of a SQLite file on a disk that cannot be written."""
    return url.set(database=f"file:{quote(str(path))}", query={"immutable": "1", "uri": "true"})


def file_of(url: sa.URL) -> Path | None:
    """Return the file of a SQLite store; None for one in memory, and for Postgres."""
    database = url.database
    if url.get_backend_name() != "sqlite" or not database or database == ":memory:":
        return None
    if database.startswith("file:") and url.query.get("uri"):
        database = unquote(database.removeprefix("file:"))
    return Path(database)


def shown(url: sa.URL) -> str:
    """Return the address without secrets: of its parameters, only those are shown that can hold none."""
    path = file_of(url)
    if path is not None:
        return f"{store_url.FILE_PREFIX}{path}"
    query = {key: value if key in _MAY_BE_SHOWN else _HIDDEN for key, value in url.query.items()}
    text = url.set(query=query).render_as_string(hide_password=True)
    return text.replace(quote(_HIDDEN, safe=""), _HIDDEN)


def without_secrets(text: str, url: sa.URL) -> str:
    """Return text, such as a driver's error, without the secrets of ``url``."""
    secrets = [str(url.password or ""), *_hidden_values(url)]
    for secret in filter(None, secrets):
        text = text.replace(secret, _HIDDEN)
    return text


def _hidden_values(url: sa.URL) -> list[str]:
    if file_of(url) is not None:
        return []
    return [
        one
        for key, value in url.query.items()
        if key not in _MAY_BE_SHOWN
        for one in ([value] if isinstance(value, str) else value)
    ]
