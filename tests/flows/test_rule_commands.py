"""The commands of rules against a store: what an edit does to the people in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import small_network
from tests.support.demo import command
from tests.support.stores import copy_network

DAY = ("--today", small_network.TODAY.isoformat())
WEEKLY = """\
version: 2
rules:
  - {id: clients-weekly, for: person, why: Clients first., when: {labels: client}, then: {cadence: 1w}}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_network.world(tmp_path_factory.mktemp("made"), small_network.LUNCH)


@pytest.fixture
def config(made: Path, tmp_path: Path) -> Path:
    return copy_network(made, tmp_path / "network")


def with_old_starter_rules(config: Path) -> Path:
    """Rewrite the starter rules as they were before version 2."""
    rules = config.parent / "rules"
    for path in rules.glob("*.yaml"):
        lines = path.read_text().splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith("starter:")]
        path.write_text("".join(kept).replace("version: 2\n", "version: 1\n"))
    return rules


def found(config: Path, *words: str) -> list[dict[str, Any]]:
    problems: list[dict[str, Any]] = json.loads(
        command("rules", "check", "--config", config, "--json", *words).output
    )
    return [one for one in problems if one["code"] != "untested"]


def test_a_rule_that_loses_wins_after_an_upgrade(config: Path) -> None:
    rules = with_old_starter_rules(config)
    (rules / "mine.yaml").write_text(WEEKLY)
    (problem,) = found(config)
    assert problem["message"] == (
        "for 1 of 1 person it matches, key-monthly (rules/cadence.yaml:7) decides cadence first"
    )
    assert found(config, "--no-store") == []
    shown = command("rules", "upgrade", "--dry-run", "--config", config, *DAY).output
    assert "1 cadence 30d -> 7d, e.g. Felix Moreau" in shown
    assert "version: 1" in (rules / "cadence.yaml").read_text()
    command("rules", "upgrade", "--config", config, *DAY)
    assert found(config) == []
    assert "every rule file has version 2" in command("rules", "upgrade", "--config", config).output


def test_a_check_without_a_store_makes_none(config: Path) -> None:
    store = config.parent / "touchbase.db"
    store.unlink(missing_ok=True)
    command("rules", "check", "--config", config)
    assert not store.exists()


def test_a_slip_in_a_label_is_told(config: Path) -> None:
    mine = config.parent / "rules" / "mine.yaml"
    mine.write_text(WEEKLY.replace("labels: client", "labels: cliemt"))
    (problem,) = found(config)
    assert (problem["message"], problem["help"]) == ("no card has the label 'cliemt'", "nearest: client")
    assert problem["line"] == 3
