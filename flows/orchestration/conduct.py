"""Conduct a run in a flow run: its steps as Prefect tasks, the question to the user, its look in the UI."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from prefect import State, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.runtime import deployment, flow_run
from prefect.states import Completed
from prefect.tasks import exponential_backoff

from flows.conducting import conduct as shared
from flows.conducting.progress import PROGRESS
from flows.orchestration import approval, progress, quiet_runs
from flows.orchestration.artifacts import publish
from flows.orchestration.red_states import red
from flows.orchestration.secrets_from_blocks import fetch_secrets
from flows.run import steps
from flows.run.context import Context, clock
from flows.run.outcome import run_name
from flows.run.outcome.report import RunReport
from flows.run.pull import SourceReport
from flows.run.steps import Job, ShowProgress, Step
from flows.settings.loading import load
from people.store import follow_ups
from people.tasks import FollowUp

logger = logging.getLogger(__name__)
T = TypeVar("T")

_SHOWN: Mapping[Step, str] = {
    "read back tasks": "read what you did with tasks",
    "classify meetings": "sort the meetings",
    "resolve people": "find who is who",
    "judge": "apply the rules",
    "plan": "choose the follow-ups",
    "deliver": "write the tasks",
    "write labels": "write the labels",
}
"""What the timeline of a run shows for each step."""


def conduct(job: Job, config: Path, today: date | None) -> State[Any]:
    """Do the run within the current flow run; return its state, which carries the document."""
    settings = load(config)
    fetch_secrets(settings)

    def ask(held: tuple[FollowUp, ...]) -> frozenset[str]:
        return approval.ask(held, settings.approval.hours, clock(settings, today)[0])

    digest: list[str] = []

    def show(context: Context, report: RunReport) -> None:
        digest[:] = _show(job, context, report)

    # A run that was started from the command line has no deployment, and does not ask.
    asks = settings.approval.enabled and job.adds and not job.dry_run and bool(deployment.get_id())
    run_id = str(flow_run.get_id() or uuid4())
    report = shared.conduct(job, settings, today, InPrefect(), run_id, ask=ask if asks else None, show=show)
    if report.error is not None:
        raise report.error
    quiet_runs.drop()
    name = run_name.state_name(report)
    message = " · ".join([report.headline(), *digest])
    if name == "Partial":
        return red(name, message, report.document())
    return Completed(name=name, message=message, data=report.document().model_dump(mode="json"))


def _show(job: Job, context: Context, report: RunReport) -> list[str]:
    """Show the run in the UI; return where its digest is, if it can be seen."""
    with context.store.read() as connection:
        open_now = [i for i in follow_ups.listed(connection, closed=False) if i.status == "open"]
    digest = publish(report, context, open_now)
    # Runs that add nothing are frequent; the daily run alone raises alerts, once a day.
    name = run_name.run_name(report, job.name, len(open_now))
    progress.show(report, context, name, alert=job.adds)
    return _where(digest, context)


def _where(digest: UUID | None, context: Context) -> list[str]:
    """The address of the digest's page in the UI; without one, of its file."""
    address = progress.artifact_address(digest) if digest else None
    folder = context.settings.digest.path
    if address is None and folder is not None:
        file = context.settings.resolve(folder) / f"{context.today.isoformat()}.md"
        address = str(file) if file.is_file() else None
    return [f"digest: {address}"] if address else []


@dataclass(frozen=True, slots=True)
class InPrefect:
    """Makes a Prefect task of each step. The work needs no parameters, so Prefect has nothing to pickle."""

    def step(self, name: Step, work: Callable[[], T]) -> T:
        """Do one step as a task of the current flow run."""

        @task(name=name, task_run_name=_SHOWN[name], persist_result=False, cache_policy=NO_CACHE)
        def stage() -> T:
            return work()

        PROGRESS.debug(name)
        return stage()

    def pulls(
        self, sources: Mapping[str, Callable[[ShowProgress], SourceReport]]
    ) -> dict[str, SourceReport | BaseException]:
        """Read the sources at the same time, one task each. A source out of reach is tried again."""
        PROGRESS.debug("reading %s", ", ".join(sources))
        waiting = {name: _pull(name, read).submit() for name, read in sources.items()}
        for future in waiting.values():
            future.wait()
        return {name: future.state.result(raise_on_failure=False) for name, future in waiting.items()}


def _pull(name: str, read: Callable[[ShowProgress], SourceReport]) -> Any:  # noqa: ANN401 - a Prefect task
    # Prefect asks for a function's name, which a partial has not.
    def worth_retrying(_task: object, run: TaskRun, state: State[Any]) -> bool:
        return _worth_retrying(name, run, state)

    @task(
        name="pull",
        task_run_name=f"read {name}",
        retries=steps.PULL_RETRIES,
        retry_delay_seconds=exponential_backoff(steps.PULL_PAUSE),
        retry_jitter_factor=0.5,
        retry_condition_fn=worth_retrying,
        persist_result=False,
        cache_policy=NO_CACHE,
    )
    def pull() -> SourceReport:
        return read(progress.Progress(name).report)

    return pull


def _worth_retrying(name: str, run: TaskRun, state: State[Any]) -> bool:
    retry = steps.worth_retrying(state.result(raise_on_failure=False))
    if retry and run.run_count <= steps.PULL_RETRIES:
        logger.warning(steps.trying_again(name, steps.PULL_PAUSE * 2 ** (run.run_count - 1), run.run_count))
    return retry
