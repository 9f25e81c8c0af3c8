"""Read tables as polars frames, for facts in bulk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
import sqlalchemy as sa

from people.store.db import schema
from people.store.db.bulk import RecordId, among, fetch_in, rows_of
from people.store.resolving.decisions import worth_asking

_AT_ONCE = 50_000
"""Rows read as Python objects at a time; all at once would take three times the memory."""

_LEFT_OUT = ("hash", "raw_hash", "gone_at", "file")


def meetings(connection: sa.Connection, keys: Collection[RecordId] | None = None) -> pl.DataFrame:
    """Return live meetings, all or those of ``keys``; ``labels`` is a list, instants are UTC."""
    table = schema.meetings
    picked = [c for c in table.columns if c.name not in _LEFT_OUT]
    frame = _by_key(connection, sa.select(*picked).where(table.c.gone_at.is_(None)), table, keys)
    return frame.with_columns(pl.col("labels").str.json_decode(pl.List(pl.String())))


def meeting_hashes(connection: sa.Connection) -> pl.DataFrame:
    """Return ``source, source_id, hash`` of live meetings. Equal hashes mean equal meetings and guests."""
    table = schema.meetings.c
    query = sa.select(table.source, table.source_id, table.hash).where(table.gone_at.is_(None))
    return frame_of(connection, query)


def attendees(connection: sa.Connection, keys: Collection[RecordId] | None = None) -> pl.DataFrame:
    """Return the guests of live meetings without the user's own rows, all or those of ``keys``."""
    meeting, guest = schema.meetings, schema.attendees
    query = (
        sa.select(*guest.columns)
        .join(meeting, sa.and_(meeting.c.source == guest.c.source, meeting.c.source_id == guest.c.source_id))
        .where(meeting.c.gone_at.is_(None), ~guest.c.is_self)
    )
    return _by_key(connection, query, guest, keys)


def meetings_with(connection: sa.Connection, emails: Collection[str]) -> set[RecordId]:
    """Return the keys of the meetings with one of these addresses among their guests."""
    guest = schema.attendees.c
    rows = fetch_in(connection, sa.select(guest.source, guest.source_id), guest.email, sorted(emails))
    return {(row.source, row.source_id) for row in rows}


def meetings_between(
    connection: sa.Connection, start: datetime, end: datetime, first: date, last: date
) -> set[RecordId]:
    """Return the keys of live meetings that begin from ``start`` up to, but not at, ``end``.

    One of whole days is there if it covers a day from ``first`` to ``last``.
    """
    meeting = schema.meetings.c
    timed = (meeting.start_at >= start) & (meeting.start_at < end)
    whole_days = (meeting.start_date <= last) & (meeting.end_date > first)
    query = sa.select(meeting.source, meeting.source_id).where(
        meeting.gone_at.is_(None), sa.or_(timed, whole_days)
    )
    return {(row.source, row.source_id) for row in connection.execute(query)}


def _by_key(
    connection: sa.Connection, query: sa.Select[Any], table: sa.Table, keys: Collection[RecordId] | None
) -> pl.DataFrame:
    """Return the rows of a query on ``table``: all, or those of some meetings."""
    return _frames(connection, query, [sa.true()] if keys is None else rows_of(table, sorted(keys)))


def journal(connection: sa.Connection, ids: Collection[str] | None = None) -> pl.DataFrame:
    """Return journal lines with the ids of their people: all, or those with one of ``ids`` on either side.

    Money and hours are text.
    """
    table = schema.journal
    picked = [c for c in table.columns if c.name not in ("hash", "gone_at")]
    query = sa.select(*picked).where(table.c.gone_at.is_(None))
    if ids is not None:
        wanted = sorted(ids)
        either = table.c.person_id.in_(wanted) | table.c.other_id.in_(wanted)
        query = query.where(either).order_by(table.c.source, table.c.line, table.c.source_id)
    return frame_of(connection, query).rename({"grp": "group"})


def emails_of(connection: sa.Connection, ids: Collection[str]) -> set[str]:
    """Return all addresses of these people."""
    table = schema.person_emails.c
    return {row.email for row in fetch_in(connection, sa.select(table.email), table.person_id, sorted(ids))}


def email_owners(connection: sa.Connection, emails: Collection[str] | None = None) -> pl.DataFrame:
    """Return ``email, person_id`` of all people, or of those with one of these addresses."""
    table = schema.person_emails.c
    return _picked(connection, sa.select(table.email, table.person_id), table.email, emails)


def guest_owners(connection: sa.Connection, emails: Collection[str] | None = None) -> pl.DataFrame:
    """Return ``source, email, person_id`` of guests who became people, all or those with these addresses."""
    table = schema.contacts.c
    email = sa.func.substr(table.source_id, len("mailto:") + 1)
    query = sa.select(table.source, email.label("email"), table.person_id).where(
        table.derived, table.gone_at.is_(None), table.person_id.is_not(None)
    )
    if emails is None:
        return frame_of(connection, query)
    # Naming the sources makes SQLite use the primary key.
    query = query.where(table.source.in_(sa.select(schema.sources.c.name)))
    return _picked(connection, query, table.source_id, [f"mailto:{email}" for email in emails])


def records(connection: sa.Connection, ids: Collection[str] | None = None) -> pl.DataFrame:
    """Return ``person_id, source, record`` of live records with guests, all or those of ``ids``."""
    table = schema.contacts.c
    record = table.source.concat(":").concat(table.source_id).label("record")
    query = sa.select(table.person_id, table.source, record).where(
        table.person_id.is_not(None), table.gone_at.is_(None), ~table.rejected
    )
    return _picked(connection, query, table.person_id, ids)


def _picked(
    connection: sa.Connection,
    query: sa.Select[Any],
    column: sa.ColumnElement[Any],
    values: Collection[str] | None,
) -> pl.DataFrame:
    """Return the rows of a query: all, or those with ``column`` in ``values``."""
    return _frames(connection, query, [sa.true()] if values is None else among(column, sorted(values)))


def _frames(
    connection: sa.Connection, query: sa.Select[Any], conditions: Iterable[sa.ColumnElement[bool]]
) -> pl.DataFrame:
    """Return the rows of a query that meet any of the conditions, which exclude each other."""
    parts = [frame_of(connection, query.where(condition)) for condition in conditions]
    return pl.concat(parts) if parts else frame_of(connection, query.where(sa.false()))


def undecided(connection: sa.Connection, known: pl.DataFrame) -> pl.DataFrame:
    """Return ``person_id, twin``: people who may be the same person, each pair in both directions.

    ``known`` is the frame of ``records``.
    """
    table = schema.open_pairs
    pairs = frame_of(connection, sa.select(table.c.a, table.c.b).where(worth_asking(connection)))
    owner = known.select("record", "person_id")
    both = (
        pairs.join(owner, left_on="a", right_on="record")
        .join(owner.rename({"person_id": "twin"}), left_on="b", right_on="record")
        .select("person_id", "twin")
        .filter(pl.col("person_id") != pl.col("twin"))
    )
    return (
        pl.concat([both, both.select(person_id="twin", twin="person_id")]).unique().sort("person_id", "twin")
    )


def done_follow_ups(connection: sa.Connection) -> pl.DataFrame:
    """Return completed follow-ups that count as contact: ``person_id, day, title, record``."""
    table = schema.follow_ups.c
    query = sa.select(
        table.person_id,
        table.closed_on.label("day"),
        table.title,
        sa.literal("follow-up:").concat(table.key).label("record"),
    ).where(table.status == "done", table.done_is_contact)
    return frame_of(connection, query)


def anybody(connection: sa.Connection) -> bool:
    """Whether the store holds any person."""
    return connection.execute(sa.select(schema.people.c.id).limit(1)).first() is not None


def open_tasks(connection: sa.Connection, day: date) -> dict[str, int]:
    """Return how many follow-ups about each person were open as tasks on a day."""
    table = schema.follow_ups.c
    was_open = sa.or_(table.closed_on.is_(None), table.closed_on > day)
    query = (
        sa.select(table.person_id, sa.func.count().label("tasks"))
        .where(table.status != "deferred", table.created_on <= day, was_open)
        .group_by(table.person_id)
    )
    return {row.person_id: row.tasks for row in connection.execute(query)}


def profiles(
    connection: sa.Connection, known: pl.DataFrame, ids: Collection[str] | None = None
) -> pl.DataFrame:
    """Return the profiles of active people as columns, ``id`` first: all, or those of ``ids``.

    ``known`` is the frame of ``records``.
    """
    table = schema.people.c
    query = sa.select(table.id, table.profile, table.first_seen).where(table.active)
    frame = _picked(connection, query, table.id, ids)
    shape = pl.Struct({**dict.fromkeys(_TEXTS, pl.String()), **dict.fromkeys(_LISTS, pl.List(pl.String()))})
    decoded = frame.with_columns(pl.col("profile").str.json_decode(shape)).unnest("profile")
    sources = known.group_by(id="person_id").agg(
        pl.col("source").unique().sort().alias("sources"), pl.len().cast(pl.Int64).alias("record_count")
    )
    days = pl.col("connected_on", "recorded_on").str.to_date(strict=False)
    return decoded.with_columns(days).join(sources, on="id", how="left")


_TEXTS = (
    "name", "given_name", "family_name", "organisation", "title", "city", "country", "note", "birthday",
    "connected_on", "recorded_on",
)  # fmt: skip
_LISTS = ("emails", "phones", "labels", "needs", "offers", "custom")


def frame_of(connection: sa.Connection, query: sa.Select[Any]) -> pl.DataFrame:
    """Return the rows of ``query``. Column types come from the tables, so that an empty result has them too.

    The driver's values are converted per column: one by one, this would take longer than all that is
    computed with them.
    """
    types: dict[type, pl.DataType] = {
        schema.UtcDateTime: pl.Datetime("us", "UTC"),
        sa.Date: pl.Date(),
        sa.Boolean: pl.Boolean(),
        sa.Integer: pl.Int64(),
        sa.BigInteger: pl.Int64(),
        sa.Float: pl.Float64(),
    }
    kinds = {c.name: types.get(type(c.type), pl.String()) for c in query.selected_columns}
    cursor = connection.execute(query).cursor
    parts = [_part(kinds, ())]
    while rows := cursor.fetchmany(_AT_ONCE):
        parts.append(_part(kinds, rows))
    return pl.concat(parts, rechunk=True)


def _part(kinds: Mapping[str, pl.DataType], rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    columns = list(zip(*rows, strict=True)) or [()] * len(kinds)
    return pl.DataFrame(
        [_column(name, kind, values) for (name, kind), values in zip(kinds.items(), columns, strict=True)]
    )


def _column(name: str, kind: pl.DataType, values: Sequence[Any]) -> pl.Series:
    """Make a column of SQLite's texts and numbers, or of Postgres' values."""
    known = type(next((value for value in values if value is not None), None))
    if known is int and kind == pl.Boolean():
        return pl.Series(name, values, dtype=pl.Int8()).cast(kind)
    if known is not str or kind == pl.String():
        return pl.Series(name, values, dtype=kind)
    texts = pl.Series(name, values, dtype=pl.String())
    if kind == pl.Date():
        return texts.str.to_date("%Y-%m-%d")
    return texts.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us").dt.replace_time_zone("UTC")
