"""While a rule file is broken or a rule is stopped, open tasks stay and half the rules make nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.cli.commands.init import copy_rules
from tests.support import small_network
from tests.support.demo import run as run_once
from tests.support.stores import copy_network, with_own_store

TODAY = date(2026, 11, 25)
OPEN = 67

SETTINGS = f"""{small_network.SETTINGS}
[tasks]
type = "vtodo-folder"
path = "tasks"
capacity_per_day = 100
open_at_most = 100
"""

Break = Callable[[Path], None]


def card(number: int, **more: str) -> str:
    lines = "".join(f"{name}:{value}\n" for name, value in more.items())
    return (
        f"BEGIN:VCARD\nVERSION:3.0\nUID:p{number}\nFN:Person {number:03}\n"
        f"EMAIL:p{number}@firm{number}.example\n{lines}END:VCARD\n"
    )


def event(number: int, day: date, *guests: str) -> str:
    rows = "".join(f"ATTENDEE:mailto:{guest}\n" for guest in ("alex@doe.example", *guests))
    return (
        f"BEGIN:VEVENT\nUID:e{number}\nDTSTART:{day:%Y%m%d}T100000Z\nDTEND:{day:%Y%m%d}T110000Z\n"
        f"SUMMARY:Talk {number}\n{rows}END:VEVENT\n"
    )


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


PEOPLE: tuple[tuple[int, dict[str, str], int], ...] = (
    (3, {"CATEGORIES": "client"}, 10),
    (30, {"CATEGORIES": "client"}, 109),
    (50, {"TITLE": "Managing Director"}, 70),
    (58, {}, 200),
    (60, {"CATEGORIES": "do-not-contact"}, 200),
    (64, {"CATEGORIES": "client"}, 20),
    (66, {}, 10),
    (72, {}, 1),
    (100, {}, 10),
)
"""Up to which number what a card says, and the days since the last talk."""


def card_and_days(number: int) -> tuple[dict[str, str], int]:
    more, last = next((more, last) for below, more, last in PEOPLE if number < below)
    birthday = {"BDAY": f"{1900 + number}-{TODAY:%m-%d}"} if 60 <= number < 64 else {}
    return more | birthday, last


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clients and owners gone cold, acquaintances, referrals, birthdays and new people: 67 tasks.

    Others are in touch, and two asked to be left alone.
    """
    folder = tmp_path_factory.mktemp("settled")
    cards, events = [], []
    journal = ["date,person,kind,direction,other,group,hours,amount,outcome,note"]
    for number in range(100):
        email = f"p{number}@firm{number}.example"
        more, last = card_and_days(number)
        if number in (64, 65):
            journal.append(f"{ago(40)},{email},referral,received,p{number + 20}@x.example,,,,introduced,")
        cards.append(card(number, **more))
        guests = [email, "jo@doe.example", "noreply@tool.example"] if number % 3 else [email]
        events.append(event(number, ago(last), *guests))
        if number >= 72 or number < 3:
            events.append(event(number + 100, ago(300), email))
    (folder / "contacts.vcf").write_text("".join(cards))
    (folder / "calendar.ics").write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\n{''.join(events)}END:VCALENDAR\n")
    (folder / "journal.csv").write_text("\n".join(journal) + "\n")
    (folder / "touchbase.toml").write_text(SETTINGS)
    copy_rules(folder / "rules", quiet=True)
    config = with_own_store(folder / "touchbase.toml")
    first = run(config)
    assert first["status"] == "ok", first["problems"]
    assert first["follow_ups"]["created"] == OPEN, first["follow_ups"]
    return config


@pytest.fixture
def config(settled: Path, tmp_path: Path) -> Path:
    return copy_network(settled, tmp_path / "network")


def run(config: Path, today: date = TODAY) -> dict[str, Any]:
    return run_once(config, today=today)


def tasks(config: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (config.parent / "tasks").iterdir()}


def a_tab(file: Path) -> None:
    file.write_text(file.read_text().replace("rules:\n", "rules:\n\t\n\t- {}\n", 1))


def a_bad_value(file: Path) -> None:
    file.write_text(file.read_text().replace("version: 2", "version: one", 1))


def a_bad_rule(file: Path) -> None:
    file.write_text(file.read_text().replace("    why:", "    at_most: many\n    why:"))


def an_unknown_field(file: Path) -> None:
    file.write_text(file.read_text().replace("    when: {", "    when: {titel: x, "))
    with file.open("a") as text:
        text.write("\n  - id: more\n    for: person\n    when: {titel: x}\n    then: {tag: more}\n")


def a_brake(file: Path) -> None:
    text = file.read_text().replace("    stop_above: 10\n", "").replace("    stop_above: 25\n", "")
    text = text.replace("    at_most: {week: 3}\n", "").replace("    at_most: {week: 5}\n", "")
    file.write_text(text.replace("    why:", "    at_most: 0\n    why:"))


def not_utf8(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"# caf\xe9\n")


def unreadable(file: Path) -> None:
    file.unlink()
    file.symlink_to("nowhere.yaml")


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def cut_off(file: Path) -> None:
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[: len(lines) // 2]) + '  - "')


def renamed_and_broken(file: Path) -> None:
    a_tab(file)
    file.rename(file.with_name(f"my_{file.name}"))


STARTER = ("cadence", "follow_ups", "meetings", "mutual_support", "noise", "relevance")
CASES: list[tuple[str, Break]] = [
    *((name, harm) for name in STARTER for harm in (a_tab, a_bad_value, an_unknown_field, a_brake)),
    ("relevance", a_bad_rule), ("relevance", not_utf8), ("cadence", unreadable), ("cadence", emptied),
    ("follow_ups", cut_off), ("cadence", renamed_and_broken),
]  # fmt: skip


@pytest.mark.parametrize(("name", "harm"), CASES, ids=[f"{name}-{harm.__name__}" for name, harm in CASES])
def test_a_broken_starter_file_touches_no_task(config: Path, name: str, harm: Break) -> None:
    before, file = tasks(config), config.parent / "rules" / f"{name}.yaml"
    whole = file.read_text()
    harm(file)
    broken = run(config)
    assert broken["status"] == "partial"
    counts = broken["follow_ups"]
    assert (counts["created"], counts["updated"], counts["withdrawn"]) == (0, 0, 0)
    assert tasks(config) == before
    if harm is not a_brake:
        told = [one["message"] for one in broken["problems"] if one["where"] == "rules"]
        shown = file.name if file.exists() or file.is_symlink() else f"my_{file.name}"
        assert [line.partition(",")[0] for line in told] == [
            f"{shown} is broken: {OPEN} open tasks were left as they are"
        ]
    for left in (file, file.with_name(f"my_{file.name}")):
        left.unlink(missing_ok=True)
    file.write_text(whole)
    after = run(config)
    assert after["status"] == "ok"
    counts = after["follow_ups"]
    assert (counts["created"], counts["updated"], counts["withdrawn"], counts["deferred"]) == (0, 0, 0, 0)
    assert tasks(config) == before


_LOST = (
    f"the rules folder is gone or empty: {OPEN} open tasks were left as they are, "
    "and the last rules still count"
)


@pytest.mark.parametrize("how", ["gone", "empty", "a file"])
def test_a_lost_rules_folder_touches_no_task(config: Path, how: str) -> None:
    before, folder = tasks(config), config.parent / "rules"
    shutil.rmtree(folder)
    if how == "empty":
        folder.mkdir()
    elif how == "a file":
        folder.write_text("")
    lost = run(config)
    assert [one["message"] for one in lost["problems"] if one["where"] == "rules"] == [_LOST]
    assert lost["status"] == "partial"
    assert tasks(config) == before


def test_a_deleted_file_is_the_users_word(config: Path) -> None:
    (config.parent / "rules" / "follow_ups.yaml").unlink()
    deleted = run(config)
    assert deleted["status"] == "ok"
    assert deleted["follow_ups"]["withdrawn"] > 60


def test_the_reason_names_what_is_true(config: Path) -> None:
    (config.parent / "rules" / "cadence.yaml").unlink()
    closed = [item for item in run(config)["changed"] if item["status"] == "withdrawn"]
    assert len(closed) > 50
    assert {item["reason"] for item in closed} == {"no longer needed: its rule does not match any more"}


def test_a_meeting_still_closes_a_task_while_a_file_is_broken(config: Path) -> None:
    a_tab(config.parent / "rules" / "cadence.yaml")
    calendar = config.parent / "calendar.ics"
    met = event(500, ago(0), "p5@firm5.example").replace("T1", "T0")
    calendar.write_text(calendar.read_text().replace("END:VCALENDAR", met + "END:VCALENDAR"))
    done = run(config, TODAY)
    assert [item["reason"] for item in done["changed"]] == [
        "no longer needed; last contact on 25 Nov (Talk 500)"
    ]


def test_a_first_run_with_a_broken_file_makes_nothing_of_the_rest(settled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    shutil.copytree(settled.parent, folder, ignore=shutil.ignore_patterns("tasks", "*.db*"))
    config = with_own_store(folder / "touchbase.toml")
    whole = (folder / "rules" / "relevance.yaml").read_text()
    a_tab(folder / "rules" / "relevance.yaml")
    first = run(config)
    assert first["follow_ups"]["created"] == 0
    assert (
        "relevance.yaml is broken: 0 open tasks were left as they are, and no follow-up is added or closed"
        in (first["problems"][0]["message"])
    )
    (folder / "rules" / "relevance.yaml").write_text(whole)
    assert run(config)["follow_ups"]["created"] == OPEN


def test_a_new_file_with_a_mistake_does_not_count_yet(config: Path) -> None:
    before = tasks(config)
    mine = config.parent / "rules" / "aa_mine.yaml"
    mine.write_text(
        "version: 1\nrules:\n  - {id: all, for: person, then: {tier: off-limits}}\n"
        "  - {id: x, for: person, when: {titel: x}, then: {tag: y}}\n"
    )
    assert run(config)["status"] == "partial"
    assert tasks(config) == before
