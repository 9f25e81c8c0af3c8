"""The steps of a run and their order, as plain functions.

    pull (per source) -> read back (what the user did with tasks) -> classify meetings -> resolve ->
    judge -> plan -> deliver -> write labels

Each step reads from the store and writes to it, so a crash between two steps costs only the time to run
again. How a step is executed is up to a ``Conductor``: ``flows.conducting.in_process`` does it at once, and
``flows.orchestration.conduct`` makes a Prefect task of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, Protocol, TypeVar

from connectors.base import SourceSettings
from flows.run import labels, rule_versions
from flows.run.context import Context
from flows.run.decide import Decided, Hold, Reason, plan_tasks
from flows.run.deliver import deliver, read_tasks
from flows.run.facts import meetings
from flows.run.facts.meetings import Calendar
from flows.run.facts.people import gather
from flows.run.judge import Judged, judge
from flows.run.outcome import own_addresses, sound_rules
from flows.run.outcome.report import RunReport
from flows.run.pull import SourceReport, failure, pull, retire
from flows.run.resolve import resolve
from flows.run.rule_versions import InForce, in_force
from flows.run.whereabouts import TasksMissing
from people.errors import RetryLater, TouchbaseError
from people.store import runs
from people.tasks import FollowUp
from people.types import Problem, RecordKind
from rules.engine import RuleSet

logger = logging.getLogger(__name__)

T = TypeVar("T")
Step = Literal[
    "read back tasks", "classify meetings", "resolve people", "judge", "plan", "deliver", "write labels"
]
ShowProgress = Callable[[str, int, int], None]

PULL_RETRIES = 3
"""How often a source that could not be reached is read again within a run."""
PULL_PAUSE = 2.0
"""Seconds before the first retry, give or take a half. Each further pause is twice as long."""


class Conductor(Protocol):
    """Executes the steps of a run."""

    def step(self, name: Step, work: Callable[[], T]) -> T:
        """Do one step and return its result. An error ends the run."""
        ...

    def pulls(
        self, sources: Mapping[str, Callable[[ShowProgress], SourceReport]]
    ) -> dict[str, SourceReport | BaseException]:
        """Read all sources, at the same time if possible; return a report or an error for each name.

        ``worth_retrying`` says which errors to try again, up to ``PULL_RETRIES`` times.
        """
        ...


@dataclass(frozen=True)
class Job:
    """What a run does. It reads the sources that yield one of the kinds ``reads``; None for all sources.

    ``forget_cursors`` reads sources whose cursors expire from the start. ``adds`` is whether new follow-ups
    may become tasks.
    """

    name: str = "daily"
    reads: frozenset[RecordKind] | None = None
    forget_cursors: bool = False
    adds: bool = True
    dry_run: bool = False
    accept_removals: tuple[str, ...] = ()

    def hold(self, *, asks: bool) -> Hold | None:
        """Whether new follow-ups wait: for an answer if the run ``asks``, or for the next daily run."""
        if asks:
            return Hold(Reason.APPROVAL)
        return None if self.adds else Hold(Reason.DAILY_RUN)


def start(job: Job, context: Context, report: RunReport) -> None:
    """Record that the run began, and drop the cursors of the sources to read from the start."""
    report.capacity = context.settings.tasks.capacity_per_day
    with context.store.begin() as connection:
        runs.start(connection, report.run_id, context.moment, context.today)
        for source in context.settings.sources:
            if job.forget_cursors and source.cursor_expires:
                runs.forget_cursor(connection, source.name, keeping=source.lasting)


def run_steps(
    job: Job, context: Context, report: RunReport, conductor: Conductor, *, asks: bool
) -> tuple[FollowUp, ...]:
    """Do all steps; ``report`` collects their results. Returns the follow-ups that the run held back."""
    report.problems += retire(context)
    with context.pool:
        report.sources = _pull_all(job, context, conductor)
        tasks_known = _read_back(context, report, conductor)
        force = in_force(context.store, context.settings)
        rules = force.rules
        calendar = _classify(context, rules, conductor)
        work = partial(resolve, context, rules, calendar, adds_people=not report.dry_run)
        report.resolution = conductor.step("resolve people", work)
    report.placeholder_left = own_addresses.placeholder_left(context)
    report.possible_addresses = own_addresses.new(context)
    judged = report.judged = conductor.step("judge", partial(_judge, context, force, calendar))
    decided = _plan(context, report, judged, job.hold(asks=asks), conductor)
    report.problems += _not_as_written(force, judged, decided, adds=job.adds)
    # If the task list cannot be read it is not written either. The plan waits for the next run.
    if not report.dry_run and tasks_known:
        report.deliveries = conductor.step("deliver", partial(deliver, context))
    if any(source.writes_labels for source in context.settings.sources):
        report.labels = conductor.step(
            "write labels", partial(labels.write, context, judged, dry_run=report.dry_run)
        )
    return decided.held


def deliver_allowed(
    context: Context, report: RunReport, conductor: Conductor, allowed: frozenset[str]
) -> None:
    """Judge and plan again, because hours may have passed, and deliver the follow-ups that are allowed."""
    force = in_force(context.store, context.settings)
    calendar = _classify(context, force.rules, conductor)
    judged = report.judged = conductor.step("judge", partial(_judge, context, force, calendar))
    _plan(context, report, judged, Hold(Reason.NOT_APPROVED, allowed), conductor)
    report.deliveries = conductor.step("deliver", partial(deliver, context)).plus(report.deliveries)
    # A digest may take long to send. What was delivered is on record before it.
    record(context, report)


def record(context: Context, report: RunReport) -> None:
    """Store the run's document."""
    with context.store.begin() as connection:
        document = report.document().model_dump(mode="json")
        runs.end(connection, report.run_id, context.moment, report.status, document)


def worth_retrying(error: object) -> bool:
    """Whether reading a source again soon may succeed. A connector that has retried itself has given up."""
    return isinstance(error, RetryLater) and not error.gave_up


def trying_again(name: str, seconds: float, attempt: int) -> str:
    """What the user sees while a source that is out of reach is waited for. ``attempt`` counts from 1."""
    return f"{name}: out of reach, trying again in {seconds:.0f} s ({attempt} of {PULL_RETRIES})"


def _pull_all(job: Job, context: Context, conductor: Conductor) -> list[SourceReport]:
    """Read the sources of the job. A source that fails is reported and leaves the others alone."""

    def reader(source: SourceSettings) -> Callable[[ShowProgress], SourceReport]:
        return lambda progress: pull(replace(context, progress=progress), source)

    sources = context.settings.sources
    wanted = {s.name: reader(s) for s in sources if job.reads is None or s.kinds & job.reads}
    return [_reported(name, outcome) for name, outcome in conductor.pulls(wanted).items()]


def _reported(name: str, outcome: SourceReport | BaseException) -> SourceReport:
    if isinstance(outcome, SourceReport):
        return outcome
    if not isinstance(outcome, TouchbaseError):
        logger.error("source '%s' failed unexpectedly", name, exc_info=outcome)
    return failure(name, outcome)


def _read_back(context: Context, report: RunReport, conductor: Conductor) -> bool:
    """Read what the user did with the tasks; return whether the task list could be read."""
    try:
        report.read_back = conductor.step("read back tasks", partial(read_tasks, context))
    except TouchbaseError as error:
        report.problems.append(Problem(where="tasks", message=error.message, help=error.help))
        report.read_back = list(error.read) if isinstance(error, TasksMissing) else []
        return False
    finally:
        report.notes += context.notes
    return True


def _classify(context: Context, rules: RuleSet, conductor: Conductor) -> Calendar:
    classify = partial(meetings.classify, context.store, rules, context.settings.me, save=context.caches)
    return conductor.step("classify meetings", classify)


def _judge(context: Context, force: InForce, calendar: Calendar) -> Judged:
    judged = judge(context, force.rules, gather(context, force.rules, calendar))
    rule_versions.remember(context.store, force.texts)
    if not force.rules.errors:
        sound_rules.remember(context.store, force.texts)
    return judged


def _not_as_written(force: InForce, judged: Judged, decided: Decided, *, adds: bool) -> list[Problem]:
    """What is judged by other rules, or by fewer facts, than the user may think."""
    problem = force.problem(decided.left)
    # Without new ones, as in an hourly run, nothing waits for a source.
    unread = judged.unread.problems(decided.plan.suppressed) if adds else []
    return [*([problem] if problem else []), *unread]


def _plan(
    context: Context, report: RunReport, judged: Judged, hold: Hold | None, conductor: Conductor
) -> Decided:
    decided = conductor.step("plan", partial(plan_tasks, context, judged, hold))
    report.plan = decided.plan
    return decided
