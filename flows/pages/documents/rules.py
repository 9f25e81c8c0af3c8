"""The documents of ``rules check``, ``test``, ``diff``, ``backtest`` and ``fields``, and of ``explain``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from pydantic import Field, JsonValue

from flows.pages.documents.base import Document
from flows.pages.documents.follow_ups import FollowUpDocument
from rules.engine.checking.ruletests import TestFailure, TestReport
from rules.engine.language.problems import RuleProblem
from rules.engine.showing.explain import Explanation, RuleTrace

if TYPE_CHECKING:
    from rules.engine.showing.backtest import Backtest
    from rules.engine.showing.diff import RuleDiff


class TestsDocument(Document):
    """The result of the tests beside the rules."""

    passed: int
    failed: int
    failures: tuple[TestFailure, ...]
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
    lost: tuple[str, ...] = Field(
        description="For each new or changed rule without effect, the rules that it loses to."
    )


class WeekDocument(Document):
    """The follow-ups of one week."""

    monday: date
    created: int
    deferred: int
    lapsed: int = Field(description="Those that came too late, because no place was free.")
    by_rule: dict[str, int]


class BacktestDocument(Document):
    """What the rules would have asked for, week by week."""

    assumes: str = Field(description="What the replayed user does, in a sentence.")
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


class ExplanationDocument(Document):
    """Every rule against one subject, and the verdict they add up to."""

    subject: str
    who: str
    today: date
    verdict: dict[str, str | None]
    rules: tuple[RuleTrace, ...]


class ExplainedPerson(Document):
    """Why a person is tagged, stale or not."""

    person_id: str
    records: tuple[str, ...]
    evidence: dict[str, str] = Field(description="By field, the meeting, card or journal line behind it.")
    subject: str
    who: str
    today: date
    verdict: dict[str, str | None]
    rules: tuple[RuleTrace, ...]
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
