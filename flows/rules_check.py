"""Check and test the rules, so that a mistake is seen before the next daily run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import State, flow
from prefect.artifacts import create_markdown_artifact
from prefect.states import Completed

from flows.settings.loading import load
from people.text import for_markdown
from people.types import Problem
from rules.engine import load as load_rules
from rules.engine.checking.ruletests import run_tests


@flow(name="rules-check", flow_run_name="rules-check", persist_result=False)
def rules_check(config: Path = Path("touchbase.toml")) -> State[Any]:
    """Read every rule file, run the rules' own tests, and show each mistake with its place and remedy.

    Args:
        config: The settings file, touchbase.toml, on the machine of the worker.
    """
    settings = load(config)
    folder, label = settings.resolve(settings.rules.path), str(settings.rules.path)
    found = load_rules(folder, label=label)
    tests = run_tests(found, folder, label=label)
    problems = [
        Problem(where=f"{p.file}:{p.line}:{p.column}", message=p.message, help=p.help or "")
        for p in (*found.problems, *tests.problems)
    ]
    said = (
        f"{len(found.rules)} rules in {len(found.files)} files, {len(found.errors)} mistakes, "
        f"{tests.passed} tests passed, {len(tests.failures)} failed"
    )
    create_markdown_artifact(_page(said, problems), key="rules", description="# Rules")
    return Completed(name="Completed" if tests.ok and not found.errors else "Partial", message=said)


def _page(said: str, problems: list[Problem]) -> str:
    lines = [f"{said}.", ""]
    lines += [
        f"- {for_markdown(p.where)}: {for_markdown(p.message)}. {for_markdown(p.help)}" for p in problems
    ]
    return "\n".join([*lines, "", "See what they say of somebody: `touchbase rules explain NAME`"]) + "\n"
