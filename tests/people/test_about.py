"""Who a task is about: names, firms, numbers as dialled, and what tells two people of one name apart."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from people.facts.about import about_people
from people.facts.declared import PersonFacts
from people.facts.person import columns
from people.tasks import About, FollowUp
from people.wording import title_with_who

SCHEMA = columns(PersonFacts)


def facts(*people: dict[str, Any]) -> pl.DataFrame:
    empty: dict[str, Any] = {
        name: [] if kind == pl.List(pl.String()) else None for name, kind in SCHEMA.items()
    }
    return pl.DataFrame([empty | person for person in people], schema=SCHEMA)


def happened(*rows: tuple[str, date, str, str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [(*row, None, f"r{number}") for number, row in enumerate(rows)],
        schema={
            "person_id": pl.String(),
            "day": pl.Date(),
            "counts": pl.String(),
            "channel": pl.String(),
            "title": pl.String(),
            "group": pl.String(),
            "record": pl.String(),
        },
        orient="row",
    )


def about(people: pl.DataFrame, events: pl.DataFrame | None = None) -> dict[str, About]:
    ids = people.get_column("id").to_list()
    return about_people(people, happened() if events is None else events, ids, "GB")


def titles(people: pl.DataFrame) -> list[str]:
    due = date(2026, 11, 30)
    return [
        title_with_who(
            FollowUp(
                key=person, rule="r", person_id=person, person="", title="Call Sophie", due=due, about=one
            )
        )
        for person, one in about(people).items()
    ]


def test_everything_that_a_task_says_of_its_person() -> None:
    people = facts(
        {
            "id": "p1",
            "name": "Sophie Jennings",
            "first_name": "Sophie",
            "organisation": "Jarvis Ltd",
            "title": "Director",
            "phones": ["+447700900133", "+33170189900", "ask at the desk"],
            "emails": ["sophie@jarvis.example"],
            "tier": "key",
            "labels": ["client"],
            "cadence_days": 30,
            "last_contact": date(2026, 8, 11),
        }
    )
    events = happened(
        ("p1", date(2026, 8, 11), "full", "meeting", "Lunch with\nSophie"),
        ("p1", date(2026, 9, 1), "together", "meeting", "Mixer"),
        ("p2", date(2026, 10, 1), "full", "meeting", "Coffee"),
    )
    assert about(people, events)["p1"] == About(
        name="Sophie Jennings",
        first_name="Sophie",
        organisation="Jarvis Ltd",
        job_title="Director",
        phones=("07700 900133", "+33 1 70 18 99 00", "ask at the desk"),
        emails=("sophie@jarvis.example",),
        tier="key",
        labels=("client",),
        cadence_days=30,
        last_contact=date(2026, 8, 11),
        last_event="Lunch with Sophie",
    )


def test_a_journal_line_without_a_note_names_no_event() -> None:
    people = facts({"id": "p1", "name": "A"}, {"id": "p2", "name": "B"})
    events = happened(
        ("p1", date(2026, 8, 11), "full", "journal", "contact"),
        ("p2", date(2026, 8, 11), "full", "journal", "rang about the move"),
    )
    assert [one.last_event for one in about(people, events).values()] == [None, "rang about the move"]


def test_people_without_a_name_are_called_by_what_there_is() -> None:
    people = facts(
        {"id": "p1", "organisation": "Jarvis Ltd"},
        {"id": "p2", "emails": ["a@b.example"]},
        {"id": "p3", "phones": ["+441179460000"]},
        {"id": "p4"},
    )
    assert [one.name for one in about(people).values()] == [
        "Jarvis Ltd",
        "a@b.example",
        "+441179460000",
        "",
    ]


class TestNamesakes:
    def test_a_name_that_nobody_else_has_needs_only_the_firm(self) -> None:
        people = facts(
            {"id": "p1", "name": "Sophie Jennings", "emails": ["s@a.example"]},
            {"id": "p2", "name": "Sophie Jarvis", "emails": ["s@b.example"], "organisation": "Jarvis Ltd"},
        )
        assert titles(people) == ["Call Sophie Jennings", "Call Sophie Jarvis (Jarvis Ltd)"]

    def test_two_firms_are_enough(self) -> None:
        people = facts(
            {"id": "p1", "name": "Sophie Jennings", "organisation": "A Ltd", "emails": ["s@a.example"]},
            {"id": "p2", "name": "Sophie JENNINGS", "organisation": "B Ltd", "emails": ["s@b.example"]},
        )
        assert titles(people) == ["Call Sophie Jennings (A Ltd)", "Call Sophie JENNINGS (B Ltd)"]

    def test_one_firm_or_none_needs_an_address_or_a_number(self) -> None:
        people = facts(
            {"id": "p1", "name": "Sophie Jennings", "organisation": "A Ltd", "emails": ["s@a.example"]},
            {"id": "p2", "name": "Sophie Jennings", "organisation": "A LTD", "phones": ["+447700900133"]},
            {"id": "p3", "name": "Sophie Jennings", "emails": ["office@a.example", "sj@c.example"]},
            {"id": "p4", "name": "Sophie Jennings", "emails": ["office@a.example"], "city": "Bath"},
            {"id": "p5", "name": "Sophie Jennings", "city": "Bath"},
            {"id": "p6", "name": "Sophie Jennings", "city": "Bath", "sources": ["outlook", "work"]},
        )
        assert titles(people) == [
            "Call Sophie Jennings (A Ltd, s@a.example)",
            "Call Sophie Jennings (A LTD, 07700 900133)",
            "Call Sophie Jennings (sj@c.example)",
            # Nothing else differs from all others.
            "Call Sophie Jennings (p4)",
            "Call Sophie Jennings (p5)",
            "Call Sophie Jennings (from outlook and work)",
        ]

    def test_names_that_are_equal_once_cut_are_namesakes(self) -> None:
        long = "Wolfeschlegelsteinhausenbergerdorff-Wolfeschlegelsteinhausen"
        people = facts(
            {"id": "p1", "name": f"Anna {long} the Elder", "emails": ["elder@a.example"]},
            {"id": "p2", "name": f"Anna {long} the Younger", "emails": ["younger@a.example"]},
        )
        assert len(set(titles(people))) == 2

    def test_a_namesake_counts_although_no_task_is_about_them(self) -> None:
        people = facts(
            {"id": "p1", "name": "Sophie Jennings", "emails": ["s@a.example"]},
            {"id": "p2", "name": "Sophie Jennings", "emails": ["s@b.example"]},
        )
        only = about_people(people, happened(), ["p1"], "GB")
        assert {person: one.distinction for person, one in only.items()} == {"p1": "s@a.example"}
