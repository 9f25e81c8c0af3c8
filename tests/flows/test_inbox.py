"""The inbox in a network: lines find their people, new people get a card, and the rest waits for the user."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest

from people.errors import UserMustAct
from tests.support.demo import command, run
from tests.support.dialogue import dialogue
from tests.support.stores import with_own_store

CARDS = "".join(
    f"BEGIN:VCARD\nVERSION:3.0\nUID:{uid}\nFN:{name}\nORG:{firm}\nEMAIL:{uid}@x.example\nEND:VCARD\n"
    for uid, name, firm in (
        ("anna", "Anna Berg", "Berg Interiors"),
        ("nina1", "Nina Patel", "Patel Packaging"),
        ("nina2", "Nina Dahl", "Dahl Law"),
    )
)
SETTINGS = """\
[me]
time_zone = "Europe/London"
[[sources]]
name = "phone"
type = "vcard"
path = "phone.vcf"
[[sources]]
name = "added"
type = "vcard"
path = "people"
add_here = true
[[sources]]
name = "journal"
type = "journal"
path = "journal.csv"
[[sources]]
name = "inbox"
type = "inbox"
path = "inbox.txt"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Anna Berg and two Ninas are known; the inbox is empty and there are no rules."""
    path = tmp_path / "touchbase.toml"
    path.write_text(SETTINGS)
    (tmp_path / "phone.vcf").write_text(CARDS)
    (tmp_path / "people").mkdir()
    (tmp_path / "rules").mkdir()
    (tmp_path / "journal.csv").write_text(
        "date,person,kind,direction,other,group,hours,amount,outcome,note\n"
    )
    (tmp_path / "inbox.txt").write_text("")
    return with_own_store(path)


def write(config: Path, *lines: str) -> dict[str, Any]:
    """Make these the inbox, and run."""
    (config.parent / "inbox.txt").write_text("\n".join(lines) + "\n")
    return run(config, today=None)


def people(config: Path) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in json.loads(command("people", "--json", "--config", config).output)}


def waiting(config: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(command("inbox", "--json", "--config", config).output)
    return found


def test_a_known_person_is_contact(config: Path) -> None:
    write(config, "2026-01-10 called Anna Berg about the shop", "2026-01-12 mailed nina1@x.example")
    assert people(config)["Anna Berg"]["last_contact"] == "2026-01-10"
    assert people(config)["Nina Patel"]["last_contact"] == "2026-01-12"
    assert waiting(config) == []
    assert command("inbox", "--config", config).output.startswith("Nothing waits.")


def test_a_new_person_gets_a_card_in_the_same_run_and_only_one(config: Path) -> None:
    line = "2026-01-10 met Freya Lind at Supper club, Lind Interiors, freya@lind.example, needs a bookkeeper"
    write(config, line)
    freya = people(config)["Freya Lind"]
    assert (freya["organisation"], freya["emails"]) == ("Lind Interiors", ["freya@lind.example"])
    assert freya["last_contact"] == "2026-01-10"
    write(config, line, "2026-01-11 called Freya Lind")
    write(config, "2026-01-09 saw Anna Berg", line)
    assert [path.name for path in (config.parent / "people").iterdir()] == ["freya-lind.vcf"]
    assert people(config)["Freya Lind"]["last_contact"] == "2026-01-10"
    assert waiting(config) == []


@pytest.mark.parametrize(
    "line",
    [
        "met Anna Berg, anna@other.example",  # a known name with an unknown address
        "met Kurt Berg, Berg Interiors",  # a known last name, and nothing else that tells
        "met Kurt",  # half a name
        "met the plumber, plumber@x.example",  # not a name
        "called Freya Lind, freya@lind.example",  # not the word for a new person
    ],
)
def test_in_doubt_nobody_is_added(config: Path, line: str) -> None:
    write(config, line)
    assert sorted(people(config)) == ["Anna Berg", "Nina Dahl", "Nina Patel"]
    assert [one["line"] for one in waiting(config)] == [line]


def test_a_dry_run_writes_no_card(config: Path) -> None:
    (config.parent / "inbox.txt").write_text("met Freya Lind, freya@lind.example\n")
    run(config, today=None, dry_run=True)
    assert list((config.parent / "people").iterdir()) == []


def test_editing_or_deleting_a_line_changes_the_record(config: Path) -> None:
    write(config, "2026-01-10 called Anna Berg")
    write(config, "2026-01-08 called Anna Berg")
    assert people(config)["Anna Berg"]["last_contact"] == "2026-01-08"
    write(config)
    assert people(config)["Anna Berg"]["last_contact"] is None


def test_what_waits_is_listed_with_candidates_and_a_command(config: Path) -> None:
    (config.parent / "journal.csv").open("a").write("2026-01-05,Sam Roe,contact,,,,,,,Lunch\n")
    write(config, "called Nina", "buy milk")
    ids = {one["organisation"]: one["id"] for one in people(config).values()}
    assert waiting(config) == [
        {
            "where": "inbox.txt:1",
            "line": "called Nina",
            "problem": "'Nina' may mean 2 people",
            "candidates": [
                {"id": ids["Dahl Law"], "name": "Nina Dahl", "organisation": "Dahl Law", "tier": None,
                 "last_contact": None},
                {"id": ids["Patel Packaging"], "name": "Nina Patel", "organisation": "Patel Packaging",
                 "tier": None, "last_contact": None},
            ],
            "next": f"touchbase inbox inbox.txt:1 {ids['Dahl Law']}",
        },
        {
            "where": "inbox.txt:2",
            "line": "buy milk",
            "problem": "the line does not say what happened",
            "candidates": [],
            "next": "touchbase inbox inbox.txt:2 --aside",
        },
        {
            "where": "journal.csv:2",
            "line": "2026-01-05, Sam Roe, contact, Lunch",
            "problem": "no one matches 'Sam Roe'",
            "candidates": [],
            "next": "touchbase inbox journal.csv:2 --new",
        },
    ]  # fmt: skip


def test_a_line_is_placed_for_good_and_the_files_stay(config: Path) -> None:
    write(config, "2026-01-10 called Nina", "buy milk")
    (config.parent / "journal.csv").open("a").write("2026-01-05,Sam Roe,contact,,,,,,,Lunch\n")
    run(config, today=None)
    files = [config.parent / "inbox.txt", config.parent / "journal.csv"]
    before = [path.read_bytes() for path in files]
    assert "is about Nina Patel" in command("inbox", "inbox.txt:1", "Nina Patel", "--config", config).output
    assert "Set inbox.txt:2 aside" in command("inbox", "inbox.txt:2", "--aside", "--config", config).output
    assert "Added Sam Roe" in command("inbox", "journal.csv:2", "--new", "--config", config).output
    assert waiting(config) == []
    assert [path.read_bytes() for path in files] == before
    write(config, "2026-01-11 called Anna Berg", "2026-01-10 called Nina", "buy milk")
    assert people(config)["Nina Patel"]["last_contact"] == "2026-01-10"
    assert people(config)["Sam Roe"]["last_contact"] == "2026-01-05"
    assert waiting(config) == []


def test_mistakes_are_told(config: Path) -> None:
    write(config, "buy milk", "called Nina")
    for words in (("inbox.txt:1",), ("inbox.txt:1", "Anna Berg", "--new")):
        with pytest.raises(click.UsageError):
            command("inbox", *words, "--config", config)
    with pytest.raises(UserMustAct, match=r"no line waits at 'inbox\.txt:9'"):
        command("inbox", "inbox.txt:9", "Anna Berg", "--config", config)
    with pytest.raises(UserMustAct, match="does not say what happened"):
        command("inbox", "inbox.txt:1", "Anna Berg", "--config", config)
    with pytest.raises(UserMustAct, match="'Nina' may mean 2 people"):
        command("inbox", "inbox.txt:2", "Nina", "--config", config)


def test_doctor_looks_at_the_file(config: Path) -> None:
    (config.parent / "inbox.txt").write_text("buy milk\ncalled Anna Berg\n")
    output = command("doctor", "--config", config).output
    assert "inbox.txt: 2 lines, 1 of them unclear (touchbase inbox)" in output
    (config.parent / "inbox.txt").unlink()
    assert "inbox.txt does not exist" in command("doctor", "--config", config).output


def test_on_a_terminal_each_line_is_a_question(config: Path) -> None:
    write(config, "2026-01-10 called Nina", "buy milk", "2026-01-09 called Sam Roe", "called Zed Low")
    question = "[q] quit"
    status, screen = dialogue(
        "inbox",
        "--config",
        config,
        answers=[(question, "2"), (question, "a"), (question, "n"), (question, "q")],
    )
    assert status == 0
    lines = screen.splitlines()
    assert lines[:4] == [
        "4 lines to place. No file changes.",
        "",
        "inbox.txt:1: 2026-01-10 called Nina",
        "  'Nina' may mean 2 people",
    ]
    assert lines[6] == "[1-2] which person, [n] a new person, [a] set aside, [l] later, [q] quit: 2"
    assert all(len(line) <= 80 or "Added" in line for line in lines)
    assert [one["where"] for one in waiting(config)] == ["inbox.txt:4"]
    assert people(config)["Nina Patel"]["last_contact"] == "2026-01-10"
    assert "Sam Roe" in people(config)


def test_what_strangers_wrote_is_harmless_on_the_screen(config: Path) -> None:
    write(config, "called \x1b[31mRed\u202e Nina")
    output = command("inbox", "--config", config).output
    assert "\u202e" not in output
    assert "\x1b[31m" not in output
