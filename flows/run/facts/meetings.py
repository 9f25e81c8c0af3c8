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
_PARTS = ("meetings", "verdicts", "guests", "known")
_ON_EACH_RUN = ("meetings", "verdicts", "braked", "revision")
_KEY = ["source", "source_id"]
_FEW = 500
"""If more meetings changed, and more than a tenth, reading all is quicker than looking each one up."""


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
    return f"{_revision(store)} {_basis(rules, me)}"


def _revision(store: Store) -> str:
    with store.read() as connection:
        return values.get(connection, values.CALENDAR) or ""


def _basis(rules: RuleSet, me: Me) -> str:
    """What a meeting is classified by, besides its own text."""
    inputs = json.dumps([code_version(), rules.digest, sorted(me.emails), me.time_zone])
    return hashlib.sha256(inputs.encode()).hexdigest()


def classify(store: Store, rules: RuleSet, me: Me, *, save: bool) -> Calendar:
    """All meetings of the store, from the cache if it is current. ``save`` allows writing to the cache.

    Only meetings that are new or different since they were cached are classified.
    """
    key, basis, revision = cache_key(store, rules, me), _basis(rules, me), _revision(store)
    with store.read() as connection:
        parts = frame_cache.load(connection, _ENTRY, basis, _ON_EACH_RUN)
    made: dict[str, pl.DataFrame] = {}
    if parts is None or parts["revision"].item() != revision:
        parts = made = _renewed(store, rules, me, basis, revision)
        if save:
            with store.begin() as connection:
                frame_cache.put(connection, _ENTRY, basis, made)

    def guests() -> pl.DataFrame:
        def make() -> dict[str, pl.DataFrame]:
            return _renewed(store, rules, me, basis, revision)

        return (made or frame_cache.cached(store, _ENTRY, basis, make, save=False, only=["guests"]))["guests"]

    mail = Mail(store, rules, me, save=save)
    braked = dict(parts["braked"].iter_rows())
    return Calendar(parts["meetings"], parts["verdicts"], guests, mail, key, braked)


def _renewed(store: Store, rules: RuleSet, me: Me, basis: str, revision: str) -> dict[str, pl.DataFrame]:
    """All parts of the cached calendar, made of what is cached for ``basis`` as far as it still holds."""
    with store.read() as connection:
        hashes = frames.meeting_hashes(connection)
        before = None if _may_brake(rules) else frame_cache.load(connection, _ENTRY, basis, _PARTS)
    whole = ["source", "source_id", "hash"]
    fresh = hashes if before is None else hashes.join(before["known"], on=whole, how="anti")
    if before is None or fresh.height > max(_FEW, hashes.height // 10):
        parts = _classified(store, rules, me)
    else:
        parts = _classified(store, rules, me, list(fresh.select(_KEY).iter_rows()))
        same = before["known"].join(hashes, on=whole, how="semi").select(*_KEY, "uid")
        before["meetings"] = before["meetings"].drop("event").join(same, on=_KEY)
        for name in ("meetings", "verdicts", "guests"):
            kept = before[name].join(same, on=_KEY, how="semi")
            parts[name] = pl.concat([kept.select(parts[name].columns), parts[name]])
    known = hashes.join(parts["meetings"].select(*_KEY, "uid"), on=_KEY)
    state = pl.DataFrame({"revision": [revision]})
    return {**parts, "meetings": with_events(parts["meetings"]), "known": known, "revision": state}


def _may_brake(rules: RuleSet) -> bool:
    """Whether a rule may be stopped because it matches too many rows, so that all are needed to judge one."""
    return any(rule.at_most is not None for rule in (*rules.about("attendee"), *rules.about("meeting")))


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
    some = with_events(parts["meetings"])
    return Calendar(some, parts["verdicts"], lambda: parts["guests"], Mail(store, rules, me, emails))


def _classified(
    store: Store, rules: RuleSet, me: Me, keys: Collection[RecordId] | None = None
) -> dict[str, pl.DataFrame]:
    """Meetings with their verdicts and guests: all, or those of ``keys``. They have ``uid``, and no event."""
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
    counted = meetings.drop("description", "labels").join(
        facts.select("source", "source_id", "attendee_count"), on=["source", "source_id"]
    )
    braked = pl.DataFrame(list(stopped.items()), schema={"rule": pl.String, "rows": pl.Int64}, orient="row")
    return {"meetings": counted, "verdicts": verdicts, "guests": guests, "braked": braked}
