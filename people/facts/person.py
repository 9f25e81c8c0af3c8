"""Facts of people and meetings: polars frames in, one row per person or meeting out. Pure.

``moment`` (UTC) is the instant up to which things have happened, ``today`` its day in the user's zone.
A future meeting is booked; it is not contact yet.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import get_args, get_origin

import polars as pl

from people.facts.days.birthdays import next_birthday, year_of_birth
from people.facts.days.contact import contact_part, together_part
from people.facts.days.mailed import Mailed
from people.facts.declared import MeetingFacts, PersonFacts
from people.facts.guests import best_copy_first, held, is_past, last_day
from people.facts.ledger import totals
from people.types import Frozen

FULL_UP_TO, TOGETHER_UP_TO = 8, 20
"""Meetings of two to eight people count fully, up to twenty as attended together (field-notes)."""
CONTACT_KINDS = ("contact", "met", "purchase", "referral", "introduction")
"""Journal lines that are real contact. Participation is *together*, and a mention does not count."""


def columns(model: type[Frozen]) -> dict[str, pl.DataType]:
    """The polars schema of a facts model: the one mapping from Python types to columns."""
    by_type: dict[object, pl.DataType] = {
        str: pl.String(),
        int: pl.Int64(),
        bool: pl.Boolean(),
        date: pl.Date(),
        tuple: pl.List(pl.String()),
    }
    found: dict[str, pl.DataType] = {}
    for name, info in model.model_fields.items():
        kinds = [kind for kind in get_args(info.annotation) if kind is not type(None)] or [info.annotation]
        kind = tuple if get_origin(info.annotation) is tuple else kinds[0]
        found[name] = by_type.get(kind, pl.Float64())
    return found


def meeting_facts(meetings: pl.DataFrame, guests: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Return one row of ``MeetingFacts`` per meeting, and its ``source_id``.

    ``guests`` are the attendee rows that are neither noise nor the user.
    """
    key = ["source", "source_id"]
    others = guests.group_by(key).agg(
        pl.col("email").sort().alias("attendee_emails"),
        pl.col("email").str.split("@").list.last().unique().sort().alias("attendee_domains"),
        (pl.len().cast(pl.Int64) + 1).alias("attendee_count"),
    )
    local = pl.col("start_at").dt.convert_time_zone(zone)
    frame = meetings.join(others, on=key, how="left").with_columns(
        pl.col("attendee_emails", "attendee_domains").fill_null([]),
        pl.col("attendee_count").fill_null(1),
        # A whole-day meeting has dates and no instants, any other one the reverse.
        pl.coalesce(
            (pl.col("end_at") - pl.col("start_at")).dt.total_minutes(),
            (pl.col("end_date") - pl.col("start_date")).dt.total_minutes(),
        ).alias("duration_minutes"),
        pl.coalesce(local.dt.strftime("%A"), pl.col("start_date").dt.strftime("%A"))
        .str.to_lowercase()
        .alias("weekday"),
        local.dt.hour().cast(pl.Int64).alias("start_hour"),
        pl.col("start_at").is_null().alias("all_day"),
        pl.col("series").is_not_null().alias("recurring"),
    )
    return frame.select("source_id", *(pl.col(n).cast(t) for n, t in columns(MeetingFacts).items()))


def counts_by_size(meetings: pl.DataFrame) -> pl.Series:
    """Return what each meeting (a row of ``MeetingFacts``) counts for by its size alone.

    It is used if no rule decides: a mistake in a rule file must not make every meeting count for nothing,
    and everybody stale.
    """
    size = pl.col("attendee_count").fill_null(1)
    ordinary = ~pl.col("all_day") & (pl.col("event_type") == "default")
    counts = (
        pl.when(~ordinary | (size < 2))
        .then(pl.lit("none"))
        .when(size <= FULL_UP_TO)
        .then(pl.lit("full"))
        .when(size <= TOGETHER_UP_TO)
        .then(pl.lit("together"))
        .otherwise(pl.lit("group"))
    )
    return meetings.select(counts.alias("counts")).to_series()


def who_is_who(guests: pl.DataFrame, known: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """Give each guest row its ``person_id``; rows of strangers are left out.

    ``known`` (``source, email, person_id``) gives the person of each guest. For other guests, as at
    large events, the person with that address (``owners``: ``email, person_id``) was there.
    """
    rows = guests.join(known, on=["source", "email"], how="left")
    certain = rows.filter(pl.col("person_id").is_not_null())
    others = rows.filter(pl.col("person_id").is_null()).drop("person_id").join(owners, on="email")
    return pl.concat([certain, others.select(certain.columns)])


def both_sides(events: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Count what happened with either person of an undecided pair for both.

    ``pairs`` has ``person_id`` and ``twin``, each pair in both directions.
    """
    shared = events.join(pairs, on="person_id").drop("person_id").rename({"twin": "person_id"})
    # A person in a pair may have been there too. Comparing everybody's rows would take far longer.
    known = events.join(pairs, on="person_id", how="semi")
    new = shared.select(events.columns).unique(maintain_order=True)
    return pl.concat([events, new.join(known, on=events.columns, how="anti", nulls_equal=True)])


def encounters(
    meetings: pl.DataFrame, guests: pl.DataFrame, verdicts: pl.DataFrame, zone: str
) -> pl.DataFrame:
    """Return who met the user when: ``person_id, day, at, counts, group, title, record``.

    ``verdicts`` are the meetings' classification (``source, source_id, kind, group, counts``);
    ``meetings`` have ``event`` (``with_events``) and ``attendee_count``, and ``guests`` a ``person_id`` (see
    ``who_is_who``). An event in several calendars is there once per person.
    Meetings that were cancelled, or that either side declined, are left out.
    """
    key = ["source", "source_id"]
    classified = best_copy_first(held(meetings).join(verdicts, on=key, how="left"))
    classified = classified.with_columns(day=last_day(zone)).with_row_index("rank")
    met = guests.filter(pl.col("response") != "declined").join(classified, on=key)
    # One event in two calendars is one event.
    once = met.sort("rank").unique(["person_id", "event"], keep="first", maintain_order=True)
    return once.select(
        "person_id",
        "day",
        pl.col("end_at").alias("at"),
        "counts",
        "group",
        "title",
        pl.concat_str(key, separator=":").alias("record"),
    )


def contact_days(
    met: pl.DataFrame, lines: pl.DataFrame, done: pl.DataFrame, today: date, moment: datetime
) -> pl.DataFrame:
    """Return what happened, one row each: ``person_id, day, counts, channel, group, title, record, event``.

    ``lines`` are journal lines with ``person_id``; ``done`` completed follow-ups (``person_id, day,
    title, record``), which count as contact. ``event`` is whether both attended an event: a meeting, or
    a line that says where you met.
    """
    names = ["person_id", "day", "counts", "channel", "group", "title", "record", "event"]
    past = is_past(moment, today) & (pl.col("counts") != "none")
    meetings = met.filter(past).with_columns(channel=pl.lit("meeting"), event=pl.lit(value=True))
    known = lines.filter(pl.col("person_id").is_not_null())
    written = known.filter((pl.col("date") <= today) & (pl.col("kind") != "mention")).with_columns(
        day=pl.col("date"),
        counts=pl.when(pl.col("kind").is_in(CONTACT_KINDS))
        .then(pl.lit("full"))
        .otherwise(pl.lit("together")),
        channel=pl.lit("journal"),
        event=pl.col("kind") == "met",
        title=pl.coalesce("note", "kind"),
        record=pl.concat_str("file", pl.col("line").cast(pl.String), separator=":"),
    )
    tasks = done.filter(pl.col("day") <= today).with_columns(
        counts=pl.lit("full"),
        channel=pl.lit("task"),
        group=pl.lit(None, pl.String),
        event=pl.lit(value=False),
    )
    return pl.concat([meetings.select(names), written.select(names), tasks.select(names)])


def person_facts(
    people: pl.DataFrame,
    met: pl.DataFrame,
    happened: pl.DataFrame,
    ledger: pl.DataFrame,
    *,
    today: date,
    moment: datetime,
    letters: Mailed | None = None,
    mail: pl.DataFrame | None = None,
    channels: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return one row of ``PersonFacts`` for each of ``people`` (profile columns, ``id`` first).

    ``happened`` is what ``contact_days`` returns; ``letters`` adds the mail. ``ledger`` is that of
    ``people.facts.ledger``, ``mail`` that of ``people.facts.waiting.mail_part``, and ``channels`` that of
    ``people.facts.days.channels.channel_part``. What is None is missing for all.
    """
    frame, ordered = people, happened.sort("day", "record")
    for part in (
        contact_part(ordered, letters, today),
        together_part(ordered, letters, today),
        _booked_part(met, moment, today),
        totals(ledger, today),
        *(part for part in (mail, channels) if part is not None),
    ):
        frame = frame.join(part, left_on="id", right_on="person_id", how="left")
    frame = frame.with_columns(
        first_name=pl.coalesce("given_name", pl.col("name").str.split(" ").list.first()),
        email_domains=pl.col("emails")
        .list.eval(pl.element().str.split("@").list.last())
        .list.unique()
        .list.sort(),
        next_birthday=next_birthday(today),
        on_file_since=_on_file_since(today),
    ).with_columns(
        days_connected=(pl.lit(today) - pl.col("connected_on")).dt.total_days(),
        days_on_file=(pl.lit(today) - pl.col("on_file_since")).dt.total_days(),
        days_until_birthday=(pl.col("next_birthday") - pl.lit(today)).dt.total_days(),
        turns=pl.col("next_birthday").dt.year() - year_of_birth(today),
    )
    # Their age changes on the birthday itself.
    frame = frame.with_columns(age=pl.col("turns") - (pl.col("days_until_birthday") > 0).cast(pl.Int32))
    types = columns(PersonFacts)
    missing = [name for name in types if name not in frame.columns]
    frame = frame.with_columns(pl.lit(None).cast(types[name]).alias(name) for name in missing)
    return frame.select(
        _defaulted(name, kind, PersonFacts.model_fields[name].default) for name, kind in types.items()
    )


def _defaulted(name: str, kind: pl.DataType, default: object) -> pl.Expr:
    column = pl.col(name).cast(kind)
    if default is None:
        return column
    # For a Decimal, polars imports NumPy, which takes a command as long as all its other work.
    plain = float(default) if isinstance(default, Decimal) else default
    return column.fill_null([] if default == () else pl.lit(plain).cast(kind))


def _booked_part(met: pl.DataFrame, moment: datetime, today: date) -> pl.DataFrame:
    booked = met.filter((pl.col("at") > moment) & (pl.col("counts") == "full"))
    return (
        booked.group_by("person_id")
        .agg(pl.col("day").min().alias("next_meeting"))
        .with_columns(days_until_meeting=(pl.col("next_meeting") - pl.lit(today)).dt.total_days())
    )


def _on_file_since(today: date) -> pl.Expr:
    """The earliest trace of a person: the first record, the cards' own days, or the first event."""
    met = pl.lit(today) - pl.duration(days=pl.col("days_known"))
    traces = (pl.col("first_seen"), pl.col("recorded_on"), pl.col("connected_on"), met.cast(pl.Date))
    # On an earlier day, as in a backtest, what came later is not known yet.
    return pl.min_horizontal(pl.when(trace <= today).then(trace) for trace in traces)
