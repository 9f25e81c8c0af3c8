"""What an edit would change is exactly what it then does."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings

from flows.pages.documents import rules as documents
from rules.engine import RuleSet, load_texts
from rules.engine.judging.judge import Judgement, judge
from rules.engine.showing.diff import RuleDiff, diff
from tests.support.random_rules import TODAY, framed, rows_of, rule_file

RULES = """\
version: 1
rules:
  - id: clients
    for: person
    when: {labels: client}
    then: {tier: key, tag: client}
  - id: monthly
    for: person
    when: {tier: key}
    then: {cadence: 60d}
  - id: quiet
    for: person
    when: {overdue|gte: 0d}
    then: {stale: true, follow_up: {title: "Call {first_name}", notes: "{overdue} days", due: 3d}}
"""
PEOPLE = [
    {"id": f"p{n}", "name": name, "first_name": name, "labels": ["client"], "days_since_contact": since}
    for n, (name, since) in enumerate([("Dora", 70), ("Anna", 65), ("Carl", 100), ("Bea", 10)])
]


def judged(rules: str, people: list[dict[str, Any]] = PEOPLE) -> Judgement:
    ruleset = load_texts({"a.yaml": rules.encode()})
    assert not ruleset.errors
    return judge(ruleset, framed("person", people), TODAY)


def effect(edited: str) -> RuleDiff:
    return diff(judged(RULES), judged(edited))


def test_a_longer_cadence_names_the_people_it_affects() -> None:
    found = effect(RULES.replace("60d", "90d"))
    assert found.changed
    assert (
        found.render()
        == """\
    4 cadence 60d -> 90d, e.g. Anna, Bea, Carl
    2 stale yes -> no, e.g. Anna, Dora
   -2 follow-ups quiet, e.g. Anna, Dora
    1 follow-up text quiet: its notes -> quiet: other notes, e.g. Carl"""
    )


def test_no_change_is_said_to_be_none() -> None:
    found = effect(RULES.replace("clients", "customers"))
    assert not found.changed
    assert found.render() == "no effect: no tag, tier, cadence or follow-up would change"
    assert found.markdown().startswith("No effect")
    assert documents.diff(found).model_dump(mode="json") == {
        "changed": False,
        "changes": [],
        "braked": [],
        "released": [],
        "lost": [],
    }


def test_markdown_is_a_table_and_harmless() -> None:
    people = [{**PEOPLE[0], "name": "**Vera** [x](https://phish.example) | `a`"}]
    found = diff(
        judged(RULES, people), judged(RULES.replace("tag: client", "tag: [client, key-person]"), people)
    )
    table = found.markdown()
    assert table.startswith("| People | Change | For example |\n|---:|---|---|\n| +1 | tag key-person |")
    assert "`[x](https://phish.example)`" in table
    assert table.count("\n") == 3


def test_a_brake_is_told() -> None:
    found = effect(RULES + "    at_most: 1\n")
    assert (found.braked, found.released) == (("quiet",), ())
    assert "the brake would stop quiet" in found.render()
    assert diff(judged(RULES + "    at_most: 1\n"), judged(RULES)).released == ("quiet",)


def test_people_who_come_and_go_count_from_nothing() -> None:
    found = diff(judged(RULES, PEOPLE[:1]), judged(RULES, PEOPLE[1:2]))
    tiers = [(one.before, one.after, one.names) for one in found.changes if one.kind == "tier"]
    assert tiers == [(None, "key", ("Anna",)), ("key", None, ("Dora",))]


def test_the_json_names_everybody() -> None:
    document = json.loads(documents.diff(effect(RULES.replace("60d", "90d"))).model_dump_json())
    assert document["changes"][0] == {
        "kind": "cadence", "what": "cadence", "before": "60d", "after": "90d", "count": 4,
        "ids": ["p1", "p3", "p2", "p0"], "names": ["Anna", "Bea", "Carl", "Dora"],
    }  # fmt: skip


def verdicts(judgement: Judgement) -> dict[str, dict[str, Any]]:
    kept = judgement.frame.select(
        "id", "tier", "tags", "segments", "cadence_days", "stale", "quiet"
    ).to_dicts()
    wishes: dict[str, set[str]] = {}
    for wish in judgement.follow_ups:
        # Nobody off limits gets a task.
        if judgement.frame.filter(id=wish.person_id)["tier"].item() != "off-limits":
            wishes.setdefault(wish.person_id, set()).add(wish.rule)
    return {
        row["id"]: {
            "tier": row["tier"],
            "cadence": row["cadence_days"],
            "stale": row["stale"],
            "quiet": row["quiet"],
            "tag": set(row["tags"]),
            "segment": set(row["segments"]),
            "follow-up": wishes.get(row["id"], set()),
        }
        for row in kept
    }


def applied(before: dict[str, dict[str, Any]], found: RuleDiff) -> dict[str, dict[str, Any]]:
    """Do to the verdicts what the effect says, and nothing else."""
    for change in found.changes:
        for key in change.ids:
            if change.kind in ("tag", "segment", "follow-up"):
                words = before[key][change.kind]
                words.add(change.what) if change.before is None else words.discard(change.what)
            elif change.kind == "cadence":
                before[key]["cadence"] = None if change.after is None else int(change.after[:-1])
            elif change.kind in ("stale", "quiet"):
                before[key][change.kind] = change.after == "yes"
            elif change.kind == "tier":
                before[key]["tier"] = change.after
    return before


@settings(max_examples=30, deadline=None)
@given(one=rule_file("person", 6), other=rule_file("person", 6), rows=rows_of("person", 6))
def test_the_effect_is_what_then_happens(one: bytes, other: bytes, rows: list[dict[str, Any]]) -> None:
    people = [{**row, "id": f"p{n}", "name": f"N{n}"} for n, row in enumerate(rows)]
    rulesets: list[RuleSet] = [load_texts({"random.yaml": content}) for content in (one, other)]
    old, new = (judge(ruleset, framed("person", people), TODAY) for ruleset in rulesets)
    found = diff(old, new)
    assert applied(verdicts(old), found) == verdicts(new)
    assert found.changed is (
        verdicts(old) != verdicts(new) or any(c.kind == "follow-up text" for c in found.changes)
    )
    assert not diff(old, old).changed
