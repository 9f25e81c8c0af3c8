"""Bulk writes that read the same on SQLite and Postgres."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa

T = TypeVar("T")
_CHUNK = 500  # below every database's limit on parameters in one statement


def chunks(items: Iterable[T], size: int = _CHUNK) -> Iterator[list[T]]:
    """Split ``items`` into lists of at most ``size``."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def upsert(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert ``rows``, or overwrite those whose primary key is there; all rows have the same keys."""
    if not rows:
        return
    statement = _insert(connection)(table)
    keys = [column.name for column in table.primary_key]
    rest = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    action = (
        statement.on_conflict_do_update(index_elements=keys, set_=rest)
        if rest
        else statement.on_conflict_do_nothing(index_elements=keys)
    )
    connection.execute(action, list(rows))


def insert_tuples(connection: sa.Connection, table: sa.Table, rows: Iterable[tuple[str, ...]]) -> None:
    """Insert many new rows of plain text, whole and in the order of the table's columns.

    No value is looked at on the way, which for half a million short rows is most of the time.
    """
    statement = sa.insert(table)
    names = [column.name for column in table.columns]
    for batch in chunks(rows, 20_000):
        if connection.dialect.name == "sqlite":
            text = str(statement.compile(dialect=connection.dialect, column_keys=names))
            connection.exec_driver_sql(text, batch)
        else:
            connection.execute(statement, [dict(zip(names, row, strict=True)) for row in batch])


def _insert(connection: sa.Connection) -> Callable[[sa.Table], Any]:
    """The dialect's insert, which knows conflicts; only the one in use is imported."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415

        return postgresql.insert
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415

    return sqlite.insert


def fetch_in(
    connection: sa.Connection,
    statement: sa.Select[Any],
    column: sa.ColumnElement[str],
    values: Iterable[str],
) -> Iterator[sa.Row[Any]]:
    """Run ``statement`` for the rows whose ``column`` is one of ``values``, in bounded batches."""
    for batch in chunks(values):
        yield from connection.execute(statement.where(column.in_(batch)))
