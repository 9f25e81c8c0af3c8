"""Check and test the rules, so that mistakes show up before the next daily run."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from prefect import State, flow
from prefect.artifacts import create_markdown_artifact
from prefect.states import Completed

from flows.orchestration import progress
from flows.orchestration.red_states import red
from flows.pages.digest import problem_line
from flows.run.context import clock
from flows.run.outcome.run_name import broken_rules, mistakes
from flows.run.rule_versions import rule_problems, rules_folder
from flows.settings.loading import load
from flows.settings.model import Settings
from people.store import open_store
from people.types import Problem
from rules.engine.checking.ruletests import Checked, TestFailure, check
from rules.engine.language.problems import in_order

logger = logging.getLogger(__name__)


@flow(name="rules-check", flow_run_name="rules-check", persist_result=False)
def rules_check(config: Path = Path("touchbase.toml")) -> State[Any]:
    """Read every rule file, run the rules' own tests, and show each mistake with its place and how to fix it.

    Args:
        config: The settings file, touchbase.toml, on the worker's machine.
    """
    settings = load(config)
    checked = check(rules_folder(settings), label=str(settings.rules.path))
    wrong = _wrong(checked)
    summary = _summary(checked)
    create_markdown_artifact(_page(checked, wrong), key="rules", description=summary)
    if not wrong:
        return Completed(message=summary)
    first = mistakes(wrong)
    try:
        progress.rename(f"rules-check · {first}")
        _notify(settings, rule_problems(checked.ruleset.errors))
    except Exception:
        logger.warning("the run could not be shown in the UI", exc_info=True)
    return red("Broken rules", f"{first} · next: touchbase rules check")


def _notify(settings: Settings, broken: Sequence[Problem]) -> None:
    with closing(open_store(settings.store_url)) as store:
        progress.emit_alerts(broken_rules(broken), settings, store, clock(settings, None)[0])


def _wrong(checked: Checked) -> list[Problem]:
    """Everything that makes the check fail: mistakes in rule files and test files, then failing tests."""
    errors = in_order([problem for problem in checked.problems if problem.severity == "error"])
    return [*rule_problems(errors), *map(_failing, checked.tests.failures)]


def _failing(failure: TestFailure) -> Problem:
    return Problem(
        where=f"{failure.file}:{failure.line}:{failure.column}",
        message=f"the test '{failure.test}' expects {failure.key} {failure.expected}, got {failure.got}",
        help="correct the rule or the test",
    )


def _summary(checked: Checked) -> str:
    rules, tests = checked.ruleset, checked.tests
    parts = [
        f"{_count(len(rules.rules), 'rule')} in {_count(len(rules.files), 'file')}",
        _count(len(rules.errors), "mistake"),
        f"{_count(tests.passed, 'test')} passed",
        f"{tests.failed} failed",
    ]
    return ", ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _page(checked: Checked, wrong: Sequence[Problem]) -> str:
    warnings = [problem for problem in checked.problems if problem.severity != "error"]
    lines = []
    for title, problems in (("Mistakes", wrong), ("Warnings", rule_problems(warnings))):
        if problems:
            lines += [f"## {title}", "", *(f"- {problem_line(problem)}" for problem in problems), ""]
    return "\n".join([*lines, "See what the rules decide about a person: `touchbase rules explain NAME`", ""])
