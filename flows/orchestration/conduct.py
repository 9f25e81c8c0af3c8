"""Conduct a run: its Prefect tasks, its lock, its approval, its record."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from prefect import State, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.runtime import deployment, flow_run
from prefect.states import Completed, Failed
from prefect.tasks import exponential_backoff

from flows.orchestration import approval, progress
from flows.orchestration.artifacts import publish
from flows.orchestration.secrets_from_blocks import fetch_secrets
from flows.pages import mail
from flows.run import deliver as stages
from flows.run import labels, run_name
from flows.run.context import Context, clock
from flows.run.health import trouble
from flows.run.judge import Judged, judge
from flows.run.pull import SourceReport, retire
from flows.run.pull import pull as _pull_
from flows.run.report import RunReport
from flows.run.resolve import resolve
from flows.settings.loading import load
from flows.settings.model import GoogleSettings, Settings, source_settings
from people.errors import RetryLater, TouchbaseError
from people.parallel import processes
from people.planning.plan import Plan
from people.store import Store, follow_ups, open_store, runs
from people.types import Problem

logger = logging.getLogger(__name__)

# Prefect pickles what tasks are given. Live objects stay here, and tasks get the run's id.
_LIVE: dict[str, Context] = {}


def _worth_retrying(_task: object, _run: object, state: State[Any]) -> bool:
    error = state.result(raise_on_failure=False)
    return isinstance(error, RetryLater)


@task(
    name="pull",
    task_run_name="pull {name}",
    retries=3,
    retry_delay_seconds=exponential_backoff(2),
    retry_jitter_factor=0.5,
    retry_condition_fn=_worth_retrying,
    persist_result=False,
    cache_policy=NO_CACHE,
)
def pull(run_id: str, name: str) -> SourceReport:
    """Read what changed in one source."""
    context = _LIVE[run_id]
    context = replace(context, progress=progress.Progress(name).report)
    return _pull_(context, source_settings(context.settings, name))


@task(name="read back tasks", persist_result=False, cache_policy=NO_CACHE)
def read_back(run_id: str) -> dict[str, int]:
    """See what was done, moved or deleted since the last run."""
    return stages.read_tasks(_LIVE[run_id])


@task(name="resolve people", persist_result=False, cache_policy=NO_CACHE)
def resolve_people(run_id: str) -> dict[str, Any]:
    """Find out which records are the same person."""
    return resolve(_LIVE[run_id])


@task(name="judge", persist_result=False, cache_policy=NO_CACHE)
def judge_people(run_id: str) -> Judged:
    """Apply the rules."""
    return judge(_LIVE[run_id])


@task(name="plan", persist_result=False, cache_policy=NO_CACHE)
def make_plan(run_id: str, judged: Judged, narrow: Callable[[Plan], Plan] | None = None) -> Plan:
    """Decide which follow-ups become tasks today."""
    return stages.make_plan(_LIVE[run_id], judged, narrow)


@task(name="deliver", persist_result=False, cache_policy=NO_CACHE)
def deliver(run_id: str) -> stages.Deliveries:
    """Put the tasks where the user works."""
    return stages.deliver(_LIVE[run_id])


@task(name="write labels", persist_result=False, cache_policy=NO_CACHE)
def write_labels(run_id: str, judged: Judged, *, dry_run: bool) -> labels.LabelReport:
    """Show tier and tags as labels on the user's contacts."""
    return labels.write(_LIVE[run_id], judged, dry_run=dry_run)


@dataclass(frozen=True)
class Job:
    """What a run is to do. ``reads`` are the types of sources, None for all of them.

    ``forget_cursors`` are the types whose sources are read whole. ``adds`` is whether new follow-ups
    may become tasks.
    """

    name: str = "daily"
    reads: frozenset[str] | None = None
    forget_cursors: frozenset[str] = frozenset()
    adds: bool = True
    dry_run: bool = False
    accept_removals: tuple[str, ...] = ()


def conduct(job: Job, config: Path, today: date | None) -> State[Any]:
    """Do the run within the current flow run; return its state, which carries the document."""
    settings = load(config)
    fetch_secrets(settings)
    day, moment = clock(settings, today)
    store = open_store(settings.store_url)
    context = Context(settings, store, day, moment, job.accept_removals)
    run_id = str(flow_run.get_id() or uuid4())
    report = RunReport(run_id=run_id, today=day, dry_run=job.dry_run)
    try:
        _LIVE[run_id] = context
        with _locked(store), store.rehearsal() if job.dry_run else nullcontext():
            _run(job, context, report)
            if not _asks(job, settings, report):
                return _ended(job, context, report)
        # Other runs may work while this one waits for an answer.
        allowed = approval.ask(report, settings.approval.hours)
        _LIVE[run_id] = Context(settings, store, day, clock(settings, today)[1])
        with _locked(store):
            _deliver_allowed(_LIVE[run_id], report, allowed)
            return _ended(job, context, report)
    finally:
        _LIVE.pop(run_id, None)
        store.close()


@contextmanager
def _locked(store: Store) -> Iterator[None]:
    with store.run_lock(on_wait=lambda: logger.warning("another run is under way; waiting for it")):
        yield


def _asks(job: Job, settings: Settings, report: RunReport) -> bool:
    """Who runs it by hand, from the command line, has no need to be asked."""
    return _approval_wanted(job, settings) and any(i.reason == approval.WAITS for i in report.plan.deferred)


def _approval_wanted(job: Job, settings: Settings) -> bool:
    return settings.approval.enabled and job.adds and not job.dry_run and bool(deployment.get_id())


def _run(job: Job, context: Context, report: RunReport) -> None:
    with context.store.begin() as connection:
        runs.start(connection, report.run_id, context.moment, context.today)
        for source in context.settings.sources:
            if source.type in job.forget_cursors:
                runs.forget_cursor(connection, source.name)
    try:
        _steps(job, context.settings, report)
    except Exception as error:
        report.fail(error)
        _ended(job, context, report)
        raise
    _record(context, report)


def _steps(job: Job, settings: Settings, report: RunReport) -> None:
    run_id = report.run_id
    report.problems += retire(_LIVE[run_id])
    chosen = [source.name for source in settings.sources if job.reads is None or source.type in job.reads]
    unread = False
    with processes():
        waiting = {name: pull.submit(run_id, name) for name in chosen}
        report.sources = [_outcome(name, future) for name, future in waiting.items()]
        try:
            report.read_back = read_back(run_id)
        except TouchbaseError as error:
            unread = True
            report.problems.append(Problem(where="tasks", message=error.message, help=error.help))
        report.resolution = resolve_people(run_id)
    report.judged = judge_people(run_id)
    narrow = None
    if _approval_wanted(job, settings):
        narrow = partial(stages.hold_back, allowed=(), reason=approval.WAITS)
    elif not job.adds:
        narrow = partial(stages.hold_back, allowed=(), reason="waits for the next daily run")
    report.plan = make_plan(run_id, report.judged, narrow)
    # A list that cannot be read is not written: what is planned waits for the next run.
    if not report.dry_run and not unread:
        report.deliveries = deliver(run_id)
    if any(isinstance(source, GoogleSettings) and source.write_labels for source in settings.sources):
        report.labels = write_labels(run_id, report.judged, dry_run=report.dry_run)


def _deliver_allowed(context: Context, report: RunReport, allowed: frozenset[str]) -> None:
    """Plan anew, for hours may have passed, and deliver what the user allowed."""
    before = report.deliveries
    report.judged = judge_people(report.run_id)
    narrow = partial(stages.hold_back, allowed=allowed, reason=approval.NOT_NOW)
    report.plan = make_plan(report.run_id, report.judged, narrow)
    report.deliveries = deliver(report.run_id).plus(before)
    _record(context, report)


def _outcome(name: str, future: PrefectFuture[SourceReport]) -> SourceReport:
    """A source's report; a failed source is a report too, and leaves the others alone."""
    future.wait()
    result = future.state.result(raise_on_failure=False)
    if isinstance(result, SourceReport):
        return result
    if isinstance(result, TouchbaseError):
        return SourceReport(
            name, status="failed", error=result.message, help=result.help, trouble=trouble(result)
        )
    logger.error("source '%s' failed unexpectedly", name, exc_info=result)
    reason = type(result).__name__
    return SourceReport(
        name, status="failed", error=f"unexpected {reason}", help="see the run's log; please report this"
    )


def _record(context: Context, report: RunReport) -> None:
    with context.store.begin() as connection:
        runs.end(
            connection,
            report.run_id,
            context.moment,
            report.status,
            report.document().model_dump(mode="json"),
        )


def _ended(job: Job, context: Context, report: RunReport) -> State[Any]:
    """Record the run, bring the digest, show the run in the UI, and say how it ended."""
    if job.adds and not report.dry_run:
        mail.bring(context, report)
    _record(context, report)
    with context.store.read() as connection:
        open_now = [i for i in follow_ups.listed(connection, closed=False) if i.status == "open"]
    name = run_name.run_name(report, job.name, len(open_now))
    publish(report, context, open_now)
    # Once a day is enough to say the same thing.
    progress.show(report, context, name, alert=job.adds)
    state = run_name.state_name(report)
    if state == "Failed":
        return Failed(message=report.headline())
    return Completed(name=state, message=report.headline(), data=report.document().model_dump(mode="json"))
