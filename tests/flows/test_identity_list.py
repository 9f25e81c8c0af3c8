"""The list of ``touchbase identity review``: names that each source has once, answered together."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from flows.orchestration.artifacts import _pairs
from flows.run.context import context_of
from flows.settings.loading import load
from people.errors import UserMustAct
from people.store import open_store
from tests.flows.test_identity_review import asked, decided, unlike
from tests.support.demo import command
from tests.support.dialogue import dialogue
from tests.support.two_books import card, two_books

PROMPT = "[q]uit: "


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """Eighty people called Anna on the phone, of whom five are in Outlook as well."""
    phone = [card(f"p{n}", "Anna", unlike(n)[1], f"TEL:07911 {n:06}\n") for n in range(80)]
    outlook = [card(f"o{n}", "Anna", unlike(n)[1], f"EMAIL:a{n}@firm{n}.example\n") for n in range(5)]
    return two_books(tmp_path, phone, outlook)


def people(config: Path) -> int:
    return len(json.loads(command("people", "--json", "--config", config).output))


def test_a_common_given_name_makes_one_question_of_many_names(network: Path) -> None:
    found = asked(network)
    assert len(found) == 5
    assert {one["question"] for one in found} == {0}
    assert all(one["listed"] for one in found)
    shown = command("identity", "review", "--config", network).output
    assert "5 names that each source has once" in shown
    assert "outlook:o3" in shown
    assert "--accept-list" in shown


def test_one_answer_joins_all_of_them_and_one_step_back_parts_them(network: Path) -> None:
    assert people(network) == 80 + 5
    _, screen = dialogue("identity", "review", "--config", network, answers=[(PROMPT, "s")])
    assert "1 of 1" in screen
    assert people(network) == 80
    assert asked(network) == []


def test_some_of_them_may_be_two_people(network: Path) -> None:
    answers = [(PROMPT, "e"), ("two people: ", "7"), ("two people: ", "2, 3")]
    _, screen = dialogue("identity", "review", "--config", network, answers=answers)
    assert "Give numbers from 1 to 5" in screen
    assert people(network) == 82
    lines = decided(network).splitlines()
    assert [line.split()[0] for line in lines].count("never") == 2
    assert asked(network) == []


def test_a_list_is_asked_one_by_one_if_the_user_prefers_that(network: Path) -> None:
    answers = [(PROMPT, "o"), (PROMPT, "s"), (PROMPT, "b"), (PROMPT, "d"), (PROMPT, "q")]
    _, screen = dialogue("identity", "review", "--config", network, answers=answers)
    assert "2 of 5" in screen
    assert decided(network).startswith("never")
    assert len(decided(network).splitlines()) == 1


def test_a_list_put_off_comes_last(network: Path) -> None:
    dialogue("identity", "review", "--config", network, answers=[(PROMPT, "l")])
    assert all(one["later"] for one in asked(network))
    assert decided(network) == ""


def test_a_command_accepts_the_list(network: Path) -> None:
    command("identity", "bulk", "--accept-list", "--config", network)
    assert people(network) == 80
    with pytest.raises(UserMustAct, match="no list to accept"):
        command("identity", "bulk", "--accept-list", "--config", network)


def test_the_table_in_the_ui_shows_the_list_as_one(network: Path) -> None:
    with closing(open_store(load(network).store_url)) as store:
        first, *others = _pairs(context_of(load(network), store, None))
    assert (first["A"], first["B"]) == ("5 names that stand once in two sources", "")
    assert "touchbase identity review" in str(first["why"])
    assert all("names" not in str(row["A"]) for row in others)
