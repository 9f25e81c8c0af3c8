"""Bulk writes that look the same on SQLite and Postgres."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

T = TypeVar("T")
RecordId = tuple[str, str]
"""The source and the source id of a record."""

_CHUNK = 500  # below every database's limit on parameters in one statement
_COPY_FROM = 500  # rows; below, preparing a COPY takes longer than it saves
_TUPLES_FROM = 50  # rows; below, SQLAlchemy's own statement cache is quicker


def chunks(items: Iterable[T], size: int = _CHUNK) -> Iterator[list[T]]:
    """Split ``items`` into lists of at most ``size``."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def upsert(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert ``rows``, or overwrite those with the same primary key. All rows have the same columns.

    Of two rows with one primary key, the later one stays.
    """
    if not rows:
        return
    names, keys = list(rows[0]), [column.name for column in table.primary_key]
    statement = _insert(connection)(table)
    if connection.dialect.name != "postgresql" or len(rows) < _COPY_FROM:
        execute_many(connection, _overwriting(statement, names, keys), rows)
        return
    # One statement may contain a key only once.
    unique = {tuple(row[key] for key in keys): row for row in rows}
    with _staged(connection, table, names, unique.values()) as staged:
        connection.execute(_overwriting(statement.from_select(names, staged), names, keys))


def _overwriting(statement: Any, names: Sequence[str], keys: Sequence[str]) -> Any:  # noqa: ANN401 - two dialects
    rest = {name: statement.excluded[name] for name in names if name not in keys}
    if rest:
        return statement.on_conflict_do_update(index_elements=keys, set_=rest)
    return statement.on_conflict_do_nothing(index_elements=keys)


def execute_many(
    connection: sa.Connection, statement: sa.UpdateBase, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Run an insert or update for each of ``rows``, which all have the same columns.

    SQLite gets tuples, because SQLAlchemy takes as long to inspect a row as SQLite to write it.
    """
    if connection.dialect.name == "sqlite" and len(rows) >= _TUPLES_FROM:
        compiled: Any = statement.compile(dialect=connection.dialect, column_keys=list(rows[0]))
        names = compiled.positiontup
        # If they differ, SQLAlchemy has a default to fill in.
        if set(names) == rows[0].keys():
            values = []
            for name in names:
                convert = _converter(connection, compiled.binds[name].type)
                values.append(
                    [convert(row[name]) for row in rows] if convert else [row[name] for row in rows]
                )
            connection.exec_driver_sql(compiled.string, list(zip(*values, strict=True)))
            return
    connection.execute(statement, list(rows))


def _converter(connection: sa.Connection, kind: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's
    """Return the function that makes a value of this column type as the driver expects it; None: as it is."""
    return kind.dialect_impl(connection.dialect).bind_processor(connection.dialect)


@contextmanager
def _staged(
    connection: sa.Connection, table: sa.Table, names: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> Iterator[sa.Select[Any]]:
    """Copy ``rows`` into a temporary Postgres table, and yield a query of them."""
    columns = ", ".join(f'"{name}"' for name in names)
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE staged ON COMMIT DROP AS SELECT {columns} FROM {table.name} WITH NO DATA"  # noqa: S608 - our own names
    )
    to_driver = [_converter(connection, table.c[name].type) for name in names]
    driver: Any = connection.connection.driver_connection
    command = f"COPY staged ({columns}) FROM STDIN"
    errors = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(command) as copy:
            for row in rows:
                values = zip((row[name] for name in names), to_driver, strict=True)
                copy.write_row([to(value) if to else value for value, to in values])
    except errors as error:
        # The same errors as from any other statement.
        raise sa.exc.DBAPIError.instance(
            command, None, error, errors, hide_parameters=True, dialect=connection.dialect
        ) from error
    yield sa.select(*(sa.column(name) for name in names)).select_from(sa.table("staged"))
    connection.exec_driver_sql("DROP TABLE staged")


def insert_tuples(connection: sa.Connection, table: sa.Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert many rows, each complete and in the order of the table's columns."""
    names = [column.name for column in table.columns]
    for batch in chunks(rows, 5_000):
        upsert(connection, table, [dict(zip(names, row, strict=True)) for row in batch])


def _insert(connection: sa.Connection) -> Callable[[sa.Table], Any]:
    """Return the dialect's ``insert``, which can update on a conflict."""
    if connection.dialect.name == "postgresql":
        # Takes a twentieth of a second to import; most stores are SQLite.
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415

        return postgresql.insert
    return sqlite.insert


def count(connection: sa.Connection, table: sa.FromClause, *conditions: sa.ColumnElement[bool]) -> int:
    """Count the rows of ``table`` that meet all ``conditions``."""
    return connection.scalar(sa.select(sa.func.count()).select_from(table).where(*conditions)) or 0


def among(column: sa.ColumnElement[Any], values: Iterable[str] | None) -> Iterator[sa.ColumnElement[bool]]:
    """Yield conditions that together pick the rows with ``column`` in ``values``; None is any value."""
    if values is None:
        yield column.is_not(None)
    else:
        yield from map(column.in_, chunks(values))


def fetch_in(
    connection: sa.Connection,
    statement: sa.Select[Any],
    column: sa.ColumnElement[str],
    values: Iterable[str] | None,
) -> Iterator[sa.Row[Any]]:
    """Run ``statement`` for the rows with ``column`` in ``values`` (see ``among``), in batches."""
    for condition in among(column, values):
        yield from connection.execute(statement.where(condition))


def record_id(record: str) -> RecordId:
    """Return the source and the source id of a record key."""
    source, _, source_id = record.partition(":")
    return source, source_id


def rows_of(table: sa.Table, records: Iterable[RecordId]) -> Iterator[sa.ColumnElement[bool]]:
    """Yield conditions that together pick the rows of these sources and source ids from ``table``."""
    by_source: dict[str, list[str]] = {}
    for source, source_id in records:
        by_source.setdefault(source, []).append(source_id)
    for source, ids in by_source.items():
        for batch in chunks(ids):
            yield (table.c.source == source) & table.c.source_id.in_(batch)


def update_each(
    connection: sa.Connection, table: sa.Table, column: str, values: Mapping[RecordId, str | None]
) -> None:
    """Set ``column`` of the rows with these sources and source ids, each to its own value."""
    statement = (
        sa.update(table)
        .where(table.c.source == sa.bindparam("s"), table.c.source_id == sa.bindparam("i"))
        .values({column: sa.bindparam("v")})
    )
    rows = [{"s": source, "i": source_id, "v": value} for (source, source_id), value in values.items()]
    if rows:
        execute_many(connection, statement, rows)
