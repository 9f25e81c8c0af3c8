"""Mails as rules see them, and what each one is between the user and a person. Pure.

A *letter* is one mail as one address has it: what it counts for, and whether it waits for an answer.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import polars as pl

from people.facts.declared import MessageFacts
from people.facts.person import columns

A_FEW, A_CIRCLE = 3, 8
"""You write to up to three people in person, and are named in person among up to eight (rule of thumb)."""


def message_facts(
    messages: pl.DataFrame, guests: pl.DataFrame, mine: Collection[str], zone: str, today: date
) -> pl.DataFrame:
    """Return one row of ``MessageFacts`` per message, in the same order.

    The frames are those of ``people.store.mail_frames``, with whole threads. ``mine`` are the user's own
    domains.
    """
    domain = pl.col("email").str.split("@").list.last()
    inside = guests.group_by("message").agg(domain.is_in(list(mine)).all().alias("own_domain"))
    sender = pl.col("role") == "from"
    senders = guests.filter(sender).unique("message", keep="first").select("message", from_email="email")
    day = pl.col("at").dt.convert_time_zone(zone).dt.date()
    # What a machine wrote is not from the other side.
    human = ~pl.any_horizontal("automatic", "bounce")
    first = (
        messages.filter(human)
        .group_by("thread")
        .agg(
            pl.col("at").filter("sent").min().alias("first_sent"),
            pl.col("at").filter(~pl.col("sent")).min().alias("first_received"),
        )
    )
    other = pl.when("sent").then("first_received").otherwise("first_sent")
    frame = (
        messages.join(first, on="thread", how="left", maintain_order="left")
        .join(inside, left_on="id", right_on="message", how="left", maintain_order="left")
        .join(senders, left_on="id", right_on="message", how="left", maintain_order="left")
        .join(_answered_within(messages), on="id", how="left", maintain_order="left")
        .with_columns(
            direction=_direction(),
            from_domain=pl.col("from_email").str.split("@").list.last(),
            own_domain=pl.col("own_domain").fill_null(value=False),
            thread_size=pl.len().over("thread"),
            answers=(other < pl.col("at")).fill_null(value=False),
            age=(pl.lit(today) - day).dt.total_days(),
        )
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in columns(MessageFacts).items())


def _answered_within(messages: pl.DataFrame) -> pl.DataFrame:
    """Return ``id`` and ``answered_within`` (minutes, rounded up) of each mail that answers the user."""
    written = messages.filter("sent").select("thread", "at", written="at").sort("at")
    received = messages.filter(~pl.col("sent")).select("id", "thread", "at").sort("at")
    # Both are sorted as a whole, and so within each thread.
    answers = received.join_asof(
        written, on="at", by="thread", strategy="backward", check_sortedness=False
    ).drop_nulls("written")
    seconds = (pl.col("at") - pl.col("written")).dt.total_seconds()
    return answers.select("id", answered_within=(seconds + 59) // 60)


def counts_by_headers(facts: pl.DataFrame) -> pl.Series:
    """Return what each mail (a row of ``MessageFacts``) counts for by its headers alone.

    It is used if no rule decides, as in a network whose rules are older than mail.
    """
    machine = pl.any_horizontal("bulk", "automatic", "calendar", "bounce", pl.col("list_id").is_not_null())
    written = (pl.col("direction") == "sent") & (pl.col("recipients") <= A_FEW)
    addressed = (pl.col("role").fill_null("") == "to") & (pl.col("recipients") <= A_CIRCLE)
    counts = (
        pl.when(machine)
        .then(pl.lit("none"))
        .when(written | addressed)
        .then(pl.lit("full"))
        .otherwise(pl.lit("together"))
    )
    return facts.select(counts.alias("counts")).to_series()


def letters(messages: pl.DataFrame, guests: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """Return the mails that count, one row per address in each.

    The columns are ``message, email, source, at, sent, counts, bounced, answers, thread, subject`` and
    ``waits``. ``verdicts`` has ``noise, counts, settled, answers`` for each message, in the same order. A
    mail counts as decided for whoever wrote it, or is named in To of one that you wrote; for the others in
    one that you wrote it is *together* at most. Those beside you in somebody else's mail have no letter. One
    that did not arrive counts for nothing; it is there as ``bounced``.
    """
    decided = pl.concat(
        [messages, verdicts.select("noise", "counts", "settled", "answers")], how="horizontal"
    )
    decided = decided.filter(~pl.col("noise").fill_null(value=False))
    lost = _bounced(decided)
    counted = decided.filter(pl.col("counts") != "none").select(
        "id",
        "at",
        "sent",
        "counts",
        "settled",
        "answers",
        "thread",
        "subject",
        "source",
        bounced=pl.col("id").is_in(lost.implode()),
    )
    both = guests.join(counted, left_on="message", right_on="id", how="inner", maintain_order="left")
    # Who stands beside you in somebody else's mail has written nothing.
    both = both.filter(pl.col("sent") | (pl.col("role") == "from"))
    in_person = pl.col("role") == pl.when("sent").then(pl.lit("to")).otherwise(pl.lit("from"))
    counts = (
        pl.when("bounced").then(pl.lit("none")).when(in_person).then("counts").otherwise(pl.lit("together"))
    )
    frame = both.with_columns(counts=counts)
    waits = (pl.col("counts") == "full") & ~pl.col("settled").fill_null(value=False)
    kept = ("message", "email", "source", "at", "sent", "counts", "bounced", "answers", "thread")
    return frame.select(*kept, "subject", waits.alias("waits"))


def written_to(found: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Return ``source, email, name`` of those to which the user wrote in person.

    ``names`` has ``email, name`` of those whose name is known.
    """
    sent = found.filter(pl.col("sent") & (pl.col("counts") == "full")).select("source", "email").unique()
    return sent.join(names, on="email", how="left").sort("source", "email")


def _bounced(messages: pl.DataFrame) -> pl.Series:
    """Return the ids of the mails to one person that a report of their thread says did not arrive."""
    reports = messages.filter("bounce").select("at", "thread").sort("at")
    written = messages.filter(pl.col("sent") & (pl.col("recipients") == 1)).select("id", "at", "thread")
    last = reports.join_asof(
        written.sort("at"), on="at", by="thread", strategy="backward", check_sortedness=False
    )
    return last.get_column("id").drop_nulls().unique()


def of_people(found: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """Give each letter its ``person_id``; those of strangers are left out.

    ``owners`` (``email, person_id``) has all addresses of each person. A mail to two of them is one letter.
    """
    known = found.drop("source").join(owners, on="email").sort(pl.col("counts") != "full", "message", "email")
    return known.unique(["person_id", "message"], keep="first", maintain_order=True).sort("at", "message")


def _direction() -> pl.Expr:
    return pl.when("sent").then(pl.lit("sent")).otherwise(pl.lit("received"))
