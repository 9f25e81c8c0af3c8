"""Which meetings took place, who was the host, and which guests become people."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from people.types import Contact


def hosts(meetings: pl.DataFrame, my_emails: tuple[str, ...]) -> pl.DataFrame:
    """Return ``record, direction`` of meetings: *given* if you went to them, *received* if they came."""
    mine = pl.col("organizer").is_in(list(my_emails))
    return meetings.filter(pl.col("organizer").is_not_null()).select(
        pl.concat_str("source", "source_id", separator=":").alias("record"),
        pl.when(mine).then(pl.lit("received")).otherwise(pl.lit("given")).alias("direction"),
    )


def held(meetings: pl.DataFrame) -> pl.DataFrame:
    """Return the meetings that were neither cancelled nor declined by you."""
    return meetings.filter(
        (pl.col("status") != "cancelled") & (pl.col("my_response").fill_null("") != "declined")
    )


def with_events(meetings: pl.DataFrame) -> pl.DataFrame:
    """Add ``event``, a number that the copies of one event share: it happened once, and costs once.

    Copies have one UID and start, as in two calendars of one account or in an export; or, because some
    exports make new UIDs, one title, start and end, since nobody is at two of these at once. ``uid`` goes.
    """
    frame = meetings.with_row_index("event").with_columns(pl.col("event").cast(pl.Int64))
    start = ["start_at", "start_date"]
    known = pl.col("uid").fill_null("") != ""
    same_uid = pl.when(known).then(pl.col("event").min().over(["uid", *start])).otherwise("event")
    frame = frame.with_columns(same_uid.alias("event"))
    same_words = pl.col("event").min().over(["title", *start, "end_at", "end_date"])
    joined = frame.with_columns(same_words.alias("joined"))
    # Copies under one UID may have two titles: each title brings its own copies.
    joined = joined.with_columns(pl.col("joined").min().over("event"))
    return joined.drop("event", "uid").rename({"joined": "event"})


def best_copy_first(meetings: pl.DataFrame) -> pl.DataFrame:
    """Sort classified meetings so that the copy of an event that says most comes before the others.

    It counts for something, names its group, and has the longest guest list.
    """
    by = [pl.col("counts").fill_null("none") == "none", pl.col("group").is_null(), -pl.col("attendee_count")]
    return meetings.sort(*by, "source", "source_id", nulls_last=True)


def last_day(zone: str) -> pl.Expr:
    """The day on which a meeting ends, in ``zone``."""
    ends = pl.col("end_at").dt.convert_time_zone(zone).dt.date()
    return pl.coalesce(ends, pl.col("end_date").dt.offset_by("-1d"))


def is_past(moment: datetime, today: date) -> pl.Expr:
    """Whether a meeting (``at``, ``day``) is over. A whole-day one (no ``at``) is over once its day is."""
    return pl.coalesce(pl.col("at") <= moment, pl.col("day") < today)


def guests_to_know(meetings: pl.DataFrame, verdicts: pl.DataFrame, guests: pl.DataFrame) -> pl.DataFrame:
    """Return ``source, email, name`` of the guests who become people; the name may be null.

    Guests become people if the meeting counts for each person or belongs to a declared group. Guests of
    other large events, and of declined or cancelled meetings, do not.
    """
    key = ["source", "source_id"]
    telling = verdicts.filter(
        pl.col("counts").is_in(["full", "together"])
        | ((pl.col("counts") != "none") & pl.col("group").is_not_null())
    )
    return (
        guests.join(telling, on=key, how="semi")
        .join(held(meetings), on=key, how="semi")
        .sort("source", "email", "source_id")
        .group_by("source", "email", maintain_order=True)
        .agg(pl.col("name").filter(pl.col("name") != pl.col("email")).drop_nulls().mode().sort().first())
    )


def guest_as_contact(source: str, email: str, name: str | None) -> Contact:
    """Make a contact of a guest. Its source is the calendar's, its id is ``mailto:`` and the address."""
    given, _, family = (name or "").strip().rpartition(" ")
    return Contact(
        source=source,
        source_id=f"mailto:{email}",
        name=name or email,
        given_name=(given or family or None) if name else None,
        family_name=(family if given else None) if name else None,
        emails=(email,),
    )
