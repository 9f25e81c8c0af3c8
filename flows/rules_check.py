"""Check and test the rules, so that mistakes show up before the next daily run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import State, flow
from prefect.artifacts import create_markdown_artifact
from prefect.states import Completed

from flows.run.rule_versions import rule_problems, rules_folder
from flows.settings.loading import load
from people.text import for_markdown
from people.types import Problem
from rules.engine.checking.ruletests import check


@flow(name="rules-check", flow_run_name="rules-check", persist_result=False)
def rules_check(config: Path = Path("touchbase.toml")) -> State[Any]:
    """Read every rule file, run the rules' own tests, and show each mistake with its place and how to fix it.

    Args:
        config: The settings file, touchbase.toml, on the worker's machine.
    """
    settings = load(config)
    checked = check(rules_folder(settings), label=str(settings.rules.path))
    rules, tests = checked.ruleset, checked.tests
    summary = (
        f"{len(rules.rules)} rules in {len(rules.files)} files, {len(rules.errors)} mistakes, "
        f"{tests.passed} tests passed, {len(tests.failures)} failed"
    )
    create_markdown_artifact(
        _page(summary, rule_problems(checked.problems)), key="rules", description="# Rules"
    )
    return Completed(name="Completed" if checked.ok else "Partial", message=summary)


def _page(summary: str, problems: list[Problem]) -> str:
    lines = [f"{summary}.", ""]
    lines += [
        f"- {for_markdown(p.where)}: {for_markdown(p.message)}. {for_markdown(p.help)}" for p in problems
    ]
    lines += ["", "See what the rules decide about a person: `touchbase rules explain NAME`", ""]
    return "\n".join(lines)
