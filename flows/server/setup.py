"""Bring a Prefect server to what prefect.yaml and automations.yaml say; run as ``-m flows.server.setup``.

Doing it again changes nothing, so it runs at each start of ``touchbase serve``.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectAlreadyExists
from prefect.states import Crashed

from flows.orchestration import automations
from flows.orchestration.deployment import POOL, QUESTION, ROOT, prefect_yaml

_UNDER_WAY = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING, StateType.PAUSED]


def main() -> None:
    """Make the pool, apply the deployments, install the automations, close runs of a dead worker."""
    with get_client(sync_client=True) as client:
        _pool(client)
        _close_lost_runs(client)
        words = ["--no-prompt", "deploy", "--all", "--prefect-file", str(prefect_yaml())]
        subprocess.run([sys.executable, "-m", "prefect", *words], cwd=ROOT, check=True)  # noqa: S603
        automations.install(client)


def _pool(client: SyncPrefectClient) -> None:
    with suppress(ObjectAlreadyExists):
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))


def _close_lost_runs(client: SyncPrefectClient) -> None:
    """No worker of this server runs yet: whatever is under way was lost with the last one."""
    under_way = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_UNDER_WAY)))
    ours = WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL]))
    # A question to the user is a run below the worker's, which belongs to no pool.
    questions = FlowFilter(name=FlowFilterName(any_=[QUESTION]))
    for lost in (
        *client.read_flow_runs(flow_run_filter=under_way, work_pool_filter=ours),
        *client.read_flow_runs(flow_run_filter=under_way, flow_filter=questions),
    ):
        client.set_flow_run_state(
            lost.id, Crashed(message="Lost with its worker; the next run repairs it"), force=True
        )


if __name__ == "__main__":
    main()
