"""Facts of a person that follow from a day: birthdays, ages, how long they are on file, the first event."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from people.facts.ledger import ledger
from people.facts.person import contact_days, person_facts

_TEXTS = ("name", "given_name", "family_name", "organisation", "title", "city", "country", "note", "birthday")
_DAYS = ("connected_on", "recorded_on", "first_seen")
_LISTS = ("emails", "phones", "labels", "needs", "offers", "sources")
PROFILE = {
    "id": pl.String(),
    **dict.fromkeys(_TEXTS, pl.String()),
    **dict.fromkeys(_DAYS, pl.Date()),
    **dict.fromkeys(_LISTS, pl.List(pl.String())),
    "record_count": pl.Int64(),
}
MET = {
    "person_id": pl.String(), "day": pl.Date(), "at": pl.Datetime("us", "UTC"), "counts": pl.String(),
    "group": pl.String(), "title": pl.String(), "record": pl.String(),
}  # fmt: skip
LINES = dict.fromkeys(
    ("person_id", "other_id", "person", "other", "kind", "direction", "group", "hours", "amount", "outcome",
     "note", "file", "source", "source_id"), pl.String()
) | {"date": pl.Date(), "line": pl.Int64()}  # fmt: skip
DONE = {"person_id": pl.String(), "day": pl.Date(), "title": pl.String(), "record": pl.String()}


def facts(today: date, *met: tuple[date, str], counts: str = "together", **profile: Any) -> dict[str, Any]:
    """The facts of one person on a day, with the events that both attended."""
    people = pl.DataFrame([{"id": "p1", **profile}], schema=PROFILE)
    events = pl.DataFrame(
        [("p1", day, datetime(day.year, day.month, day.day, 20, tzinfo=UTC), counts, None, title, title)
         for day, title in met],
        schema=MET, orient="row",
    )  # fmt: skip
    moment = datetime(today.year, today.month, today.day, 23, tzinfo=UTC)
    lines = pl.DataFrame(schema=LINES)
    happened = contact_days(events, lines, pl.DataFrame(schema=DONE), today, moment)
    entries = ledger(lines, {}, today, happened=happened)
    return person_facts(people, events, happened, entries, today=today, moment=moment).row(0, named=True)


@pytest.mark.parametrize(
    ("birthday", "today", "next_birthday", "age", "turns"),
    [
        ("1980-04-12", date(2026, 4, 11), date(2026, 4, 12), 45, 46),
        ("1980-04-12", date(2026, 4, 12), date(2026, 4, 12), 46, 46),
        ("1980-04-12", date(2026, 4, 13), date(2027, 4, 12), 46, 47),
        ("1980-02-29", date(2027, 2, 28), date(2027, 3, 1), 46, 47),
        ("1980-02-29", date(2028, 2, 28), date(2028, 2, 29), 47, 48),
        ("--01-02", date(2026, 12, 29), date(2027, 1, 2), None, None),
        ("1604-05-05", date(2026, 5, 1), date(2026, 5, 5), None, None),
        (None, date(2026, 5, 1), None, None, None),
    ],
)
def test_the_next_birthday_and_the_ages(
    birthday: str | None, today: date, next_birthday: date | None, age: int | None, turns: int | None
) -> None:
    row = facts(today, birthday=birthday)
    assert (row["next_birthday"], row["age"], row["turns"]) == (next_birthday, age, turns)
    assert row["days_until_birthday"] == (None if next_birthday is None else (next_birthday - today).days)


TODAY = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("profile", "since"),
    [
        ({"first_seen": TODAY}, TODAY),
        ({"first_seen": TODAY, "recorded_on": date(2024, 3, 14)}, date(2024, 3, 14)),
        ({"first_seen": TODAY, "recorded_on": date(2027, 1, 1)}, TODAY),
        ({"first_seen": date(2025, 1, 1), "connected_on": date(2025, 6, 5)}, date(2025, 1, 1)),
        ({"first_seen": TODAY, "connected_on": date(2025, 6, 5)}, date(2025, 6, 5)),
        ({"first_seen": date(2026, 11, 2)}, None),
    ],
    ids=["today", "card", "card from the future", "seen first", "connected first", "not yet on file"],
)
def test_on_file_since_the_earliest_trace(profile: dict[str, Any], since: date | None) -> None:
    row = facts(TODAY, **profile)
    assert row["on_file_since"] == since
    assert row["days_on_file"] == (None if since is None else (TODAY - since).days)


def test_an_event_is_a_trace_too_and_the_first_one_is_named() -> None:
    met = [(date(2026, 9, 1), "Supper club"), (date(2026, 10, 1), "Autumn mixer")]
    row = facts(TODAY, *met, first_seen=TODAY)
    assert (row["on_file_since"], row["first_event_on"]) == (date(2026, 9, 1), date(2026, 9, 1))
    assert (row["first_event"], row["last_event"]) == ("Supper club", "Autumn mixer")


def test_contacts_since_the_first_event_are_those_of_later_days() -> None:
    day = date(2026, 10, 30)
    assert facts(TODAY, (day, "Lunch"), (day, "Tea"), counts="full")["contacts_since_first_event"] == 0
    assert facts(TODAY, (day, "Lunch"), (TODAY, "Tea"), counts="full")["contacts_since_first_event"] == 1
    assert facts(TODAY, (day, "Mixer"), (TODAY, "Talk"))["contacts_since_first_event"] == 0
    assert facts(TODAY)["contacts_since_first_event"] == 0
