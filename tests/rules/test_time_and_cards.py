"""Rules in time, whole words, values from the card, steps, pauses and days off, in both evaluators."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from people.planning.model import PastFollowUp, Standing
from people.planning.plan import plan
from people.planning.working_days import Closed, WorkingDays
from people.tasks import FollowUp, FollowUpWish
from rules.engine import RuleSet, load_texts
from rules.engine.judging.judge import judge
from rules.engine.judging.judge_row import judge_row
from rules.engine.showing.explain import explain_row
from tests.support.random_rules import framed

SUNDAY = date(2026, 11, 1)
CALL = "then: {follow_up: {title: 'Call {name}'}}"


def loaded(rule: str) -> RuleSet:
    return load_texts({"a.yaml": f"version: 2\nrules:\n  - {{id: r, for: person, {rule}}}\n".encode()})


def ruleset(rule: str) -> RuleSet:
    found = loaded(rule)
    assert not found.errors, found.errors
    return found


def decided(rule: str, row: dict[str, Any], fact: str, today: date = SUNDAY) -> Any:
    """What both evaluators decide of a fact; they agree."""
    rules = ruleset(rule)
    bulk = judge(rules, framed("person", [row]), today).frame[fact].to_list()[0]
    assert judge_row(rules, "person", row, today).facts[fact] == bulk
    return bulk


def wishes(rule: str, row: dict[str, Any], today: date = SUNDAY) -> list[FollowUpWish]:
    """The follow-ups that both evaluators ask for; they agree."""
    rules, row = ruleset(rule), {"id": "p", "name": "Anna", **row}
    found = [
        wish.model_copy(update={"match": None})
        for wish in judge(rules, framed("person", [row]), today).follow_ups
    ]
    single = judge_row(rules, "person", row, today).wishes()
    assert found == [wish.model_copy(update={"match": None}) for wish in single]
    return found


@pytest.mark.parametrize(
    ("time", "days"),
    [
        ("from: 2026-11-02", [False, False, True, True]),
        ("until: 2026-11-01", [True, True, False, False]),
        ("from: 2026-11-01, until: 2026-11-02", [False, True, True, False]),
    ],
)
def test_a_rule_holds_from_its_first_day_to_its_last(time: str, days: list[bool]) -> None:
    tagged = [
        decided(f"{time}, then: {{tag: t}}", {"id": "p"}, "tags", SUNDAY + timedelta(n)) for n in range(-1, 3)
    ]
    assert [tags == ["t"] for tags in tagged] == days


def test_a_trace_says_when_a_rule_holds() -> None:
    shown = explain_row(ruleset("from: 2026-12-01, then: {tag: t}"), "person", {"id": "p"}, SUNDAY)
    assert shown.rules[0].outcome == "resting"
    assert "off  r  (rules/a.yaml:3)\n         holds from 2026-12-01" in shown.render()


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("{month: november}", True),
        ("{month: [December, January]}", False),
        ("{weekday: Sunday}", True),
        ("{today|gte: 2026-11-01}", True),
        ("{today: 2026-11-02}", False),
    ],
)
def test_the_day_itself_is_a_fact(when: str, holds: bool) -> None:
    assert (decided(f"when: {when}, then: {{tag: t}}", {"id": "p"}, "tags") == ["t"]) is holds


@pytest.mark.parametrize(
    ("when", "message", "help_"),
    [
        ("{month: decembre}", "'month': 'decembre' is not a month", "did you mean 'december'?"),
        ("{month: 12}", "'month': '12' is not a month", "write december"),
        ("{weekday: wed}", "'weekday': 'wed' is not a weekday", "did you mean 'wednesday'?"),
        (
            "{title|word: '%'}",
            "'title|word': '%' has no letter or digit, so it is not a word",
            "use |contains",
        ),
    ],
)
def test_a_wrong_month_or_word_is_refused(when: str, message: str, help_: str) -> None:
    (problem,) = loaded(f"when: {when}, then: {{tag: t}}").errors
    assert (problem.message, problem.help) == (message, help_)


@pytest.mark.parametrize(
    ("wanted", "title", "holds"),
    [
        ("owner", "Co-Owner & Chair", True),
        ("owner", "Homeowner adviser", False),
        ("owner", "Ownership", False),
        ("managing director", "Managing  Director (UK)", True),
        ("managing director", "Director, Managing", False),
        ("geschäftsführer", "GESCHÄFTSFÜHRER", True),
        ("ceo", "CEO/Founder", True),
        ("ceo", None, False),
        ("[x, founder]", "Founder", True),
    ],
)
def test_whole_words(wanted: str, title: str | None, holds: bool) -> None:
    rule = f"when: {{title|word: {wanted}}}, then: {{tag: t}}"
    assert (decided(rule, {"id": "p", "title": title}, "tags") == ["t"]) is holds


def test_words_of_two_labels_do_not_run_together() -> None:
    rule = "when: {labels|word: a b}, then: {tag: t}"
    assert decided(rule, {"id": "p", "labels": ["a", "b"]}, "tags") == []
    assert decided(rule, {"id": "p", "labels": ["x a-b"]}, "tags") == ["t"]


@pytest.mark.parametrize(
    ("labels", "days"),
    [
        (["client", "every-45d"], 45),
        (["Every-6W"], 42),
        (["every-x"], None),
        (["every-0d"], None),
        ([], None),
    ],
)
def test_a_cadence_comes_from_a_label(labels: list[str], days: int | None) -> None:
    rule = 'then: {cadence: {from: labels, like: "every-*"}}'
    assert decided(rule, {"id": "p", "labels": labels}, "cadence_days") == days


def test_a_cadence_comes_from_a_line_of_the_note() -> None:
    rule = 'then: {cadence: {from: note, like: "cadence: *"}}'
    row = {"id": "p", "note": "Met at the fair\nCadence: 45d\nLikes tea"}
    assert decided(rule, row, "cadence_days") == 45


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        (["cadence: 45d"], 45),
        (["Shoe size: 9", "Cadence:  6 w "], 42),
        (["cadence: often", "cadence: 1y"], 365),
        (["Cadence: 6 weeks"], 42),
        (["Cadence: 3 Monate"], 90),
        (["Cadence: 2 AÑOS"], 730),
        (["cadence: 6 fortnights", "cadence: -6w", "cadence: 9999y"], None),
        (["cadence: ٣d"], 3),
        (["my cadence: 45d"], None),
        (["cadence: 0d", "cadence:"], None),
        ([], None),
    ],
)
def test_a_cadence_comes_from_a_labelled_field(fields: list[str], days: int | None) -> None:
    rule = 'then: {cadence: {from: custom, like: "cadence: *"}}'
    assert decided(rule, {"id": "p", "custom": fields}, "cadence_days") == days


def test_where_the_card_names_no_value_the_next_rule_decides() -> None:
    rules = load_texts(
        {
            "a.yaml": b"""
version: 2
rules:
  - {id: noted, for: person, then: {cadence: {from: labels, like: "every-*"}}}
  - {id: usual, for: person, then: {cadence: 30d}}
"""
        }
    )
    rows: list[dict[str, Any]] = [{"id": "a", "labels": ["every-1w"]}, {"id": "b", "labels": []}]
    assert judge(rules, framed("person", rows), SUNDAY).frame["cadence_days"].to_list() == [7, 30]
    assert [judge_row(rules, "person", row, SUNDAY).facts["cadence_days"] for row in rows] == [7, 30]
    noted, usual = explain_row(rules, "person", rows[0], SUNDAY).rules
    assert [effect.render() for effect in (*noted.effects, *usual.effects)] == [
        "cadence-days 7 days",
        "cadence-days 30 days (lost to noted, which comes first)",
    ]


@pytest.mark.parametrize(
    ("cadence", "message"),
    [
        ('{from: labels, like: "every"}', "expected a text with one * in it"),
        ('{from: labls, like: "every-*"}', "person has no field 'labls'"),
        ("{from: balance, like: '*'}", "'balance' is a number, not text"),
        ("{from: labels}", "the key 'like' is missing"),
        ("{form: labels, like: 'x*'}", "unknown key 'form'"),
    ],
)
def test_a_wrong_value_from_the_card_is_refused(cadence: str, message: str) -> None:
    (problem,) = loaded(f"then: {{cadence: {cadence}}}").errors
    assert problem.message == message


@pytest.mark.parametrize(
    ("due", "expected", "any_day"),
    [
        ("due: monday", date(2026, 11, 2), False),
        ("due: Sunday", date(2026, 11, 1), True),
        ("due: saturday", date(2026, 11, 7), True),
        ("due: 6d, days: any", date(2026, 11, 7), True),
    ],
)
def test_a_follow_up_is_due_on_a_day_of_the_week(due: str, expected: date, any_day: bool) -> None:
    (wish,) = wishes(f"then: {{follow_up: {{title: 'Call {{name}}', {due}}}}}", {})
    assert (wish.due, wish.any_day) == (expected, any_day)
    made = plan([wish], [], {}, capacity=5, today=SUNDAY, days=WorkingDays("GB")).create
    assert [item.due for item in made] == [expected]


STEPS = "then: {follow_up: {title: 'See {name}', steps: {after: first_event_on, at: [1d, 2w, 6w]}}}"


@pytest.mark.parametrize(
    ("after", "due", "step"),
    [(0, 1, "1"), (1, 1, "1"), (5, 5, "1"), (13, 14, "2"), (30, 30, "2"), (41, 42, "3"), (56, 56, "3"),
     (57, None, None), (-1, None, None)],
)  # fmt: skip
def test_steps_come_one_after_the_other(after: int, due: int | None, step: str | None) -> None:
    event = date(2026, 9, 1)
    found = wishes(STEPS, {"first_event_on": event}, event + timedelta(after))
    expected = [] if due is None else [(event + timedelta(due), f"2026-09-01/{step}", 0)]
    assert [(wish.due, wish.occasion, wish.cooldown_days) for wish in found] == expected


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("due: 3d, steps: {after: first_event_on, at: 1d}", "'due' and 'steps' both say when"),
        ("steps: {after: first_event_on, at: [2w, 1d]}", "each step comes later than the one before it"),
        ("steps: {after: first_event, at: 1d}", "'first_event' is not a known date of person"),
        ("due: mondy", "'mondy' is not a length of time"),
    ],
)
def test_wrong_steps_are_refused(more: str, message: str) -> None:
    (problem,) = loaded(f"then: {{follow_up: {{title: 'See {{name}}', {more}}}}}").errors
    assert problem.message == message


def test_nobody_who_is_quiet_is_asked_about() -> None:
    quiet = "when: {labels: tom}, then: {quiet: true}"
    assert decided(quiet, {"id": "p", "labels": ["tom"]}, "quiet") is True
    rules = load_texts(
        {
            "a.yaml": f"version: 2\nrules:\n  - {{id: q, for: person, {quiet}}}\n"
            f"  - {{id: r, for: person, {CALL}}}\n".encode()
        }
    )
    rows: list[dict[str, Any]] = [{"id": "a", "name": "Tom", "labels": ["tom"]}, {"id": "b", "name": "Ann"}]
    assert [wish.person for wish in judge(rules, framed("person", rows), SUNDAY).follow_ups] == ["Ann"]
    shown = explain_row(rules, "person", rows[0], SUNDAY).render()
    assert "'Call Tom': not asked for, because they are left alone (quiet)" in shown


@pytest.mark.parametrize(("until", "quiet"), [(date(2026, 11, 2), True), (SUNDAY, False), (None, False)])
def test_a_pause_ends_on_its_day(until: date | None, quiet: bool) -> None:
    assert decided(CALL, {"id": "p", "paused_until": until}, "quiet") is quiet
    assert bool(wishes(CALL, {"paused_until": until})) is not quiet


def test_a_rule_may_let_something_through_a_pause() -> None:
    rule = "when: {labels: vip}, then: {quiet: false}"
    assert decided(rule, {"id": "p", "labels": ["vip"], "paused_until": date(2027, 1, 1)}, "quiet") is False


def test_the_task_of_somebody_left_alone_is_withdrawn_unless_they_reopened_it() -> None:
    def past(*, reopened: bool) -> PastFollowUp:
        item = FollowUp(rule="r", person_id="p", person="Tom", title="Call Tom", due=SUNDAY, key="k")
        return PastFollowUp(item.model_copy(update={"reopened": reopened}), created_on=SUNDAY)

    def withdrawn(*, reopened: bool) -> list[str]:
        standing = {"p": Standing(quiet=True)}
        found = plan([], [past(reopened=reopened)], standing, capacity=5, today=SUNDAY, days=WorkingDays())
        return [item.reason for item in found.withdraw]

    assert withdrawn(reopened=False) == ["they are left alone for now"]
    assert withdrawn(reopened=True) == []


def test_nothing_is_due_on_closed_days() -> None:
    days = WorkingDays("GB", (Closed.read("2026-12-21/2027-01-08"), Closed.read("12-01/12-03")))
    assert days.on_or_after(date(2026, 12, 20)) == date(2027, 1, 11)
    assert days.on_or_after(date(2028, 12, 1)) == date(2028, 12, 4)
    assert days.on_or_before(date(2027, 1, 10)) == date(2026, 12, 18)


def test_a_year_without_a_working_day_ends() -> None:
    always = WorkingDays(None, (Closed.read("01-01/12-31"),))
    assert always.on_or_after(SUNDAY) == SUNDAY


@pytest.mark.parametrize("text", ["", "2026-13-01", "2026-12-24/2026-12-01", "2026-12-24/12-31", "december"])
def test_a_wrong_closed_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^.*$"):
        Closed.read(text)
