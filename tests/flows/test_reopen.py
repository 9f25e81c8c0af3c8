"""``touchbase reopen``: closed follow-ups are open again, and missing tasks are made again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click
import pytest

from flows.settings.loading import load
from people.errors import SuspiciousEmptiness
from tests.flows.test_task_places import ALL_OPEN, NAMES, Network, open_files
from tests.support.crash_points import DAYS, all_of, run, wish
from tests.support.demo import command


@pytest.fixture
def network(tmp_path: Path) -> Network:
    network = Network(tmp_path / "network")
    network.point(type="vtodo-folder", path="tasks")
    network.run(0)
    return network


def say(network: Network, *words: str) -> tuple[int, str]:
    config = network.folder / "touchbase.toml"
    done = command(*words, "--config", config, "--today", DAYS[1].isoformat())
    return int(done.return_value or 0), done.output


def key(network: Network, name: str) -> str:
    items = all_of(load(network.folder / "touchbase.toml"))
    return str(next(item.key for item in items if item.person_id == name))


@pytest.mark.parametrize(("decision", "status"), [("done", "done"), ("dismiss", "dismissed")])
def test_a_decision_is_undone_in_the_store_and_in_the_list(
    network: Network, decision: str, status: str
) -> None:
    say(network, decision, key(network, "anna"))
    assert network.statuses() == {**ALL_OPEN, "anna": status}
    assert open_files(network.folder / "tasks") == ["ben", "cleo"]
    assert say(network, "reopen", key(network, "anna"))[0] == 0
    for _ in range(2):
        assert network.statuses() == ALL_OPEN
        assert open_files(network.folder / "tasks") == list(NAMES)
        network.run()


def test_a_deleted_task_is_made_again(network: Network) -> None:
    (network.folder / "tasks" / f"touchbase-{key(network, 'anna')}.ics").unlink()
    network.run()
    assert network.statuses() == {**ALL_OPEN, "anna": "dismissed"}
    say(network, "reopen", key(network, "anna"))
    network.run()
    assert network.statuses() == ALL_OPEN
    assert open_files(network.folder / "tasks") == list(NAMES)


def test_what_no_rule_wishes_any_more_stays_open_once_it_is_opened_again(network: Network) -> None:
    settings = load(network.folder / "touchbase.toml")
    run(settings, [wish("ben"), wish("cleo")], DAYS[1])
    assert network.statuses() == {**ALL_OPEN, "anna": "withdrawn"}
    say(network, "reopen", key(network, "anna"))
    run(settings, [wish("ben"), wish("cleo")], DAYS[1])
    assert network.statuses() == ALL_OPEN
    assert open_files(network.folder / "tasks") == list(NAMES)


def test_missing_tasks_are_made_again(network: Network) -> None:
    shutil.rmtree(network.folder / "tasks")
    with pytest.raises(SuspiciousEmptiness):
        network.run()
    listed = json.loads(say(network, "reopen", "--missing", "--json")[1])
    assert {item["person_id"]: item["status"] for item in listed} == ALL_OPEN
    assert open_files(network.folder / "tasks") == list(NAMES)
    network.run()
    assert network.statuses() == ALL_OPEN
    assert say(network, "reopen", "--missing") == (0, "No open task is missing.\n")


def test_a_key_or_missing_must_be_named(network: Network) -> None:
    with pytest.raises(click.UsageError, match="--missing"):
        say(network, "reopen")
