"""The store finds what it looks for by an index, however many people it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from people.store import Store, follow_ups, frames, lookup, open_store, runs
from people.store.db import migrate
from people.store.ingest import already_read, rows
from people.store.ingest.reading import Reading
from people.store.resolving import decisions, persons, resolution
from people.types import Contact, Meeting, Page, Trust

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
LARGE = ("contacts", "contact_keys", "meetings", "attendees", "people", "person_emails", "person_names")


@contextmanager
def scanned(store: Store) -> Iterator[list[str]]:
    """The steps of SQLite's plans that go through the whole of a large table, for all statements inside."""
    found: list[str] = []

    def explain(*told: Any) -> None:
        connection, _, statement, parameters, _, many = told
        if not re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)", statement, re.IGNORECASE):
            return
        first = parameters[0] if many else parameters
        cursor = connection.connection.cursor()
        for *_, step in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", first).fetchall():
            table = re.match(r"SCAN (\w+)(?! USING COVERING INDEX)", step)
            if table and table[1] in LARGE:
                found.append(f"{step}: {statement}")

    sa.event.listen(store.engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        sa.event.remove(store.engine, "before_cursor_execute", explain)


def card(number: int, **fields: object) -> Contact:
    return Contact.model_validate(
        {
            "source": "phone",
            "source_id": f"c{number}",
            "name": f"Anna Berg{number}",
            "given_name": "Anna",
            "family_name": f"Berg{number}",
            "emails": (f"anna{number}@berg.example",),
            "raw_hash": f"h{number}",
            **fields,
        }
    )


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Store]:
    """A store with some people, resolved, and statistics as a large one has them."""
    opened = open_store(f"sqlite:///{tmp_path / 'touchbase.db'}")
    cards = tuple(card(number) for number in range(50))
    meetings = tuple(
        Meeting(source="work", source_id=f"m{number}", start=NOW, end=NOW, raw_hash=f"r{number}")
        for number in range(50)
    )
    Reading(opened, "phone", NOW).apply(Page(changes=cards, cursor="1", complete=True))
    Reading(opened, "work", NOW).apply(Page(changes=meetings, cursor="1", complete=True))
    resolution.resolve_store(opened, region="GB", overrides=tmp_path / "none.txt", now=NOW)
    yield opened
    opened.close()


def person_of(store: Store, record: str) -> str:
    with store.read() as connection:
        return decisions.owners_of(connection, [record])[record]


def one_edited_card(store: Store) -> None:
    reading = Reading(store, "phone", NOW)
    reading.apply(Page(changes=(card(7, title="Baker"),), cursor="2"))
    reading.finish()


def an_unchanged_source(store: Store) -> None:
    reading = Reading(store, "work", NOW)
    reading.apply(Page(cursor="1"))
    reading.finish()


def one_person(store: Store) -> None:
    person = person_of(store, "phone:c7")
    with store.read() as connection:
        assert lookup.one(connection, person) == person
        assert len(persons.contacts_of(connection, person)) == 1
        decisions.open_pairs(connection, of=[person])
        decisions.history(connection, person)
        follow_ups.find(connection, "abc")


def what_is_known(store: Store) -> None:
    with store.read() as connection:
        assert runs.live_counts(connection, "phone")["contacts"] == 50
    assert already_read.hashes(store, "phone")["h7"] == "c7"
    assert already_read.events(store, "work")["r7"] == ["m7"]


@pytest.mark.parametrize("work", [one_edited_card, an_unchanged_source, one_person, what_is_known])
def test_nothing_large_is_gone_through(filled: Store, work: Callable[[Store], None]) -> None:
    with scanned(filled) as found:
        work(filled)
    assert found == []


def test_one_changed_card_is_resolved_by_indexes(filled: Store, tmp_path: Path) -> None:
    one_edited_card(filled)
    with scanned(filled) as found:
        resolution.resolve_store(filled, region="GB", overrides=tmp_path / "none.txt", now=NOW)
    # Which cards changed is told by one look at all of them, without their keys or their people.
    assert [step for step in found if "contacts.resolved" not in step] == []
    assert len(found) <= 1


def test_a_look_at_everybody_is_noticed(filled: Store) -> None:
    with scanned(filled) as found, filled.read() as connection:
        frames.profiles(connection, frames.records(connection))
    assert found != []


def test_a_store_of_the_first_revision_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "touchbase.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    migrate.upgrade(engine, "0001")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO meetings (source, source_id, hash, calendar, uid, labels, status, event_type,"
            " attendees_omitted, start_at, end_at) VALUES ('work', 'm1', 'x', 'work', 'm1', '[]',"
            " 'confirmed', 'default', 0, '2026-11-02 12:00:00.000000', '2026-11-02 13:00:00.000000')"
        )
    engine.dispose()
    store = open_store(f"sqlite:///{path}")
    with store.read() as connection:
        assert frames.meetings(connection).get_column("source_id").to_list() == ["m1"]
    assert dict(already_read.events(store, "work")) == {}
    store.close()
    assert len(list(tmp_path.glob("touchbase.db.backup-0001-*"))) == 1


def test_a_store_from_before_trust_was_noted_gives_the_same_profiles(tmp_path: Path) -> None:
    path = tmp_path / "touchbase.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    migrate.upgrade(engine, "0003")
    cards = {
        ("phone", "1"): '"organisation": "Own Card"',
        ("export", "in/anna"): '"organisation": "Export", "connected_on": "2024-01-01"',
        ("work", "mailto:anna@berg.example"): '"organisation": "Guest List"',
    }
    with engine.begin() as connection:
        for number, ((source, source_id), words) in enumerate(cards.items()):
            connection.exec_driver_sql("INSERT INTO sources (name, problems) VALUES (?, '[]')", (source,))
            doc = f'{{"source": "{source}", "source_id": "{source_id}", "name": "Anna Berg", {words},'
            doc += f' "emails": ["anna@berg.example"], "revised_at": "202{number}-01-01T00:00:00Z"}}'
            connection.exec_driver_sql(
                "INSERT INTO contacts (source, source_id, kind, hash, doc, rejected, derived)"
                " VALUES (?, ?, 'person', ?, ?, 0, ?)",
                (source, source_id, source_id, doc.replace(": ", ":"), source == "work"),
            )
    engine.dispose()
    store = open_store(f"sqlite:///{path}")
    resolution.resolve_store(store, region="GB", overrides=tmp_path / "none.txt", now=NOW)
    with store.read() as connection:
        trusts = rows.trusts(connection)
        (person,) = persons.records(connection)
        origin = persons.origins(connection, [person])[person]
    store.close()
    assert trusts == {"phone": Trust.OWN, "export": Trust.IMPORTED, "work": Trust.OWN}
    assert origin["organisation"] == "phone:1"


def test_people_of_an_older_store_are_on_file_since_the_earliest_day_that_it_can_prove(
    tmp_path: Path,
) -> None:
    path = tmp_path / "touchbase.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    migrate.upgrade(engine, "0004")
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO people (id, profile, folded, born, active) VALUES ('p1', '{}', '', 1, 1)",
            "INSERT INTO people (id, profile, folded, born, active) VALUES ('p2', '{}', '', 1, 1)",
            """INSERT INTO identity_events (at, person_id, kind, doc) VALUES
               ('2026-03-02 06:30:00.000000', 'p1', 'merged', '{}'),
               ('2026-05-02 06:30:00.000000', 'p1', 'merged', '{}')""",
            """INSERT INTO runs (id, started_at, today, status) VALUES
               ('a', '2026-02-01 06:30:00.000000', '2026-02-01', 'ok'),
               ('b', '2026-08-11 06:30:00.000000', '2026-08-11', 'ok')""",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    store = open_store(f"sqlite:///{path}")
    with store.read() as connection:
        profiles = frames.profiles(connection, frames.records(connection))
    store.close()
    assert dict(profiles.select("id", "first_seen").iter_rows()) == {
        "p1": date(2026, 3, 2),
        "p2": date(2026, 8, 11),
    }


def test_labels_of_an_older_store_can_be_searched(tmp_path: Path) -> None:
    path = tmp_path / "touchbase.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    migrate.upgrade(engine, "0005")
    with engine.begin() as connection:
        for person, name, labels in (("p1", "Anna Berg", '"Café club","vip"'), ("p2", "Tom Hale", "")):
            connection.exec_driver_sql(
                "INSERT INTO people (id, profile, name, folded, born, active) VALUES (?, ?, ?, ?, 1, 1)",
                (person, f'{{"name":"{name}","labels":[{labels}]}}', name, name.lower()),
            )
    engine.dispose()
    store = open_store(f"sqlite:///{path}")
    with store.read() as connection:
        found = {query: [one.id for one in lookup.search(connection, query)] for query in _LABELS}
    store.close()
    assert found == _LABELS


_LABELS = {"cafe": ["p1"], "berg vip": ["p1"], "hale": ["p2"], "vip hale": []}
