"""Titles and notes: what a rule's text says about one person."""

from __future__ import annotations

from datetime import date

import pytest

from rules.engine.language.templates import parse
from rules.engine.language.vocabulary import fields_of

ANNA = {
    "name": "Anna Berg",
    "last_contact": date(2026, 8, 11),
    "first_contact": date(2024, 2, 1),
    "birthday": "--04-12",
    "days_known": 1,
    "needs": ["bookkeeping", "web design"],
    "balance": None,
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Last contact on {last_contact}.", "Last contact on 11 Aug."),
        ("Known since {first_contact}", "Known since 1 Feb 2024"),
        ("Birthday: {birthday}", "Birthday: 12 Apr"),
        ("You meet on {next_meeting}", "You meet on an unknown day"),
        ("Known for {days_known} days", "Known for 1 day"),
        (
            "They look for {needs}; {offers|ask what they offer}",
            "They look for bookkeeping, web design; ask what they offer",
        ),
        ("Call {first_name}", "Call Anna Berg"),
        ("Balance {balance}", "Balance an unknown number of"),
    ],
)
def test_facts_are_filled_in_as_words(template: str, expected: str) -> None:
    assert parse(template, fields_of("person")).fill(ANNA, date(2026, 11, 28)) == expected
