"""Meetings ahead, and who comes to each: people of the store, and strangers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from connectors.base import Me
from flows.run.facts.meetings import Calendar, classify_days
from people.facts import person as person_facts
from people.facts.guests import held
from people.store import Store, frames
from rules.engine import RuleSet

_KEY = ["source", "source_id"]
_TIMES = ["start_at", "end_at", "start_date", "end_date"]


@dataclass(frozen=True)
class Appointments:
    """Meetings with other people that take place, in order, and their guests.

    ``meetings`` has ``record, title, location, attendee_count, counts, start_at, end_at, start_date,
    end_date``.
    ``guests`` has ``record, email, name, person_id`` of those who did not decline; ``person_id`` is null for
    strangers. Noise is in neither.
    """

    meetings: pl.DataFrame
    guests: pl.DataFrame

    def on(self, day: date, zone: str) -> pl.DataFrame:
        """The meetings that begin on a day in ``zone``, and those of whole days that cover it."""
        begins = pl.col("start_at").dt.convert_time_zone(zone).dt.date() == day
        covers = (pl.col("start_date") <= day) & (pl.col("end_date") > day)
        return self.meetings.filter(begins.fill_null(value=False) | covers.fill_null(value=False))


def between(store: Store, rules: RuleSet, me: Me, first: date, last: date) -> Appointments:
    """The meetings from the day ``first`` to the day ``last`` in the user's zone."""
    return of_calendar(store, classify_days(store, rules, me, first, last))


def of_calendar(store: Store, calendar: Calendar) -> Appointments:
    """The meetings of a calendar that count for something, and in which somebody takes part."""
    telling = calendar.verdicts.filter(pl.col("counts") != "none").select(*_KEY, "counts")
    coming = calendar.guests.filter(pl.col("response") != "declined")
    kept = held(calendar.meetings).join(telling, on=_KEY).join(coming, on=_KEY, how="semi")
    kept = _one_per_event(kept)
    guests = _with_people(store, coming.join(kept, on=_KEY, how="semi"))
    guests = guests.join(kept.select(*_KEY, "record"), on=_KEY).sort("record", "name", "email")
    # A person may be invited at two addresses, and an event may be in two calendars.
    guests = guests.unique(["record", "guest"], keep="first", maintain_order=True)
    columns = ["record", "title", "location", "attendee_count", "counts", *_TIMES]
    meetings = kept.filter(pl.col("own") == pl.col("record")).select(columns)
    begins = pl.coalesce("start_at", pl.col("start_date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    return Appointments(
        meetings.sort(begins, "record"), guests.select("record", "email", "name", "person_id")
    )


def _one_per_event(meetings: pl.DataFrame) -> pl.DataFrame:
    """Give the copies of an event in several calendars the record key of the first one."""
    own = meetings.with_columns(own=pl.concat_str(_KEY, separator=":"))
    return own.with_columns(record=pl.col("own").min().over("event"))


def _with_people(store: Store, guests: pl.DataFrame) -> pl.DataFrame:
    """Add ``person_id``, null for strangers, and ``guest``, which is the same for the same guest."""
    emails = guests.get_column("email").unique().to_list()
    with store.read() as connection:
        known, owners = frames.guest_owners(connection, emails), frames.email_owners(connection, emails)
    people = person_facts.who_is_who(guests, known, owners)
    strangers = guests.join(people, on=[*_KEY, "email"], how="anti").with_columns(
        person_id=pl.lit(None, pl.String)
    )
    together = pl.concat([people, strangers.select(people.columns)])
    return together.with_columns(guest=pl.coalesce("person_id", "email"))
