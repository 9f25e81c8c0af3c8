"""The report of a run: what each step did, as a JSON document and as a headline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from flows.run.deliver import Deliveries
from flows.run.judge import Judged
from flows.run.labels import LabelReport
from flows.run.outcome.document import (
    ChangedFollowUp,
    FollowUpCounts,
    NewFollowUp,
    PeopleCounts,
    PossibleAddress,
    RecordCounts,
    RuleCounts,
    RunDocument,
    RunStatus,
    SourceDocument,
    TooLate,
)
from flows.run.pull import SourceReport
from people.errors import TouchbaseError
from people.facts.waiting import LATELY
from people.planning.plan import Plan
from people.tasks import FollowUp
from people.text import one_line
from people.types import Problem
from people.wording import how_to_reach, short_why, title_with_who, title_without_firm

_SOON = timedelta(days=2)
"""What waits and is useful for no longer than this is soon too late: two runs may still find it a place."""


@dataclass
class RunReport:
    """Collects the results of the steps. ``today`` is the judged day in the user's zone."""

    run_id: str
    today: date
    dry_run: bool = False
    sources: list[SourceReport] = field(default_factory=list)
    capacity: int = 0
    read_back: list[FollowUp] = field(default_factory=list)
    resolution: dict[str, Any] = field(default_factory=dict)
    judged: Judged | None = None
    plan: Plan = field(default_factory=Plan)
    deliveries: Deliveries = field(default_factory=Deliveries)
    labels: LabelReport | None = None
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    placeholder_left: bool = False
    possible_addresses: list[PossibleAddress] = field(default_factory=list)
    error: Exception | None = None

    @property
    def failed(self) -> bool:
        """Whether an error ended the run."""
        return self.error is not None

    @property
    def status(self) -> RunStatus:
        """*partial* if something failed and the rest went on."""
        if self.failed:
            return "failed"
        attention = (
            self.problems
            or self.plan.flood is not None
            or (self.labels and self.labels.problems)
            or self.deliveries.problems
            or (self.judged and (self.judged.rule_errors or self.judged.brakes))
        )
        return "partial" if attention or any(s.status != "ok" for s in self.sources) else "ok"

    def fail(self, error: Exception) -> None:
        """Record the error that ended the run."""
        self.error = error
        message, remedy = f"unexpected {type(error).__name__}", "see the run's log"
        if isinstance(error, TouchbaseError):
            message, remedy = error.message, error.help
        self.problems.append(Problem(where="run", message=message, help=remedy))

    def all_problems(self) -> list[Problem]:
        """Everything that needs attention, failed sources first."""
        failed = [
            Problem(where=f"source {s.name}", message=s.error or "", help=s.help or "")
            for s in self.sources
            if s.status != "ok"
        ]
        read = [problem for source in self.sources for problem in source.problems]
        judged = self.judged.problems if self.judged else []
        resolved = self.resolution.get("problems", [])
        written = self.labels.problems if self.labels else []
        reported = [*self._flood(), *self.problems, *self.deliveries.problems]
        return [*failed, *reported, *written, *judged, *read, *resolved]

    def _flood(self) -> list[Problem]:
        if self.plan.flood is None:
            return []
        wanted = len(self.plan.create) + self.plan.deferred_count
        return [
            Problem(
                where="follow-ups",
                message=f"{wanted} new ones are wanted, the usual is {self.plan.flood}; "
                f"only the day's capacity is delivered ({len(self.plan.create)})",
                help="did a rule or a source change? touchbase rules diff, touchbase follow-ups",
            )
        ]

    def document(self) -> RunDocument:
        """Return the document of ``touchbase run --json``."""
        judged = self.judged or Judged()
        return RunDocument(
            run_id=self.run_id,
            today=self.today,
            status=self.status,
            dry_run=self.dry_run,
            sources=tuple(_source_document(source) for source in self.sources),
            people=PeopleCounts.model_validate(
                {**self.resolution, "stale": judged.stale, "without_contact": judged.without_contact}
            ),
            follow_ups=self.follow_ups(),
            new=tuple(self._new(item) for item in self.new()),
            soon_too_late=self._too_late(self._soon()),
            missed=self._too_late(self.plan.missed),
            changed=tuple(map(_changed, (*self.read_back, *self.plan.withdraw))),
            waiting_for_you=_waiting_for_you(judged),
            capacity=self.capacity,
            rules=RuleCounts(files=judged.rule_files, rules=judged.rule_count, problems=judged.rule_errors),
            labels=tuple(self.labels.changes) if self.labels else (),
            notes=tuple(self.notes),
            problems=tuple(self.all_problems()),
            placeholder_left=self.placeholder_left,
            possible_addresses=tuple(self.possible_addresses),
        )

    def new(self) -> Sequence[FollowUp]:
        """The follow-ups that became tasks, the most valuable first; in a dry run, those that would."""
        created = self.plan.create if self.dry_run else self.deliveries.new
        return sorted(created, key=lambda item: (-item.value, item.due, item.key))

    def _soon(self) -> list[FollowUp]:
        last = self.today + _SOON
        waiting = (item for item in self.plan.deferred if item.useful_until and item.useful_until <= last)
        return sorted(waiting, key=lambda item: (item.useful_until or last, -item.value, item.key))

    def _too_late(self, items: Iterable[FollowUp]) -> tuple[TooLate, ...]:
        return tuple(
            TooLate(
                key=item.key,
                title=title_with_who(item),
                person=item.person,
                why=short_why(item, self.today),
                until=item.useful_until or item.due,
            )
            for item in items
        )

    def _new(self, item: FollowUp) -> NewFollowUp:
        return NewFollowUp(
            key=item.key,
            title=title_with_who(item),
            what=title_without_firm(item),
            person=item.person,
            organisation=item.about.organisation or "",
            reach=how_to_reach(item.about, item.channel),
            why=short_why(item, self.today),
            due=item.due,
        )

    def follow_ups(self) -> FollowUpCounts:
        """Count what became of the follow-ups; in a dry run, what would become of them."""
        planned, delivered = self.plan, self.deliveries
        by_user = Counter(item.status for item in self.read_back)
        return FollowUpCounts(
            created=len(self.new()),
            updated=len(planned.update) if self.dry_run else delivered.updated,
            done=by_user["done"],
            snoozed=by_user["snoozed"],
            dismissed=by_user["dismissed"],
            reopened=by_user["open"],
            suppressed=len(planned.suppressed),
            deferred=planned.deferred_count,
            withdrawn=len(planned.withdraw),
            missed=len(planned.missed),
        )

    def headline(self) -> str:
        """One line for a list of runs: what is not well, then the counts."""
        counts = self.follow_ups()
        shown = (
            (counts.created, "new"),
            (counts.done, "done"),
            (counts.dismissed, "dropped by you"),
            (counts.snoozed, "moved by you"),
            (counts.withdrawn, "closed by Touchbase"),
            (counts.deferred, "waiting"),
        )
        said = [f"{count} {words}" for count, words in shown if count]
        said = said if counts.moved or self.changed() else ["nothing changed", *said]
        return " · ".join([*map(_not_well, self._attention()), *said])

    def _attention(self) -> list[Problem]:
        """What makes the run partial."""
        sources = [
            Problem(where=s.name, message=s.error or "failed", help="")
            for s in self.sources
            if s.status != "ok"
        ]
        judged = self.judged or Judged()
        rules = [*judged.rule_problems, *(brake.problem for brake in judged.brakes)]
        written = self.labels.problems if self.labels else []
        return [*sources, *rules, *self._flood(), *self.problems, *self.deliveries.problems, *written]

    def changed(self) -> bool:
        """Whether any source had news."""
        return any(c.added or c.changed or c.gone for s in self.sources for c in s.counts.values())


def _not_well(problem: Problem) -> str:
    return one_line(f"{problem.where}: {problem.message}")


def _changed(item: FollowUp) -> ChangedFollowUp:
    return ChangedFollowUp(
        key=item.key,
        title=title_with_who(item),
        person=item.person,
        status=item.status,
        due=item.due,
        reason=item.reason,
        ending=item.ending,
    )


def _source_document(source: SourceReport) -> SourceDocument:
    counts = {
        kind: RecordCounts.model_validate(counts, from_attributes=True)
        for kind, counts in source.counts.items()
    }
    return SourceDocument.model_validate(
        {"name": source.name, "status": source.status, "error": source.error, **counts}
    )


def _waiting_for_you(judged: Judged) -> tuple[str, ...]:
    if judged.outcome is None:
        return ()
    days = pl.col("waiting_for_me_days")
    waits = judged.frame.filter(days <= LATELY).sort(days, "name", descending=[True, False])
    return tuple(waits.get_column("name").drop_nulls())
