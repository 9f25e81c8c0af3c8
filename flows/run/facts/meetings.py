"""The calendar as rules see it: noise dropped, each meeting classified, guests as people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import polars as pl

from connectors.base import Me
from flows.run.code_version import code_version
from flows.run.context import start_of_day
from flows.run.facts.mail import Mail
from flows.run.facts.noise import real_guests
from people.facts import person as person_facts
from people.facts.guests import with_events
from people.store import Store, frame_cache, frames
from people.store.db import values
from people.store.db.bulk import RecordId
from rules.engine import RuleSet
from rules.engine.judging.classify import classify_meetings

_ENTRY = "calendar"


@dataclass
class Calendar:
    """``meetings`` with ``attendee_count`` and ``event``, and what the rules decided: ``verdicts``.

    ``verdicts`` has ``source, source_id, kind, group, counts, cost, rules``, one row per meeting.
    ``cache_key`` is that of ``cache_key``; it is empty if these are not all meetings. ``braked`` is how
    many rows each rule about guests or meetings matched that its ``at_most`` stopped. ``mail`` is the mail
    of the same network, or of the same people.
    """

    meetings: pl.DataFrame
    verdicts: pl.DataFrame
    _read_guests: Callable[[], pl.DataFrame]
    mail: Mail
    cache_key: str = ""
    braked: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def guests(self) -> pl.DataFrame:
        """The guest rows that are neither noise nor the user. They are read on first use."""
        return self._read_guests()


def cache_key(store: Store, rules: RuleSet, me: Me) -> str:
    """A key that changes when the store's calendar, the rules, the user's settings or the code change."""
    with store.read() as connection:
        revision = values.get(connection, values.CALENDAR)
    inputs = json.dumps([code_version(), revision, rules.digest, sorted(me.emails), me.time_zone])
    return hashlib.sha256(inputs.encode()).hexdigest()


def classify(store: Store, rules: RuleSet, me: Me, *, save: bool) -> Calendar:
    """All meetings of the store, from the cache if it is current. ``save`` allows writing to the cache."""
    key = cache_key(store, rules, me)
    made: dict[str, pl.DataFrame] = {}

    def make() -> dict[str, pl.DataFrame]:
        made.update(_classified(store, rules, me))
        return made

    def guests() -> pl.DataFrame:
        return (made or frame_cache.cached(store, _ENTRY, key, make, save=False, only=["guests"]))["guests"]

    parts = frame_cache.cached(store, _ENTRY, key, make, save=save, only=["meetings", "verdicts", "braked"])
    braked = dict(parts["braked"].iter_rows())
    mail = Mail(store, rules, me, save=save)
    return Calendar(parts["meetings"], parts["verdicts"], guests, mail, key, braked)


def classify_some(store: Store, rules: RuleSet, me: Me, emails: Collection[str]) -> Calendar:
    """The meetings with one of ``emails`` among the guests."""
    with store.read() as connection:
        keys = frames.meetings_with(connection, emails)
    return _calendar_of(store, rules, me, keys, emails)


def classify_days(store: Store, rules: RuleSet, me: Me, first: date, last: date) -> Calendar:
    """The meetings that begin on a day from ``first`` to ``last`` in the user's zone.

    One of whole days is there if it covers such a day.
    """
    with store.read() as connection:
        keys = frames.meetings_between(
            connection,
            start_of_day(first, me.zone),
            start_of_day(last + timedelta(days=1), me.zone),
            first,
            last,
        )
    return _calendar_of(store, rules, me, keys)


def _calendar_of(
    store: Store, rules: RuleSet, me: Me, keys: Collection[RecordId], emails: Collection[str] = ()
) -> Calendar:
    parts = _classified(store, rules, me, keys)
    return Calendar(
        parts["meetings"], parts["verdicts"], lambda: parts["guests"], Mail(store, rules, me, emails)
    )


def _classified(
    store: Store, rules: RuleSet, me: Me, keys: Collection[RecordId] | None = None
) -> dict[str, pl.DataFrame]:
    with store.read() as connection:
        meetings, rows = frames.meetings(connection, keys), frames.attendees(connection, keys)
    stopped: dict[str, int] = {}
    guests = real_guests(rules, rows, me.emails, stopped)
    facts = person_facts.meeting_facts(meetings, guests, me.time_zone)
    ids = facts.select("source", "source_id")
    classified = classify_meetings(rules, facts.drop("source_id"), stopped)
    counts = classified.get_column("counts").fill_null(person_facts.counts_by_size(facts))
    verdicts = pl.concat([ids, classified.with_columns(counts)], how="horizontal")
    # Only classification reads these columns, and they are most of a calendar's text.
    meetings = with_events(meetings.drop("description", "labels"))
    counted = meetings.join(facts.select("source", "source_id", "attendee_count"), on=["source", "source_id"])
    braked = pl.DataFrame(list(stopped.items()), schema={"rule": pl.String, "rows": pl.Int64}, orient="row")
    return {"meetings": counted, "verdicts": verdicts, "guests": guests, "braked": braked}
