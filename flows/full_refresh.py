"""Once a week: forget the cursors that expire and read everything, before a service withdraws them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import State, flow

from flows.orchestration.conduct import Job, conduct


@flow(name="weekly-full-refresh", flow_run_name="weekly-full-refresh", persist_result=False)
def weekly_full_refresh(
    config: Path = Path("touchbase.toml"), accept_removals: tuple[str, ...] = ()
) -> State[Any]:
    """Read every source whole. What is gone there becomes a tombstone, subject to the brake.

    New follow-ups wait for the daily run.

    Args:
        config: The settings file, touchbase.toml, on the machine of the worker.
        accept_removals: Sources that are believed although most of their records are gone.
    """
    job = Job(
        name="weekly-full-refresh",
        forget_cursors=True,
        adds=False,
        accept_removals=tuple(accept_removals),
    )
    return conduct(job, config, None)
