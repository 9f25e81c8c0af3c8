"""Random rules and random rows of facts, with the odd values that engines disagree about."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import strategies as st

from people.facts.declared import Subject
from rules.engine.judging.expressions import frame_schema
from rules.engine.language.vocabulary import TESTS, FactField, fields_of

TODAY = date(2026, 11, 1)
ODD = [
    "founder", "Founder", "FOUNDER ", "É", "élan", "Élan Co.", "İstanbul", "ISTANBUL", "istanbul", "ß", "ss",
    "SS", "ﬁ", "Ｃo", "co", "100%", "%", "_", "\\", "a\\b", "'", '"', "O'Neill", "a.b", "(x)", "[x]", "*",
    "^$", "", " ", "\t", "\u00a0", "中文", "🌻", "a b", "a  b", "null", "true", "1:1", "No", "é",
    "e\u0301", "\u0301",
]  # fmt: skip
WORDS = ["founder", "a b", "a.b", "O'Neill", "élan", "100%", "中文", "b", "co", "ss"]
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
        "texts": st.lists(
            texts | st.sampled_from(["every-45d", "Every-6w", "every-x", "every-0d"]), max_size=3
        ),
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
    if test == "word":
        return st.sampled_from(WORDS) | st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)
    if field.choices:
        names = st.sampled_from(field.choices)
        return names | st.lists(names, min_size=1, max_size=3) if test == "is" else patterns
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
               "cadence_used", "stale", "record_count", "month", "weekday", "today", "paused_until",
               "quiet"],
    "meeting": ["title", "attendee_count", "attendee_domains", "all_day", "labels", "status"],
    "attendee": ["email", "local_part", "resource"],
    "message": ["from_email", "list_id", "recipients", "bulk", "thread_size", "age"],
}  # fmt: skip
FACTS: dict[Subject, list[FactField]] = {
    "person": [fields_of("person")[name] for name in FEW["person"]],
    "meeting": [fields_of("meeting")[name] for name in FEW["meeting"]],
    "attendee": [fields_of("attendee")[name] for name in FEW["attendee"]],
    "message": [fields_of("message")[name] for name in FEW["message"]],
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
        (2, st.sampled_from([{"cadence": {"from": "labels", "like": "every-*"}},
                             {"cadence": {"from": "custom", "like": "cadence: *"}}])),
        (3, st.fixed_dictionaries({"stale": st.booleans()})),
        (3, st.fixed_dictionaries({"quiet": st.booleans()})),
        (4, st.just({"follow_up": {"title": "Call {name}", "due": "3d", "occasion": "last_contact"}})),
        (4, st.just({"follow_up": {"title": "Meet {name}", "notes": "Last: {last_contact}.",
                                   "due": {"on": "next_meeting"}, "within": "2d"}})),
        (4, st.fixed_dictionaries({"follow_up": st.fixed_dictionaries(
            {"title": st.just("See {name}"), "due": st.sampled_from(["monday", "sunday"])},
            optional={"days": st.sampled_from(["any", "working"])})})),
        (4, st.just({"follow_up": {"title": "Write to {name}",
                                   "steps": {"after": "last_contact", "at": ["1d", "2w", "6w"]}}})),
    ],
    "meeting": [
        (1, st.fixed_dictionaries(
            {"kind": st.sampled_from(["x", "y"])},
            optional={"group": st.just("g"), "counts": st.sampled_from(["full", "none"]),
                      "cost": st.just(1.5)})),
        (1, st.fixed_dictionaries({"counts": st.sampled_from(["group", "together"])})),
    ],
    "attendee": [(1, st.fixed_dictionaries({"noise": st.booleans()}))],
    "message": [
        (1, st.fixed_dictionaries({"counts": st.sampled_from(["full", "together", "none"])})),
        (1, st.fixed_dictionaries({"settled": st.booleans()}, optional={"noise": st.booleans()})),
    ],
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
        if draw(st.integers(0, 3)) == 0:
            others = [f"r{other}" for other in range(size) if other != number]
            rule["instead_of"] = draw(st.lists(st.sampled_from(others), min_size=1, max_size=2, unique=True))
        if subject == "person" and draw(st.integers(0, 3)) == 0:
            rule[draw(st.sampled_from(["from", "until"]))] = str(TODAY + timedelta(draw(st.integers(-1, 1))))
        rules.append(rule)
    return json.dumps({"version": 2, "rules": rules}, ensure_ascii=False).encode()


def rows_of(subject: Subject, count: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = st.fixed_dictionaries({field.name: values_of(field) for field in FACTS[subject]})
    return st.lists(row, min_size=1, max_size=count)


def framed(subject: Subject, rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema = {name: dtype for name, dtype in frame_schema(subject).items() if name in rows[0]}
    return pl.DataFrame(rows, schema=schema)
