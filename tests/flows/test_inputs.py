"""What is cached between runs equals what a fresh look gives, whatever happens in between."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from polars.testing import assert_frame_equal

from flows.run.context import Context
from flows.run.facts import inputs, meetings
from flows.run.facts.people import People, gather
from flows.run.resolve import resolve as _resolve_
from flows.run.rule_versions import load_rules
from flows.settings.loading import load
from people.facts.guests import guest_as_contact, guests_to_know
from people.store import Store, frame_cache, frames, journal_names, lookup, open_store
from people.store.db import schema, values
from people.store.ingest.forgotten import Forgotten
from people.store.ingest.reading import Reading
from people.store.one_person import forgetting
from people.store.resolving import guests
from people.types import Attendee, Contact, JournalLine, Meeting, Page
from rules.engine import RuleSet
from rules.engine.judging.classify import classify_meetings
from tests.support.demo import TODAY, network, pulled
from tests.support.stores import with_own_store

NOW = dt.datetime(2026, 1, 14, 6, 30, tzinfo=dt.UTC)
NAMES = ("Ann Lee", "Bob Hale", "Bea Hale", "Zoë Ng")
EMAILS = ("ann@example.com", "bob@example.com", "hales@example.com")
NOISE = """
version: 1
rules:
  - {id: no-bob, for: attendee, why: Bob is a robot., when: {email: bob@example.com}, then: {noise: true}}
"""
MOST = """
version: 1
rules:
  - {id: most, for: attendee, why: W., when: {local_part: bot}, then: {noise: true}, at_most: 3}
"""
PEOPLE = st.tuples(st.sampled_from(NAMES), st.sampled_from(EMAILS))


def card(number: int, name: str, email: str) -> Contact:
    given, _, family = name.partition(" ")
    return Contact(
        source="phone",
        source_id=str(number),
        name=name,
        given_name=given,
        family_name=family,
        emails=(email,),
    )


def meeting(number: int, name: str, email: str) -> Meeting:
    start = NOW - dt.timedelta(days=number + 1)
    return Meeting(
        source="work",
        source_id=str(number),
        title=f"Lunch {number}",
        start=start,
        end=start + dt.timedelta(hours=1),
        attendees=(Attendee(email=email, name=name), Attendee(email="me@example.com", is_self=True)),
    )


def line(number: int, name: str) -> JournalLine:
    return JournalLine(
        source="log",
        source_id=str(number),
        line=number,
        date=TODAY,
        person=name,
        kind="contact",
        file="log.csv",
    )


def guests_of(store: Store, calendar: meetings.Calendar) -> set[tuple[str, str]]:
    """What a look at the whole calendar makes of its guests, without those to be forgotten."""
    with store.read() as connection:
        forgotten = Forgotten.load(connection)
    rows = guests_to_know(calendar.meetings, calendar.verdicts, calendar.guests).iter_rows()
    made = [guest_as_contact(*row) for row in rows]
    return {(one.source_id, one.name or "") for one in made if not forgotten.holds(one)}


def calendar_of(context: Context) -> meetings.Calendar:
    rules, me = load_rules(context.settings), context.settings.me
    return meetings.classify(context.store, rules, me, save=context.caches)


def people_of(context: Context) -> People:
    return gather(context, load_rules(context.settings), calendar_of(context))


class Keeping(RuleBasedStateMachine):
    """Cards, meetings, journal, decisions and rules change; runs end early; people are forgotten."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        (self.folder / "rules").mkdir()
        (self.folder / "touchbase.toml").write_text('[me]\nemails = ["me@example.com"]\n')
        self.settings = load(with_own_store(self.folder / "touchbase.toml"), {})
        self.store = open_store(self.settings.store_url)
        everybody = list(zip(NAMES, (*EMAILS, EMAILS[-1]), strict=True))
        self.read("phone", [card(number, *one) for number, one in enumerate(everybody)])
        self.read("work", [meeting(number, *one) for number, one in enumerate(everybody)])
        self.read("log", [line(1, NAMES[0])])
        self.resolve()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)

    def context(self, *, caches: bool = True) -> Context:
        return Context(self.settings, self.store, TODAY, NOW, caches=caches)

    def read(self, source: str, changes: list[Contact] | list[Meeting] | list[JournalLine]) -> None:
        reading = Reading(self.store, source, NOW, accept_removals=True)
        reading.apply(Page(changes=tuple(changes), complete=True, cursor="c"))
        self.resolved = False

    @rule(people=st.lists(PEOPLE, max_size=4), whole=st.booleans())
    def cards(self, people: list[tuple[str, str]], whole: bool) -> None:
        self.read("phone", [card(number, *one) for number, one in enumerate(people)])
        self.go_on(whole)

    @rule(people=st.lists(PEOPLE, max_size=4), whole=st.booleans())
    def meetings(self, people: list[tuple[str, str]], whole: bool) -> None:
        self.read("work", [meeting(number, *one) for number, one in enumerate(people)])
        self.go_on(whole)

    @rule(names=st.lists(st.sampled_from(NAMES), max_size=3), whole=st.booleans())
    def journal(self, names: list[str], whole: bool) -> None:
        self.read("log", [line(number, name) for number, name in enumerate(names, 1)])
        self.go_on(whole)

    @rule(on=st.booleans(), whole=st.booleans())
    def noise(self, on: bool, whole: bool) -> None:
        (self.folder / "rules" / "noise.yaml").write_text(NOISE if on else "version: 1\nrules: []\n")
        self.resolved = False
        self.go_on(whole)

    @rule(
        word=st.sampled_from(("never", "always")),
        one=st.integers(0, 3),
        other=st.integers(0, 3),
        whole=st.booleans(),
    )
    def decision(self, word: str, one: int, other: int, whole: bool) -> None:
        if one != other:
            with self.settings.resolve(self.settings.identity.path).open("a") as file:
                file.write(f"{word} phone:{one} phone:{other}\n")
            self.resolved = False
        self.go_on(whole)

    @rule(name=st.sampled_from(NAMES), whole=st.booleans())
    def forget(self, name: str, whole: bool) -> None:
        with self.store.begin() as connection:
            for person in sorted(lookup.exactly(connection, [name])[name]):
                forgetting.forget(connection, person, NOW)
        self.resolved = False
        self.go_on(whole)

    def go_on(self, whole: bool) -> None:
        """A run that is not killed goes on to resolve."""
        if whole:
            self.resolve()

    def resolve(self) -> None:
        _resolve_(self.context(), load_rules(self.settings), calendar_of(self.context()))
        self.resolved = True

    def guests_known(self) -> set[tuple[str, str]]:
        table = schema.contacts.c
        with self.store.read() as connection:
            query = sa.select(table.source_id, table.doc).where(table.derived, table.gone_at.is_(None))
            return {(row.source_id, json.loads(row.doc)["name"]) for row in connection.execute(query)}

    @invariant()
    def kept_is_as_new(self) -> None:
        if not hasattr(self, "store"):
            return
        known = people_of(self.context())
        with self.store.rehearsal():
            with self.store.begin() as connection:
                frame_cache.drop(connection)
                if self.resolved:
                    problems = journal_names.name_journal(connection)
                    values.put(connection, values.NAMED, "{}")
                    assert journal_names.name_journal(connection) == problems
            fresh = people_of(self.context(caches=False))
        if self.resolved:
            calendar = calendar_of(self.context())
            assert self.guests_known() == guests_of(self.store, calendar)
        for part in ("facts", "met", "happened", "lines", "ledger"):
            one, other = getattr(known, part), getattr(fresh, part)
            assert_frame_equal(one, other, check_row_order=False)
        assert known.undecided == fresh.undecided


TestKeeping = Keeping.TestCase
TestKeeping.settings = settings(
    max_examples=25, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_with_nothing_changed_no_card_and_no_meeting_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = pulled(network(tmp_path / "network"))
    settings = load(config, {})
    store = open_store(settings.store_url)
    first = people_of(Context(settings, store, TODAY, NOW))
    assert first.met.height > 50

    def never(*_: object) -> pl.DataFrame:
        raise AssertionError

    for name in ("meetings", "attendees", "records", "profiles", "guest_owners", "email_owners"):
        monkeypatch.setattr(frames, name, never)
    again = people_of(Context(settings, store, TODAY, NOW))
    assert_frame_equal(again.facts, first.facts)
    assert_frame_equal(again.met, first.met)
    store.close()


def test_only_meetings_that_changed_are_classified_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = pulled(network(tmp_path / "network"))
    settings = load(config, {})
    store = open_store(settings.store_url)
    context = Context(settings, store, TODAY, NOW)
    before = calendar_of(context)
    Reading(store, "more", NOW).apply(Page(changes=(meeting(1, "Ann Lee", EMAILS[0]),), cursor="c"))
    counted: list[int] = []

    def counting(rules: RuleSet, rows: pl.DataFrame, *more: dict[str, int]) -> pl.DataFrame:
        counted.append(rows.height)
        return classify_meetings(rules, rows, *more)

    monkeypatch.setattr(meetings, "classify_meetings", counting)
    assert calendar_of(context).meetings.height == before.meetings.height + 1
    assert counted == [1]
    # A rule that may be stopped is judged by all meetings.
    (config.parent / "rules" / "most.yaml").write_text(MOST)
    calendar_of(context)
    Reading(store, "more", NOW).apply(Page(changes=(meeting(2, "Bob Ray", EMAILS[1]),), cursor="d"))
    calendar_of(context)
    assert counted == [1, before.meetings.height + 1, before.meetings.height + 2]
    store.close()


def test_what_cannot_be_read_is_made_again(tmp_path: Path) -> None:
    config = pulled(network(tmp_path / "network"))
    settings = load(config, {})
    store = open_store(settings.store_url)
    context = Context(settings, store, TODAY, NOW)
    me = settings.me
    first = inputs.load_all(store, calendar_of(context), me, save=True)
    with store.begin() as connection:
        connection.execute(sa.update(schema.kept_frames).values(data=b"of another version"))
    assert_frame_equal(inputs.load_all(store, calendar_of(context), me, save=True).met, first.met)
    store.close()


def test_other_code_makes_all_guests_anew(store: Store) -> None:
    wanted = pl.DataFrame({"source": ["work"], "email": ["ann@example.com"], "name": ["Ann Lee"]})

    def loud(source: str, email: str, name: str | None) -> Contact:
        return guest_as_contact(source, email, (name or "").upper())

    def names() -> list[str]:
        with store.read() as connection:
            query = sa.select(schema.contacts.c.doc).where(schema.contacts.c.derived)
            return [json.loads(doc)["name"] for doc in connection.scalars(query)]

    for make, mark, name in (
        (guest_as_contact, "before", "Ann Lee"),
        (loud, "before", "Ann Lee"),
        (loud, "after", "ANN LEE"),
    ):
        with store.begin() as connection:
            guests.sync(connection, wanted, make, NOW, mark)
        assert names() == [name]


def test_what_cannot_be_kept_stops_no_run(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.DataFrame({"id": ["a"]})
    frame_cache.cached(store, "people", "before", lambda: {"profiles": frame})
    monkeypatch.setattr(frame_cache, "_LARGEST", 10)
    frame_cache.cached(store, "people", "after", lambda: {"profiles": frame})
    with store.read() as connection:
        assert frame_cache.load(connection, "people", "before", ["profiles"]) is None
        assert frame_cache.load(connection, "people", "after", ["profiles"]) is None


def test_a_number_is_counted_up(store: Store) -> None:
    with store.begin() as connection:
        values.count_up(connection, values.PEOPLE)
        values.count_up(connection, values.PEOPLE)
    with store.read() as connection:
        assert values.get(connection, values.PEOPLE) == "2"
