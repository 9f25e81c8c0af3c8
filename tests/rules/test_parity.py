"""Both evaluators agree: the reference in plain Python, and the bulk one on polars frames."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from people.facts.declared import Subject
from rules.engine import RuleSet, load_texts
from rules.engine.judging.classify import classify_meetings, classify_messages, noise
from rules.engine.judging.expressions import Rows
from rules.engine.judging.judge import judge
from rules.engine.judging.judge_row import judge_row
from rules.engine.judging.reference import matches
from tests.support.random_rules import TODAY, framed, rows_of, rule_file


def loaded(content: bytes) -> RuleSet:
    ruleset = load_texts({"random.yaml": content})
    assert not ruleset.errors, (ruleset.errors, content.decode())
    return ruleset


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_twelve_rules_at_a_time_match_the_same_rows(data: st.DataObject) -> None:
    subject: Subject = data.draw(st.sampled_from(["person", "meeting", "message", "attendee"]))
    ruleset = loaded(data.draw(rule_file(subject, 12)))
    rows = data.draw(rows_of(subject, 8))
    masks = Rows(framed(subject, rows), subject, TODAY).masks(ruleset.rules)
    for rule, mask in zip(ruleset.rules, masks, strict=True):
        assert mask.to_list() == [matches(rule, row, TODAY) for row in rows], rule


@settings(max_examples=130, deadline=None)
@given(content=rule_file("person", 8), rows=rows_of("person", 6))
def test_whole_judgements_are_the_same(content: bytes, rows: list[dict[str, Any]]) -> None:
    ruleset = loaded(content)
    rows = [{**row, "id": f"p{i}", "name": f"N{i}"} for i, row in enumerate(rows)]
    bulk = judge(ruleset, framed("person", rows), TODAY)
    single = [judge_row(ruleset, "person", row, TODAY) for row in rows]
    decided = ("tier", "tags", "segments", "cadence_days", "overdue", "cadence_used", "stale", "quiet")
    for column in decided:
        assert bulk.frame[column].to_list() == [one.facts.get(column) for one in single], column
    wishes = {
        (wish.rule, wish.person_id): wish.model_copy(update={"match": (wish.rule, number)})
        for number, one in enumerate(single)
        for wish in one.wishes()
    }
    assert {(wish.rule, wish.person_id): wish for wish in bulk.follow_ups} == wishes


@settings(max_examples=40, deadline=None)
@given(content=rule_file("meeting", 6), rows=rows_of("meeting", 6))
def test_meetings_are_classified_the_same(content: bytes, rows: list[dict[str, Any]]) -> None:
    ruleset = loaded(content)
    for row, verdict in zip(
        rows, classify_meetings(ruleset, framed("meeting", rows)).to_dicts(), strict=True
    ):
        one = judge_row(ruleset, "meeting", row, TODAY)
        for key in ("kind", "group", "counts", "cost"):
            assert verdict[key] == one.facts.get(key)
        keys = ("kind", "group", "counts", "cost")
        winners = {next((rule.id for rule in one.matched if key in rule.then), None) for key in keys}
        assert verdict["rules"] == [rule.id for rule in one.matched if rule.id in winners]


@settings(max_examples=30, deadline=None)
@given(content=rule_file("message", 6), rows=rows_of("message", 6))
def test_mails_are_classified_the_same(content: bytes, rows: list[dict[str, Any]]) -> None:
    ruleset = loaded(content)
    bulk = classify_messages(ruleset, framed("message", rows), TODAY).to_dicts()
    for row, verdict in zip(rows, bulk, strict=True):
        one = judge_row(ruleset, "message", row, TODAY)
        assert verdict["counts"] == one.facts["counts"]
        assert (verdict["noise"] or False, verdict["settled"] or False) == (
            one.facts["noise"],
            one.facts["settled"],
        )
        keys = ("noise", "counts", "settled")
        winners = {next((rule.id for rule in one.matched if key in rule.then), None) for key in keys}
        assert verdict["rules"] == [rule.id for rule in one.matched if rule.id in winners]


@settings(max_examples=30, deadline=None)
@given(content=rule_file("attendee", 4), rows=rows_of("attendee", 6))
def test_noise_is_the_same(content: bytes, rows: list[dict[str, Any]]) -> None:
    ruleset = loaded(content)
    single = [judge_row(ruleset, "attendee", row, TODAY).facts.get("noise", False) for row in rows]
    assert noise(ruleset, framed("attendee", rows)).to_list() == single


def rule(when: str) -> RuleSet:
    return loaded(
        f"version: 1\nrules:\n  - id: r\n    for: person\n    when: {when}\n    then: {{tag: t}}\n".encode()
    )


@pytest.mark.parametrize(
    ("when", "row", "expected"),
    [
        ("{city: İSTANBUL}", {"city": "istanbul"}, True),
        ("{city: Zürich}", {"city": "ZURICH"}, True),
        ("{city: Straße}", {"city": "STRASSE"}, True),
        ("{title|contains: '%'}", {"title": "50 % owner"}, True),
        ("{title|contains: '%'}", {"title": "owner"}, False),
        ("{title|contains: '.'}", {"title": "owner"}, False),
        ("{title|contains: ['a\\b', '*']}", {"title": "x a\\b y"}, True),
        ("{title|exists: false}", {"title": "  "}, True),
        ("{title|exists: false}", {"title": None}, True),
        ("{labels|exists: false}", {"labels": []}, True),
        ("{labels|count_lte: 0}", {"labels": []}, True),
        ("{labels|count_gte: 1}", {"labels": ["", "  "]}, False),
        ("{labels|contains: a b}", {"labels": ["a", "b"]}, False),
        ("{labels|startswith: b}", {"labels": ["a", "Be"]}, True),
        ("{labels|every_endswith: x}", {"labels": []}, False),
        ("{labels|every_endswith: [x, y]}", {"labels": ["ax", "by"]}, True),
        ("{labels|every_endswith: x}", {"labels": ["ax", "by"]}, False),
        ("{balance|gte: 0.3}", {"balance": Decimal("0.3")}, True),
        ("{balance: 0.1}", {"balance": Decimal("0.10")}, True),
        ("{last_contact|older_than: 30d}", {"last_contact": date(2026, 10, 2)}, False),
        ("{last_contact|older_than: 30d}", {"last_contact": date(2026, 10, 1)}, True),
        ("{next_meeting|within: 1w}", {"next_meeting": date(2026, 11, 8)}, True),
        ("{next_meeting|within: 1w}", {"next_meeting": date(2026, 11, 9)}, False),
        ("{last_contact|gte: 2026-10-01}", {"last_contact": date(2026, 10, 1)}, True),
        ("{days_since_contact|gt: 30d}", {"days_since_contact": None}, False),
    ],
)  # fmt: skip
def test_what_a_test_means(when: str, row: Mapping[str, Any], expected: bool) -> None:
    ruleset = rule(when)
    assert matches(ruleset.rules[0], row, TODAY) is expected
    assert Rows(framed("person", [dict(row)]), "person", TODAY).masks(ruleset.rules)[0].to_list() == [
        expected
    ]


def test_an_exception_over_a_missing_value_does_not_block() -> None:
    ruleset = load_texts(
        {
            "a.yaml": b"""
version: 1
rules:
  - {id: r, for: person, when: {title: owner}, unless: {city: Paris}, then: {tag: t}}
"""
        }
    )
    frame = framed("person", [{"title": "owner", "city": None}, {"title": "owner", "city": "PARIS"}])
    assert judge(ruleset, frame, TODAY).frame["tags"].to_list() == [["t"], []]


def test_a_group_recognises_its_members() -> None:
    ruleset = load_texts(
        {
            "a.yaml": b"""
version: 1
groups:
  - {id: chamber, members: {labels: chamber}}
rules:
  - {id: r, for: person, when: {groups: chamber}, then: {tag: t}}
"""
        }
    )
    rows: list[dict[str, Any]] = [
        {"labels": ["Chamber"], "groups": ["wica"]},
        {"labels": [], "groups": []},
        {"labels": [], "groups": ["chamber"]},
    ]
    frame = judge(ruleset, framed("person", rows), TODAY).frame
    assert frame["groups"].to_list() == [["wica", "chamber"], [], ["chamber"]]
    assert frame["tags"].to_list() == [["t"], [], ["t"]]
    single = [judge_row(ruleset, "person", row, TODAY).facts for row in rows]
    assert [row["groups"] for row in single] == frame["groups"].to_list()
    assert [row["tags"] for row in single] == frame["tags"].to_list()


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("tags: vip", [True, True, False, False]),
        ("tags: [old-friend, new]", [False, True, False, True]),
        ("tags|contains: v", [True, True, False, False]),
        ("tags|word: old", [False, True, False, True]),
        ("tags|startswith: old", [False, True, False, True]),
        ("tags|endswith: friend", [False, True, False, True]),
        ("tags|every_endswith: friend", [False, False, False, True]),
        ("tags|every_endswith: [p, friend]", [True, True, False, True]),
        ("tags|count_gte: 2", [True, True, False, False]),
        ("tags|count_lte: 1", [False, False, True, True]),
        ("tags|exists: true", [True, True, False, True]),
        ("tags|exists: false", [False, False, True, False]),
    ],
)
def test_what_a_test_of_tags_means_after_the_rules_that_add_them(test: str, expected: list[bool]) -> None:
    ruleset = loaded(
        f"""
version: 1
rules:
  - {{id: a, for: person, when: {{labels: a}}, then: {{tag: [VIP, vip]}}}}
  - {{id: b, for: person, when: {{labels: b}}, then: {{tag: old-friend}}}}
  - {{id: c, for: person, when: {{city: nowhere}}, then: {{tag: new}}}}
  - {{id: r, for: person, when: {{{test}}}, then: {{stale: true}}}}
""".encode()
    )
    rows: list[dict[str, Any]] = [
        {"labels": ["a"]},
        {"labels": ["a", "b"]},
        {"labels": []},
        {"labels": ["b"]},
    ]
    assert judge(ruleset, framed("person", rows), TODAY).frame["stale"].to_list() == expected
    assert [judge_row(ruleset, "person", row, TODAY).facts["stale"] for row in rows] == expected


def test_the_brake_stops_a_rule_in_bulk_and_in_the_trace() -> None:
    ruleset = load_texts(
        {
            "a.yaml": b"""
version: 1
rules:
  - {id: braked, for: person, when: {title: owner}, then: {tag: t}, at_most: 1}
  - {id: after, for: person, when: {title: owner}, then: {tag: u}, at_most: 2}
"""
        }
    )
    outcome = judge(ruleset, framed("person", [{"title": "owner"}, {"title": "Owner"}]), TODAY)
    assert outcome.braked == {"braked": 2}
    assert outcome.frame["tags"].to_list() == [["u"], ["u"]]
    assert judge_row(ruleset, "person", {"title": "owner"}, TODAY, braked=outcome.braked).facts["tags"] == [
        "u"
    ]
