"""Whole tables as polars frames, for facts in bulk."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from people.memory import no_cycle_search
from people.store import schema
from people.store.decisions import worth_asking
from people.store.tables_io import chunks

if TYPE_CHECKING:
    import polars as pl


_AT_ONCE = 50_000
"""Rows that are Python's before they become a frame's; all at once would take three times the memory."""

_NOT_TOLD = ("hash", "raw_hash", "uid", "gone_at", "file")


def meetings(connection: sa.Connection) -> pl.DataFrame:
    """Every meeting that is still in its calendar; ``labels`` as a list, instants in UTC."""
    import polars as pl  # noqa: PLC0415

    table = schema.meetings.c
    picked = [
        c for c in schema.meetings.columns if c.name not in ("hash", "raw_hash", "uid", "gone_at", "file")
    ]
    frame = _frame(connection, sa.select(*picked).where(table.gone_at.is_(None)))
    return frame.with_columns(pl.col("labels").str.json_decode(pl.List(pl.String())))


def attendees(connection: sa.Connection) -> pl.DataFrame:
    """Every row of the guest lists of meetings that are still there, but the user's own."""
    meeting, guest = schema.meetings, schema.attendees
    query = (
        sa.select(*guest.columns)
        .join(meeting, sa.and_(meeting.c.source == guest.c.source, meeting.c.source_id == guest.c.source_id))
        .where(meeting.c.gone_at.is_(None), ~guest.c.is_self)
    )
    return _frame(connection, query)


def journal(connection: sa.Connection) -> pl.DataFrame:
    """Every journal line with the people it was found to name; ``group``, money and hours as text."""
    table = schema.journal
    picked = [c for c in table.columns if c.name not in ("hash", "gone_at")]
    frame = _frame(connection, sa.select(*picked).where(table.c.gone_at.is_(None)))
    return frame.rename({"grp": "group"})


def email_owners(connection: sa.Connection) -> pl.DataFrame:
    """``email, person_id`` of all people."""
    return _frame(connection, sa.select(schema.person_emails.c.email, schema.person_emails.c.person_id))


def guest_owners(connection: sa.Connection) -> pl.DataFrame:
    """``source, email, person_id`` of all guests that became people."""
    table = schema.contacts.c
    email = sa.func.substr(table.source_id, len("mailto:") + 1)
    query = sa.select(table.source, email.label("email"), table.person_id)
    return _frame(
        connection, query.where(table.derived, table.gone_at.is_(None), table.person_id.is_not(None))
    )


def records(connection: sa.Connection) -> pl.DataFrame:
    """``person_id, source, record`` of every card that is there and could be read, guests included."""
    table = schema.contacts.c
    record = table.source.concat(":").concat(table.source_id).label("record")
    query = sa.select(table.person_id, table.source, record)
    return _frame(
        connection, query.where(table.person_id.is_not(None), table.gone_at.is_(None), ~table.rejected)
    )


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
    if ids is None:
        frame = _frame(connection, query)
    else:
        parts = [_frame(connection, query.where(table.id.in_(batch))) for batch in chunks(sorted(ids))]
        frame = pl.concat(parts) if parts else _frame(connection, query.where(sa.false()))
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
    with no_cycle_search():
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
