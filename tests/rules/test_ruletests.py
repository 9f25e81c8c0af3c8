"""Rule tests: what passes, what a failure shows, coverage, and mistakes in test files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.pages.documents import rules as documents
from rules.engine import load
from rules.engine.checking.ruletests import TestReport as Report
from rules.engine.checking.ruletests import check, run_tests

RULES = """\
version: 1
rules:
  - id: owners
    for: person
    when: {title: owner}
    then: {tier: target, tag: [target, owner], segment: local}
  - id: monthly
    for: person
    when: {tier: target}
    then: {cadence: 30d}
  - id: quiet
    for: person
    when: {overdue|gte: 0d}
    then:
      stale: true
      follow_up: {title: "Call {first_name}", notes: "{days_since_contact} days", due: 3d, channel: phone}
  - id: lunch
    for: meeting
    when: {title: lunch}
    then: {kind: meal, cost: 12.00}
  - id: rooms
    for: attendee
    when: {resource: true}
    then: {noise: true}
"""
HEAD = "version: 1\ntoday: 2026-11-01\ntests:\n"


def reported(folder: Path, tests: str) -> Report:
    (folder / "all.yaml").write_text(RULES)
    (folder / "all.test.yaml").write_text(tests)
    return run_tests(load(folder, label="rules"), folder, label="rules")


PASSING = (
    HEAD
    + """\
  - name: everything at once
    given: {name: Anna Berg, title: Owner, last_contact: 2026-09-17}
    expect:
      tier: target
      tags: [owner]
      not_tags: other
      segments: local
      cadence: 30d
      stale: true
      follow_ups: {rule: quiet, title: Call Anna, notes: 45 days, due: 3d, channel: phone, priority: medium}
  - name: nobody
    given: {name: Tom, contacts_365d: 2}
    expect: {tier: null, cadence: null, stale: false, follow_ups: []}
  - name: lunch
    for: meeting
    given: {title: Lunch}
    expect: {kind: meal, group: null, counts: null, cost: 12.00}
  - name: a room
    for: attendee
    given: {resource: true}
    expect: {noise: true}
  - name: a length of time for days
    today: 2026-12-24
    given: {title: owner, days_since_contact: 4w}
    expect: {stale: false}
"""
)


def test_what_is_expected_passes(tmp_path: Path) -> None:
    report = reported(tmp_path, PASSING)
    assert report.failures == ()
    assert report.problems == ()
    assert (report.passed, report.failed, report.ok) == (5, 0, True)


def test_coverage_counts_the_tests_in_which_a_rule_matched(tmp_path: Path) -> None:
    report = reported(tmp_path, PASSING)
    assert report.coverage == {"owners": 2, "monthly": 2, "quiet": 1, "lunch": 1, "rooms": 1}
    assert (
        report.render()
        == """\
5 passed, 0 failed

coverage: 5 of 5 rules matched in a test
  x owners   2 tests
  x monthly  2 tests
  x quiet    1 test
  x lunch    1 test
  x rooms    1 test"""
    )


def test_a_failure_shows_only_the_differing_key_at_its_place(tmp_path: Path) -> None:
    report = reported(
        tmp_path,
        HEAD
        + """\
  - name: wrong tier
    given: {title: Owner, last_contact: 2026-09-17}
    expect: {tier: key, cadence: 30d}
""",
    )
    assert [str(failure) for failure in report.failures] == [
        "rules/all.test.yaml:6:20: failed[wrong tier]: tier\n    expected: key\n    got:      target"
    ]
    assert (report.passed, report.failed, report.ok) == (0, 1, False)


@pytest.mark.parametrize(
    ("expect", "expected", "got"),
    [
        ("tier: null", "none", "target"),
        ("tags: [owner, missing]", "owner, missing", "target, owner"),
        ("not_tags: owner", "owner", "target, owner"),
        ("segments: []", "none", "local"),
        ("cadence: 60d", "60d", "30d"),
        ("cadence: null", "none", "30d"),
        ("stale: false", "false", "true"),
        ("follow_ups: []", "none", "quiet"),
        ("follow_ups: [quiet, birthday]", "quiet; birthday", "quiet"),
        ("follow_ups: {rule: quiet, due: 1d, title: Call Ann}", "quiet (title Call Ann, due 1d)",
         "quiet (title Call Anna, due 3d)"),
    ],
)  # fmt: skip
def test_each_key_can_fail(tmp_path: Path, expect: str, expected: str, got: str) -> None:
    given = "{name: Anna Berg, title: Owner, days_since_contact: 45}"
    report = reported(tmp_path, f"{HEAD}  - name: n\n    given: {given}\n    expect: {{{expect}}}\n")
    failure = report.failures[0]
    assert failure.key == expect.partition(":")[0]
    assert failure.expected == expected
    assert failure.got == got


def test_a_changed_rule_fails_its_test(tmp_path: Path) -> None:
    assert reported(tmp_path, PASSING).ok
    (tmp_path / "all.yaml").write_text(RULES.replace("30d", "60d"))
    report = run_tests(load(tmp_path), tmp_path)
    assert [failure.key for failure in report.failures] == ["cadence", "stale", "follow_ups"]


def test_a_rule_that_no_test_covers_is_a_warning(tmp_path: Path) -> None:
    report = reported(tmp_path, HEAD + "  - {name: n, given: {title: Owner}, expect: {tier: target}}\n")
    assert [(problem.line, problem.severity, problem.code) for problem in report.problems] == [
        (11, "warning", "untested"), (17, "warning", "untested"), (21, "warning", "untested"),
    ]  # fmt: skip
    assert report.uncovered == ("quiet", "lunch", "rooms")
    assert report.ok


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ("", []),
        ("- a\n", [(1, 1, "wrong-shape")]),
        ("version: 1\n", [(1, 1, "missing-key")]),
        ("tests: []\n", [(1, 1, "bad-version")]),
        ("version: 1\ntests: {}\n", [(2, 8, "wrong-shape")]),
        ("version: 1\ntestz: []\ntests: []\n", [(2, 1, "unknown-key")]),
        ("version: 1\ntoday: tomorrow\ntests: []\n", [(2, 8, "bad-value")]),
        ("version: 1\ntests: [{name: a, given: {title: x}, expect: {}}]\n", [(2, 9, "missing-key")]),
        (HEAD + "  - text\n", [(4, 5, "wrong-shape")]),
        (HEAD + "  - {name: a, for: persn, given: {}, expect: {}}\n", [(4, 20, "unknown-subject")]),
        (HEAD + "  - {name: a, given: {titel: x}, expect: {teir: key}}\n",
         [(4, 23, "unknown-key"), (4, 43, "unknown-key")]),
        (HEAD + "  - {name: a, given: {tier: key}, expect: {}}\n", [(4, 23, "unknown-key")]),
        (HEAD + "  - {name: a, given: {record_count: many}, expect: {cadence: 30}}\n",
         [(4, 37, "bad-value"), (4, 62, "bad-length")]),
        (HEAD + "  - {name: a, given: {title: [x]}, expect: {}}\n", [(4, 30, "wrong-shape")]),
        (HEAD + "  - {name: a, given: {}, expect: {}, given: {}}\n", [(4, 38, "duplicate-key")]),
    ],
)  # fmt: skip
def test_mistakes_in_a_test_file_are_told_at_their_place(
    tmp_path: Path, tests: str, expected: list[tuple[int, int, str]]
) -> None:
    report = reported(tmp_path, tests)
    errors = [problem for problem in report.problems if problem.severity == "error"]
    assert [(problem.line, problem.column, problem.code) for problem in errors] == expected
    assert report.ok is (not expected)


def test_a_bad_test_stops_no_other(tmp_path: Path) -> None:
    report = reported(
        tmp_path,
        HEAD
        + """\
  - {name: bad, given: {titel: x}, expect: {}}
  - {name: good, given: {title: owner}, expect: {tier: target}}
""",
    )
    assert report.passed == 1


def test_check_tells_of_rules_and_tests_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("version: 1\nrulez: []\n")
    (tmp_path / "a.test.yaml").write_text("version: 1\ntestz: []\n")
    assert [(Path(problem.file).name, problem.code) for problem in check(tmp_path).problems] == [
        ("a.test.yaml", "missing-key"), ("a.test.yaml", "unknown-key"), ("a.yaml", "unknown-key"),
    ]  # fmt: skip


def test_the_report_is_json(tmp_path: Path) -> None:
    document = json.loads(documents.tests(reported(tmp_path, PASSING)).model_dump_json())
    assert document["passed"] == 5
    assert document["coverage"]["owners"] == 2


def test_a_follow_up_due_on_a_day_is_expected_by_its_day(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("""version: 1
rules:
  - id: birthday
    for: person
    when: {next_birthday|exists: true}
    then:
      follow_up: {title: "{name} turns {turns|a year older}", due: {on: next_birthday}, within: 1w}
    at_most: {week: 3}
""")
    (tmp_path / "a.test.yaml").write_text("""version: 1
today: 2027-02-26
tests:
  - name: in a year without it, 29 February is on 1 March
    given: {name: Anna Berg, birthday: 1980-02-29}
    expect: {follow_ups: [{rule: birthday, due: 2027-03-01, title: "Anna Berg turns 47"}]}
  - name: the same as a length of time
    given: {name: Anna Berg, days_until_birthday: 3}
    expect: {follow_ups: [{rule: birthday, due: 3d, within: 1w, title: "Anna Berg turns a year older"}]}
  - name: a day that is missing
    given: {name: Anna Berg}
    expect: {follow_ups: []}
  - name: a wrong day
    given: {name: Anna Berg, birthday: --03-02}
    expect: {follow_ups: [{rule: birthday, due: 2027-03-01}]}
""")
    report = run_tests(load(tmp_path), tmp_path)
    assert [(one.test, one.expected, one.got) for one in report.failures] == [
        ("a wrong day", "birthday (due 2027-03-01)", "birthday (due 2027-03-02)")
    ]


def test_a_day_in_a_text_is_written_in_words(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("""version: 1
rules:
  - id: call
    for: person
    then: {follow_up: {title: "Call {name}", notes: "Last: {last_contact}. First: {first_contact}."}}
""")
    (tmp_path / "a.test.yaml").write_text("""version: 1
today: 2026-11-01
tests:
  - name: this year, and another one
    given: {name: Anna Berg, last_contact: 2026-08-11, first_contact: 2024-02-01}
    expect: {follow_ups: [{rule: call, notes: "Last: 11 Aug. First: 1 Feb 2024."}]}
  - name: no day
    given: {name: Anna Berg}
    expect: {follow_ups: [{rule: call, notes: "Last: an unknown day. First: an unknown day."}]}
""")
    assert run_tests(load(tmp_path), tmp_path).failures == ()
