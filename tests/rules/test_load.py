"""Loading rule files: every mistake at its place, the good rules kept, and no input to fear."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import RuleSet, load, load_texts
from tests.support.paths import ROOT

PLANTED = """\
version: 1
rules:
  - id: good-before
    for: person
    when: {labels: client}
    then: {tier: key}

  - id: one
    for: person
    when:
      titel: owner
      days_since_contact|contains: 3
      labels: a
      labels: b
    then: {tag: one}

  - id: two
    for: persn
    when: {city: Bath}
    then: {tag: two}

  - id: three
    for: person
    when:
      days_known|gt: soon
      city|exists: yes
      name: Anna
    then:
      cadence: 30
      follow_up: {title: "Call {firstname}", chanel: phone}

  - id: four
    for: person
    wen: {city: Bath}
    when: {title|contains: ["", boss]}
    then: {kind: x}

  - id: five
    for: person
    when: {tier: key}
    then: {tier: target}

  - id: six
    for: meeting
    then: {counts: ful}

  - id: good-after
    for: person
    when: {tier: key}
    then: {cadence: 30d}
"""

FOUND = [
    (11, 7, "unknown-field", "did you mean 'title'?"),
    (12, 7, "bad-test", "tests for days_since_contact: is, gt, gte, lt, lte, exists"),
    (14, 7, "duplicate-key", "merge the two, or remove one"),
    (18, 10, "unknown-subject", "did you mean 'person'?"),
    (25, 22, "bad-value", "write 90, or 90d, 12w, 6mo, 1y"),
    (26, 20, "bad-value", "write true, without quotes"),
    (29, 16, "bad-length", "write 30d for days"),
    (30, 26, "unknown-template-field", "did you mean 'first_name'?"),
    (30, 46, "unknown-key", "did you mean 'channel'?"),
    (34, 5, "unknown-key", "did you mean 'when'?"),
    (35, 29, "empty-pattern", "remove it, or use |exists"),
    (36, 12, "unknown-key", "'kind' is for: meeting"),
    (40, 12, "reads-later-phase",
     "the phases are relevance -> cadence -> stale -> follow_up; test a fact from an earlier phase"),
    (45, 20, "bad-value", "did you mean 'full'?"),
]  # fmt: skip


def test_fourteen_planted_mistakes_are_all_shown_at_their_places() -> None:
    ruleset = load_texts({"planted.yaml": PLANTED.encode()})
    found = [(p.line, p.column, p.code, p.help) for p in ruleset.problems]
    assert found == FOUND
    assert [rule.id for rule in ruleset.rules] == ["good-before", "good-after"]


def test_a_problem_reads_as_file_line_column_code_sentence_help() -> None:
    ruleset = load_texts({"relevance.yaml": PLANTED.encode()})
    assert str(ruleset.problems[0]) == (
        "rules/relevance.yaml:11:7: error[unknown-field]: person has no field 'titel'\n"
        "    help: did you mean 'title'?"
    )
    assert str(ruleset.problems[1]).split("\n")[0] == (
        "rules/relevance.yaml:12:7: error[bad-test]: "
        "'days_since_contact' is a number; it has no test 'contains'"
    )
    assert ruleset.problems[2].message == "key 'labels' appears twice in this block (first at line 13)"


def test_no_message_speaks_pydantic() -> None:
    words = ("pydantic", "Input should", "type=", "validation error")
    for problem in load_texts({"planted.yaml": PLANTED.encode()}).problems:
        assert not any(word in str(problem) for word in words)


def errors(content: str | bytes) -> list[tuple[int, int, str]]:
    raw = content if isinstance(content, bytes) else content.encode()
    return [(p.line, p.column, p.code) for p in load_texts({"a.yaml": raw}).errors]


def rule(body: str) -> str:
    return f"version: 1\nrules:\n  - id: r\n    for: person\n{body}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", []),
        ("# nothing\n", []),
        ("- a\n", [(1, 1, "wrong-shape")]),
        ("just text", [(1, 1, "wrong-shape")]),
        ("version: '1'\n", [(1, 10, "bad-version")]),
        ("rules: []\n", [(1, 1, "missing-key")]),
        ("version: 1\nrulez: []\n", [(2, 1, "unknown-key")]),
        ("version: 1\nrules: {a: 1}\n", [(2, 8, "wrong-shape")]),
        ("version: 1\nrules:\n  - just text\n", [(3, 5, "wrong-shape")]),
        ("version: 1\nrules:\n  - {id: a}\n", [(3, 5, "missing-key")]),
        ("version: 1\nrules:\n  - {id: a, when: {titel: x}, then: {tier: key}}\n",
         [(3, 5, "missing-key"), (3, 20, "unknown-field")]),
        (rule("    then: {}\n"), [(5, 11, "empty-value")]),
        (rule("    then:\n"), [(5, 5, "wrong-shape")]),
        (rule("    when:\n    then: {tag: t}\n"), [(5, 5, "wrong-shape")]),
        (rule("    when: []\n    then: {tag: t}\n"), [(5, 11, "empty-value")]),
        (rule("    when: [{}]\n    then: {tag: t}\n"), [(5, 12, "empty-value")]),
        (rule("    when: {city: }\n    then: {tag: t}\n"), [(5, 12, "empty-value")]),
        (rule("    when: {city: [a, '']}\n    then: {tag: t}\n"), [(5, 22, "empty-pattern")]),
        (rule("    when: {city: true}\n    then: {tag: t}\n"), [(5, 18, "bad-value")]),
        (rule("    when: {city: {a: b}}\n    then: {tag: t}\n"), [(5, 18, "wrong-shape")]),
        (rule("    when: {record_count: 1.5}\n    then: {tag: t}\n"), [(5, 26, "bad-value")]),
        (rule("    when: {record_count: 007}\n    then: {tag: t}\n"), [(5, 26, "bad-value")]),
        (rule("    when: {record_count: '7'}\n    then: {tag: t}\n"), [(5, 26, "bad-value")]),
        (rule("    when: {record_count: 1e3}\n    then: {tag: t}\n"), [(5, 26, "bad-value")]),
        (rule("    when: {record_count: 9999999999999999999}\n    then: {tag: t}\n"), [(5, 26, "bad-value")]),
        (rule("    when: {balance: .nan}\n    then: {tag: t}\n"), [(5, 21, "bad-value")]),
        (rule("    when: {last_contact|gt: 2026-02-30}\n    then: {tag: t}\n"), [(5, 29, "bad-value")]),
        (rule("    when: {last_contact|within: -3d}\n    then: {tag: t}\n"), [(5, 33, "bad-length")]),
        (rule("    when: {last_contact|within: 999999y}\n    then: {tag: t}\n"), [(5, 33, "bad-length")]),
        (rule("    then: {cadence: 0d}\n"), [(5, 21, "bad-length")]),
        (rule("    then: {tag: two words}\n"), [(5, 17, "bad-id")]),
        (rule("    then: {follow_up: call}\n"), [(5, 23, "wrong-shape")]),
        (rule("    then: {follow_up: {due: 3d}}\n"), [(5, 23, "missing-key")]),
        (rule("    then: {follow_up: {title: '}', occasion: wen}}\n"),
         [(5, 31, "bad-template"), (5, 46, "unknown-field")]),
        (rule("    then: {tag: t}\n    at_most: -1\n"), [(6, 14, "bad-value")]),
        (rule("    then: {tag: t}\n    at_most: {weak: 3}\n"), [(6, 15, "unknown-key")]),
        (rule("    then: {tag: t}\n    at_most: {week: 0}\n"), [(6, 21, "bad-value")]),
        (rule("    then: {tag: t}\n    at_most: {week: 3, day: 1}\n"), [(6, 14, "wrong-shape")]),
        (rule("    then: {follow_up: {title: '{name}', within: 2}}\n"), [(5, 49, "bad-length")]),
        (rule("    then: {follow_up: {title: '{name}', due: next_birthday}}\n"), [(5, 46, "bad-length")]),
        (rule("    then: {follow_up: {title: '{name}', due: {at: next_birthday}}}\n"),
         [(5, 47, "unknown-key")]),
        (rule("    then: {follow_up: {title: '{name}', due: {on: next_birthdy}}}\n"),
         [(5, 51, "unknown-field")]),
        (rule("    then: {follow_up: {title: '{name}', due: {on: birthday}}}\n"), [(5, 51, "bad-value")]),
        ("version: 1\nweights: {purchase: -1, gift: 3}\n", [(2, 21, "bad-value"), (2, 25, "unknown-key")]),
        ("version: 1\ngroups: [{id: a, kind: cluub}]\n", [(2, 24, "bad-value")]),
        ("version: 1\ngroups: [{id: a, members: {tier: key}}]\n", [(2, 28, "reads-later-phase")]),
        ("version: 1\nsegments: [{id: a}, {id: a}]\n", [(2, 26, "duplicate-id")]),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(content: str, expected: list[tuple[int, int, str]]) -> None:
    assert errors(content) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"version: 1\nwhy: \xff\xfe\n", (2, 6, "not-utf8")),
        ("version: 1".encode("utf-16"), (1, 1, "not-utf8")),
        (b"version: 1\x00\n", (1, 11, "bad-character")),
        ("version: 1 # \ufffe".encode(), (1, 14, "bad-character")),
        (b"#" * 10_000_000, (1, 1, "too-large")),
        (b"version: 1\nrules: " + b"[" * 200_000, (2, 47, "too-deep")),
        (b"version: 1\nrules: " + b"{a: " * 200_000, (2, 164, "too-deep")),
        (b"version: 1\nrules:\n" + b"".join(b" " * n + b"-\n" for n in range(1200)), (42, 40, "too-deep")),
        (b"version: 1\nrules: &a [*a, *a]\n", (2, 8, "alias")),
        (b"version: 1\nrules: !!python/object/apply:os.system ['true']\n", (2, 8, "tag")),
        (b"%YAML 9.9\n---\nversion: 1\n", (1, 1, "bad-yaml")),
        (b"version: 1\n\trules: []\n", (2, 1, "bad-yaml")),
        (b"version: 1\nrules: ]\n", (2, 8, "bad-yaml")),
        (b"? [a, b]\n: c\nversion: 1\n", (1, 3, "bad-key")),
    ],
    ids=lambda value: value[2] if isinstance(value, tuple) else "",
)  # fmt: skip
def test_yaml_attacks_end_in_an_error_at_a_place(content: bytes, expected: tuple[int, int, str]) -> None:
    started = time.perf_counter()
    assert expected in errors(content)
    assert time.perf_counter() - started < 2


def test_a_billion_laughs_stay_small() -> None:
    lines = ["a0: &a0 ha"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    assert {code for _, _, code in errors("\n".join(lines))} >= {"alias", "unknown-key"}


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200) | st.text(alphabet="[]{}:,-&*!|>'\"#%@` \n\tabr01?", max_size=80).map(str.encode)
)
def test_no_bytes_at_all_raise(content: bytes) -> None:
    for found in load_texts({"a.yaml": b"version: 1\n" + content}).problems:
        assert found.line >= 1
        assert found.column >= 1


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_file_never_raises(data: st.DataObject) -> None:
    good = (ROOT / "rules" / "follow_ups.yaml").read_bytes()
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 30)))
    filling = data.draw(
        st.sampled_from([b"", b"[", b"}", b'"', b":", b"\n", b"- ", b"\xc3", b"&a ", b"then: "])
    )
    load_texts({"a.yaml": good[:start] + filling + good[end:]})


def kept(content: str) -> list[str]:
    return [rule.id for rule in load_texts({"a.yaml": content.encode()}).rules]


def test_broken_yaml_costs_its_own_rule_only() -> None:
    content = """\
version: 1
rules:
  - {id: a, for: person, when: {title: x}, then: {tag: t}}
  - id: b
    for: person
    when: {title: [owner, boss}
    then: {tag: u}
  - {id: c, for: person, when: {title: z}, then: {tag: t}}
  - id: d
    why: one: two
    for: person
    then: {tag: u}
  - id: e
    for: person
    when: {title: w}
    then: {tag: t}
"""
    assert errors(content) == [(6, 19, "bad-yaml"), (10, 10, "bad-yaml")]
    assert kept(content) == ["a", "c", "e"]


def test_a_rule_with_a_mistake_as_yaml_is_left_out_and_read_on() -> None:
    content = """\
version: 1
rules:
  - {id: a, for: person, when: {title: x, title: y, citi: z}, then: {tag: t}}
  - {id: b, for: person, when: {title: x}, then: {tag: t}}
"""
    assert errors(content) == [(3, 43, "duplicate-key"), (3, 53, "unknown-field")]
    assert kept(content) == ["b"]


@pytest.mark.parametrize(
    ("written", "understood"),
    [("No", "no"), ("1:1", "1:1"), ("0x1F", "0x1f"), ("2026-11-01", "2026-11-01"), ("3M", "3m"), ("42", "42"),
     ("007", "007"), ("'true'", "true"), ("On", "on"), ("~x", "~x"), ("=", "="), ("1_000", "1_000"),
     (".5", ".5")],
)  # fmt: skip
def test_a_plain_word_stays_text(written: str, understood: str) -> None:
    ruleset = load_texts(
        {"a.yaml": rule(f"    when: {{organisation: {written}}}\n    then: {{tag: t}}\n").encode()}
    )
    assert not ruleset.errors
    assert ruleset.rules[0].when[0][0].values == (understood,)


@pytest.mark.parametrize(
    ("written", "days"), [("90d", 90), ("12w", 84), ("6mo", 180), ("1y", 365), ("'2w'", 14)]
)
def test_lengths_of_time_are_days(written: str, days: int) -> None:
    ruleset = load_texts({"a.yaml": rule(f"    then: {{cadence: {written}}}\n").encode()})
    assert ruleset.rules[0].then["cadence"] == days


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    line = "version: 1\nrules:\n  - {id: %s, for: person, then: {tag: %s}}\n"
    for name in ("b", "a", "c"):
        (tmp_path / f"{name}.yaml").write_text(line % (name, name))
    (tmp_path / "a.test.yaml").write_text("no rules at all")
    (tmp_path / "notes.yml").write_text("no rules at all")
    (tmp_path / ".hidden.yaml").write_text("no rules at all")
    (tmp_path / "folder.yaml").mkdir()
    ruleset = load(tmp_path, label="rules")
    assert [rule.id for rule in ruleset.rules] == ["a", "b", "c"]
    assert ruleset.files == ("rules/a.yaml", "rules/b.yaml", "rules/c.yaml")
    assert not ruleset.problems
    texts = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert load_texts(texts) == ruleset


def test_a_bad_file_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe")
    (tmp_path / "b.yaml").write_text("version: 1\nrules:\n  - {id: b, for: person, then: {tag: t}}\n")
    (tmp_path / "c.yaml").symlink_to(tmp_path / "nowhere")
    ruleset = load(tmp_path, label="rules")
    assert [rule.id for rule in ruleset.rules] == ["b"]
    assert [(p.file, p.code) for p in ruleset.errors] == [
        ("rules/a.yaml", "not-utf8"), ("rules/c.yaml", "unreadable"),
    ]  # fmt: skip


def test_a_folder_that_is_not_there_is_a_problem() -> None:
    ruleset = load(Path("/nowhere/rules"))
    assert [(p.file, p.code) for p in ruleset.errors] == [("/nowhere/rules", "unreadable")]


def test_ids_are_unique_over_all_files() -> None:
    one = b"version: 1\nrules:\n  - {id: same, for: person, then: {tag: t}}\n"
    ruleset = load_texts({"b.yaml": one, "a.yaml": one})
    assert [str(rule.place) for rule in ruleset.rules] == ["rules/a.yaml:3"]
    assert ruleset.errors[0].message == "the rule id 'same' is already used at rules/a.yaml:3"


def test_a_file_of_another_version_is_checked_but_not_used() -> None:
    content = (
        "version: 3\nrules:\n  - {id: a, for: person, then: {tag: t}}\n  - {id: b, for: x, then: {tag: t}}\n"
    )
    assert errors(content) == [(1, 10, "bad-version"), (4, 18, "unknown-subject")]
    assert kept(content) == []


def test_weights_groups_and_segments_are_read() -> None:
    ruleset = load_texts(
        {
            "a.yaml": b"""
version: 1
weights: {referral: 2.5}
segments:
  - {id: owners, name: Owners}
groups:
  - {id: chamber, kind: chamber, since: 2025-04-10, fee: 240.00, fee_per: year, meetings: {title: chamber}}
rules:
  - {id: r, for: person, when: {groups: chamber}, then: {segment: owners}}
"""
        }
    )
    assert not ruleset.problems
    assert (ruleset.weights["referral"], ruleset.weights["mention"]) == (Decimal("2.5"), Decimal(0))
    group = ruleset.groups[0]
    assert (group.id, group.name, group.kind, str(group.since), group.fee, group.fee_per) == (
        "chamber", "chamber", "chamber", "2025-04-10", Decimal(240), "year",
    )  # fmt: skip
    assert ruleset.segments[0].name == "Owners"


def test_weights_of_the_user_win_whatever_their_file_is_called() -> None:
    starter = b"version: 1\nstarter: true\nweights: {referral: 1, purchase: 3}\n"
    for name in ("a.yaml", "z.yaml"):
        ruleset = load_texts({"m.yaml": starter, name: b"version: 1\nweights: {referral: 5}\n"})
        assert (ruleset.weights["referral"], ruleset.weights["purchase"]) == (Decimal(5), Decimal(3))


def many(count: int) -> RuleSet:
    rules = "".join(
        f"  - id: r{n}\n    for: person\n"
        f"    when:\n      title|contains: [founder{n}, owner]\n      city: Bath\n"
        f"    unless: {{labels: do-not-contact}}\n    then: {{tier: key, tag: t{n}}}\n"
        for n in range(count)
    )
    return load_texts({"many.yaml": f"version: 1\nrules:\n{rules}".encode()})


def test_five_hundred_rules_load() -> None:
    assert len(many(500).rules) == 500
