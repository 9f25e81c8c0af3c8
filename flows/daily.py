"""The daily run as a Prefect flow: one task a source, then resolve, judge, plan, deliver, report."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from prefect import State, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from prefect.tasks import exponential_backoff

from flows import labels, stages
from flows.artifacts import publish
from flows.console import clock
from flows.judging import Judged, judge, resolve
from flows.report import RunReport
from flows.settings import GoogleSettings, Settings, load
from flows.stages import Context, SourceReport
from flows.wiring import source_settings
from people.errors import RetryLater, TouchbaseError
from people.planning import Plan
from people.store import open_store, runs
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
    return stages.pull(context, source_settings(context.settings, name))


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
def make_plan(run_id: str, judged: Judged) -> Plan:
    """Decide which follow-ups become tasks today."""
    return stages.make_plan(_LIVE[run_id], judged)


@task(name="deliver", persist_result=False, cache_policy=NO_CACHE)
def deliver(run_id: str) -> stages.Deliveries:
    """Put the tasks where the user works."""
    return stages.deliver(_LIVE[run_id])


@task(name="write labels", persist_result=False, cache_policy=NO_CACHE)
def write_labels(run_id: str, judged: Judged, *, dry_run: bool) -> labels.LabelReport:
    """Show tier and tags as labels on the user's contacts."""
    return labels.write(_LIVE[run_id], judged, dry_run=dry_run)


@flow(name="daily", flow_run_name="daily {today}", persist_result=False)
def daily(
    config: Path = Path("touchbase.toml"),
    today: date | None = None,
    dry_run: bool = False,
    accept_removals: tuple[str, ...] = (),
) -> State[Any]:
    """Pull every source, know who is who, apply the rules, deliver the follow-ups.

    ``config`` is the settings file, ``today`` the day to judge (default: the real one),
    ``accept_removals`` the sources whose emptiness brake is released. The result is the document
    of ``touchbase run --json``.
    """
    settings = load(config)
    day, moment = clock(settings, today)
    store = open_store(settings.store_url)
    run_id = str(flow_run.get_id() or uuid4())
    try:
        with (
            store.run_lock(on_wait=lambda: logger.warning("another run is under way; waiting for it")),
            store.rehearsal() if dry_run else nullcontext(),
        ):
            _LIVE[run_id] = Context(settings, store, day, moment, accept_removals)
            return _run(run_id, settings, dry_run)
    finally:
        _LIVE.pop(run_id, None)
        store.close()


def _run(run_id: str, settings: Settings, dry_run: bool) -> State[Any]:
    context = _LIVE[run_id]
    report = RunReport(run_id=run_id, today=context.today, dry_run=dry_run)
    with context.store.begin() as connection:
        runs.start(connection, run_id, context.moment, context.today)
    try:
        _steps(run_id, settings, report)
    except Exception as error:
        report.fail(error)
        _record(context, report)
        publish(report)
        raise
    _record(context, report)
    publish(report)
    return _state(report)


def _steps(run_id: str, settings: Settings, report: RunReport) -> None:
    waiting = {source.name: pull.submit(run_id, source.name) for source in settings.sources}
    report.sources = [_outcome(name, future) for name, future in waiting.items()]
    try:
        report.read_back = read_back(run_id)
    except TouchbaseError as error:
        report.problems.append(Problem(where="tasks", message=error.message, help=error.help))
    report.resolution = resolve_people(run_id)
    report.judged = judge_people(run_id)
    report.plan = make_plan(run_id, report.judged)
    if not report.dry_run:
        report.deliveries = deliver(run_id)
    if any(isinstance(source, GoogleSettings) and source.write_labels for source in settings.sources):
        report.labels = write_labels(run_id, report.judged, dry_run=report.dry_run)


def _outcome(name: str, future: PrefectFuture[SourceReport]) -> SourceReport:
    """A source's report; a failed source is a report too, and leaves the others alone."""
    future.wait()
    result = future.state.result(raise_on_failure=False)
    if isinstance(result, SourceReport):
        return result
    if isinstance(result, TouchbaseError):
        return SourceReport(name, status="failed", error=result.message, help=result.help)
    logger.error("source '%s' failed unexpectedly", name, exc_info=result)
    reason = type(result).__name__
    return SourceReport(
        name, status="failed", error=f"unexpected {reason}", help="see the run's log; please report this"
    )


def _record(context: Context, report: RunReport) -> None:
    with context.store.begin() as connection:
        runs.end(connection, report.run_id, context.moment, report.status, report.document())


def _state(report: RunReport) -> State[Any]:
    if report.status == "failed":
        return Failed(message=report.headline())
    name = {"partial": "Partial", "ok": "Completed"}[report.status]
    return Completed(name=name, message=report.headline(), data=report.document())
