"""Who waits for whose answer, and the other facts of a person that mail gives. Pure.

An answer is a mail from any address of the person, or to one; contact of another kind; or a booked meeting.
``moment`` (UTC) is the instant up to which things have happened, ``today`` its day in the user's zone.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from people.facts.days.mailed import Mailed, lately
from people.facts.guests import is_past

LATELY = 30
"""Days for which a mail is news. What waits for longer is for a quiet hour (rule of thumb)."""


def until_dismissed(theirs: pl.DataFrame, dismissed: pl.DataFrame) -> pl.DataFrame:
    """Let no letter wait that the user has dismissed with its thread. A later one of the thread waits again.

    ``theirs`` is that of ``people.facts.mail.of_people``, ``dismissed`` has ``thread`` and ``until``. The new
    column ``dismissed`` is True for each letter that would wait without that.
    """
    if dismissed.is_empty():
        return theirs.with_columns(dismissed=pl.lit(value=False))
    joined = theirs.join(dismissed, on="thread", how="left", maintain_order="left")
    over = (pl.col("at") <= pl.col("until")).fill_null(value=False)
    waits = pl.col("waits")
    return joined.with_columns(waits=waits & ~over, dismissed=waits & over).drop("until")


def mail_part(
    found: Mailed,
    met: pl.DataFrame,
    happened: pl.DataFrame,
    *,
    today: date,
    moment: datetime,
    zone: str,
) -> pl.DataFrame:
    """Return ``person_id`` and the facts of mail of each person with a letter.

    ``met`` and ``happened`` are the frames of ``people.facts.person``, without mail.
    """
    frame = found.ends.select("person_id", *_INSTANTS, "in_reply", mail_bounced="bounced")
    recent = lately(found, today).select("person_id", "mails_90d")
    for part in (_otherwise(met, happened, today, moment), _booked(met, moment), recent):
        frame = frame.join(part, on="person_id", how="left")
    frame = frame.join(_unanswered(found, frame, zone), on="person_id", how="left").with_columns(
        *_waiting("for_me", "sent_at", today, zone), *_waiting("for_them", "received_at", today, zone)
    )
    waits = pl.col("waiting_for_them_since").is_not_null()
    return frame.select(
        "person_id",
        _day("sent_at", zone).alias("last_mail_sent"),
        _day("received_at", zone).alias("last_mail_received"),
        pl.col("mails_90d").fill_null(0),
        pl.col("unanswered_in_a_row").fill_null(0),
        pl.col("mail_bounced").fill_null(value=False),
        pl.col("^waiting_for_(me|them)_(since|days)$"),
        (waits & pl.col("in_reply")).fill_null(value=False).alias("waiting_for_them_in_reply"),
    )


_INSTANTS = ("sent_at", "received_at", "for_me", "for_them")


def waiting_letters(theirs: pl.DataFrame, facts: pl.DataFrame, moment: datetime, zone: str) -> pl.DataFrame:
    """Return the letter behind each person's ``waiting_for_me_since`` and ``waiting_for_them_since``.

    The rows have ``side`` (*me* or *them*) and the columns of ``theirs``. ``facts`` has ``id`` and both days.
    """
    known = (
        theirs.filter((pl.col("at") <= moment) & pl.col("waits"))
        .with_columns(day=_day("at", zone))
        .sort("at")
    )
    found = []
    for side, sent in (("me", False), ("them", True)):
        day = f"waiting_for_{side}_since"
        ids = facts.filter(pl.col(day).is_not_null()).select(person_id="id", day=day)
        own = known.filter(pl.col("sent") == sent).join(ids, on=["person_id", "day"], how="semi")
        found.append(
            own.unique("person_id", keep="last", maintain_order=True).with_columns(side=pl.lit(side))
        )
    return pl.concat(found).drop("day").sort("side", "at", "person_id")


def _otherwise(met: pl.DataFrame, happened: pl.DataFrame, today: date, moment: datetime) -> pl.DataFrame:
    """The last contact of another kind: its instant, or its day if no hour is known."""
    meetings = met.filter((pl.col("counts") == "full") & is_past(moment, today))
    timeless = happened.filter((pl.col("counts") == "full") & (pl.col("channel") != "meeting"))
    days = pl.when(pl.col("at").is_null()).then("day")
    return (
        pl.concat(
            [meetings.select("person_id", "at", day=days), timeless.select("person_id", "day")],
            how="diagonal",
        )
        .group_by("person_id")
        .agg(pl.col("at").max().alias("other_at"), pl.col("day").max().alias("other_day"))
    )


def _booked(met: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    future = met.filter((pl.col("at") > moment) & (pl.col("counts") == "full"))
    return future.select("person_id", booked=pl.lit(value=True)).unique()


def _unanswered(found: Mailed, ends: pl.DataFrame, zone: str) -> pl.DataFrame:
    since = ends.select(pl.col("person_id").cast(pl.Categorical), "received_at", "other_at", "other_day")
    still = found.unanswered.join(since, on="person_id").filter(_is_open("at", "received_at", zone))
    counted = still.group_by("person_id").agg(pl.len().cast(pl.Int64).alias("unanswered_in_a_row"))
    return counted.with_columns(pl.col("person_id").cast(pl.String))


def _waiting(side: str, answer: str, today: date, zone: str) -> tuple[pl.Expr, pl.Expr]:
    """The day since which one side waits, and the days since; missing once there was an answer."""
    since = pl.when(_is_open(side, answer, zone) & pl.col("booked").is_null()).then(_day(side, zone))
    ago = (pl.lit(today) - since).dt.total_days()
    return since.alias(f"waiting_{side}_since"), ago.alias(f"waiting_{side}_days")


def _is_open(letter: str, answer: str, zone: str) -> pl.Expr:
    """Whether nothing came after a letter. Contact without an hour answers all that was written that day."""
    later = pl.max_horizontal(answer, "other_at") >= pl.col(letter)
    later_that_day = pl.col("other_day") >= _day(letter, zone)
    return ~(later.fill_null(value=False) | later_that_day.fill_null(value=False))


def _day(column: str, zone: str) -> pl.Expr:
    return pl.col(column).dt.convert_time_zone(zone).dt.date()
