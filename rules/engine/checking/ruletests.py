"""Check a folder of rules, and run its ``*.test.yaml``: from given facts, rules decide what is expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from people.tasks import FollowUpWish
from people.text import for_terminal
from rules.engine.checking.files import ignored
from rules.engine.checking.lint import warning
from rules.engine.checking.loader import load
from rules.engine.checking.testcases import TestCase, read_cases
from rules.engine.checking.testmodel import FOLLOW_UPS, NOT, ExpectedFollowUp
from rules.engine.judging.judge_row import RowJudgement, judge_row
from rules.engine.language.decisions import Decision, by_fact, decisions_of
from rules.engine.language.problems import RuleProblem, in_order
from rules.engine.language.ruleset import Rule, RuleSet
from rules.engine.language.templates import shown


@dataclass(frozen=True, slots=True)
class TestFailure:
    """One key whose result differs from the expected one, and its place in the file."""

    file: str
    line: int
    column: int
    test: str
    key: str
    expected: str
    got: str

    def __str__(self) -> str:
        head = f"{self.file}:{self.line}:{self.column}: failed[{for_terminal(self.test)}]: {self.key}"
        return f"{head}\n    expected: {for_terminal(self.expected)}\n    got:      {for_terminal(self.got)}"


@dataclass(frozen=True)
class TestReport:
    """The outcome of all tests.

    ``coverage`` counts the tests in which each rule matched, in file order. ``problems`` are the mistakes in
    test files, and a warning for each rule that no test covers.
    """

    passed: int
    failures: tuple[TestFailure, ...]
    coverage: Mapping[str, int]
    problems: tuple[RuleProblem, ...]
    failed: int = 0
    files: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether every test passed and every test file could be read."""
        return not self.failures and not any(problem.severity == "error" for problem in self.problems)

    @property
    def uncovered(self) -> tuple[str, ...]:
        """The rules that matched in no test."""
        return tuple(rule for rule, count in self.coverage.items() if not count)

    def render(self) -> str:
        """Return the report as text for a terminal."""
        lines = [str(problem) for problem in self.problems if problem.severity == "error"]
        lines += [str(failure) for failure in self.failures]
        lines += [f"{self.passed} passed, {self.failed} failed", "", *self._coverage()]
        return "\n".join(lines)

    def _coverage(self) -> Iterator[str]:
        covered = len(self.coverage) - len(self.uncovered)
        yield f"coverage: {covered} of {len(self.coverage)} rules matched in a test"
        width = max(map(len, self.coverage), default=0)
        for rule, count in self.coverage.items():
            tests = "no test" if not count else "1 test" if count == 1 else f"{count} tests"
            yield f"  {'x' if count else ' '} {rule:<{width}}  {tests}"


@dataclass(frozen=True)
class Checked:
    """A folder of rules that was read and tested. A failing test is not a problem of the files."""

    ruleset: RuleSet
    tests: TestReport
    ignored: tuple[RuleProblem, ...] = ()
    """Warnings about files that are not read."""

    @cached_property
    def problems(self) -> tuple[RuleProblem, ...]:
        """Every error and warning of rule files and test files, sorted by place."""
        return in_order([*self.ruleset.problems, *self.tests.problems, *self.ignored])

    @property
    def ok(self) -> bool:
        """Whether all files are free of errors and all tests passed. Warnings are allowed."""
        return self.tests.ok and not self.ruleset.errors


def check(folder: Path, *, label: str | None = None) -> Checked:
    """Load the rules of a folder and run their tests. Never raises for what is in a file.

    ``label`` replaces the folder in the names of files, as in ``load``.
    """
    ruleset = load(folder, label=label)
    shown = folder.as_posix() if label is None else label
    return Checked(ruleset, run_tests(ruleset, folder, label=label), tuple(ignored(folder, shown)))


def run_tests(ruleset: RuleSet, folder: Path, *, label: str | None = None) -> TestReport:
    """Run every ``*.test.yaml`` of a folder against the rules. Never raises for what is in a file.

    Tests of a starter file mean the starter rules, whatever the user's own rules decide before them.
    ``label`` replaces the folder in the names of files, as in ``load``.
    """
    cases, problems, files = read_cases(folder, label=label)
    coverage: Counter[str] = Counter()
    failures: list[TestFailure] = []
    failed = 0
    starter = ruleset.starter_alone()
    for case in cases:
        ours = _beside(case.file) in ruleset.starter
        outcome = judge_row(starter if ours else ruleset, case.subject, case.given, case.today)
        coverage.update(rule.id for rule in outcome.matched)
        own = {rule.id for rule in ruleset.rules if rule.place.file == _beside(case.file)}
        wrong = list(_failures(case, outcome, own if case.own_follow_ups else None))
        failures += wrong
        failed += bool(wrong)
    counts = {rule.id: coverage[rule.id] for rule in ruleset.rules}
    problems += [_untested(rule) for rule in ruleset.rules if not counts[rule.id]]
    return TestReport(len(cases) - failed, tuple(failures), counts, in_order(problems), failed, files)


def _beside(test_file: str) -> str:
    """Return the rule file that a test file stands beside."""
    return test_file.removesuffix(".test.yaml") + ".yaml"


def _untested(rule: Rule) -> RuleProblem:
    help_ = "add a test in which it matches to a *.test.yaml file beside the rules"
    return warning(rule.place, "untested", f"no test covers the rule '{rule.id}'", help_)


def _failures(case: TestCase, outcome: RowJudgement, own: Collection[str] | None) -> Iterator[TestFailure]:
    """Yield what differs. ``own`` are the rules whose follow-ups count, None for all."""
    for key, expected in case.expected.items():
        if key == FOLLOW_UPS:
            meant = None if own is None else {*own, *(one.rule for one in expected)}
            wishes = [wish for wish in outcome.wishes() if meant is None or wish.rule in meant]
            texts = _follow_ups_differ(expected, wishes, case.today)
        else:
            texts = _decision_differs(key, expected, outcome)
        if texts is not None:
            line, column = case.places[key]
            yield TestFailure(case.file, line, column, case.name, key, *texts)


def _decision_differs(key: str, expected: Any, outcome: RowJudgement) -> tuple[str, str] | None:  # noqa: ANN401
    """Return the expected and the actual value as texts, None if they agree."""
    decisions = decisions_of(outcome.subject)
    decision = decisions[key] if key in decisions else by_fact(outcome.subject)[key.removeprefix(NOT)]
    got = outcome.facts[decision.column]
    if not decision.adds:
        agree = expected == got
    elif key.startswith(NOT):
        agree = not set(expected) & set(got)
    else:
        agree = set(expected) <= set(got) if decision.in_part else set(expected) == set(got)
    return None if agree else (_text(decision, expected), _text(decision, got))


def _text(decision: Decision, value: Any) -> str:  # noqa: ANN401
    if decision.kind == "days" and value is not None:
        return f"{value}d"
    return shown(value) or "none"


def _follow_ups_differ(
    expected: Sequence[ExpectedFollowUp], wishes: Sequence[FollowUpWish], today: date
) -> tuple[str, str] | None:
    """Return the expected and the actual follow-ups as texts, None if they agree."""
    by_rule = {one.rule: one for one in expected}
    wrong = {wish.rule: _differing(by_rule.get(wish.rule), wish, today) for wish in wishes}
    if not any(wrong.values()) and sorted(one.rule for one in expected) == sorted(one.rule for one in wishes):
        return None
    wanted = [_follow_up_text(one.rule, {key: getattr(one, key) for key in _given(one)}) for one in expected]
    got = [_follow_up_text(wish.rule, wrong[wish.rule]) for wish in wishes]
    return "; ".join(wanted) or "none", "; ".join(got) or "none"


def _given(expected: ExpectedFollowUp) -> list[str]:
    """Return the keys to compare, in the order of the model."""
    names = type(expected).model_fields
    return [name for name in names if name in expected.model_fields_set and name != "rule"]


def _differing(expected: ExpectedFollowUp | None, wish: FollowUpWish, today: date) -> dict[str, Any]:
    by_day = expected is not None and isinstance(expected.due, date)
    got = {**wish.model_dump(), "due": wish.due if by_day else (wish.due - today).days}
    keys = _given(expected) if expected else []
    return {key: got[key] for key in keys if getattr(expected, key) != got[key]}


def _follow_up_text(rule: str, details: Mapping[str, Any]) -> str:
    texts = [f"{key} {_length(value)}" for key, value in details.items()]
    return f"{rule} ({', '.join(texts)})" if texts else rule


def _length(value: Any) -> str:  # noqa: ANN401 - a key of a follow-up
    """Return days with their unit, and any other value as it is."""
    return f"{value}d" if isinstance(value, int) else str(value)
