"""The daily run as a Prefect flow: one task a source, then resolve, judge, plan, deliver, report.

``conduct`` is the run itself; ``flows.hourly_calendar`` is another flow that uses it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Literal

from prefect import State, flow
from prefect.runtime import deployment

from flows.orchestration.conduct import Job, conduct


@flow(name="daily", flow_run_name="daily", persist_result=False)
def daily(
    config: Path = Path("touchbase.toml"),
    today: date | None = None,
    dry_run: bool = False,
    accept_removals: tuple[str, ...] = (),
    read: Literal["changes", "everything"] = "changes",
) -> State[Any]:
    """Pull every source, know who is who, apply the rules, deliver the follow-ups.

    The result is the document of ``touchbase run --json``. The descriptions below are shown in the
    form of the Prefect UI.

    Args:
        config: The settings file, touchbase.toml, on the machine of the worker.
        today: Judge as of this day; leave it empty for the real one.
        dry_run: Show what would happen, and touch no task and no cursor.
        accept_removals: Sources that are believed although most of their records are gone.
        read: What to ask Google for. Everything drops the cursors first; files are always read whole.
    """
    job = Job(
        name=deployment.get_name() or "daily",
        forget_cursors=read == "everything",
        dry_run=dry_run,
        accept_removals=tuple(accept_removals),
    )
    return conduct(job, config, today)
