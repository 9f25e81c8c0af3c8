"""Mistakes of beginners: each at its place, and its hint leads to a rule that works when followed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rules.engine import RuleProblem, load_texts
from rules.engine.checking.ruletests import check
from rules.engine.checking.source_lines import SourceLines, annotation
from tests.support.paths import ROOT

HEAD = "version: 2\nrules:\n  - id: r\n    for: person\n"
CALL = '    then: {follow_up: {title: "Call {name}"}}\n'
TAG = "    then: {tag: t}\n"

PLANTED = [
    ("    when: {titel: Owner}\n" + TAG, 5, 12, "did you mean 'title'?"),
    ("    when: {labels|not: client}\n" + TAG, 5, 12, "write 'labels:' under 'unless:', beside 'when:'"),
    ("    when: {labels|isnt: client}\n" + TAG, 5, 12, "write 'labels:' under 'unless:', beside 'when:'"),
    ("    when: {days_since_contact|ge: 30d}\n" + TAG, 5, 12, "write 'days_since_contact|gte:'"),
    ("    when: {days_since_contact|at_least: 30d}\n" + TAG, 5, 12, "write 'days_since_contact|gte:'"),
    ("    when: {days_since_contact|more_than: 30d}\n" + TAG, 5, 12, "write 'days_since_contact|gt:'"),
    ("    when: {'balance >=': 3}\n" + TAG, 5, 12, "write 'balance|gte:'"),
    ("    when: {'balance|>=': 3}\n" + TAG, 5, 12, "write 'balance|gte:'"),
    ("    when: {balance: '>= 3'}\n" + TAG, 5, 21, "write balance|gte: 3"),
    ("    when: {days_since_contact: >= 30d}\n" + TAG, 5, 12, "write days_since_contact|gte: 30d"),
    ("    when:\n      days_since_contact: > 30d\n" + TAG, 6, 7, "write days_since_contact|gt: 30d"),
    ("    when: {title|includes: owner}\n" + TAG, 5, 12, "write 'title|contains:'"),
    ("    when: {title|starts_with: owner}\n" + TAG, 5, 12, "write 'title|startswith:'"),
    ("    when: {labels|in: [a, b]}\n" + TAG, 5, 12, "write 'labels:'"),
    ("    when: {labels|is: a}\n" + TAG, 5, 12, "write 'labels:'"),
    ("    when: {emails: *@acme.example}\n" + TAG, 5, 12, 'write emails|endswith: "@acme.example"'),
    ("    when: {emails: '*@acme.example'}\n" + TAG, 5, 12, 'write emails|endswith: "@acme.example"'),
    ("    when: {organisation: 'Berg*'}\n" + TAG, 5, 12, 'write organisation|startswith: "berg"'),
    ("    when: {labels: “vip”}\n" + TAG, 5, 20, 'write "vip"'),
    ("    when: {days_since_contact|gte: 30 days}\n" + TAG, 5, 36, "write 30d"),
    ("    when: {days_since_contact|gte: ninety}\n" + TAG, 5, 36, "write 90, or 90d, 12w, 6mo, 1y"),
    ("    when: {month: dec}\n" + TAG, 5, 19, "did you mean 'december'?"),
    ("    if: {labels: vip}\n" + TAG, 5, 5, "write 'when' instead"),
    ("    not: {labels: vip}\n" + TAG, 5, 5, "write 'unless' instead"),
    ("    except: {labels: vip}\n" + TAG, 5, 5, "write 'unless' instead"),
    ("    than: {tag: t}\n", 5, 5, "did you mean 'then'?"),
    ("    do: {tag: t}\n", 5, 5, "write 'then' instead"),
    ("    then: {tags: t}\n", 5, 12, "did you mean 'tag'?"),
    ("    then: {stale: yes}\n", 5, 19, "write true, without quotes"),
    ("    then: {cadence: 30}\n", 5, 21, "write 30d for days"),
    ("    then:\n      follow_up:\n        title: Call {name}: it is late\n", 7, 16,
     'put the text in quotes: title: "Call {name}: it is late"'),
    ("    then:\n      follow_up:\n        title: {name} is due\n", 7, 16,
     'put the text in quotes: title: "{name} is due"'),
    ("    then:\n      follow_up:\n        title: {name}\n", 7, 16, 'to use it as text, quote it: "{name}"'),
    ('    then: {follow_up: {title: "Call {nme}"}}\n', 5, 31, "did you mean 'name'?"),
    ("    then: {follow_up: {title: '{name}', due: next_birthday}}\n", 5, 46, "write {on: next_birthday}"),
    ('    then: {follow_up: {title: "Call {name}", chanel: phone}}\n', 5, 46, "did you mean 'channel'?"),
    ('    then: {follow_up: {title: "Call {name}", channel: fone}}\n', 5, 55, "did you mean 'phone'?"),
    ("    for_: person\n" + TAG, 5, 5, "did you mean 'for'?"),
]  # fmt: skip


def problems(body: str) -> list[RuleProblem]:
    return [one for one in load_texts({"a.yaml": (HEAD + body).encode()}).problems if one.code != "untested"]


def followed(body: str, problem: RuleProblem) -> str:
    """Do what the hint says, to the letter."""
    lines = (HEAD + body).split("\n")
    line, at, hint = lines[problem.line - 1], problem.column - 1, problem.help
    before, after = line[:at], line[at:]
    if hint.endswith("under 'unless:', beside 'when:'"):
        field = hint.split("'")[1].removesuffix(":")
        lines[problem.line - 1] = re.sub(r"when: \{[^:]+:", f"unless: {{{field}:", line)
    elif found := re.fullmatch(r"did you mean '([^']+)'\?", hint):
        wrong = re.search(r"'[^']*?([\w*>=| ]+)'|'(\w+)'", problem.message)
        token = re.match(r'"[^"]*"|[\w|]+', after)
        assert wrong
        assert token
        word = token.group() if "{" not in token.group() else token.group().replace("nme", found[1])
        new = word if word != token.group() else found[1]
        lines[problem.line - 1] = before + new + after[token.end() :]
    elif found := re.fullmatch(r"write '([^']+)' instead|write '([^']+):'", hint):
        lines[problem.line - 1] = before + re.sub(r"^('[^']*'|[^:]+)", found[1] or found[2], after)
    elif found := re.fullmatch(r"put the text in quotes: (.*)", hint):
        lines[problem.line - 1] = f"{' ' * (len(line) - len(line.lstrip()))}{found[1]}"
    elif found := re.fullmatch(r"to use it as text, quote it: (.*)", hint):
        lines[problem.line - 1] = before + found[1]
    elif found := re.fullmatch(r"write ([\w|]+: .+)", hint):
        old = r"\{.*\}" if "when: {" in line else r"\w+: .*"
        new = f"{{{found[1]}}}" if "when: {" in line else found[1]
        lines[problem.line - 1] = re.sub(old, lambda _: new, line)
    else:
        value = hint.removeprefix("write ").split(", or")[0].split(", without")[0].split(" for days")[0]
        lines[problem.line - 1] = before + value + re.sub(r"^(“[^”]*”|[^,}]*)", "", after)
    return "\n".join(lines)[len(HEAD) :]


def test_there_are_thirty() -> None:
    assert len(PLANTED) >= 30


@pytest.mark.parametrize(("body", "line", "column", "help_"), PLANTED)
def test_a_planted_mistake_is_told_once_and_its_hint_works(
    body: str, line: int, column: int, help_: str
) -> None:
    found = problems(body)
    assert [(one.line, one.column, one.help) for one in found] == [(line, column, help_)]
    right = followed(body, found[0])
    assert right != body
    allowed = {"unsure-day"} if "next_birthday" in body else set()
    if "for_" not in body:
        assert {one.code for one in problems(right)} <= allowed, right


@pytest.mark.parametrize(
    ("body", "message", "help_"),
    [
        (
            "    when: {or: [{labels: a}, {labels: b}]}\n" + TAG,
            "'or' does not join tests",
            "a list of blocks is *any*",
        ),
        ("    when: {not: {labels: a}}\n" + TAG, "'not' does not join tests", "under 'unless:'"),
        (
            "    when: {title|regex: '^own'}\n" + TAG,
            "there are no regular expressions",
            "tests for title: is, word",
        ),
    ],
)
def test_what_the_language_does_not_have_is_named(body: str, message: str, help_: str) -> None:
    (found,) = problems(body)
    assert found.message == message
    assert help_ in found.help


def test_a_doubled_id_beside_a_broken_twin_is_told_as_well() -> None:
    twin = "    then: {tags: t}\n  - id: r\n    for: person\n    then: {tag: t}\n"
    assert [(one.line, one.code) for one in problems(twin)] == [(5, "unknown-key"), (6, "duplicate-id")]


def test_files_that_are_not_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text("version: 2\n")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a.yaml").write_text("version: 2\n")
    (tmp_path / "notes").mkdir()
    found = check(tmp_path, label="rules").problems
    assert [(one.file, one.code, one.help) for one in found] == [
        ("rules/mine.yml", "ignored-file", "rename it to mine.yaml"),
        ("rules/old", "ignored-file", "move its files up into rules"),
    ]


def test_the_line_is_shown_with_a_caret(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"{HEAD}    when: {{titel: Owner}}\n{TAG}")
    (found,) = (one for one in check(tmp_path, label="rules").problems if one.severity == "error")
    assert SourceLines(tmp_path, "rules").framed(found) == (
        "rules/a.yaml:5:12: error[unknown-field]: person has no field 'titel'\n"
        "    5 |     when: {titel: Owner}\n"
        "      |            ^^^^^\n"
        "    help: did you mean 'title'?"
    )


def test_a_long_or_hostile_line_is_cut_and_harmless(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"{HEAD}    when: {{title: \u202e, {'x' * 300}titel: Owner}}\n{TAG}")
    found = next(one for one in check(tmp_path, label="rules").problems if one.severity == "error")
    shown = SourceLines(tmp_path, "rules").framed(found)
    assert "\u202e" not in shown
    assert max(map(len, shown.splitlines()[1:3])) < 120


def test_an_annotation_of_github_escapes_what_it_must() -> None:
    problem = RuleProblem(
        file="rules/a,b.yaml", line=3, column=5, code="bad-yaml", message="100%", help="a\nb"
    )
    assert annotation(problem) == (
        "::error file=rules/a%2Cb.yaml,line=3,col=5,title=[bad-yaml]::100%25%0Aa%0Ab"
    )


def test_starter_files_have_no_hint() -> None:
    assert check(ROOT / "rules").problems == ()
