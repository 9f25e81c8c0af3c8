"""Why, and why not: the deciding line, the value beside the threshold, who lost, and the evidence."""

from __future__ import annotations

import json
from datetime import date

from flows.pages.documents import rules as documents
from rules.engine import load_texts
from rules.engine.judging.judge import evidence_of, judge
from rules.engine.showing.explain import Explanation, explain_row
from tests.support.random_rules import framed

TODAY = date(2026, 11, 1)
RULES = load_texts(
    {
        "relevance.yaml": b"""\
version: 1
rules:
  - id: clients
    for: person
    why: They pay.
    when: {labels: client}
    then: {tier: key, tag: client}
  - id: owners
    for: person
    when: {title|contains: [owner, founder], city: [Bristol, Bath]}
    unless: {labels: do-not-contact}
    then: {tier: target, tag: target}
  - id: either
    for: person
    when:
      - {title: boss, city: Bath}
      - {labels: friend}
    then: {tag: known}
  - id: monthly
    for: person
    when: {tier: key}
    then: {cadence: 30d}
  - id: quiet
    for: person
    when: {overdue|gte: 0d}
    unless: {next_meeting|exists: true}
    then:
      stale: true
      follow_up: {title: "Call {first_name}", due: 3d}
"""
    }
)
ANNA = {
    "id": "p1",
    "name": "Anna Berg",
    "first_name": "Anna",
    "title": "Founder & owner",
    "city": "BRISTOL",
    "labels": ["Client"],
    "days_since_contact": 45,
}
SOURCES = {"labels": "phone/anna.vcf, card 1", "days_since_contact": "Coffee with Anna, 2026-09-17 (work)"}


def explained(**changes: object) -> Explanation:
    return explain_row(RULES, "person", {**ANNA, **changes}, TODAY, sources=SOURCES.get)


def test_the_text_names_rule_line_value_threshold_evidence_loser_and_why_not() -> None:
    assert (
        explained().render()
        == """\
Anna Berg on 2026-11-01
  tier: key
  tags: client, target
  segments: -
  cadence_days: 30
  overdue: 15
  stale: true
  quiet: false

relevance:
  yes  clients  (rules/relevance.yaml:3)
         labels is client: it is 'Client' (phone/anna.vcf, card 1)
         -> tier key
         -> tags client
  yes  owners  (rules/relevance.yaml:8)
         title contains owner or founder: it is 'Founder & owner'
         city is Bristol or Bath: it is 'BRISTOL'
         -> tier target (lost to clients, which comes first)
         -> tags target
  no   either  (rules/relevance.yaml:13)
         stopped at rules/relevance.yaml:17: labels is friend: it is 'Client' (phone/anna.vcf, card 1)

cadence:
  yes  monthly  (rules/relevance.yaml:19)
         tier is key: it is 'key' (rule clients, rules/relevance.yaml:3)
         -> cadence-days 30 days

stale:
  yes  quiet  (rules/relevance.yaml:23)
         overdue gte 0d: it is '15' (Coffee with Anna, 2026-09-17 (work))
         -> stale true
         -> follow-up 'Call Anna'"""
    )


def stopped(explanation: Explanation, rule: str) -> tuple[str, int, str | None]:
    line = next(trace for trace in explanation.rules if trace.rule == rule).stopped_by
    assert line is not None
    return line.block, line.line, line.value


def test_a_rule_is_stopped_by_its_exception_only_when_the_rest_holds() -> None:
    blocked = explained(labels=["do-not-contact"])
    assert stopped(blocked, "owners") == ("unless", 11, "do-not-contact")
    assert stopped(explained(labels=["do-not-contact"], city="Leeds"), "owners") == ("when", 10, "Leeds")
    booked = explained(next_meeting=date(2026, 11, 9))
    assert stopped(booked, "quiet") == ("unless", 26, "2026-11-09")


def test_of_several_alternatives_the_nearest_miss_is_named() -> None:
    assert stopped(explained(title="Boss", labels=[]), "either") == ("when", 16, "BRISTOL")


def test_a_missing_value_is_said_to_be_missing() -> None:
    text = explained(days_since_contact=None).render()
    assert "stopped at rules/relevance.yaml:25: overdue gte 0d: it is missing" in text


def test_a_braked_rule_says_so_and_decides_nothing() -> None:
    explanation = explain_row(RULES, "person", ANNA, TODAY, braked={"clients": 900})
    assert "off  clients  (rules/relevance.yaml:3)" in explanation.render()
    assert explanation.verdict["tier"] == "target"


def test_matched_rules_alone_can_be_shown() -> None:
    assert "either" not in explained().render(matched_only=True)
    assert "owners" in explained().render(matched_only=True)


def test_the_json_holds_all_of_it() -> None:
    document = json.loads(documents.explanation(explained()).model_dump_json())
    assert document["verdict"]["tier"] == "key"
    owners = document["rules"][1]
    assert owners["outcome"] == "matched"
    assert owners["effects"][0] == {"key": "tier", "value": "target", "lost_to": "clients"}
    assert owners["lines"][1] == {
        "block": "when", "alternative": 0, "field": "city", "test": "is", "threshold": "Bristol or Bath",
        "value": "BRISTOL", "holds": True, "file": "rules/relevance.yaml", "line": 10, "column": 46,
        "source": None,
    }  # fmt: skip


def test_what_strangers_wrote_cannot_move_the_cursor() -> None:
    text = explained(name="\x1b[2JAnna\n\u202egro", labels=["client", "\x1b[31mred\r\n"]).render()
    assert "\x1b" not in text
    assert "\r" not in text
    assert "\u202e" not in text
    assert text.startswith("[2JAnna \\u202egro on 2026-11-01")


def test_a_follow_ups_evidence_goes_down_to_facts() -> None:
    judgement = judge(RULES, framed("person", [ANNA]), TODAY)
    lines = evidence_of(judgement, judgement.follow_ups[0], SOURCES.get)
    assert [(line.rule, line.line, line.field, line.value, line.test, line.threshold) for line in lines] == [
        ("quiet", 25, "overdue", "15", "gte", "0d"),
        ("monthly", 21, "tier", "key", "is", "key"),
        ("clients", 6, "labels", "Client", "is", "client"),
    ]
    assert [line.source for line in lines] == [SOURCES["days_since_contact"], None, SOURCES["labels"]]


def test_meetings_are_explained_too() -> None:
    rules = load_texts(
        {
            "meetings.yaml": b"""\
version: 1
groups:
  - id: chamber
    meetings: {title|contains: chamber}
rules:
  - id: small
    for: meeting
    when: {attendee_count|lte: 8}
    then: {counts: full}
"""
        }
    )
    text = explain_row(rules, "meeting", {"title": "Chamber lunch", "attendee_count": 30}, TODAY).render()
    assert "stopped at rules/meetings.yaml:8: attendee_count lte 8: it is '30'" in text
    assert "yes  groups/chamber  (rules/meetings.yaml:3)" in text
