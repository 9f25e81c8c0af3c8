"""When you last met, called or wrote to somebody, the latest events, their usual interval, and their firm."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from people.facts.days.channels import channel_part
from people.facts.firms import with_firms

TODAY = date(2026, 11, 30)


def happened(*rows: tuple[int, str, str, str, bool]) -> pl.DataFrame:
    """Rows of (days ago, counts, channel, title, event) about one person."""
    return pl.DataFrame(
        [
            {
                "person_id": "p", "day": TODAY - timedelta(ago), "counts": counts, "channel": channel,
                "group": None, "title": title, "record": f"r{ago}", "event": event,
            }
            for ago, counts, channel, title, event in rows
        ],
        schema_overrides={"group": pl.String, "title": pl.String},
    )  # fmt: skip


def facts(*rows: tuple[int, str, str, str, bool]) -> dict[str, Any]:
    (found,) = channel_part(happened(*rows), TODAY).to_dicts()
    return found


def test_each_channel_has_its_own_days() -> None:
    found = facts(
        (80, "full", "meeting", "Lunch with Ann", True),
        (40, "full", "task", "Call Ann Lee", False),
        (20, "full", "meeting", "Phone call", True),
        (9, "full", "email", "you wrote to ann@x.example: lunch?", False),
        (5, "together", "meeting", "Expo", True),
        (300, "full", "journal", "Coffee at Rosa's", False),
    )
    assert found["days_since_meeting"] == 80
    assert found["days_since_call"] == 20
    assert found["days_since_mail"] == 9


@pytest.mark.parametrize(
    ("row", "fact"),
    [
        ((30, "full", "journal", "Coffee at Rosa's", False), "days_since_meeting"),
        ((30, "full", "journal", "met", True), "days_since_meeting"),
        ((30, "full", "journal", "rang about the roof", False), "days_since_call"),
        ((30, "full", "journal", "contact", False), None),
        ((30, "full", "journal", "2 calls, 14 min", False), "days_since_call"),
        ((30, "full", "journal", "2 mails", False), "days_since_mail"),
        ((30, "full", "journal", "text", False), None),
        ((30, "full", "meeting", "Recall of the parts", True), "days_since_meeting"),
    ],
)
def test_the_words_of_a_line_say_what_it_was(row: tuple[int, str, str, str, bool], fact: str | None) -> None:
    found = facts(row)
    names = ("days_since_meeting", "days_since_call", "days_since_mail")
    assert {name for name in names if found[name] is not None} == ({fact} if fact else set())


def test_events_are_those_of_two_weeks_whatever_came_after() -> None:
    found = facts(
        (15, "together", "meeting", "Old expo", True),
        (14, "group", "meeting", "Expo West", True),
        (2, "full", "meeting", "Breakfast", True),
        (1, "full", "email", "you wrote", False),
    )
    assert found["events"] == ["Expo West", "Breakfast"]


@pytest.mark.parametrize(
    ("ago", "interval"), [([10, 20, 30], None), ([200, 210, 220, 232], 10), ([5, 5, 5, 6, 8, 12], 2)]
)
def test_the_usual_interval_needs_four_days_of_contact(ago: list[int], interval: int | None) -> None:
    assert facts(*((one, "full", "email", "x", False) for one in ago))["usual_interval_days"] == interval


def test_a_firm_shares_its_last_contact_and_its_open_follow_ups() -> None:
    people = pl.DataFrame(
        {
            "id": ["a", "b", "c", "d"],
            "organisation": ["Berg", " BERG ", "Hale", None],
            "days_since_contact": [100, 3, None, 8],
            "firm_days_since_contact": [None] * 4,
            "firm_open_follow_ups": [0] * 4,
        }
    )
    found = with_firms(people, {"b": 2, "d": 1})
    assert found.columns == people.columns
    assert found["firm_days_since_contact"].to_list() == [3, 3, None, None]
    # Whoever has an open task does not count those of others: the two would drive each other out.
    assert found["firm_open_follow_ups"].to_list() == [2, 0, 0, 0]
