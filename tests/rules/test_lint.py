"""Warnings: each is sure, so whatever the rows, the warning is right."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from rules.engine import RuleSet, load_texts
from rules.engine.judging.judge import Judgement, judge
from tests.support.random_rules import TODAY, framed, rows_of, rule_file


def warned(rules: str) -> list[tuple[int, str]]:
    ruleset = load_texts({"a.yaml": f"version: 1\nrules:\n{rules}".encode()})
    assert not ruleset.errors
    return [(problem.line, problem.code) for problem in ruleset.problems]


def rule(name: str, when: str, then: str, unless: str = "", subject: str = "person") -> str:
    exception = f", unless: {unless}" if unless else ""
    return f"  - {{id: {name}, for: {subject}, when: {when}{exception}, then: {then}}}\n"


@pytest.mark.parametrize(
    "when",
    [
        "{days_since_contact|gte: 90d, days_since_contact|lt: 30d}",
        "{days_since_contact|gt: 5, days_since_contact|lt: 5}",
        "{record_count: 3, record_count|gt: 3}",
        "{city|exists: false, city: Bath}",
        "{labels|exists: false, labels|contains: x}",
        "{labels|count_gte: 3, labels|count_lte: 2}",
        "{title: owner, title|contains: boss}",
        "{title: [owner, founder], title|startswith: x}",
        "{last_contact|gt: 2026-01-02, last_contact|lt: 2026-01-01}",
        "{balance: 1, balance|lt: 0.5}",
    ],
)
def test_tests_that_exclude_each_other_can_never_match(when: str) -> None:
    assert warned(rule("r", when, "{tag: t}")) == [(3, "never-matches")]


@pytest.mark.parametrize(
    "when",
    [
        "{days_since_contact|gte: 30d, days_since_contact|lt: 90d}",
        "{days_since_contact|gte: 5, days_since_contact|lte: 5}",
        "{title: [owner, boss], title|contains: boss}",
        "{title|contains: owner, title|startswith: x}",
        "{labels: a, labels|contains: b}",
        "{labels|exists: false, labels|count_lte: 0}",
        "{labels|exists: false, labels|count_gte: 0}",
        "{last_contact: 2026-01-01, last_contact|older_than: 1y}",
    ],
)
def test_tests_that_can_hold_together_are_not_doubted(when: str) -> None:
    assert warned(rule("r", when, "{tag: t}")) == []


def test_an_exception_that_always_holds_is_told() -> None:
    assert warned(rule("r", "{title: owner}", "{tag: t}", unless="{title|contains: own}")) == [
        (3, "never-matches")
    ]
    assert warned(rule("r", "{title|contains: own}", "{tag: t}", unless="{title: owner}")) == []


def test_only_the_impossible_alternative_is_told() -> None:
    when = "[{title: owner}, {city: Bath, city|contains: x}]"
    assert warned(rule("r", when, "{tag: t}")) == [(3, "never-matches")]
    ruleset = load_texts({"a.yaml": f"version: 1\nrules:\n{rule('r', when, '{tag: t}')}".encode()})
    assert ruleset.problems[0].column > 40


@pytest.mark.parametrize(
    ("when", "remedy"),
    [
        ("{tier: kee}", "did you mean 'key'?"),
        ("{tags: [cliet]}", "did you mean 'client'?"),
        ("{stale: true}", "check the spelling, or add a rule that decides it"),
        ("{segments|contains: xyz}", "check the spelling, or add a rule that decides it"),
        ("{tier|exists: true, tags: zzz}", "check the spelling, or add a rule that decides it"),
    ],
)
def test_waiting_for_what_no_rule_decides_is_told(when: str, remedy: str) -> None:
    writing = rule("w", "{labels: client}", "{tier: key, tag: client}")
    waiting = rule("r", when, "{follow_up: {title: 'Call {name}'}}")
    ruleset = load_texts({"a.yaml": f"version: 1\nrules:\n{writing}{waiting}".encode()})
    assert [(problem.line, problem.code) for problem in ruleset.problems] == [(4, "never-matches")]
    assert ruleset.problems[0].help == remedy


@pytest.mark.parametrize("test", ["count_gte: 0", "count_lte: 0", "exists: false"])
def test_a_test_that_an_empty_list_passes_waits_for_no_rule(test: str) -> None:
    waiting = rule("r", f"{{labels|count_gte: 0, segments|{test}}}", "{follow_up: {title: 'Call {name}'}}")
    ruleset = load_texts({"a.yaml": f"version: 1\nrules:\n{waiting}".encode()})
    assert ruleset.problems == ()
    assert judge(ruleset, framed("person", [{"id": "p1"}]), TODAY).counts == {"r": 1}


def test_nothing_is_said_of_decisions_while_a_rule_is_left_out() -> None:
    broken = "  - {id: w, for: person, when: {labls: client}, then: {tier: key}}\n"
    content = f"version: 1\nrules:\n{broken}{rule('r', '{tier: key}', '{cadence: 30d}')}"
    ruleset = load_texts({"a.yaml": content.encode()})
    assert [problem.code for problem in ruleset.problems] == ["unknown-field"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{attendee_count|gte: 2}", "{attendee_count|gt: 20}"),
        ("{attendee_count|lte: 8}", "{attendee_count|lt: 8, title: x}"),
        ("{title|contains: bni}", "{title|startswith: bni breakfast}"),
        ("{title|contains: [bni, letip]}", "[{title: bni}, {title|contains: letip meeting}]"),
        ("{title|exists: true}", "{title: x}"),
        ("{labels: [a, b]}", "{labels: a}"),
        ("{all_day: true}", "{all_day: true, status: confirmed}"),
    ],
)
def test_a_narrower_later_rule_is_shadowed(first: str, second: str) -> None:
    rules = rule("a", first, "{counts: full}", subject="meeting")
    assert warned(rules + rule("b", second, "{counts: none}", subject="meeting")) == [(4, "shadowed")]
    assert warned(rules + rule("b", second, "{kind: x}", subject="meeting")) == []


def test_an_exception_or_a_brake_of_the_earlier_rule_lets_the_later_one_live() -> None:
    later = rule("b", "{title: owner}", "{tier: key}")
    assert warned(rule("a", "{title|exists: true}", "{tier: key}") + later) == [(4, "shadowed")]
    assert warned(rule("a", "{title|exists: true}", "{tier: key}", unless="{city: Bath}") + later) == []
    braked = "  - {id: a, for: person, when: {title|exists: true}, then: {tier: key}, at_most: 5}\n"
    assert warned(braked + later) == []


def test_a_follow_up_is_never_shadowed_and_other_tags_are_not() -> None:
    first = rule("a", "{title: owner}", "{tag: t, follow_up: {title: 'Call {name}'}}")
    assert warned(first + rule("b", "{title: owner}", "{follow_up: {title: 'Write to {name}'}}")) == []
    assert warned(first + rule("b", "{title: owner}", "{tag: u}")) == []
    assert warned(first + rule("b", "{title: owner}", "{tag: t}")) == [(4, "shadowed")]


def without(content: bytes, name: str) -> RuleSet:
    document = json.loads(content)
    document["rules"] = [one for one in document["rules"] if one["id"] != name]
    return load_texts({"random.yaml": json.dumps(document, ensure_ascii=False).encode()})


@settings(max_examples=80, deadline=None)
@given(content=rule_file("person", 7), rows=rows_of("person", 5))
def test_a_rule_that_is_warned_of_changes_nothing(content: bytes, rows: list[dict[str, Any]]) -> None:
    ruleset = load_texts({"random.yaml": content})
    before = judge(ruleset, framed("person", rows), TODAY)
    for rule_ in ruleset.rules:
        codes = {p.code for p in ruleset.problems if f"the rule '{rule_.id}'" in p.message}
        if "never-matches" in codes:
            assert before.counts[rule_.id] == 0
        if "shadowed" in codes:
            after = judge(without(content, rule_.id), framed("person", rows), TODAY)
            assert verdicts(after) == verdicts(before)


def verdicts(judgement: Judgement) -> list[dict[str, Any]]:
    return [{**row, "tags": set(row["tags"])} for row in judgement.frame.iter_rows(named=True)]


@pytest.mark.parametrize(
    ("follow_up", "when", "expected"),
    [
        ("{title: 'Call {name}'}", "{title: owner}", []),
        ("{title: 'Call {first_name}'}", "{title: owner}", ["nameless-title"]),
        ("{title: 'Call {given_name} {family_name}'}", "{title: owner}", []),
        ("{title: 'Call somebody'}", "{title: owner}", ["nameless-title"]),
        ("{title: 'Wish {name} well', due: {on: next_birthday}}", "{title: owner}", ["unsure-day"]),
        ("{title: 'Wish {name} well', due: {on: next_birthday}}", "{days_until_birthday|lte: 5d}", []),
        ("{title: 'Wish {name} well', due: {on: next_birthday}}", "{next_birthday|exists: true}", []),
        (
            "{title: 'Wish {name} well', due: {on: next_birthday}}",
            "[{turns: 50}, {next_birthday|exists: false}]",
            ["unsure-day"],
        ),
        ("{title: 'Meet {name}', due: {on: last_contact}}", "{last_contact|exists: true}", ["unsure-day"]),
        ("{title: 'Call {name}', due: 1w, within: 2d}", "{title: owner}", ["due-too-late"]),
        ("{title: 'Call {name}', due: 2d, within: 2d}", "{title: owner}", []),
    ],
)
def test_a_doubtful_follow_up_is_told(follow_up: str, when: str, expected: list[str]) -> None:
    assert [code for _, code in warned(rule("r", when, f"{{follow_up: {follow_up}}}"))] == expected


@pytest.mark.parametrize(
    ("ask", "title", "expected"),
    [
        ("person", "Ask {person}", []),
        ("other", "Ask {other} about {person}", []),
        ("other", "Ask {person}", ["nameless-title"]),
    ],
)
def test_a_check_in_names_whom_it_asks(ask: str, title: str, expected: list[str]) -> None:
    then = f"{{follow_up: {{ask: {ask}, title: '{title}'}}}}"
    assert [code for _, code in warned(rule("r", "{outcome: met}", then, subject="referral"))] == expected


def test_the_warning_says_what_may_be_confused() -> None:
    rules = rule("r", "{title: owner}", "{follow_up: {title: 'Call {first_name}'}}")
    (problem,) = load_texts({"a.yaml": f"version: 1\nrules:\n{rules}".encode()}).problems
    assert str(problem) == (
        "rules/a.yaml:3:5: warning[nameless-title]: a title should say {name}: in a list of tasks "
        "'Call Sophie' may be any Sophie\n    help: write {name} in it"
    )


def test_a_ration_needs_a_follow_up() -> None:
    rules = "  - {id: r, for: person, when: {title: owner}, then: {tag: t}, at_most: {week: 3}}\n"
    assert warned(rules) == [(3, "no-ration")]
