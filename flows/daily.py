"""The daily run as a Prefect flow. ``flows.run.steps`` lists its steps."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Literal

from prefect import State, flow
from prefect.runtime import deployment

from flows.orchestration.conduct import conduct
from flows.run.steps import Job


@flow(name="daily", flow_run_name="daily", persist_result=False)
def daily(
    config: Path = Path("touchbase.toml"),
    today: date | None = None,
    dry_run: bool = False,
    accept_removals: tuple[str, ...] = (),
    read: Literal["changes", "everything"] = "changes",
) -> State[Any]:
    """Pull every source, resolve identities, apply the rules and deliver the follow-ups.

    The result is the document of ``touchbase run --json``. The Prefect UI shows the descriptions below in
    its form.

    Args:
        config: The settings file, touchbase.toml, on the worker's machine.
        today: Judge as of this day. Leave it empty for the real day.
        dry_run: Show what would happen. No task and no cursor changes.
        accept_removals: Sources whose records were really deleted, even if that is most of them.
        read: With "everything", read each source from the start whose cursors can expire, such as Google.
            Files are always read whole.
    """
    job = Job(
        name=deployment.get_name() or "daily",
        forget_cursors=read == "everything",
        dry_run=dry_run,
        accept_removals=tuple(accept_removals),
    )
    return conduct(job, config, today)
