"""``touchbase identity review`` and ``bulk`` on a real terminal."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tests.support.demo import command
from tests.support.dialogue import dialogue
from tests.support.two_books import card, two_books

PROMPT = "[q]uit: "


def unlike(number: int) -> tuple[str, str]:
    """A given and a family name that are like no other."""
    dice = random.Random(number)
    given, family = ("".join(dice.choices("abcdefghijklmnoprstuvwz", k=9)).capitalize() for _ in range(2))
    return given, family


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """Two address books with 70 people on the phone, a father and a son, and one name twice in Outlook."""
    home = "TEL:0117 496 0170\n"
    phone = [
        card(f"c{n}", f"Xqa{chr(97 + n // 26)}l{chr(97 + n % 26)}o", f"Wr{n * 7919}", "") for n in range(70)
    ]
    phone += [
        card("father", "Arthur", "Penrose", home),
        card("ida", "Ida", "Vestergren", "TEL:07911 123456\n"),
        card("tor", "Torvald", "Aschenputt", ""),
    ]
    outlook = [
        card("son", "Arthur", "Penrose", home),
        card("ida2", "Ida", "Vestergren", "EMAIL:ida@vest.example\n"),
        card("t1", "Torvald", "Aschenputt", "EMAIL:t1@asch.example\n"),
        card("t2", "Torvald", "Aschenputt", "EMAIL:t2@putt.example\n"),
    ]
    return two_books(tmp_path, phone, outlook)


def asked(config: Path, *words: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(
        command("identity", "review", *words, "--json", "--config", config).output
    )
    return found


def decided(config: Path) -> str:
    path = config.parent / "identity.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return "\n".join(line for line in lines if not line.startswith("#"))


def test_a_step_back_takes_the_answer_back(network: Path) -> None:
    answers = [(PROMPT, "s"), (PROMPT, "b"), (PROMPT, "l"), (PROMPT, "q")]
    _, screen = dialogue("identity", "review", "--config", network, answers=answers)
    assert [line for line in screen.split("\n") if line.endswith(" of 2")] == [
        "1 of 2",
        "2 of 2",
        "1 of 2",
        "2 of 2",
    ]
    assert decided(network) == ""


def test_later_is_remembered(network: Path) -> None:
    first = asked(network)[0]
    dialogue("identity", "review", "--config", network, answers=[(PROMPT, "l"), (PROMPT, "q")])
    last = asked(network)[-1]
    assert (last["a"], last["later"] is not None) == (first["a"], True)


def test_namesakes_are_one_question_and_all_different_at_once(network: Path) -> None:
    dialogue("identity", "review", "aschenputt", "--config", network, answers=[(PROMPT, "d")])
    assert decided(network).count("never") == 3
    assert asked(network, "aschenputt") == []


def test_cards_of_one_person_stay_one_when_others_are_different(network: Path) -> None:
    (network.parent / "identity.txt").write_text("always outlook:t1 outlook:t2\n")
    command("run", "--config", network)
    dialogue("identity", "review", "aschenputt", "--config", network, answers=[(PROMPT, "d")])
    assert "always outlook:t1 outlook:t2" in decided(network)
    assert "never outlook:t1 outlook:t2" not in decided(network)
    assert asked(network, "aschenputt") == []


def test_the_same_for_all_that_are_as_likely(network: Path) -> None:
    answers = [(PROMPT, "a"), ("[y/N]: ", "y")]
    _, screen = dialogue("identity", "review", "aschenputt", "--config", network, answers=answers)
    assert "Is each of these 1 question one person?" in screen
    assert decided(network).count("always") == 2


def test_the_limit_says_what_it_leaves_out(network: Path) -> None:
    assert len({one["question"] for one in asked(network)}) == 2
    assert len({one["question"] for one in asked(network, "--limit", "1")}) == 1
    output = command("identity", "review", "--limit", "1", "--config", network).output
    assert "1 more question is less likely to pay. See all: touchbase identity review --limit 0" in output


def test_who_was_merged_in_bulk_is_shown_once_undone_and_done_again(network: Path) -> None:
    line = "Ida Vestergren"
    assert (
        "1 person was merged because nobody else" in command("identity", "review", "--config", network).output
    )
    assert "nobody else" not in command("identity", "review", "--config", network).output
    assert line in command("identity", "bulk", "--config", network).output
    undone = command("identity", "bulk", "--undo", "--config", network).output
    assert "Merging in bulk is off" in undone
    assert len(asked(network, "vestergren")) == 1
    assert line in command("identity", "bulk", "--redo", "--config", network).output
    assert asked(network, "vestergren") == []
