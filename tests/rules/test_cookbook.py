"""The cookbook is true: each wish is a rule that loads beside the starter rules, and its tests pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows.cli.commands.init import copy_rules
from rules.engine.checking.ruletests import check
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "rules" / "cookbook.md").read_text("utf-8")
RECIPES = dict(re.findall(r"^## (\d+\..*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
FILE = re.compile(r"^```yaml\n# rules/(\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_there_are_twenty() -> None:
    assert [title.partition(".")[0] for title in RECIPES] == [str(number) for number in range(1, 21)]


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_works(title: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    copy_rules(rules, quiet=True)
    files = dict(FILE.findall(RECIPES[title]))
    for name, text in files.items():
        (rules / name).write_text(text)
    checked = check(rules, label="rules")
    assert [str(problem) for problem in checked.problems] == []
    assert [str(failure) for failure in checked.tests.failures] == []
    mine = [rule for rule in checked.ruleset.rules if rule.place.file.removeprefix("rules/") in files]
    assert mine
    assert [rule.id for rule in mine if not checked.tests.coverage[rule.id]] == []


def test_all_recipes_live_together(tmp_path: Path) -> None:
    copy_rules(tmp_path, quiet=True)
    for recipe in RECIPES.values():
        for name, text in FILE.findall(recipe):
            if not name.endswith(".test.yaml"):
                (tmp_path / name).write_text(text)
    assert [str(problem) for problem in check(tmp_path).ruleset.errors] == []
