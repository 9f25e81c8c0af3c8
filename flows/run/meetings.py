"""The calendar as rules see it: noise dropped, each meeting classified, guests as people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cached_property, partial

import polars as pl

from connectors.base import Me
from flows.run.code_version import made_by
from people.facts import person as person_facts
from people.facts.declared import AttendeeFacts
from people.store import Store, frame_cache, frames
from people.store.db import values
from rules.engine import RuleSet, classify_meetings, noise

FREE_MAIL = frozenset(
    (
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "hotmail.co.uk",
        "live.com",
        "yahoo.com",
        "yahoo.co.uk",
        "icloud.com",
        "me.com",
        "aol.com",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "web.de",
        "proton.me",
        "protonmail.com",
        "mail.com",
        "yandex.com",
        "btinternet.com",
        "fastmail.com",
        "zoho.com",
        "qq.com",
        "163.com",
    )
)
"""Domains that say nothing of a firm: whoever shares yours there is no colleague."""


@dataclass
class Calendar:
    """``meetings`` with ``attendee_count``, and what the rules made of them, ``verdicts``.

    ``verdicts`` has ``source, source_id, kind, group, counts, cost, rules``, one row a meeting. ``mark`` is
    that of ``mark``, and empty when these are not all meetings.
    """

    meetings: pl.DataFrame
    verdicts: pl.DataFrame
    _later: Callable[[str], pl.DataFrame]
    mark: str = ""

    @cached_property
    def guests(self) -> pl.DataFrame:
        """The guest rows that are neither noise nor the user."""
        return self._later("guests")


_KEPT = "calendar"


def mark(store: Store, ruleset: RuleSet, me: Me) -> str:
    """A text that stays the same as long as the store's whole calendar, seen by these rules, does."""
    with store.read() as connection:
        revision = values.get(connection, values.CALENDAR)
    told = json.dumps([made_by(), revision, ruleset.digest, sorted(me.emails), me.time_zone])
    return hashlib.sha256(told.encode()).hexdigest()


def whole(store: Store, ruleset: RuleSet, me: Me, *, keep: bool) -> Calendar:
    """All meetings of the store; as they were kept, or else worked out, and kept if ``keep`` says so."""
    known = mark(store, ruleset, me)
    with store.read() as connection:
        found = frame_cache.load(connection, _KEPT, known, ("meetings", "verdicts"))
    if found is not None:
        return Calendar(
            found["meetings"], found["verdicts"], partial(_part, store, ruleset, me, known), known
        )
    fresh = replace(view(store, ruleset, me.emails, me.time_zone), mark=known)
    if keep:
        names = ("meetings", "verdicts", "guests")
        frame_cache.save(store, _KEPT, known, {name: getattr(fresh, name) for name in names})
    return fresh


def _part(store: Store, ruleset: RuleSet, me: Me, known: str, name: str) -> pl.DataFrame:
    with store.read() as connection:
        found = frame_cache.load(connection, _KEPT, known, [name])
    if found is not None:
        return found[name]
    # It changed since: a run is under way.
    made: pl.DataFrame = getattr(view(store, ruleset, me.emails, me.time_zone), name)
    return made


def view(
    store: Store,
    ruleset: RuleSet,
    my_emails: tuple[str, ...],
    zone: str,
    emails: Collection[str] | None = None,
) -> Calendar:
    """Read and classify the meetings of the store: all, or those with one of ``emails`` among the guests."""
    with store.read() as connection:
        keys = None if emails is None else frames.meetings_with(connection, emails)
        meetings, rows = frames.meetings(connection, keys), frames.attendees(connection, keys)
    guests = _real_guests(ruleset, rows, my_emails)
    facts = person_facts.meeting_facts(meetings, guests, zone)
    key = facts.select("source", "source_id")
    classified = classify_meetings(ruleset, facts.drop("source_id"))
    counts = classified.get_column("counts").fill_null(person_facts.counts_by_size(facts))
    verdicts = pl.concat([key, classified.with_columns(counts)], how="horizontal")
    # Rules read them above; nobody does later, and they are most of a calendar's text.
    meetings = meetings.drop("description", "labels")
    counted = meetings.join(facts.select("source", "source_id", "attendee_count"), on=["source", "source_id"])
    return Calendar(counted, verdicts, {"guests": guests}.__getitem__)


def _real_guests(ruleset: RuleSet, rows: pl.DataFrame, my_emails: tuple[str, ...]) -> pl.DataFrame:
    """The guest rows that are neither the user nor noise; each distinct attendee is judged once."""
    # Rooms and calendars are nobody even when the rule files cannot be read.
    machine = pl.col("resource") | pl.col("email").str.ends_with(".calendar.google.com")
    others = rows.filter(~pl.col("email").is_in(list(my_emails)) & ~machine)
    distinct = others.select("email", "name", "resource").unique(maintain_order=True)
    silent = noise(ruleset, _attendee_facts(distinct, my_emails))
    return others.join(
        distinct.filter(~silent), on=["email", "name", "resource"], how="semi", nulls_equal=True
    )


def _attendee_facts(distinct: pl.DataFrame, my_emails: tuple[str, ...]) -> pl.DataFrame:
    mine = {email.rpartition("@")[2] for email in my_emails} - FREE_MAIL
    parts = pl.col("email").str.split("@")
    frame = distinct.with_columns(
        domain=parts.list.last(), local_part=parts.list.first().str.split("+").list.first()
    ).with_columns(own_domain=pl.col("domain").is_in(list(mine)))
    return frame.select(pl.col(n).cast(t) for n, t in person_facts.columns(AttendeeFacts).items())
