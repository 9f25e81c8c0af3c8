"""Both evaluators agree: the reference in plain Python, and the bulk one on polars frames."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from people.facts import Subject
from rules.engine import RuleSet, load_texts
from rules.engine.bulk import Rows, frame_schema
from rules.engine.classify import classify_meetings, noise
from rules.engine.judge import judge
from rules.engine.reference import matches
from rules.engine.single import judge_row
from rules.engine.vocabulary import TESTS, FactField, fields_of

TODAY = date(2026, 11, 1)
ODD = [
    "founder", "Founder", "FOUNDER ", "É", "élan", "Élan Co.", "İstanbul", "ISTANBUL", "istanbul", "ß", "ss",
    "SS", "ﬁ", "Ｃo", "co", "100%", "%", "_", "\\", "a\\b", "'", '"', "O'Neill", "a.b", "(x)", "[x]", "*",
    "^$", "", " ", "\t", "\u00a0", "中文", "🌻", "a b", "a  b", "null", "true", "1:1", "No", "é",
    "e\u0301", "\u0301",
]  # fmt: skip
PATTERNS = [text for text in ODD if text.strip() and text not in ("\u0301", "\u00a0")]

texts = st.sampled_from(ODD) | st.text(max_size=4)
patterns = st.sampled_from(PATTERNS)
lengths = st.sampled_from(["0d", "1d", "2w", "1mo", "1y"])
numbers = st.integers(-3, 40)
decimals = st.decimals(-4, 40, places=2)
days = st.integers(-400, 400).map(lambda n: TODAY + timedelta(days=n))


def values_of(field: FactField) -> st.SearchStrategy[Any]:
    by_kind: dict[str, st.SearchStrategy[Any]] = {
        "text": st.none() | texts,
        "texts": st.lists(texts, max_size=3),
        "whole": st.none() | numbers,
        "days": st.none() | numbers,
        "decimal": st.none() | decimals,
        "date": st.none() | days,
        "flag": st.booleans(),
    }
    return by_kind[field.kind]


def thresholds(field: FactField, test: str) -> st.SearchStrategy[Any]:
    if test == "exists" or field.kind == "flag":
        return st.booleans()
    if test in ("older_than", "within"):
        return lengths
    if test.startswith("count_"):
        return st.integers(0, 3)
    leaves: dict[str, st.SearchStrategy[Any]] = {
        "text": patterns,
        "texts": patterns,
        "whole": numbers,
        "days": numbers | lengths,
        "decimal": decimals.map(float),
        "date": days.map(str),
    }
    leaf = leaves[field.kind]
    several = test == "is" or field.kind in ("text", "texts")
    return leaf | st.lists(leaf, min_size=1, max_size=3) if several else leaf


FEW = {
    "person": ["title", "city", "labels", "groups", "days_since_contact", "overdue", "balance",
               "last_contact", "next_meeting", "contacts_90d", "tags", "tier", "segments",
               "cadence_used", "stale", "record_count"],
    "meeting": ["title", "attendee_count", "attendee_domains", "all_day", "labels", "status"],
    "attendee": ["email", "local_part", "resource"],
}  # fmt: skip
FACTS: dict[Subject, list[FactField]] = {
    "person": [fields_of("person")[name] for name in FEW["person"]],
    "meeting": [fields_of("meeting")[name] for name in FEW["meeting"]],
    "attendee": [fields_of("attendee")[name] for name in FEW["attendee"]],
}
PHASES = {None: 0, "relevance": 1, "cadence": 2, "stale": 3}


@st.composite
def block(draw: st.DrawFn, subject: Subject, phase: int) -> dict[str, Any]:
    readable = [field for field in FACTS[subject] if PHASES[field.written_in] < phase]
    tests = {}
    for field in draw(
        st.lists(st.sampled_from(readable), min_size=1, max_size=3, unique_by=lambda field: field.name)
    ):
        test = draw(st.sampled_from(TESTS[field.kind]))
        tests[field.name if test == "is" else f"{field.name}|{test}"] = draw(thresholds(field, test))
    return tests


tags = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2, unique=True)
EFFECTS: dict[Subject, list[tuple[int, st.SearchStrategy[dict[str, Any]]]]] = {
    "person": [
        (1, st.fixed_dictionaries({"tier": st.sampled_from(["key", "target"])}, optional={"tag": tags})),
        (1, st.fixed_dictionaries({"tag": tags}, optional={"segment": tags, "cadence": st.just("30d")})),
        (2, st.fixed_dictionaries(
            {"cadence": st.sampled_from(["7d", "2w", "1mo"])}, optional={"stale": st.booleans()})),
        (3, st.fixed_dictionaries({"stale": st.booleans()})),
        (4, st.just({"follow_up": {"title": "Call {first_name}", "due": "3d", "occasion": "last_contact"}})),
    ],
    "meeting": [
        (1, st.fixed_dictionaries(
            {"kind": st.sampled_from(["x", "y"])},
            optional={"group": st.just("g"), "counts": st.sampled_from(["full", "none"]),
                      "cost": st.just(1.5)})),
        (1, st.fixed_dictionaries({"counts": st.sampled_from(["group", "together"])})),
    ],
    "attendee": [(1, st.fixed_dictionaries({"noise": st.booleans()}))],
}  # fmt: skip


@st.composite
def rule_file(draw: st.DrawFn, subject: Subject, size: int) -> bytes:
    rules = []
    for number in range(size):
        phase, effect = draw(st.sampled_from(EFFECTS[subject]))
        rule = {"id": f"r{number}", "for": subject, "then": draw(effect)}
        for part in ("when", "unless"):
            if draw(st.booleans()) or part == "when":
                one = block(subject, phase)
                rule[part] = draw(one | st.lists(one, min_size=1, max_size=3))
        rules.append(rule)
    return json.dumps({"version": 1, "rules": rules}, ensure_ascii=False).encode()


def rows_of(subject: Subject, count: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = st.fixed_dictionaries({field.name: values_of(field) for field in FACTS[subject]})
    return st.lists(row, min_size=1, max_size=count)


def framed(subject: Subject, rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema = {name: dtype for name, dtype in frame_schema(subject).items() if name in rows[0]}
    return pl.DataFrame(rows, schema=schema)


def loaded(content: bytes) -> RuleSet:
    ruleset = load_texts({"random.yaml": content})
    assert not ruleset.errors, (ruleset.errors, content.decode())
    return ruleset


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_twelve_rules_at_a_time_match_the_same_rows(data: st.DataObject) -> None:
    subject: Subject = data.draw(st.sampled_from(["person", "meeting", "attendee"]))
    ruleset = loaded(data.draw(rule_file(subject, 12)))
    rows = data.draw(rows_of(subject, 8))
    masks = Rows(framed(subject, rows), subject, TODAY).masks(ruleset.rules)
    for rule, mask in zip(ruleset.rules, masks, strict=True):
        assert mask.to_list() == [matches(rule, row, TODAY) for row in rows], rule


@settings(max_examples=40, deadline=None)
@given(content=rule_file("person", 8), rows=rows_of("person", 6))
def test_whole_judgements_are_the_same(content: bytes, rows: list[dict[str, Any]]) -> None:
    ruleset = loaded(content)
    rows = [{**row, "id": f"p{i}", "name": f"N{i}"} for i, row in enumerate(rows)]
    bulk = judge(ruleset, framed("person", rows), TODAY)
    single = [judge_row(ruleset, "person", row, TODAY) for row in rows]
    decided = ("tier", "tags", "segments", "cadence_days", "overdue", "cadence_used", "stale")
    for column in decided:
        assert bulk.frame[column].to_list() == [one.row.get(column) for one in single], column
    wishes = {(wish.rule, wish.person_id): wish for one in single for wish in one.wishes()}
    assert {(wish.rule, wish.person_id): wish for wish in bulk.follow_ups} == wishes


@settings(max_examples=40, deadline=None)
@given(content=rule_file("meeting", 6), rows=rows_of("meeting", 6))
def test_meetings_are_classified_the_same(content: bytes, rows: list[dict[str, Any]]) -> None:
    ruleset = loaded(content)
    for row, verdict in zip(
        rows, classify_meetings(ruleset, framed("meeting", rows)).to_dicts(), strict=True
    ):
        one = judge_row(ruleset, "meeting", row, TODAY)
        assert verdict["counts"] == one.row.get("counts", "none")
        for key in ("kind", "group", "cost"):
            assert verdict[key] == one.row.get(key)
        assert verdict["rules"] == list(
            dict.fromkeys(effect.rule.id for effect in one.effects if effect.lost_to is None)
        )


@settings(max_examples=30, deadline=None)
@given(content=rule_file("attendee", 4), rows=rows_of("attendee", 6))
def test_noise_is_the_same(content: bytes, rows: list[dict[str, Any]]) -> None:
    ruleset = loaded(content)
    single = [judge_row(ruleset, "attendee", row, TODAY).row.get("noise", False) for row in rows]
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
    rows = [
        {"labels": ["Chamber"], "groups": ["wica"]},
        {"labels": [], "groups": []},
        {"labels": [], "groups": ["chamber"]},
    ]
    frame = judge(ruleset, framed("person", rows), TODAY).frame
    assert frame["groups"].to_list() == [["wica", "chamber"], [], ["chamber"]]
    assert frame["tags"].to_list() == [["t"], [], ["t"]]
    single = [judge_row(ruleset, "person", row, TODAY).row for row in rows]
    assert [row["groups"] for row in single] == frame["groups"].to_list()
    assert [row["tags"] for row in single] == frame["tags"].to_list()


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
    assert judge_row(ruleset, "person", {"title": "owner"}, TODAY, braked=outcome.braked).row["tags"] == ["u"]
