"""The weekly full refresh: read everything, before services withdraw the cursors that expire."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import State, flow

from flows.orchestration.conduct import conduct
from flows.run.steps import Job


@flow(name="weekly-full-refresh", flow_run_name="weekly-full-refresh", persist_result=False)
def weekly_full_refresh(
    config: Path = Path("touchbase.toml"), accept_removals: tuple[str, ...] = ()
) -> State[Any]:
    """Read every source from the start. Records that are gone there are removed, within the usual limits.

    New follow-ups wait for the daily run.

    Args:
        config: The settings file, touchbase.toml, on the worker's machine.
        accept_removals: Sources whose records were really deleted, even if that is most of them.
    """
    job = Job(
        name="weekly-full-refresh",
        forget_cursors=True,
        adds=False,
        accept_removals=tuple(accept_removals),
    )
    return conduct(job, config, None)
