"""Whole tables as polars frames, for facts in bulk."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from people.parallel import gc_paused
from people.store.db import schema
from people.store.db.bulk import chunks, fetch_in
from people.store.resolving.decisions import worth_asking

if TYPE_CHECKING:
    import polars as pl


Key = tuple[str, str]
"""The source and the source id of a meeting."""

_AT_ONCE = 50_000
"""Rows that are Python's before they become a frame's; all at once would take three times the memory."""

_NOT_TOLD = ("hash", "raw_hash", "uid", "gone_at", "file")


def meetings(connection: sa.Connection, keys: Collection[Key] | None = None) -> pl.DataFrame:
    """Meetings that are in their calendar, all or of ``keys``; ``labels`` as a list, instants in UTC."""
    import polars as pl  # noqa: PLC0415

    table = schema.meetings
    picked = [c for c in table.columns if c.name not in _NOT_TOLD]
    frame = _by_key(connection, sa.select(*picked).where(table.c.gone_at.is_(None)), table, keys)
    return frame.with_columns(pl.col("labels").str.json_decode(pl.List(pl.String())))


def attendees(connection: sa.Connection, keys: Collection[Key] | None = None) -> pl.DataFrame:
    """The guest lists of meetings that are still there, less the user's own rows. All, or of ``keys``."""
    meeting, guest = schema.meetings, schema.attendees
    query = (
        sa.select(*guest.columns)
        .join(meeting, sa.and_(meeting.c.source == guest.c.source, meeting.c.source_id == guest.c.source_id))
        .where(meeting.c.gone_at.is_(None), ~guest.c.is_self)
    )
    return _by_key(connection, query, guest, keys)


def meetings_with(connection: sa.Connection, emails: Collection[str]) -> set[Key]:
    """The source and id of each meeting that has one of these addresses among its guests."""
    guest = schema.attendees.c
    rows = fetch_in(connection, sa.select(guest.source, guest.source_id), guest.email, sorted(emails))
    return {(row.source, row.source_id) for row in rows}


def _by_key(
    connection: sa.Connection, query: sa.Select[Any], table: sa.Table, keys: Collection[Key] | None
) -> pl.DataFrame:
    """The rows of a query on ``table``: all, or those of some meetings."""
    import polars as pl  # noqa: PLC0415

    if keys is None:
        return _frame(connection, query)
    by_source: dict[str, list[str]] = {}
    for source, source_id in sorted(keys):
        by_source.setdefault(source, []).append(source_id)
    parts = [
        _frame(connection, query.where(table.c.source == source, table.c.source_id.in_(batch)))
        for source, ids in by_source.items()
        for batch in chunks(ids)
    ]
    return pl.concat(parts) if parts else _frame(connection, query.where(sa.false()))


def journal(connection: sa.Connection) -> pl.DataFrame:
    """Every journal line with the people it was found to name; ``group``, money and hours as text."""
    table = schema.journal
    picked = [c for c in table.columns if c.name not in ("hash", "gone_at")]
    frame = _frame(connection, sa.select(*picked).where(table.c.gone_at.is_(None)))
    return frame.rename({"grp": "group"})


def emails_of(connection: sa.Connection, ids: Collection[str]) -> set[str]:
    """All addresses of these people."""
    table = schema.person_emails.c
    return {row.email for row in fetch_in(connection, sa.select(table.email), table.person_id, sorted(ids))}


def email_owners(connection: sa.Connection, emails: Collection[str] | None = None) -> pl.DataFrame:
    """``email, person_id`` of all people, or of all who have one of these addresses."""
    table = schema.person_emails.c
    return _picked(connection, sa.select(table.email, table.person_id), table.email, emails)


def guest_owners(connection: sa.Connection, emails: Collection[str] | None = None) -> pl.DataFrame:
    """``source, email, person_id`` of all guests that became people, or of those with these addresses."""
    table = schema.contacts.c
    email = sa.func.substr(table.source_id, len("mailto:") + 1)
    query = sa.select(table.source, email.label("email"), table.person_id).where(
        table.derived, table.gone_at.is_(None), table.person_id.is_not(None)
    )
    if emails is None:
        return _frame(connection, query)
    # Named sources make it a look into the primary key.
    query = query.where(table.source.in_(sa.select(schema.sources.c.name)))
    return _picked(connection, query, table.source_id, [f"mailto:{email}" for email in emails])


def records(connection: sa.Connection, ids: Collection[str] | None = None) -> pl.DataFrame:
    """``person_id, source, record`` of every card that is there and could be read, guests included.

    All, or those of the people ``ids``.
    """
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
    """The rows of a query: all, or those whose ``column`` is one of ``values``."""
    import polars as pl  # noqa: PLC0415

    if values is None:
        return _frame(connection, query)
    parts = [_frame(connection, query.where(column.in_(batch))) for batch in chunks(sorted(values))]
    return pl.concat(parts) if parts else _frame(connection, query.where(sa.false()))


def undecided(connection: sa.Connection, known: pl.DataFrame) -> pl.DataFrame:
    """``person_id, twin``: people whose records may be one person, each pair in both directions.

    ``known`` are the ``records``.
    """
    import polars as pl  # noqa: PLC0415

    table = schema.open_pairs
    pairs = _frame(connection, sa.select(table.c.a, table.c.b).where(worth_asking(connection)))
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
    """Completed follow-ups that count as contact, as ``person_id, day, title, record``."""
    table = schema.follow_ups.c
    query = sa.select(
        table.person_id,
        table.closed_on.label("day"),
        table.title,
        sa.literal("follow-up:").concat(table.key).label("record"),
    ).where(table.status == "done", table.done_is_contact)
    return _frame(connection, query)


def profiles(
    connection: sa.Connection, known: pl.DataFrame, ids: Collection[str] | None = None
) -> pl.DataFrame:
    """The merged profiles of active people as columns, ``id`` first; all, or those of ``ids``.

    ``known`` are the ``records``.
    """
    import polars as pl  # noqa: PLC0415

    table = schema.people.c
    query = sa.select(table.id, table.profile).where(table.active)
    frame = _picked(connection, query, table.id, ids)
    shape = pl.Struct({**dict.fromkeys(_TEXTS, pl.String()), **dict.fromkeys(_LISTS, pl.List(pl.String()))})
    decoded = frame.with_columns(pl.col("profile").str.json_decode(shape)).unnest("profile")
    return decoded.with_columns(pl.col("connected_on").str.to_date(strict=False)).join(
        _told_by(known), on="id", how="left"
    )


_TEXTS = (
    "name",
    "given_name",
    "family_name",
    "organisation",
    "title",
    "city",
    "country",
    "note",
    "birthday",
    "connected_on",
)
_LISTS = ("emails", "phones", "labels", "needs", "offers")


def _told_by(known: pl.DataFrame) -> pl.DataFrame:
    """``id, sources, record_count`` of everybody who has a record."""
    import polars as pl  # noqa: PLC0415

    return known.group_by(id="person_id").agg(
        pl.col("source").unique().sort().alias("sources"), pl.len().cast(pl.Int64).alias("record_count")
    )


def _frame(connection: sa.Connection, query: sa.Select[Any]) -> pl.DataFrame:
    """Run ``query``; column types come from the tables, so that an empty result has them too.

    Values are taken as the driver gives them, and made what they are by the column: one by one they
    would take longer than all that is reckoned with them.
    """
    import polars as pl  # noqa: PLC0415

    types: dict[type, pl.DataType] = {
        schema.UtcDateTime: pl.Datetime("us", "UTC"),
        sa.Date: pl.Date(),
        sa.Boolean: pl.Boolean(),
        sa.Integer: pl.Int64(),
        sa.Float: pl.Float64(),
    }
    kinds = {c.name: types.get(type(c.type), pl.String()) for c in query.selected_columns}
    cursor = connection.execute(query).cursor
    parts = [_part(kinds, ())]
    with gc_paused():
        while rows := cursor.fetchmany(_AT_ONCE):
            parts.append(_part(kinds, rows))
    return pl.concat(parts, rechunk=True)


def _part(kinds: Mapping[str, pl.DataType], rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415

    columns = list(zip(*rows, strict=True)) or [()] * len(kinds)
    return pl.DataFrame(
        [_column(name, kind, values) for (name, kind), values in zip(kinds.items(), columns, strict=True)]
    )


def _column(name: str, kind: pl.DataType, values: Sequence[Any]) -> pl.Series:
    """A column of what SQLite keeps as text or number, or of what Postgres gives."""
    import polars as pl  # noqa: PLC0415

    known = type(next((value for value in values if value is not None), None))
    if known is int and kind == pl.Boolean():
        return pl.Series(name, values, dtype=pl.Int8()).cast(kind)
    if known is not str or kind == pl.String():
        return pl.Series(name, values, dtype=kind)
    texts = pl.Series(name, values, dtype=pl.String())
    if kind == pl.Date():
        return texts.str.to_date("%Y-%m-%d")
    return texts.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us").dt.replace_time_zone("UTC")
