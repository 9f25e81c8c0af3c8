"""The starter rules: without a doubt, every rule tested, every default with its source."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from rules.engine import RuleSet, load, load_texts
from rules.engine.checking.ruletests import check, run_tests
from rules.engine.checking.upgrading import is_bundled
from rules.engine.judging.judge_row import judge_row
from tests.support.paths import ROOT

FOLDER = ROOT / "rules"
TODAY = date(2026, 11, 1)
PACKS = ("cadence", "follow_ups", "mail", "meetings", "mutual_support", "noise", "relevance")


@pytest.fixture(scope="module")
def starter() -> RuleSet:
    return load(FOLDER)


def test_there_is_nothing_wrong_or_doubtful() -> None:
    assert [str(problem) for problem in check(FOLDER).problems] == []


def test_their_tests_pass_and_cover_every_rule(starter: RuleSet) -> None:
    report = run_tests(starter, FOLDER)
    assert [str(failure) for failure in report.failures] == []
    assert report.uncovered == ()
    assert report.passed >= len(starter.rules)


def test_every_pack_is_there_with_its_tests() -> None:
    assert sorted(
        path.stem for path in FOLDER.glob("*.yaml") if not path.name.endswith(".test.yaml")
    ) == sorted(PACKS)
    assert all((FOLDER / f"{name}.test.yaml").is_file() for name in PACKS)


def test_every_file_comes_after_those_of_the_user(starter: RuleSet) -> None:
    assert sorted(starter.starter) == sorted(starter.files)
    assert all(is_bundled(Path(file).name) for file in starter.files)


def test_every_rule_says_why(starter: RuleSet) -> None:
    assert [rule.id for rule in starter.rules if len(rule.why) < 20] == []


def test_every_cadence_and_size_names_its_source(starter: RuleSet) -> None:
    numbers = [
        rule
        for rule in starter.rules
        if "cadence" in rule.then or rule.id in ("small-meeting", "seen-together")
    ]
    assert len(numbers) == 6
    assert [rule.id for rule in numbers if "rule of thumb" not in rule.why] == []


def test_a_changed_default_fails_its_test(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.yaml"):
        (tmp_path / path.name).write_text(
            path.read_text("utf-8").replace("cadence: 60d}", "cadence: 90d}", 1), "utf-8"
        )
    assert {failure.key for failure in run_tests(load(tmp_path), tmp_path).failures} >= {"cadence", "stale"}


@pytest.mark.parametrize(("since", "asked"), [(360, []), (400, ["gone-quiet"]), (600, ["gone-cold"])])
def test_whoever_is_to_be_called_is_not_written_to_as_well(since: int, asked: list[str]) -> None:
    texts = {path.name: path.read_bytes() for path in FOLDER.glob("*.yaml") if "test" not in path.name}
    mine = b"version: 2\nrules:\n  - {id: yearly, for: person, when: {labels: d}, then: {cadence: 1y}}\n"
    row = {
        "name": "Anna",
        "labels": ["d"],
        "days_since_contact": since,
        "last_contact": TODAY - timedelta(since),
    }
    judged = judge_row(load_texts(texts | {"mine.yaml": mine}), "person", row, TODAY)
    assert [wish.rule for wish in judged.wishes()] == asked
