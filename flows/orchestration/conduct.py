"""Conduct a run in a flow run: the lock, the steps as Prefect tasks, the question to the user, the end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from prefect import State, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import deployment, flow_run
from prefect.states import Completed, Failed
from prefect.tasks import exponential_backoff

from flows.orchestration import approval, mail, progress
from flows.orchestration.artifacts import publish
from flows.orchestration.secrets_from_blocks import fetch_secrets
from flows.pages import daily_page
from flows.run import steps
from flows.run.context import Context, clock
from flows.run.outcome import run_name
from flows.run.outcome.report import RunReport
from flows.run.pull import SourceReport
from flows.run.steps import Job, ShowProgress, Step
from flows.settings.loading import load
from people.parallel import gc_paused
from people.store import Store, follow_ups, open_store
from people.tasks import FollowUp

logger = logging.getLogger(__name__)
T = TypeVar("T")


def conduct(job: Job, config: Path, today: date | None) -> State[Any]:
    """Do the run within the current flow run; return its state, which carries the document."""
    settings = load(config)
    fetch_secrets(settings)
    day, moment = clock(settings, today)
    store = open_store(settings.store_url)
    context = Context(settings, store, day, moment, job.accept_removals)
    report = RunReport(run_id=str(flow_run.get_id() or uuid4()), today=day, dry_run=job.dry_run)
    try:
        with _locked(store), store.rehearsal() if job.dry_run else nullcontext():
            held = _run(job, context, report)
            if not (held and _asks(job, context)):
                return _end(job, context, report)
        # The lock is free while this run waits for an answer, so other runs can work.
        allowed = approval.ask(held, settings.approval.hours)
        context = replace(context, moment=clock(settings, today)[1], accept_removals=())
        with _locked(store):
            steps.deliver_allowed(context, report, InPrefect(), allowed)
            return _end(job, context, report)
    finally:
        store.close()


@contextmanager
def _locked(store: Store) -> Iterator[None]:
    """Hold the only run of the store, and create its many objects without the garbage collector."""
    waiting = "another run is under way; waiting for it"
    with store.run_lock(on_wait=lambda: logger.warning(waiting)), gc_paused():
        yield


def _asks(job: Job, context: Context) -> bool:
    """Whether the run asks before it delivers. A run started from the command line does not ask."""
    return context.settings.approval.enabled and job.adds and not job.dry_run and bool(deployment.get_id())


def _run(job: Job, context: Context, report: RunReport) -> tuple[FollowUp, ...]:
    """Do the steps and record the run, however it ends. Returns the follow-ups that were held back."""
    steps.start(job, context, report)
    try:
        held = steps.run_steps(job, context, report, InPrefect(), asks=_asks(job, context))
    except Exception as error:
        report.fail(error)
        _end(job, context, report)
        raise
    steps.record(context, report)
    return held


def _end(job: Job, context: Context, report: RunReport) -> State[Any]:
    """Record the run, bring the digest, show the run in the UI, and return its state."""
    if job.adds and not report.dry_run:
        daily_page.bring(context, report, mail.send)
    steps.record(context, report)
    with context.store.read() as connection:
        open_now = [i for i in follow_ups.listed(connection, closed=False) if i.status == "open"]
    name = run_name.run_name(report, job.name, len(open_now))
    publish(report, context, open_now)
    # Runs that add nothing are frequent; the daily run alone raises alerts, once a day.
    progress.show(report, context, name, alert=job.adds)
    state = run_name.state_name(report)
    if state == "Failed":
        return Failed(message=report.headline())
    return Completed(name=state, message=report.headline(), data=report.document().model_dump(mode="json"))


@dataclass(frozen=True, slots=True)
class InPrefect:
    """Makes a Prefect task of each step. The work needs no parameters, so Prefect has nothing to pickle."""

    def step(self, name: Step, work: Callable[[], T]) -> T:
        """Do one step as a task of the current flow run."""

        @task(name=name, persist_result=False, cache_policy=NO_CACHE)
        def stage() -> T:
            return work()

        return stage()

    def pulls(
        self, sources: Mapping[str, Callable[[ShowProgress], SourceReport]]
    ) -> dict[str, SourceReport | BaseException]:
        """Read the sources at the same time, one task each. A source out of reach is tried again."""
        waiting = {name: _pull(name, read).submit() for name, read in sources.items()}
        for future in waiting.values():
            future.wait()
        return {name: future.state.result(raise_on_failure=False) for name, future in waiting.items()}


def _pull(name: str, read: Callable[[ShowProgress], SourceReport]) -> Any:  # noqa: ANN401 - a Prefect task
    @task(
        name="pull",
        task_run_name=f"pull {name}",
        retries=steps.PULL_RETRIES,
        retry_delay_seconds=exponential_backoff(2),
        retry_jitter_factor=0.5,
        retry_condition_fn=_worth_retrying,
        persist_result=False,
        cache_policy=NO_CACHE,
    )
    def pull() -> SourceReport:
        return read(progress.Progress(name).report)

    return pull


def _worth_retrying(_task: object, _run: object, state: State[Any]) -> bool:
    return steps.worth_retrying(state.result(raise_on_failure=False))
