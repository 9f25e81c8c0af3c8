"""The people to judge, read from the store: their profiles, possible duplicates and meetings.

``load_all`` uses frames that are cached between runs (``people.store.frame_cache``), so a day on which
nothing changed reads no card, no meeting and no guest.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from connectors.base import Me
from flows.run.facts import meetings
from flows.run.facts.meetings import Calendar
from people.facts import person as person_facts
from people.store import Connection, Store, frame_cache, frames
from people.store.db import values
from people.store.resolving import decisions
from rules.engine import RuleSet

_ENTRY = "people"


@dataclass(frozen=True)
class Inputs:
    """``profiles`` of people, pairs of records that may be one person, and who ``met`` the user where.

    They are the frames of ``people.store.frames.profiles``, ``.undecided`` and
    ``people.facts.person.encounters``, the last for both sides of each pair. ``calendar`` holds at least the
    meetings of these people.
    """

    profiles: pl.DataFrame
    pairs: pl.DataFrame
    met: pl.DataFrame
    calendar: Calendar

    def only(self, ids: Collection[str]) -> Inputs:
        """The part about these people and their possible duplicates."""
        return Inputs(
            self.profiles.filter(pl.col("id").is_in(list(ids))),
            self.pairs,
            self.met.filter(self.concerning(ids)),
            self.calendar,
        )

    def concerning(self, ids: Collection[str]) -> pl.Expr:
        """Whether a row's ``person_id`` is one of these people or a possible duplicate."""
        return pl.col("person_id").is_in(self.with_twins(ids))

    def with_twins(self, ids: Collection[str]) -> list[str]:
        """These people and their possible duplicates."""
        return [*ids, *self.pairs.filter(pl.col("person_id").is_in(list(ids))).get_column("twin")]


def load_all(store: Store, calendar: Calendar, me: Me, *, save: bool) -> Inputs:
    """All active people, from the cache if it is current. ``save`` allows writing to the cache."""

    def make() -> dict[str, pl.DataFrame]:
        with store.read() as connection:
            records = frames.records(connection)
            profiles, pairs = frames.profiles(connection, records), frames.undecided(connection, records)
            known, owners = frames.guest_owners(connection), frames.email_owners(connection)
        met = person_facts.both_sides(_met(calendar, me, known, owners), pairs)
        return {"profiles": profiles, "pairs": pairs, "met": met}

    with store.read() as connection:
        key = f"{values.get(connection, values.PEOPLE)} {calendar.cache_key}"
    parts = frame_cache.cached(store, _ENTRY, key, make, save=save, only=["profiles", "pairs", "met"])
    return Inputs(**parts, calendar=calendar)


def load_some(store: Store, rules: RuleSet, me: Me, ids: Collection[str]) -> Inputs:
    """A few people, looked up one by one, with the meetings that one of their addresses attends."""
    with store.read() as connection:
        profiles = frames.profiles(connection, frames.records(connection, ids), ids)
        pairs = _undecided(connection, ids)
        emails = frames.emails_of(connection, {*ids, *pairs.get_column("twin")})
        known, owners = frames.guest_owners(connection, emails), frames.email_owners(connection, emails)
    calendar = meetings.classify_some(store, rules, me, emails)
    met = person_facts.both_sides(_met(calendar, me, known, owners), pairs)
    return Inputs(profiles, pairs, met, calendar).only(ids)


def _met(calendar: Calendar, me: Me, known: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    guests = person_facts.who_is_who(calendar.guests, known, owners)
    return person_facts.encounters(calendar.meetings, guests, calendar.verdicts, me.time_zone)


def _undecided(connection: Connection, ids: Collection[str]) -> pl.DataFrame:
    """The rows of ``frames.undecided`` for a few people."""
    pairs = {
        (one, other)
        for pair in decisions.open_pairs(connection, of=ids)
        for one, other in ((pair.person_a, pair.person_b), (pair.person_b, pair.person_a))
        if one and other and one != other
    }
    return pl.DataFrame(sorted(pairs), schema={"person_id": pl.String, "twin": pl.String}, orient="row")
