"""``rules check``: every error and warning of a folder of rules, and the outcome of its tests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rules.engine.checking.loader import load
from rules.engine.checking.ruletests import TestReport, run_tests
from rules.engine.language.problems import RuleProblem, in_order
from rules.engine.language.ruleset import RuleSet


@dataclass(frozen=True)
class Checked:
    """A folder of rules that was read and tested. A failing test is not a problem of the files."""

    ruleset: RuleSet
    tests: TestReport

    @cached_property
    def problems(self) -> tuple[RuleProblem, ...]:
        """Every error and warning of rule files and test files, sorted by place."""
        return in_order([*self.ruleset.problems, *self.tests.problems])

    @property
    def ok(self) -> bool:
        """Whether all files are free of errors and all tests passed. Warnings are allowed."""
        return self.tests.ok and not self.ruleset.errors


def check(folder: Path, *, label: str | None = None) -> Checked:
    """Load the rules of a folder and run their tests. Never raises for what is in a file.

    ``label`` replaces the folder in the names of files, as in ``load``.
    """
    ruleset = load(folder, label=label)
    return Checked(ruleset, run_tests(ruleset, folder, label=label))
