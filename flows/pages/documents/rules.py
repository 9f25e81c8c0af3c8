"""The documents of ``rules check``, ``test``, ``diff``, ``backtest`` and ``fields``, and of ``explain``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

from pydantic import Field, JsonValue

from flows.pages.documents.base import Document
from flows.pages.documents.follow_ups import FollowUpDocument
from rules.engine.language.problems import RuleProblem

if TYPE_CHECKING:
    from rules.engine.checking.ruletests import TestReport
    from rules.engine.showing.backtest import Backtest
    from rules.engine.showing.diff import RuleDiff
    from rules.engine.showing.explain import Explanation


class TestFailureDocument(Document):
    """One expectation that a test did not meet."""

    file: str
    line: int
    column: int
    test: str
    key: str
    expected: str
    got: str


class TestsDocument(Document):
    """The result of the tests beside the rules."""

    passed: int
    failed: int
    failures: tuple[TestFailureDocument, ...]
    coverage: dict[str, int] = Field(description="By rule, the number of tests in which it matched.")
    problems: tuple[RuleProblem, ...] = Field(description="As in `rules check --json`.")


class ChangeDocument(Document):
    """One kind of change, and the people it affects."""

    kind: str = Field(description="`tier`, `tag`, `segment`, `cadence`, `stale` or `follow-up`.")
    what: str
    before: str | None
    after: str | None
    count: int
    ids: tuple[str, ...]
    names: tuple[str, ...]


class DiffDocument(Document):
    """What an edit of the rules changes."""

    changed: bool
    changes: tuple[ChangeDocument, ...]
    braked: tuple[str, ...] = Field(description="Rules that their `at_most` would stop now.")
    released: tuple[str, ...] = Field(description="Rules that their `at_most` would no longer stop.")


class WeekDocument(Document):
    """The follow-ups of one week."""

    monday: date
    created: int
    deferred: int
    by_rule: dict[str, int]


class BacktestDocument(Document):
    """What the rules would have asked for, week by week."""

    weeks: tuple[WeekDocument, ...]
    by_rule: dict[str, int]
    braked_days: dict[str, int] = Field(description="By rule, the days on which its `at_most` stopped it.")


class FieldDocument(Document):
    """One field that rules may test."""

    subject: str
    field: str
    type: str
    tests: tuple[str, ...]
    meaning: str
    example: JsonValue
    decided_in: str | None = Field(description="The phase of rules that decides it; null for plain facts.")


class LineDocument(Document):
    """One test of a rule, and the value it saw."""

    block: Literal["when", "unless"]
    alternative: int
    field: str
    test: str
    threshold: str
    value: str | None
    holds: bool
    file: str
    line: int
    column: int
    source: str | None = Field(description="The meeting, card, journal line or rule behind the value.")


class EffectDocument(Document):
    """One thing that a rule decides."""

    key: str
    value: str
    lost_to: str | None = Field(description="The rule that came first, if the decision does not count.")


class RuleDocument(Document):
    """One rule against one person, group or other subject."""

    rule: str
    file: str
    line: int
    phase: str
    why: str
    outcome: Literal["matched", "stopped", "braked"]
    lines: tuple[LineDocument, ...]
    stopped_by: LineDocument | None
    effects: tuple[EffectDocument, ...]


class ExplanationDocument(Document):
    """Every rule against one subject, and the verdict they add up to."""

    subject: str
    who: str
    today: date
    verdict: dict[str, str | None]
    rules: tuple[RuleDocument, ...]


class ExplainedPerson(Document):
    """Why a person is tagged, stale or not."""

    person_id: str
    records: tuple[str, ...]
    evidence: dict[str, str] = Field(description="By field, the meeting, card or journal line behind it.")
    subject: str
    who: str
    today: date
    verdict: dict[str, str | None]
    rules: tuple[RuleDocument, ...]
    follow_ups: tuple[FollowUpDocument, ...]


class ExplainedFollowUp(Document):
    """Why a follow-up exists."""

    follow_up: FollowUpDocument


def tests(report: TestReport) -> TestsDocument:
    """Return the document of ``rules test``."""
    return TestsDocument.filled(report)


def diff(difference: RuleDiff) -> DiffDocument:
    """Return the document of ``rules diff``."""
    return DiffDocument.filled(difference)


def backtest(outcome: Backtest) -> BacktestDocument:
    """Return the document of ``rules backtest``, the most frequent rules first."""
    by_rule = dict(outcome.by_rule.most_common())
    return BacktestDocument.filled(outcome, by_rule=by_rule, braked_days=dict(outcome.braked))


def explanation(explained: Explanation) -> ExplanationDocument:
    """Return every rule against one subject."""
    return ExplanationDocument.filled(explained)
