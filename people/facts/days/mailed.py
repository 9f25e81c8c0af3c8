"""The little that judging needs of a million mails, whatever the day: one row per person, one per day. Pure.

Letters are those of ``people.facts.mail.of_people`` for both sides of a pair, with ``dismissed`` of
``people.facts.waiting.until_dismissed``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

PARTS = ("ends", "days", "unanswered")
_WINDOW = 90
"""The days of ``mails_90d``."""


@dataclass(frozen=True)
class Mailed:
    """What the letters up to an instant say.

    ``ends`` has one row per person: the last letters each way (``sent_at, received_at``), the last ones that
    wait (``for_me, for_them, in_reply``), whether the very last was ``bounced`` or ``dismissed``, and the
    first and the last day of contact (``first_day, last_day``) with that letter (``message, email, sent,
    subject``). ``days`` has ``person_id, day``, whether it is one of ``contact``, and how many ``letters``
    arrived. ``unanswered`` has ``person_id, at`` of what you wrote in person after their last letter. In
    ``days`` and ``unanswered``, ``person_id`` is categorical.
    """

    ends: pl.DataFrame
    days: pl.DataFrame
    unanswered: pl.DataFrame

    @property
    def parts(self) -> Mapping[str, pl.DataFrame]:
        """The frames by name, as they are cached."""
        return {name: getattr(self, name) for name in PARTS}

    def let_rest(self) -> list[str]:
        """Return the people whose last letter the user has dismissed."""
        return self.ends.filter("dismissed").get_column("person_id").to_list()


def mailed(theirs: pl.DataFrame, zone: str) -> Mailed:
    """Sum up letters. ``zone`` is the user's time zone, in which days begin."""
    known = theirs.with_columns(
        pl.col("person_id").cast(pl.Categorical),
        day=pl.col("at").dt.convert_time_zone(zone).dt.date(),
        contact=pl.col("counts") == "full",
    ).sort("at", "message")
    sent, arrived, contact = pl.col("sent"), ~pl.col("bounced"), pl.col("contact")
    waits = pl.col("waits")
    last = (
        known.filter("contact")
        .group_by("person_id")
        .agg(
            pl.col("day").first().alias("first_day"),
            pl.col("day").last().alias("last_day"),
            pl.col("message", "email", "sent", "subject").last(),
        )
    )
    ends = (
        known.select(
            "person_id",
            "bounced",
            "dismissed",
            pl.when(sent & arrived).then("at").alias("sent_at"),
            pl.when(~sent).then("at").alias("received_at"),
            pl.when(~sent & waits).then("at").alias("for_me"),
            pl.when(sent & waits).then("at").alias("for_them"),
            pl.when(sent & waits).then("answers").alias("in_reply"),
        )
        .group_by("person_id")
        .agg(
            pl.col("sent_at", "received_at", "for_me", "for_them").max(),
            pl.col("in_reply").drop_nulls().last(),
            pl.col("bounced", "dismissed").last(),
        )
        .join(last, on="person_id", how="left")
    )
    days = known.group_by("person_id", "day").agg(
        contact.any(), arrived.sum().cast(pl.UInt32).alias("letters")
    )
    written = known.filter(sent & contact).join(ends.select("person_id", "received_at"), on="person_id")
    after = written.filter((pl.col("at") > pl.col("received_at")).fill_null(value=True))
    return Mailed(
        ends.with_columns(pl.col("person_id").cast(pl.String)), days, after.select("person_id", "at")
    )


def lately(found: Mailed, today: date) -> pl.DataFrame:
    """Return ``person_id`` (text) and how much mail there was in the last days.

    ``mails_90d`` counts letters that arrived, ``contacts_90d`` and ``contacts_365d`` days of contact.
    """
    ago = (pl.lit(today) - pl.col("day")).dt.total_days()
    recent = found.days.filter(ago <= 365).select(
        "person_id",
        pl.when(ago <= _WINDOW).then("letters").otherwise(0).alias("mails_90d"),
        (pl.col("contact") & (ago <= 90)).alias("contacts_90d"),
        pl.col("contact").alias("contacts_365d"),
    )
    sums = recent.group_by("person_id").agg(pl.exclude("person_id").sum())
    return sums.with_columns(pl.col("person_id").cast(pl.String), pl.col("mails_90d").cast(pl.Int64))


def days_after(found: Mailed, events: pl.DataFrame) -> pl.DataFrame:
    """Return ``person_id`` and on how many days of contact by mail an event was already past: ``contacts``.

    ``events`` has ``person_id`` and the day of each person's first event, ``first_event_on``.
    """
    first = events.with_columns(pl.col("person_id").cast(pl.Categorical))
    later = (
        found.days.filter("contact")
        .join(first, on="person_id")
        .filter(pl.col("day") > pl.col("first_event_on"))
    )
    counted = later.group_by("person_id").agg(pl.len().alias("contacts"))
    return counted.with_columns(pl.col("person_id").cast(pl.String))


def contacts(theirs: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Return the letters that are contact as rows of what happened (``people.facts.person``), one per day."""
    day = pl.col("at").dt.convert_time_zone(zone).dt.date()
    daily = theirs.filter(pl.col("counts") == "full").with_columns(day=day).sort("at", "message")
    return _happened(daily.unique(["person_id", "day"], keep="last", maintain_order=True))


def last_contacts(found: Mailed, ids: Collection[str]) -> pl.DataFrame:
    """Return the last contact by mail of each of these people, as a row of ``contacts``."""
    theirs = found.ends.filter(pl.col("person_id").is_in(list(ids)) & pl.col("last_day").is_not_null())
    return _happened(theirs.with_columns(day="last_day"))


def _happened(theirs: pl.DataFrame) -> pl.DataFrame:
    return worded(theirs).select(
        "person_id",
        "day",
        pl.lit("full").alias("counts"),
        pl.lit("email").alias("channel"),
        pl.lit(None, pl.String).alias("group"),
        "title",
        "record",
        pl.lit(value=False).alias("event"),
    )


def worded(theirs: pl.DataFrame) -> pl.DataFrame:
    """Add ``title``, what a letter was in words, and ``record``, which names it."""
    return theirs.with_columns(title=_words(), record=mail_record())


def mail_record() -> pl.Expr:
    """The key of a letter, as other records have one."""
    return pl.concat_str(pl.lit("mail:"), pl.col("message").cast(pl.String))


def _words() -> pl.Expr:
    """What a letter was: ``you wrote to anna@berg.example``, with the subject if it is known."""
    who = (
        pl.when("sent")
        .then(pl.concat_str(pl.lit("you wrote to "), "email"))
        .otherwise(pl.concat_str("email", pl.lit(" wrote to you")))
    )
    return pl.concat_str(who, pl.concat_str(pl.lit(": "), "subject").fill_null(""))
