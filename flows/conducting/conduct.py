"""Conduct a run: the lock, the steps, the question to the user, the digest, and the record of how it ended.

``flows.conducting.in_process`` and ``flows.orchestration.conduct`` execute the steps. All else is here, so a
run is the same with Prefect and without it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date

from flows.pages import daily_page, mail
from flows.run import steps
from flows.run.context import Context, check_clock, clock
from flows.run.outcome.report import RunReport
from flows.run.steps import Conductor, Job
from flows.settings.model import Settings
from people.collector import gc_paused
from people.errors import TouchbaseError
from people.store import Store, open_store
from people.tasks import FollowUp

logger = logging.getLogger(__name__)

Ask = Callable[[tuple[FollowUp, ...]], frozenset[str]]
"""Asks the user which of the new follow-ups become tasks, and returns their keys."""
Show = Callable[[Context, RunReport], None]
"""Shows a run that is over. The store can still be read, in a dry run as the run would leave it."""

_SECONDS_TO_STOP = 0.7


def conduct(
    job: Job,
    settings: Settings,
    today: date | None,
    conductor: Conductor,
    run_id: str,
    *,
    ask: Ask | None = None,
    show: Show = lambda _context, _report: None,
) -> RunReport:
    """Do the run and return its report. If an error ended the run, the report holds it.

    With ``ask``, the run asks before it delivers new follow-ups. Raises ``StoreBusy`` if another run holds
    the store for too long, and ``UserMustAct`` if the clock is far behind: this run then never begins.
    """
    day, moment = clock(settings, today)
    store = open_store(settings.store_url)
    context = Context(settings, store, day, moment, job.accept_removals)
    report = RunReport(run_id=run_id, today=day, dry_run=job.dry_run)
    try:
        with _locked(store), store.rehearsal() if job.dry_run else nullcontext():
            check_clock(store, settings, today)
            held = _steps(job, context, report, conductor, asks=ask is not None)
            if ask is None or not held or report.failed:
                _end(job, context, report, show)
                return report
        # The lock is free while this run waits for an answer, so other runs can work.
        allowed = ask(held)
        context = replace(context, moment=clock(settings, today)[1], accept_removals=())
        with _locked(store):
            steps.deliver_allowed(context, report, conductor, allowed)
            _end(job, context, report, show)
        return report
    finally:
        store.close()


@contextmanager
def _locked(store: Store) -> Iterator[None]:
    """Hold the only run of the store, and create its many objects without the garbage collector."""
    waiting = "another run is under way; waiting for it"
    with store.run_lock(on_wait=lambda: logger.warning(waiting)), gc_paused():
        yield


def _steps(
    job: Job, context: Context, report: RunReport, conductor: Conductor, *, asks: bool
) -> tuple[FollowUp, ...]:
    """Do the steps and record the run. Returns the follow-ups that were held back."""
    steps.start(job, context, report)
    try:
        held = steps.run_steps(job, context, report, conductor, asks=asks)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is on record; the caller raises it
        report.fail(error)
        return ()
    except KeyboardInterrupt:
        _stop(context, report)
        raise
    steps.record(context, report)
    return held


def _stop(context: Context, report: RunReport) -> None:
    """Record that the user stopped the run, unless a source that is still being read keeps the store busy.

    In that case the next run marks this one as crashed.
    """
    report.fail(TouchbaseError("stopped before its end", help="run again: the next run completes it"))
    recording = threading.Thread(target=steps.record, args=(context, report), daemon=True)
    recording.start()
    recording.join(_SECONDS_TO_STOP)


def _end(job: Job, context: Context, report: RunReport, show: Show) -> None:
    """Bring the digest, record the run and show it."""
    if job.adds and not report.dry_run:
        daily_page.bring(context, report, mail.send)
    steps.record(context, report)
    show(context, report)
