"""Read mail as polars frames, for facts in bulk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import polars as pl
import sqlalchemy as sa

from people.store.db import schema
from people.store.db.bulk import chunks
from people.store.frames import frame_of


def mail(
    connection: sa.Connection,
    emails: Collection[str] | None = None,
    threads: Collection[int] | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return all messages and who is in them, or only these threads, or those with one of these addresses.

    Messages have ``id, source, at, thread, sent, role, recipients, bulk, automatic, calendar, bounce,
    list_id, folder, subject``; ``at`` is UTC. The others have ``message, email, name, role``.
    """
    if emails is not None:
        threads = _threads_with(connection, emails)
    ids = None if threads is None else _in_threads(connection, threads)
    message, guest = schema.messages, schema.counterparts
    messages = _picked(connection, sa.select(message), message.c.id, ids)
    guests = _picked(connection, sa.select(guest), guest.c.message, ids)
    table = schema.mail_addresses
    wanted = None if ids is None else guests.get_column("address").unique().to_list()
    addresses = _picked(connection, sa.select(table), table.c.id, wanted)
    people = guests.join(addresses, left_on="address", right_on="id").select(
        "message", "email", "name", "role"
    )
    return _with_names(connection, messages), people


def dismissed(connection: sa.Connection) -> pl.DataFrame:
    """Return the threads that the user has dismissed, as ``thread, until`` (UTC)."""
    frame = frame_of(connection, sa.select(schema.dismissed_threads))
    return frame.with_columns(_instant("until"))


def names(connection: sa.Connection) -> pl.DataFrame:
    """Return ``email, name`` of everybody who is in a mail and has a name."""
    table = schema.mail_addresses.c
    return frame_of(connection, sa.select(table.email, table.name).where(table.name.is_not(None)))


def _threads_with(connection: sa.Connection, emails: Collection[str]) -> set[int]:
    message, guest, address = schema.messages.c, schema.counterparts.c, schema.mail_addresses.c
    found: set[int] = set()
    for batch in chunks(sorted(emails)):
        query = (
            sa.select(message.thread)
            .join(schema.counterparts, guest.message == message.id)
            .join(schema.mail_addresses, address.id == guest.address)
            .where(address.email.in_(batch))
        )
        found.update(connection.scalars(query))
    return found


def _in_threads(connection: sa.Connection, threads: Collection[int]) -> list[int]:
    message = schema.messages.c
    ids: list[int] = []
    for some in chunks(sorted(threads)):
        ids += connection.scalars(sa.select(message.id).where(message.thread.in_(some)))
    return ids


def _picked(
    connection: sa.Connection, query: sa.Select[Any], column: sa.ColumnElement[int], ids: Iterable[int] | None
) -> pl.DataFrame:
    parts = [frame_of(connection, query.where(one)) for one in _conditions(column, ids)]
    return pl.concat(parts) if parts else frame_of(connection, query.where(sa.false()))


def _conditions(column: sa.ColumnElement[int], ids: Iterable[int] | None) -> Iterator[sa.ColumnElement[bool]]:
    if ids is None:
        yield sa.true()
    else:
        yield from map(column.in_, chunks(sorted(ids)))


def _with_names(connection: sa.Connection, messages: pl.DataFrame) -> pl.DataFrame:
    """Replace the numbers of names by the names."""
    names = frame_of(connection, sa.select(schema.mail_names)).rename({"id": "number"})
    for column in ("source", "list", "folder"):
        named = names.rename({"number": column, "name": f"{column}_name"})
        messages = messages.join(named, on=column, how="left", maintain_order="left").drop(column)
    new = {"source_name": "source", "list_name": "list_id", "folder_name": "folder"}
    return messages.rename(new).with_columns(_instant("at"))


def _instant(column: str) -> pl.Expr:
    return pl.from_epoch(column, time_unit="s").dt.cast_time_unit("us").dt.replace_time_zone("UTC")
