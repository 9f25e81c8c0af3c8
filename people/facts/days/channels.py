"""How long ago you met, called or wrote to each person, the latest events, and their usual interval. Pure."""

from __future__ import annotations

from datetime import date

import polars as pl

FACTS = (
    "days_since_meeting", "days_since_call", "days_since_mail", "events", "usual_interval_days",
    "usual_interval_used",
)  # fmt: skip
EVENT_DAYS = 14
"""How many days back ``events`` reaches: a follow-up after an event is late after two weeks."""
LEAST_CONTACTS = 4
"""With fewer days of contact there is no usual interval yet: three gaps are few enough (rule of thumb)."""

_CALL = r"(?i)\b(call|calls|called|phone|phoned|rang|telephone|anruf|telefonat|telefoniert|appel|llamada)\b"
_IN_PERSON = (
    r"(?i)\b(met|meeting|visit|visited|breakfast|lunch|coffee|dinner|drinks|mittagessen|déjeuner|comida)\b"
)


def channel_part(happened: pl.DataFrame, today: date) -> pl.DataFrame:
    """Return one row per person: ``days_since_meeting``, ``_call`` and ``_mail``, ``events``, the interval.

    ``happened`` is that of ``people.facts.person.contact_days``. The words of its title say whether it was a
    call; a line of the journal that names a meal or a visit was a meeting.
    """
    ago = (pl.lit(today) - pl.col("day")).dt.total_days()
    title = pl.col("title").fill_null("")
    full = (pl.col("counts") == "full") & (pl.col("day") <= today)
    # A source of interactions writes "2 mails" (connectors.shared.talks).
    logged = (pl.col("channel") == "journal") & title.str.contains(r"^(\d+ )?mails?(,|$)")
    mail = (pl.col("channel") == "email") | logged
    call = title.str.contains(_CALL) & ~mail
    written = (pl.col("channel") == "journal") & title.str.contains(_IN_PERSON)
    met = ((pl.col("channel") == "meeting") | pl.col("event") | written) & ~call
    return (
        happened.sort("day", "record")
        .group_by("person_id")
        .agg(
            ago.filter(full & met).min().alias("days_since_meeting"),
            ago.filter(full & call).min().alias("days_since_call"),
            ago.filter(full & mail).min().alias("days_since_mail"),
            title.filter(pl.col("event") & (ago >= 0) & (ago <= EVENT_DAYS) & (title != ""))
            .unique(maintain_order=True)
            .alias("events"),
            _interval(pl.col("day").filter(full)).alias("usual_interval_days"),
            ago.filter(full).min().alias("_ago"),
        )
        .with_columns(usual_interval_used=(pl.col("_ago") / pl.col("usual_interval_days")).round(2))
        .drop("_ago")
    )


def _interval(days: pl.Expr) -> pl.Expr:
    """The median gap between days of contact, in whole days; null with fewer than ``LEAST_CONTACTS``."""
    different = days.unique().sort()
    gap = different.diff().dt.total_days().drop_nulls().median()
    return pl.when(different.len() >= LEAST_CONTACTS).then(gap).round().cast(pl.Int64)
