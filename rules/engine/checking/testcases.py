"""Read test files: the tests with completed facts, and the place of every expectation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from people.facts.declared import SUBJECTS, Subject
from people.regular_files import read_regular
from people.text import did_you_mean
from rules.engine.checking.files import shown_name, unreadable
from rules.engine.checking.testmodel import case_model
from rules.engine.language import yamltree
from rules.engine.language.nodes import Document, Node
from rules.engine.language.problems import Code, RuleProblem
from rules.engine.language.validation import problems_of
from rules.engine.language.values import read_day

VERSIONS = ("1", "2")
FILE_KEYS = ("version", "today", "follow_ups_of", "tests")
SCOPES = ("all", "file")


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test. ``places`` gives (line, column) of each expected key's value."""

    file: str
    name: str
    subject: Subject
    today: date
    given: Mapping[str, Any]
    expected: Mapping[str, Any]
    places: Mapping[str, tuple[int, int]]
    own_follow_ups: bool = False
    """Whether ``follow_ups`` means only those of the rules in the file beside the test."""


def read_cases(
    folder: Path, *, label: str | None = None
) -> tuple[list[TestCase], list[RuleProblem], tuple[str, ...]]:
    """Return the tests of a folder in the order of file names, the problems, and the files read."""
    shown = folder.as_posix() if label is None else label
    cases: list[TestCase] = []
    problems: list[RuleProblem] = []
    files = []
    for path in sorted(folder.glob("*.test.yaml")):
        file = shown_name(shown, path.name)
        files.append(file)
        try:
            document = yamltree.read(file, read_regular(path))
        except OSError as error:
            problems.append(unreadable(file, error))
            continue
        reader = _Reader(document)
        cases += reader.cases()
        problems += document.problems
    return cases, problems, tuple(files)


class _Reader:
    """Reads one test file. Mistakes are added to the problems of the document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.today: date | None = None
        self.own_follow_ups = False

    def cases(self) -> list[TestCase]:
        root = self.document.root
        if root is None or not root.is_map:
            if root is not None and root.value != "":
                self._report(
                    root, "wrong-shape", "a test file must be a block of keys", "begin it with 'version: 1'"
                )
            return []
        for key, (key_node, _) in root.value.items():
            if key not in FILE_KEYS:
                help_ = did_you_mean(key, FILE_KEYS, otherwise=f"keys here: {', '.join(FILE_KEYS)}")
                self._report(key_node, "unknown-key", f"unknown key '{key}'", help_)
        self._header(root)
        tests = root.get("tests")
        if tests is None:
            self._report(root, "missing-key", "the key 'tests' is missing", "add 'tests:' with a list")
            return []
        if not tests.is_list:
            self._report(tests, "wrong-shape", "'tests' must be a list", "begin each test with '- name:'")
            return []
        cases = [self._case(node) for node in tests.value]
        return [case for case in cases if case is not None]

    def _header(self, root: Node) -> None:
        version, today = root.get("version"), root.get("today")
        if version is None or version.value not in VERSIONS:
            message = "a test file needs version 1 or 2"
            self._report(version or root, "bad-version", message, "write 'version: 2'")
        scope = root.get("follow_ups_of")
        word = None if scope is None else str(scope.value)
        if scope is not None and word not in SCOPES:
            help_ = did_you_mean(word or "", SCOPES, otherwise=f"one of: {', '.join(SCOPES)}")
            self._report(scope, "bad-value", f"'follow_ups_of' is not '{word}'", help_)
        newer = version is not None and version.value == "2"
        self.own_follow_ups = word == "file" or (newer and word is None)
        if today is None:
            return
        try:
            self.today = read_day(today.plain())
        except ValueError as error:
            self._report(today, "bad-value", str(error), "write it like 2026-11-01")

    def _case(self, node: Node) -> TestCase | None:
        if not node.is_map:
            self._report(node, "wrong-shape", "expected a block of keys", "begin it with 'name:'")
            return None
        subject = self._subject(node)
        if subject is None:
            return None
        model = case_model(subject)
        try:
            block: Any = model.model_validate(node.plain())
        except ValidationError as error:
            self.document.problems += problems_of(self.document.file, node, error, model, subject)
            return None
        today = block.today or self.today
        if today is None:
            self._report(
                node, "missing-key", "the key 'today' is missing", "add 'today:' to the file or the test"
            )
            return None
        given = {name: getattr(block.given, name) for name in block.given.model_fields_set}
        expect = node.at("expect")
        wanted = {key: getattr(block.expect, key) for key in expect.value}
        places = {key: (value.line, value.column) for key, (_, value) in expect.value.items()}
        facts = completed(subject, given, today)
        return TestCase(
            self.document.file, block.name, subject, today, facts, wanted, places, self.own_follow_ups
        )

    def _subject(self, node: Node) -> Subject | None:
        subject = node.get("for")
        word = "person" if subject is None else str(subject.value)
        if subject is not None and word not in SUBJECTS:
            help_ = did_you_mean(word, SUBJECTS, otherwise=f"one of: {', '.join(SUBJECTS)}")
            self._report(subject, "unknown-subject", f"'{word}' is not a subject of tests", help_)
        return next((known for known in SUBJECTS if known == word), None)

    def _report(self, node: Node, code: Code, message: str, help: str) -> None:  # noqa: A002
        self.document.report((node.line, node.column), code, message, help)


def completed(subject: Subject, given: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Add the facts that follow from the given ones, so that a test need not repeat them.

    A day gives the days since, and the other way round. An address gives its parts, a name the first name.
    """
    defaults = {name: info.default for name, info in SUBJECTS[subject].model_fields.items()}
    row = {**defaults, **_derived(subject, given, today), **given}
    if subject == "person":
        row["id"] = row["id"] or "p-test"
    return row


_DAYS_SINCE = {
    "last_contact": "days_since_contact",
    "last_together": "days_since_together",
    "first_event_on": "days_since_first_event",
    "connected_on": "days_connected",
    "on_file_since": "days_on_file",
    "waiting_for_me_since": "waiting_for_me_days",
    "waiting_for_them_since": "waiting_for_them_days",
    "made_on": "days_since",
    "updated_on": "days_since_update",
}
_DAYS_UNTIL = {"next_meeting": "days_until_meeting", "next_birthday": "days_until_birthday"}


def _derived(subject: Subject, given: Mapping[str, Any], today: date) -> dict[str, Any]:
    if subject == "attendee" and given.get("email"):
        local, _, domain = str(given["email"]).lower().rpartition("@")
        return {"domain": domain, "local_part": local.partition("+")[0]}
    if subject == "message" and given.get("from_email"):
        return {"from_domain": str(given["from_email"]).lower().rpartition("@")[2]}
    if subject == "referral":
        return _days(given, today)
    if subject != "person":
        return {}
    derived = {"record_count": 1, **_days({**_birthday(given, today), **given}, today)}
    words = str(given.get("name") or "").split()
    derived["first_name"] = given.get("given_name") or (words[0] if words else None)
    if given.get("emails"):
        derived["email_domains"] = tuple(email.rpartition("@")[2] for email in given["emails"])
    if "given" in given or "received" in given:
        derived["balance"] = given.get("given", 0) - given.get("received", 0)
    return derived


def _days(given: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return the given facts, the count of days for each given day, and the day for each count."""
    row = dict(given)
    for names, sign in ((_DAYS_SINCE, -1), (_DAYS_UNTIL, 1)):
        for day, count in names.items():
            if given.get(day):
                row[count] = sign * (given[day] - today).days
            elif given.get(count) is not None:
                row[day] = today + timedelta(days=sign * given[count])
    return row


def _birthday(given: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return the next birthday, and the ages, of a given ``birthday``."""
    written = str(given.get("birthday") or "")
    try:
        born = date.fromisoformat(f"2000-{written[-5:]}")
    except ValueError:
        return {}
    # 29 February is on 1 March in other years.
    days = (date(today.year + later, born.month, 1) + timedelta(days=born.day - 1) for later in (0, 1))
    day = next(day for day in days if day >= today)
    if written.startswith("--"):
        return {"next_birthday": day}
    turns = day.year - int(written[:4])
    return {"next_birthday": day, "turns": turns, "age": turns - (day > today)}
