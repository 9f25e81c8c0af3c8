"""When you were in touch, by what, and at which events: what the days of contact say of a person. Pure.

``ordered`` is what ``people.facts.person.contact_days`` returns, sorted by day and record. ``found`` adds
mail; it is None if ``ordered`` has it, or if there is none.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from people.facts.days import mailed
from people.facts.days.mailed import Mailed, mail_record


def contact_part(ordered: pl.DataFrame, found: Mailed | None, today: date) -> pl.DataFrame:
    """The first and last contact, and how many there were."""
    ago = (pl.lit(today) - pl.col("day")).dt.total_days()
    full = ordered.filter(pl.col("counts") == "full").select(
        "person_id", "day", "channel", "record", recent=ago <= 90, this_year=ago <= 365
    )
    part = full.group_by("person_id").agg(
        pl.col("day").first().alias("first_contact"),
        pl.col("day").last().alias("last_contact"),
        pl.col("channel").last().alias("last_channel"),
        pl.col("record").last(),
        pl.col("recent").sum().alias("contacts_90d"),
        pl.col("this_year").sum().alias("contacts_365d"),
    )
    if found is not None:
        part = _contact_with_mail(part, found, today)
    return part.drop("record").with_columns(days_since_contact=_days_since("last_contact", today))


def _contact_with_mail(part: pl.DataFrame, found: Mailed, today: date) -> pl.DataFrame:
    """Add contact by mail. Of two on the last day, the one with the higher record is the last."""
    theirs = found.ends.filter(pl.col("last_day").is_not_null()).select(
        "person_id", "first_day", "last_day", mail=mail_record()
    )
    lately = mailed.lately(found, today).rename({"contacts_90d": "recent", "contacts_365d": "this_year"})
    both = part.join(
        theirs.join(lately, on="person_id", how="left"), on="person_id", how="full", coalesce=True
    )
    same_day = pl.col("last_day") == pl.col("last_contact")
    by_mail = (
        pl.col("last_contact").is_null()
        | (pl.col("last_day") > pl.col("last_contact"))
        | (same_day & (pl.col("mail") > pl.col("record")))
    )
    return both.select(
        "person_id",
        pl.min_horizontal("first_contact", "first_day").alias("first_contact"),
        pl.max_horizontal("last_contact", "last_day").alias("last_contact"),
        pl.when(by_mail).then(pl.lit("email")).otherwise("last_channel").alias("last_channel"),
        "record",
        pl.sum_horizontal("contacts_90d", "recent").alias("contacts_90d"),
        pl.sum_horizontal("contacts_365d", "this_year").alias("contacts_365d"),
    )


def together_part(ordered: pl.DataFrame, found: Mailed | None, today: date) -> pl.DataFrame:
    """Events, groups, and how long somebody is known."""
    # A mail is contact, but nobody attends it.
    together = pl.when(pl.col("channel") != "email").then("day")
    part = ordered.group_by("person_id").agg(
        pl.col("day").first().alias("known_since"), together.max().alias("last_together")
    )
    if found is not None:
        first = found.ends.filter(pl.col("first_day").is_not_null()).select("person_id", "first_day")
        part = part.join(first, on="person_id", how="full", coalesce=True)
        part = part.with_columns(known_since=pl.min_horizontal("known_since", "first_day")).drop("first_day")
    events = (
        ordered.filter("event")
        .select("person_id", "day", name=_event_name())
        .group_by("person_id")
        .agg(
            pl.col("name").last().alias("last_event"),
            pl.col("name").first().alias("first_event"),
            pl.col("day").first().alias("first_event_on"),
        )
    )
    groups = (
        ordered.filter(pl.col("group").is_not_null())
        .group_by("person_id")
        .agg(pl.col("group").unique().sort().alias("groups"))
    )
    since = _since_first_event(ordered, found, events.select("person_id", "first_event_on"))
    for other in (events, groups, since):
        part = part.join(other, on="person_id", how="left")
    return part.drop("known_since").with_columns(
        part.select(_days_since("known_since", today).alias("days_known")).to_series(),
        _days_since("last_together", today).alias("days_since_together"),
        _days_since("first_event_on", today).alias("days_since_first_event"),
    )


def _since_first_event(ordered: pl.DataFrame, found: Mailed | None, events: pl.DataFrame) -> pl.DataFrame:
    """How many contacts there were on the days after the first event."""
    later = (
        ordered.filter(pl.col("counts") == "full")
        .select("person_id", "day")
        .join(events, on="person_id")
        .filter(pl.col("day") > pl.col("first_event_on"))
    )
    counted = [later.group_by("person_id").agg(pl.len().alias("contacts"))]
    if found is not None:
        counted.append(mailed.days_after(found, events))
    sums = pl.concat(counted).group_by("person_id").agg(pl.col("contacts").sum())
    return sums.rename({"contacts": "contacts_since_first_event"})


def _days_since(column: str, today: date) -> pl.Expr:
    return (pl.lit(today) - pl.col(column)).dt.total_days()


def _event_name() -> pl.Expr:
    """The name of an event; missing if a journal line says only that you met."""
    written = pl.col("channel") == "journal"
    name = pl.col("title").str.split(";").list.first().str.strip_chars()
    return pl.when(written).then(pl.when(name != "met").then(name)).otherwise(pl.col("title"))
