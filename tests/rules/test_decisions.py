"""A new key of ``then`` takes one row: everything else finds it in the table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from flows.pages.documents import rules as documents
from rules.engine import load, load_texts
from rules.engine.checking.ruletests import run_tests
from rules.engine.checking.testmodel import case_model
from rules.engine.judging.judge import judge
from rules.engine.language import decisions, model, then, vocabulary
from rules.engine.language.choices import one_of
from rules.engine.language.decisions import Decision
from rules.engine.showing import fields, schema
from rules.engine.showing.diff import diff
from rules.engine.showing.explain import explain_row
from tests.support.generate import rules_page
from tests.support.random_rules import framed

TODAY = date(2026, 11, 1)
MOOD = Decision(
    "person", "mood", "relevance", "text", one_of(("warm", "cool"), "mood"),
    "How the connection feels; the first rule wins.", "warm", "The mood; null for none.",
)  # fmt: skip
RULES = """\
version: 1
rules:
  - id: friends
    for: person
    when: {labels: friend}
    then: {mood: warm}
  - id: colleagues
    for: person
    when: {organisation: Berg Interiors}
    then: {mood: cool}
  - id: warm-ones-often
    for: person
    when: {mood: warm}
    then: {cadence: 30d}
"""
ANNA = {"id": "p1", "name": "Anna Berg", "labels": ["friend"], "organisation": "Berg Interiors"}


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Add the row, and forget what was worked out from the table before and after."""
    made = (
        decisions.decisions_of, decisions.phases_of, decisions.by_fact, vocabulary.fields_of, then.then_model,
        then.follow_up_model, model.tests_model, model.rule_model, model.group_model, case_model,
    )  # fmt: skip
    monkeypatch.setattr(decisions, "DECISIONS", (MOOD, *decisions.DECISIONS))
    for function in made:
        function.cache_clear()
    yield
    monkeypatch.undo()
    for function in made:
        function.cache_clear()


def test_later_phases_may_test_it_and_it_is_documented() -> None:
    assert vocabulary.fields_of("person")["mood"].written_in == "relevance"
    assert [one for one in fields.fields(["person"]) if one["field"] == "mood"] == [
        {
            "subject": "person", "field": "mood", "type": "text",
            "tests": ["is", "word", "contains", "startswith", "endswith", "exists"],
            "meaning": MOOD.meaning, "example": "warm", "decided_in": "relevance",
        }
    ]  # fmt: skip
    assert f"| `mood` | {MOOD.meaning} | `warm` |" in rules_page.page()
    early = RULES.replace("then: {cadence: 30d}", "then: {tier: key}")
    assert [problem.code for problem in load_texts({"a.yaml": early.encode()}).problems] == [
        "reads-later-phase"
    ]


def test_the_editor_completes_it() -> None:
    definitions = schema.schema()["definitions"]
    assert definitions["PersonThen"]["properties"]["mood"] == {
        "enum": ["warm", "cool"], "description": MOOD.meaning, "examples": ["warm"],
    }  # fmt: skip
    assert "mood|contains" in definitions["PersonTests"]["properties"]
    assert "mood" in schema.test_schema()["definitions"]["PersonExpected"]["properties"]
    assert "mood" not in schema.test_schema()["definitions"]["PersonGiven"]["properties"]


def test_a_wrong_value_is_refused_and_another_subject_cannot_decide_it() -> None:
    wrong = RULES.replace("mood: cool", "mood: wram")
    (problem,) = load_texts({"a.yaml": wrong.encode()}).problems
    assert (problem.code, problem.help) == ("bad-value", "did you mean 'warm'?")
    meeting = "version: 1\nrules:\n  - {id: m, for: meeting, then: {mood: warm}}\n"
    assert [one.help for one in load_texts({"a.yaml": meeting.encode()}).problems] == [
        "'mood' is for: person"
    ]


def test_a_value_that_no_rule_decides_is_warned_of() -> None:
    waiting = RULES.replace("mood: warm}\n    then: {cadence", "mood: cold}\n    then: {cadence")
    (problem,) = load_texts({"a.yaml": waiting.encode()}).problems
    assert problem.code == "never-matches"


def test_rules_decide_it_and_the_first_one_wins() -> None:
    people = framed("person", [ANNA, {**ANNA, "id": "p2", "labels": []}])
    frame = judge(load_texts({"a.yaml": RULES.encode()}), people, TODAY).frame
    assert frame["mood"].to_list() == ["warm", "cool"]
    assert frame["cadence_days"].to_list() == [30, None]


@pytest.mark.parametrize(("expected", "failures"), [("warm", []), ("cool", [("mood", "cool", "warm")])])
def test_a_rule_test_expects_it(tmp_path: Path, expected: str, failures: list[tuple[str, str, str]]) -> None:
    (tmp_path / "a.yaml").write_text(RULES)
    (tmp_path / "a.test.yaml").write_text(
        "version: 1\ntoday: 2026-11-01\ntests:\n"
        f"  - {{name: a friend, given: {{labels: friend}}, expect: {{mood: {expected}, cadence: 30d}}}}\n"
    )
    report = run_tests(load(tmp_path), tmp_path)
    assert [(one.key, one.expected, one.got) for one in report.failures] == failures


def test_explain_shows_it_with_the_loser_and_the_rule_behind_it() -> None:
    explanation = explain_row(load_texts({"a.yaml": RULES.encode()}), "person", ANNA, TODAY)
    assert explanation.verdict["mood"] == "warm"
    text = explanation.render()
    assert "-> mood warm\n" in text
    assert "-> mood cool (lost to friends, which comes first)" in text
    assert "mood is warm: it is 'warm' (rule friends, rules/a.yaml:3)" in text


def test_diff_shows_whom_an_edit_affects() -> None:
    people = framed("person", [ANNA])
    old, new = (
        judge(load_texts({"a.yaml": text.encode()}), people, TODAY)
        for text in (RULES, RULES.replace("mood: warm", "mood: cool", 1))
    )
    shown = diff(old, new)
    assert shown.render().splitlines()[0] == "    1 mood warm -> cool, e.g. Anna Berg"
    assert documents.diff(shown).changes[0].kind == "mood"
