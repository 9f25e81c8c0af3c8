"""Replaying history through the same pure functions."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import polars as pl

from flows.pages.documents import rules as documents
from people.planning.working_days import WorkingDays
from rules.engine import load_texts
from rules.engine.showing.backtest import Backtest, Replay, backtest, each_day
from tests.support.random_rules import framed

RULES = load_texts(
    {
        "a.yaml": b"""\
version: 1
rules:
  - id: clients-monthly
    for: person
    when: {labels: client}
    then: {cadence: 30d}
  - id: quiet
    for: person
    when: {overdue|gte: 0d}
    then: {stale: true, follow_up: {title: "Call {first_name}", due: 3d, occasion: last_contact}}
  - id: hello
    for: person
    when: {days_since_contact: 0}
    then: {follow_up: {title: "Thank {first_name}", cooldown: 0d, occasion: last_contact}}
    at_most: 2
"""
    }
)
MET = {
    "Anna": [date(2026, 6, 1), date(2026, 7, 10)],
    "Bea": [date(2026, 6, 1)],
    "Carl": [date(2026, 6, 1)],
    "Dora": [date(2026, 6, 15)],
}
NO_ONE: dict[str, Any] = {
    "id": "x",
    "name": "X",
    "first_name": "X",
    "labels": [],
    "last_contact": None,
    "days_since_contact": None,
}


def facts_on(day: date) -> pl.DataFrame:
    """Each person as known on that day."""
    rows = [NO_ONE]
    for name, meetings in MET.items():
        if past := [met for met in meetings if met <= day]:
            rows.append({
                "id": name, "name": name, "first_name": name, "labels": ["client"],
                "last_contact": past[-1], "days_since_contact": (day - past[-1]).days,
            })  # fmt: skip
    return framed("person", rows)


def replayed(capacity: int, *, done_after: int | None = None) -> Backtest:
    planner = Replay(capacity, WorkingDays(), done_after=done_after)
    return backtest(RULES, each_day(date(2026, 6, 1), date(2026, 7, 31)), facts_on, planner)


def test_follow_ups_are_counted_by_week_and_rule() -> None:
    found = replayed(capacity=10)
    made = {week.monday.isoformat(): dict(week.by_rule) for week in found.weeks if week.created}
    assert made == {
        "2026-06-15": {"hello": 1},
        "2026-06-29": {"quiet": 3},
        "2026-07-06": {"hello": 1},
        "2026-07-13": {"quiet": 1},
    }
    assert len(found.weeks) == 9


def test_contact_resets_the_clock_and_the_open_follow_up_goes() -> None:
    """Anna is called for on 1 July and met on the 10th, so nothing more is due by the end of the month."""
    anna = [week.monday for week in replayed(capacity=10).weeks if week.by_rule["quiet"]]
    assert anna == [date(2026, 6, 29), date(2026, 7, 13)]


def test_capacity_defers_and_a_waiting_follow_up_is_counted_once_a_week() -> None:
    found = replayed(capacity=1)
    weeks = {week.monday.isoformat(): (week.created, week.deferred) for week in found.weeks}
    assert weeks["2026-06-29"] == (3, 2)
    assert found.by_rule == replayed(capacity=10).by_rule


def test_no_capacity_creates_nothing() -> None:
    found = replayed(capacity=0)
    assert found.by_rule.total() == 0
    assert sum(week.deferred for week in found.weeks) > 0


def test_a_brake_is_counted_by_days() -> None:
    assert replayed(capacity=10).braked == {"hello": 1}


def test_what_counts_as_done_is_not_asked_again_for_the_same_occasion() -> None:
    assert replayed(capacity=10, done_after=1).by_rule["quiet"] == 4


def test_the_plot_shows_each_week_and_the_totals() -> None:
    text = replayed(capacity=1).render()
    assert "follow-ups per week (# created, . waiting for capacity)" in text
    assert "2026-06-29  ###..  3 + 2 waiting" in text
    assert "quiet      4  (0.4 per week)" in text
    assert text.endswith("hello: stopped by its brake on 1 day")


def test_markdown_has_the_plot_and_a_table() -> None:
    text = replayed(capacity=1).markdown()
    assert text.startswith("```\nfollow-ups per week")
    assert "| quiet | 4 | 0.4 |" in text


def test_the_json_has_all_figures() -> None:
    document = json.loads(documents.backtest(replayed(capacity=1)).model_dump_json())
    assert document["by_rule"] == {"quiet": 4, "hello": 2}
    assert document["weeks"][4] == {
        "monday": "2026-06-29",
        "created": 3,
        "deferred": 2,
        "lapsed": 0,
        "by_rule": {"quiet": 3},
    }


def test_a_done_follow_up_is_contact_for_the_facts_of_later_days() -> None:
    planner = Replay(10, WorkingDays(), done_after=7)

    def facts(day: date) -> pl.DataFrame:
        last = max([date(2026, 1, 1), *(one.day for one in planner.contacts if one.day <= day)])
        since = {"last_contact": last, "days_since_contact": (day - last).days}
        return framed(
            "person", [{"id": "a", "name": "Ann", "first_name": "Ann", "labels": ["client"], **since}]
        )

    days = each_day(date(2026, 2, 1), date(2026, 4, 30))
    found = backtest(RULES, days, facts, planner, "assumes that you do each after 7 days")
    # After 7 days it is done, and 30 days later the next one comes: 1 February, 10 March, 16 April.
    assert found.by_rule["quiet"] == 3
    assert [one.day for one in planner.contacts] == [date(2026, 2, 8), date(2026, 3, 17), date(2026, 4, 23)]
    assert "assumes that you do each after 7 days\nJan 2026\n2026-01-26" in found.render()


def test_what_came_too_late_is_counted() -> None:
    rules = load_texts(
        {
            "a.yaml": b"""
version: 2
rules:
  - {id: r, for: person, then: {follow_up: {title: "Write to {name}", within: 2d}}}
"""
        }
    )
    found = backtest(rules, each_day(date(2026, 6, 1), date(2026, 6, 12)), facts_on, Replay(1, WorkingDays()))
    assert sum(week.lapsed for week in found.weeks) > 0
    assert "too late" in found.render()


def test_nothing_to_replay() -> None:
    found = backtest(RULES, [], facts_on, Replay(5, WorkingDays()))
    assert found.weeks == ()
    assert "follow-ups per week" in found.render()
