"""Two weeks of the simulated month with a small book, and proof that its checks can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import month
from benchmarks.month import Found, Month, rows_of


@pytest.mark.parametrize("user", ["does all", "two a day"])
def test_two_weeks_are_as_they_should_be(tmp_path: Path, user: str) -> None:
    found = Month(tmp_path, user, seed=3, people=150, days=12).play()
    assert (found.created > 20, found.met > 0, found.birthdays > 0) == (True, True, True)
    assert rows_of({user: found})[1] == []


def test_the_book_alone_brings_three_first_steps_a_week(tmp_path: Path) -> None:
    found = Month(tmp_path, "no calendar", seed=3, people=150, days=12).play()
    assert set(found.first_steps.values()) == {3}
    assert found.without_why == 0


def test_with_nothing_configured_a_run_says_one_sentence() -> None:
    (sentence,) = month.sentences_for_nothing()
    assert "touchbase doctor" in sentence


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (Found(met=100, asked=94), "newly met, asked within two working days, does all: 94% of 100"),
        (Found(birthdays=3, on_the_day=2), "birthdays of key people, on the day, does all: 67% of 3"),
        (Found(open_most=16, open_at_most=15), "most open tasks, does all: 16"),
        (Found(twice=1), "two open tasks with one title, does all: 1"),
        (Found(digest_most=41), "most lines in a digest, does all: 41"),
        (Found(in_touch=1), "tasks for people in touch, does all: 1"),
    ],
)
def test_what_is_not_as_it_should_be_is_named(broken: Found, what: str) -> None:
    assert rows_of({"does all": broken})[1] == [what]
