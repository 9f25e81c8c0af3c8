"""touchbase next: one more follow-up, although the day is full."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from flows.settings.loading import load
from tests.support.crash_points import DAYS, all_of, run, wish
from tests.support.demo import command
from tests.support.opening import open_sink

TODAY = DAYS[1]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Finn's task was made yesterday. Gina's follow-up waits until Friday, and three others wait too."""
    path = tmp_path / "touchbase.toml"
    path.write_text(
        '[tasks]\ntype = "vtodo-folder"\npath = "tasks"\ncapacity_per_day = 1\nopen_at_most = 1\n'
    )
    run(load(path), WISHES, DAYS[0])
    return path


WISHES = [
    wish("ben"),
    wish("finn").model_copy(update={"within": 4}),
    wish("gina").model_copy(update={"within": 4}),
    wish("cleo").model_copy(update={"priority": "high"}),
    wish("dora").model_copy(update={"priority": "high"}),
]


def say(config: Path, *words: str, today: date = TODAY) -> tuple[int, str]:
    done = command(*words, "--config", config, "--today", today.isoformat())
    return int(done.return_value or 0), done.output


def open_people(config: Path) -> set[str]:
    """Whose tasks are open, in the store and in the list."""
    here = {item.key: item.person_id for item in all_of(load(config)) if item.status == "open"}
    there = {state.key for state in open_sink(load(config)).states() if state.status == "open"}
    assert here.keys() == there
    return set(here.values())


def test_what_is_soon_too_late_becomes_a_task_now_then_the_most_valuable(config: Path) -> None:
    assert open_people(config) == {"finn"}
    status, text = say(config, "next")
    assert status == 0
    assert text.startswith("Call gina\ndue Tue 3 Mar")
    assert "The rule gone-quiet asks for it." in text
    say(config, "next")
    assert open_people(config) == {"finn", "gina", "cleo"}


def test_json_lists_them_and_then_nothing_waits(config: Path) -> None:
    listed = json.loads(say(config, "next", "4", "--json")[1])
    assert [(item["person_id"], item["status"]) for item in listed] == [
        ("gina", "open"), ("cleo", "open"), ("dora", "open"), ("ben", "open"),
    ]  # fmt: skip
    assert say(config, "next") == (0, "No follow-up waits. The next run looks again: touchbase run\n")
    assert json.loads(say(config, "next", "--json")[1]) == []


def test_the_next_run_keeps_it_and_adds_none(config: Path) -> None:
    say(config, "next", "2")
    run(load(config), WISHES, TODAY)
    assert open_people(config) == {"finn", "gina", "cleo"}


def test_what_is_too_late_is_not_taken(config: Path) -> None:
    say(config, "next", "9", today=date(2026, 3, 9))
    assert open_people(config) == {"finn", "ben", "cleo", "dora"}


def test_a_list_out_of_reach_gets_it_with_the_next_run(config: Path) -> None:
    tasks = config.parent / "tasks"
    tasks.rename(config.parent / "away")
    tasks.write_text("no folder")
    assert say(config, "next")[0] == 1
    tasks.unlink()
    (config.parent / "away").rename(tasks)
    run(load(config), WISHES, TODAY)
    assert open_people(config) == {"finn", "gina"}
