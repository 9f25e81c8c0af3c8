"""Who decides first: the user's own files, then the starter rules; and what stands instead of what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rules.engine import RuleSet, load, load_texts
from rules.engine.checking.on_store import store_warnings
from rules.engine.checking.ruletests import run_tests
from rules.engine.checking.upgrading import upgraded
from rules.engine.judging.judge import Judgement, judge
from rules.engine.showing.diff import diff
from rules.engine.showing.explain import explain_row
from tests.support.random_rules import TODAY, framed

STARTER = """\
version: 2
starter: true
rules:
  - {id: clients, for: person, when: {labels: client}, then: {tier: key}}
  - {id: key-monthly, for: person, when: {tier: key}, then: {cadence: 30d}}
  - {id: going-cold, for: person, when: {overdue|gte: 0d}, then: {stale: true}}
  - id: call
    for: person
    when: {stale: true}
    then: {follow_up: {title: "Call {name}"}}
"""
PEOPLE: list[dict[str, Any]] = [
    {"id": f"p{n}", "name": f"N{n}", "labels": ["client", *more], "days_since_contact": 40}
    for n, more in enumerate([[], ["vip"], ["deceased"]])
]


def ruleset(mine: str, starter: str = STARTER) -> RuleSet:
    """The starter rules in ``a.yaml``, so that the alphabet would put them first, and the user's own."""
    texts = {"a.yaml": starter.encode(), "mine.yaml": f"version: 2\n{mine}".encode()}
    found = load_texts(texts)
    assert not found.errors, found.errors
    return found


def judged(mine: str, starter: str = STARTER) -> Judgement:
    return judge(ruleset(mine, starter), framed("person", PEOPLE), TODAY)


WEEKLY = "rules:\n  - {id: vip-weekly, for: person, when: {labels: vip}, then: {cadence: 7d}}\n"


def test_the_users_files_decide_before_the_starter_rules() -> None:
    assert judged(WEEKLY).frame["cadence_days"].to_list() == [30, 7, 30]


def test_a_folder_of_version_1_keeps_the_order_of_its_names() -> None:
    old = STARTER.replace("version: 2\nstarter: true", "version: 1")
    assert judged(WEEKLY, old).frame["cadence_days"].to_list() == [30, 30, 30]


def test_the_dead_are_not_called_whatever_the_file_is_called() -> None:
    gone = "rules:\n  - {id: gone, for: person, when: {labels: deceased}, then: {tier: off-limits}}\n"
    assert [wish.person_id for wish in judged(gone).follow_ups] == ["p0", "p1"]


def test_a_rule_stands_instead_of_another_only_where_it_matches() -> None:
    mine = """
rules:
  - id: lunch
    for: person
    when: {labels: vip}
    instead_of: call
    then: {follow_up: {title: "Lunch with {name}"}}
"""
    wishes = judged(mine).follow_ups
    assert sorted((wish.person_id, wish.rule) for wish in wishes) == [
        ("p0", "call"),
        ("p1", "lunch"),
        ("p2", "call"),
    ]
    shown = explain_row(ruleset(mine), "person", PEOPLE[1], TODAY).render()
    assert "no   call  (rules/a.yaml:7)\n         the rule lunch decides instead" in shown


def test_what_gives_way_still_stands_instead_of_others() -> None:
    mine = """
rules:
  - {id: a, for: person, instead_of: b, then: {tag: a}}
  - {id: b, for: person, instead_of: c, then: {tag: b}}
  - {id: c, for: person, then: {tag: c}}
"""
    assert judged(mine).frame["tags"].to_list() == [["a"]] * 3


def test_a_stopped_rule_stands_instead_of_nothing() -> None:
    mine = "rules:\n  - {id: a, for: person, instead_of: call, stop_above: 1, then: {tag: a}}\n"
    found = judged(mine)
    assert found.braked == {"a": 3}
    assert len(found.follow_ups) == 3
    assert found.unsure.all()


def test_a_brake_stands_beside_a_ration() -> None:
    rule = (
        "{id: a, for: person, at_most: {week: 1}, stop_above: 2, then: {follow_up: {title: 'Call {name}'}}}"
    )
    assert judged(f"rules:\n  - {rule}\n").braked == {"a": 3}


def test_a_file_switches_rules_off() -> None:
    found = ruleset(f"without: [key-monthly]\n{WEEKLY}")
    assert "key-monthly" not in {rule.id for rule in found.rules}
    assert [rule.id for rule in found.off] == ["key-monthly"]


@pytest.mark.parametrize(
    ("mine", "expected"),
    [
        ("without: [key-montly]\nrules: []\n", "unknown-rule"),
        ("rules:\n  - {id: a, for: person, instead_of: cal, then: {tag: t}}\n", "unknown-rule"),
        (
            "rules:\n  - {id: a, for: person, instead_of: clients, then: {cadence: 7d}}\n",
            "decides-before",
        ),
    ],
)
def test_a_name_without_effect_is_a_warning(mine: str, expected: str) -> None:
    assert [problem.code for problem in ruleset(mine).problems] == [expected]


def test_two_rules_instead_of_each_other_are_a_warning() -> None:
    mine = (
        "rules:\n  - {id: a, for: person, instead_of: b, then: {tag: a}}\n"
        "  - {id: b, for: person, instead_of: a, then: {tag: b}}\n"
    )
    messages = [problem.message for problem in ruleset(mine).problems]
    assert len(messages) == 2
    assert "stand instead of each other" in messages[0]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (
            "{id: a, for: person, instead_of: a, then: {tag: t}}",
            "the rule 'a' cannot stand instead of itself",
        ),
        ("{id: a, for: person, at_most: 2, stop_above: 3, then: {tag: t}}", "are both a brake"),
        ("{id: a, for: person, from: 2026-02-01, until: 2026-01-01, then: {tag: t}}", "before it begins"),
        ("{id: a, for: meeting, from: 2026-02-01, then: {kind: t}}", "unknown key 'from'"),
    ],
)
def test_keys_that_contradict_each_other_are_errors(rule: str, line: str) -> None:
    (problem,) = load_texts({"a.yaml": f"version: 2\nrules:\n  - {rule}\n".encode()}).errors
    assert line in problem.message


def test_a_rule_that_always_loses_is_told_with_its_winner() -> None:
    mine = "rules:\n  - {id: late, for: person, when: {labels: client}, then: {cadence: 90d}}\n"
    first = STARTER.replace("version: 2\nstarter: true", "version: 1")
    (problem,) = store_warnings(judged(mine, first))
    assert problem.code == "loses"
    assert problem.message == (
        "for 3 of 3 people it matches, key-monthly (rules/a.yaml:4) decides cadence first"
    )
    assert problem.help == "add to this rule: instead_of: [key-monthly]"
    followed = judged(mine.replace("for: person,", "for: person, instead_of: [key-monthly],"), first)
    assert followed.frame["cadence_days"].to_list() == [90, 90, 90]


def test_a_diff_says_to_which_rule_an_edit_loses() -> None:
    mine = "rules:\n  - {id: late, for: person, when: {labels: client}, then: {cadence: 90d}}\n"
    first = STARTER.replace("version: 2\nstarter: true", "version: 1")
    found = diff(judged("rules: []\n", first), judged(mine, first))
    assert found.render() == "no effect: late loses to key-monthly (rules/a.yaml:4) for 3 people"
    assert "late loses to" in found.markdown()


def test_a_value_that_no_card_has_is_told_with_the_nearest() -> None:
    (problem,) = store_warnings(
        judged("rules:\n  - {id: a, for: person, when: {labels: vipp}, then: {tag: t}}\n")
    )
    assert (problem.code, problem.message, problem.help) == (
        "unseen-value", "no card has the label 'vipp'", "nearest: vip",
    )  # fmt: skip
    right = "rules:\n  - {id: a, for: person, when: {labels: [vip, family]}, then: {tag: t}}\n"
    assert store_warnings(judged(right)) == []


MINE = """\
groups:
  - {id: harbour-leads, name: Harbour, kind: leads, members: {labels: vip}}
  - {id: chamber, name: Chamber, kind: chamber, members: {labels: nobody-yet}}
rules:
  - {id: a, for: person, when: {groups: GROUPS}, then: {tag: t}}
"""


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ("harbour-leads", []),
        ("chamber", [("nobody is in the group 'chamber'", "check the spelling; or is it yet to come?")]),
        ("[harbour-leads, chamber]", []),
        (
            "[harbour-leads, harbour-leds]",
            [("nobody is in the group 'harbour-leds'", "nearest: harbour-leads")],
        ),
    ],
)
def test_a_group_that_nobody_is_in_is_told(groups: str, told: list[tuple[str, str]]) -> None:
    mine = MINE.replace("GROUPS", groups).replace("nobody-yet", "vip, name: Zoe")
    found = [one for one in store_warnings(judged(mine)) if one.message.startswith("nobody")]
    assert [(one.code, one.message, one.help) for one in found] == [("unseen-value", *one) for one in told]


def test_a_slip_in_the_members_of_a_group_is_told() -> None:
    (one,) = store_warnings(judged(MINE.replace("GROUPS", "harbour-leads").replace("nobody-yet", "clientt")))
    assert (one.line, one.message, one.help) == (4, "no card has the label 'clientt'", "nearest: client")


def test_a_slip_in_a_group_is_told_once() -> None:
    result = judged(MINE.replace("GROUPS", "harbour-leds").replace("nobody-yet", "vip"))
    codes = [one.code for one in (*result.ruleset.problems, *store_warnings(result))]
    assert codes.count("undeclared-group") == 1
    assert "unseen-value" not in codes


def test_tests_of_starter_files_mean_the_starter_rules_alone(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(STARTER)
    (tmp_path / "mine.yaml").write_text(
        f"version: 2\nwithout: [call]\n{WEEKLY.replace('vip-', 'all-').replace('vip', 'client')}"
    )
    test = "version: 1\ntoday: 2026-11-01\ntests:\n  - name: a client\n    given: {labels: client}\n"
    (tmp_path / "a.test.yaml").write_text(f"{test}    expect: {{cadence: 30d}}\n")
    (tmp_path / "mine.test.yaml").write_text(f"{test}    expect: {{cadence: 7d}}\n")
    assert run_tests(load(tmp_path), tmp_path).failures == ()


def test_an_upgrade_writes_what_each_file_needs() -> None:
    texts = {
        "cadence.yaml": b"# top\nversion: 1\nrules: []\n",
        "mine.yaml": b"version: 1 # mine\r\nrules: []\r\n",
        "new.yaml": b"version: 2\nrules: []\n",
    }
    assert upgraded(texts) == {
        "cadence.yaml": b"# top\nversion: 2\nstarter: true\nrules: []\n",
        "mine.yaml": b"version: 2  # mine\r\nrules: []\r\n",
    }


def test_an_older_touchbase_would_refuse_what_it_would_read_in_another_order() -> None:
    (problem,) = load_texts({"a.yaml": b"version: 1\nstarter: true\nrules: []\n"}).errors
    assert (problem.code, problem.help) == ("bad-version", "write 'version: 2' at the top of this file")


@pytest.mark.parametrize("word", ["yes", "'true'", "[a]"])
def test_a_wrong_starter_is_refused(word: str) -> None:
    (problem,) = load_texts({"a.yaml": f"version: 2\nstarter: {word}\nrules: []\n".encode()}).errors
    assert (problem.code, problem.line, problem.column) == ("bad-value", 2, 10)


def test_without_takes_one_name_or_several() -> None:
    texts = {"a.yaml": STARTER.encode(), "b.yaml": b"version: 2\nwithout: call\n"}
    assert [rule.id for rule in load_texts(texts).off] == ["call"]
    (problem,) = load_texts({**texts, "b.yaml": b"version: 2\nwithout: {a: b}\n"}).errors
    assert problem.code == "wrong-shape"
