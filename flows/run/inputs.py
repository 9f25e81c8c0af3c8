"""What judging looks at, read from the store: the rules, the calendar, people and whom the user met.

Of everybody it is kept from run to run (``people.store.frame_cache``), so that a day on which nothing changed
reads no card, no meeting and no guest.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from flows.run import meetings
from flows.run.context import Context
from people.facts import person as person_facts
from people.store import Connection, frame_cache, frames
from people.store.db import values
from people.store.resolving import decisions
from rules.engine import RuleSet, load

if TYPE_CHECKING:
    from flows.run.meetings import Calendar

_KEPT = "people"


@dataclass(frozen=True)
class Gathered:
    """``profiles`` of people, who may be whom (``pairs``), and whom the user ``met`` at what.

    They are the frames of ``people.store.frames.profiles``, ``.undecided`` and
    ``people.facts.person.encounters``. ``calendar`` holds at least the meetings of these people.
    """

    profiles: pl.DataFrame
    pairs: pl.DataFrame
    met: pl.DataFrame
    calendar: Calendar

    def only(self, ids: Collection[str]) -> Gathered:
        """What concerns these people, and those who may be one with them."""
        return Gathered(
            self.profiles.filter(pl.col("id").is_in(list(ids))),
            self.pairs,
            self.met.filter(self.concerning(ids)),
            self.calendar,
        )

    def concerning(self, ids: Collection[str]) -> pl.Expr:
        """Whether a row's ``person_id`` is one of these people, or may be."""
        twins = self.pairs.filter(pl.col("person_id").is_in(list(ids))).get_column("twin")
        return pl.col("person_id").is_in([*ids, *twins])


def ruleset_of(context: Context) -> RuleSet:
    """The rules of the settings' folder, read once a run."""
    if context.ruleset is None:
        folder = context.settings.rules.path
        context.ruleset = load(context.settings.resolve(folder), label=str(folder))
    return context.ruleset


def rules_folder(context: Context) -> Path:
    """Where the settings say that the rules are."""
    return context.settings.resolve(context.settings.rules.path)


def calendar_of(context: Context) -> Calendar:
    """The classified calendar, looked at once a run."""
    if context.calendar is None:
        context.calendar = meetings.whole(
            context.store, ruleset_of(context), context.settings.me, keep=context.keeps
        )
    return context.calendar


def everybody(context: Context) -> Gathered:
    """All active people; as they were kept, or else worked out, and kept for the next run."""
    calendar = calendar_of(context)
    with context.store.read() as connection:
        mark = f"{values.get(connection, values.PEOPLE)} {calendar.mark}"
        found = frame_cache.load(connection, _KEPT, mark, ("profiles", "pairs", "met"))
        if found is not None:
            return Gathered(found["profiles"], found["pairs"], found["met"], calendar)
        records = frames.records(connection)
        profiles, pairs = frames.profiles(connection, records), frames.undecided(connection, records)
        known, owners = frames.guest_owners(connection), frames.email_owners(connection)
    met = _met(context, calendar, known, owners)
    if context.keeps:
        frame_cache.save(context.store, _KEPT, mark, {"profiles": profiles, "pairs": pairs, "met": met})
    return Gathered(profiles, pairs, met, calendar)


def some(context: Context, ids: Collection[str]) -> Gathered:
    """A few people, looked up one by one; the meetings are those with one of their addresses."""
    me = context.settings.me
    with context.store.read() as connection:
        profiles = frames.profiles(connection, frames.records(connection, ids), ids)
        pairs = _undecided(connection, ids)
        emails = frames.emails_of(connection, {*ids, *pairs.get_column("twin")})
        known, owners = frames.guest_owners(connection, emails), frames.email_owners(connection, emails)
    calendar = context.calendar
    if calendar is None:
        calendar = meetings.view(context.store, ruleset_of(context), me.emails, me.time_zone, emails)
    met = _met(context, calendar, known, owners)
    return Gathered(profiles, pairs, met, calendar).only(ids)


def _met(context: Context, calendar: Calendar, known: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    guests = person_facts.who_is_who(calendar.guests, known, owners)
    return person_facts.encounters(
        calendar.meetings, guests, calendar.verdicts, context.settings.me.time_zone
    )


def _undecided(connection: Connection, ids: Collection[str]) -> pl.DataFrame:
    """As ``frames.undecided``, of a few people."""
    pairs = {
        (one, other)
        for pair in decisions.open_pairs(connection, of=ids)
        for one, other in ((pair.person_a, pair.person_b), (pair.person_b, pair.person_a))
        if one and other and one != other
    }
    return pl.DataFrame(sorted(pairs), schema={"person_id": pl.String, "twin": pl.String}, orient="row")
