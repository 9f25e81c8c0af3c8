"""A newcomer's first hour: five edits; a diff names exactly whom each affects, and the run does that."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.support import small_network
from tests.support.demo import command
from tests.support.demo import run as run_once
from tests.support.stores import copy_network

MONDAY = date(2026, 11, 30)
MARCH = date(2027, 3, 1)


def card(name: str, **more: str) -> str:
    first, last = name.split()
    lines = "".join(f"{key}:{value}\n" for key, value in more.items())
    address = f"{first}.{last}@example.com".lower()
    head = f"BEGIN:VCARD\nVERSION:3.0\nUID:{first}\nFN:{name}\nN:{last};{first};;;\n"
    return f"{head}EMAIL:{address}\n{lines}END:VCARD\n"


CARDS = "".join(
    [
        card("Felix Moreau", CATEGORIES="client,rip"),
        card("Tom Hale", CATEGORIES="client"),
        card("Ada Berg", CATEGORIES="client", ORG="Berg Interiors"),
        card("Bo Lind", ORG="Berg Interiors"),
        card("Nina Old"),
        card("Otto Rust"),
        card("Vera Frost", CATEGORIES="friend", BDAY="1981-12-02"),
        card("Will Frost", CATEGORIES="friend", BDAY="1981-06-02"),
    ]
)
JOURNAL = """date,person,kind,direction,other,group,hours,amount,outcome,note
2026-08-01,Felix Moreau,contact,,,,,,,
2026-08-01,Tom Hale,contact,,,,,,,
2026-08-01,Ada Berg,contact,,,,,,,
2026-11-20,Bo Lind,contact,,,,,,,
2024-06-01,Nina Old,contact,,,,,,,
2024-05-01,Otto Rust,contact,,,,,,,
2026-11-01,Vera Frost,contact,,,,,,,
2026-11-01,Will Frost,contact,,,,,,,
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network after its first run: three clients went cold."""
    folder = tmp_path_factory.mktemp("made")
    config = small_network.world(folder, cards=CARDS, journal=JOURNAL)
    config.write_text(
        config.read_text() + "\n[tasks]\npath = 'tasks'\ncapacity_per_day = 50\nopen_at_most = 50\n"
    )
    run_once(config, today=MONDAY)
    assert open_tasks(config) == {"Call Ada Berg", "Call Felix Moreau", "Call Tom Hale"}
    return config


@pytest.fixture
def config(made: Path, tmp_path: Path) -> Path:
    return copy_network(made, tmp_path / "network")


def open_tasks(config: Path) -> set[str]:
    listed = json.loads(command("follow-ups", "--config", config, "--json").output)
    return {one["title"] for one in listed if one["status"] == "open"}


def rule(config: Path, text: str) -> None:
    (config.parent / "rules" / "mine.yaml").write_text(f"version: 2\nrules:\n{text}")
    found = json.loads(command("rules", "check", "--config", config, "--json").output)
    assert [one for one in found if one["code"] != "untested"] == []


def affected(config: Path, today: date) -> dict[str, set[str]]:
    """Whom the diff names, by what changes."""
    shown = command("rules", "diff", "--config", config, "--today", today.isoformat(), "--json")
    found: dict[str, set[str]] = {}
    for change in json.loads(shown.output)["changes"]:
        sign = "" if change["before"] and change["after"] else "+" if change["before"] is None else "-"
        found.setdefault(f"{sign}{change['kind']}", set()).update(change["names"])
    return found


def after_run(config: Path, today: date) -> tuple[set[str], set[str]]:
    """The tasks that a run makes and withdraws."""
    before = open_tasks(config)
    run_once(config, today=today)
    return open_tasks(config) - before, before - open_tasks(config)


def test_a_client_died(config: Path) -> None:
    rule(config, "  - {id: gone, for: person, when: {labels: rip}, then: {tier: off-limits}}\n")
    assert affected(config, MONDAY) == {
        "tier": {"Felix Moreau"}, "-cadence": {"Felix Moreau"}, "stale": {"Felix Moreau"},
        "-follow-up": {"Felix Moreau"},
    }  # fmt: skip
    assert after_run(config, MONDAY) == (set(), {"Call Felix Moreau"})


def test_tom_is_left_alone_in_march(config: Path) -> None:
    rule(
        config,
        "  - {id: tom, for: person, from: 2027-03-01, until: 2027-03-31, when: {name: Tom Hale}, "
        "then: {quiet: true}}\n",
    )
    assert affected(config, MONDAY) == {}
    assert affected(config, MARCH) == {"quiet": {"Tom Hale"}, "-follow-up": {"Tom Hale"}}
    assert after_run(config, MARCH)[1] == {"Call Tom Hale"}


def test_one_dormant_tie_a_month(config: Path) -> None:
    rule(
        config,
        "  - id: revive\n    for: person\n    when: {tier: dormant}\n    at_most: {month: 1}\n"
        '    then: {follow_up: {title: "Write to {name}", occasion: year}}\n',
    )
    assert affected(config, MONDAY) == {"+follow-up": {"Nina Old", "Otto Rust"}}
    made, withdrawn = after_run(config, MONDAY)
    assert len(made) == 1
    assert made < {"Write to Nina Old", "Write to Otto Rust"}
    assert withdrawn == set()
    assert after_run(config, MONDAY) == (set(), set())
    (second,) = after_run(config, date(2026, 12, 1))[0]
    assert {second} | made == {"Write to Nina Old", "Write to Otto Rust"}


def test_a_birthday_on_the_day(config: Path) -> None:
    rule(
        config,
        "  - id: friends\n    for: person\n    when: {labels: friend, days_until_birthday|lte: 7d}\n"
        '    then: {follow_up: {title: "Wish {name} well", due: {on: next_birthday}, occasion: year}}\n',
    )
    assert affected(config, MONDAY) == {"+follow-up": {"Vera Frost"}}
    assert after_run(config, MONDAY) == (set(), set())
    assert after_run(config, date(2026, 12, 2))[0] == {"Wish Vera Frost well"}


def test_somebody_at_the_firm_was_met(config: Path) -> None:
    rule(
        config,
        "  - {id: firm, for: person, when: {firm_days_since_contact|lt: 30d}, then: {stale: false}}\n",
    )
    assert affected(config, MONDAY) == {"stale": {"Ada Berg"}, "-follow-up": {"Ada Berg"}}
    assert after_run(config, MONDAY) == (set(), {"Call Ada Berg"})
