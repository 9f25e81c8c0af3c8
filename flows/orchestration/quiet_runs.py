"""Keep the list of runs short: an hourly run on which nothing changed makes way for the next run."""

from __future__ import annotations

import logging
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateName,
)
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run

from flows.run.outcome.run_name import StateName

logger = logging.getLogger(__name__)

_HOURLY = "hourly-calendar"
_QUIET: StateName = "Nothing changed"


def drop() -> None:
    """Delete the earlier hourly runs of this network on which nothing changed, with their artifacts.

    Thirteen of them per day would hide the daily run. The latest one stays, and says when Touchbase last
    looked. A run cannot delete itself, so each run does it for those before it. If it fails, they stay.
    """
    current = flow_run.get_id()
    if not current:
        return
    try:
        with get_client(sync_client=True) as client:
            for run in _quiet(client, UUID(str(current))):
                _delete(client, run)
    except Exception:
        logger.warning("the earlier runs without news could not be removed", exc_info=True)


def _quiet(client: SyncPrefectClient, current: UUID) -> list[FlowRun]:
    config = client.read_flow_run(current).parameters.get("config")
    found = client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[_HOURLY])),
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(name=FlowRunFilterStateName(any_=[_QUIET]))),
    )
    return [run for run in found if run.id != current and run.parameters.get("config") == config]


def _delete(client: SyncPrefectClient, run: FlowRun) -> None:
    # Prefect keeps the artifacts of a run that is deleted, and their pages would link to nothing.
    of_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
    for artifact in client.read_artifacts(artifact_filter=of_run):
        client.delete_artifact(artifact.id)
    try:
        client.delete_flow_run(run.id)
    except ObjectNotFound:
        logger.debug("another run has deleted it")
