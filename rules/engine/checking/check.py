"""``rules check``: everything that is wrong or doubtful about a folder of rules and their tests."""

from __future__ import annotations

from pathlib import Path

from rules.engine.checking.loader import load
from rules.engine.checking.ruletests import run_tests
from rules.engine.language.problems import RuleProblem, in_order


def check(folder: Path, *, label: str | None = None) -> tuple[RuleProblem, ...]:
    """Return every error and warning of a folder, sorted by place; never raises for what is in a file.

    Failing tests are no problem of the files: ``run_tests`` tells of them.
    """
    ruleset = load(folder, label=label)
    return in_order([*ruleset.problems, *run_tests(ruleset, folder, label=label).problems])
