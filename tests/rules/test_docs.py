"""The documentation of rules is true: each example is run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, get_args

import pytest

from rules.engine import load
from rules.engine.checking.on_store import store_warnings
from rules.engine.checking.ruletests import check, run_tests
from rules.engine.judging.judge import judge
from rules.engine.language.problems import Code
from tests.support.generate import rules_page
from tests.support.paths import ROOT
from tests.support.random_rules import TODAY, framed

DOCS = ROOT / "docs" / "rules"
ERRORS = (DOCS / "errors.md").read_text("utf-8")
SECTIONS = {part.split("\n")[0]: part for part in re.split(r"^### ", ERRORS, flags=re.MULTILINE)[1:]}
BLOCK = re.compile(r"^(Wrong|Right):\n```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


FROM_THE_STORE = {"loses", "unseen-value"}
PEOPLE: list[dict[str, Any]] = [{"id": "p1", "name": "Anna", "labels": ["vip", "client"]}]
"""Who is in the store while an example is checked that needs one."""


def examples(which: str) -> list[tuple[str, str, str]]:
    return [
        (code, language, body)
        for code, section in SECTIONS.items()
        for kind, language, body in BLOCK.findall(section)
        if kind == which
    ]


def codes_of(folder: Path, code: str, language: str, body: str) -> set[str]:
    """Make the example's files in ``rules/`` and return the codes that a check gives."""
    rules = folder / "rules"
    rules.mkdir()
    if language == "sh":
        subprocess.run(["bash", "-ec", body], cwd=folder, check=True)
    elif language == "python":
        (rules / "example.yaml").write_bytes(eval(body))
    else:
        (rules / "example.yaml").write_text(body, "utf-8")
    codes: set[str] = {problem.code for problem in check(rules).problems}
    if code in FROM_THE_STORE:
        judged = judge(load(rules), framed("person", PEOPLE), TODAY)
        codes |= {problem.code for problem in store_warnings(judged)}
    return codes


@pytest.mark.parametrize(("code", "language", "body"), examples("Wrong"))
def test_the_wrong_example_gives_its_own_error_alone(
    code: str, language: str, body: str, tmp_path: Path
) -> None:
    assert codes_of(tmp_path, code, language, body) - {"untested"} == {code} - {"untested"}
    if code == "untested":
        assert {problem.code for problem in check(tmp_path / "rules").problems} == {"untested"}


@pytest.mark.parametrize(("code", "language", "body"), examples("Right"))
def test_the_right_example_is_right(code: str, language: str, body: str, tmp_path: Path) -> None:
    assert codes_of(tmp_path, code, language, body) <= ({"untested"} if code != "untested" else set())


def test_every_code_has_a_section_with_both_examples() -> None:
    assert set(SECTIONS) == set(get_args(Code))
    for which in ("Wrong", "Right"):
        assert {code for code, _, _ in examples(which)} == set(SECTIONS)


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    tutorial = (DOCS / "tutorial.md").read_text("utf-8")
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules, ignore=shutil.ignore_patterns("engine", "*.py"))
    files = [block for block in blocks(tutorial, "yaml") if block.startswith("# rules/")]
    mistaken, mended, tests = files
    mistakes, doubt, failure = blocks(tutorial, "text")

    (rules / "suppliers.yaml").write_text(mistaken)
    assert said_of_suppliers(rules) == mistakes
    (rules / "suppliers.yaml").write_text(mended)
    assert said_of_suppliers(rules) == doubt
    (rules / "suppliers.test.yaml").write_text(tests)
    report = run_tests(load(rules, label="rules"), rules, label="rules")
    assert "".join(f"{one}\n" for one in report.failures) == failure

    shown, addition = blocks(tutorial, "yaml")[0], blocks(tutorial, "yaml")[-1]
    assert shown in (rules / "cadence.yaml").read_text()
    below = "    unless: {next_meeting|exists: true}\n"
    assert below in mended
    (rules / "suppliers.yaml").write_text(mended.replace(below, below + addition))
    assert run_tests(load(rules), rules).ok
    assert check(rules).problems == ()


def said_of_suppliers(rules: Path) -> str:
    problems = (problem for problem in check(rules, label="rules").problems if "suppliers" in problem.file)
    return "".join(f"{problem}\n" for problem in problems)


def test_the_reference_is_what_the_models_say() -> None:
    assert (DOCS / "reference.md").read_text("utf-8") == rules_page.page(), (
        "docs/rules/reference.md is out of date: make generate"
    )
