"""Run every network: one flow run per network, spread over the workers of the pool.

This run only starts the others and waits for them. Each network's run works without it: the store's lock
keeps a second run out, and the next run repairs one that was killed.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args
from uuid import UUID, uuid4

from prefect import State, flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    TaskRunFilter,
    TaskRunFilterId,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.deployments import run_deployment
from prefect.runtime import flow_run
from prefect.settings import get_current_settings
from prefect.states import Completed, Crashed, Failed, Pending
from pydantic import Field

from flows.orchestration import progress
from flows.orchestration.artifacts import table
from flows.orchestration.conduct import conduct
from flows.orchestration.red_states import red
from flows.run.steps import Job
from flows.settings import networks
from flows.settings.networks import Network
from people.text import one_line

logger = logging.getLogger(__name__)

DEPLOYMENT = "run-network/network"
Outcome = Literal["completed", "failed", "crashed", "partial", "waiting for an answer", "cancelled"]
_LOOK_SECONDS = 1.0
_BEGINS_WITHIN = timedelta(seconds=90)
"""How long a worker may take to begin a run that it has taken. Later, the run counts as lost."""
_BY_STATE: dict[StateType, Outcome] = {
    StateType.COMPLETED: "completed",
    StateType.FAILED: "failed",
    StateType.CRASHED: "crashed",
    StateType.CANCELLED: "cancelled",
    # Someone paused it. Our own questions are runs below the network's run (see ``_asking``).
    StateType.PAUSED: "waiting for an answer",
}


@flow(name="run-network", flow_run_name="{name}", persist_result=False)
def run_network(config: Path, name: str, today: date | None = None, dry_run: bool = False) -> State[Any]:
    """The daily run of one of many networks.

    Args:
        config: The network's settings file, touchbase.toml, on the worker's machine.
        name: The name of the run in the list of runs.
        today: Judge as of this day. Leave it empty for the real day.
        dry_run: Show what would happen. No task and no cursor changes.
    """
    return conduct(Job(name=name, dry_run=dry_run), config, today)


@flow(name="every-network", flow_run_name="every-network", persist_result=False)
def every_network(
    folder: Path = Path("networks"),
    today: date | None = None,
    dry_run: bool = False,
    at_once: Annotated[int, Field(ge=1, le=200)] = 4,
) -> State[Any]:
    """The daily run of each network of a folder, spread over the workers.

    A network that fails leaves the others alone. A run that crashed is started once more.

    Args:
        folder: The folder of the networks, each a folder with a touchbase.toml; the same on all workers.
        today: Judge as of this day. Leave it empty for the real day.
        dry_run: Show what would happen. No task and no cursor changes.
        at_once: How many networks may run at the same time, over all workers.
    """
    listed = networks.listed(folder)
    twins = networks.sharing(listed)
    with get_client(sync_client=True) as client:
        fan = FanOut(client, str(flow_run.get_id() or uuid4()), {"today": today, "dry_run": dry_run}, at_once)
        for network in listed:
            if network.name in twins:
                fan.ended[network.name] = Ended("failed", f"it has the same store as '{twins[network.name]}'")
        fan.run(network for network in listed if network.name not in twins)
    return _final_state(fan.ended)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a network's run ended. ``run`` is None if none was started."""

    outcome: Outcome
    message: str = ""
    run: UUID | None = None


@dataclass
class FanOut:
    """Starts a run for each network, at most ``at_once`` at a time, and records how each ends."""

    client: SyncPrefectClient
    key: str
    parameters: dict[str, Any]
    at_once: int
    ended: dict[str, Ended] = field(default_factory=dict)
    _waiting: deque[tuple[Network, int]] = field(default_factory=deque)
    _under_way: dict[UUID, tuple[Network, int]] = field(default_factory=dict)
    _taken_at: float = 0.0
    _own: dict[UUID, subprocess.Popen[bytes]] = field(default_factory=dict)

    def run(self, listed: Iterator[Network]) -> None:
        """Run all networks; return when each has ended or waits for the user."""
        self._waiting.extend((network, 1) for network in listed)
        self._taken_at = time.monotonic()
        while self._waiting or self._under_way:
            while self._waiting and len(self._under_way) < self.at_once:
                self._start(*self._waiting.popleft())
            time.sleep(_LOOK_SECONDS)
            self._look()
        for process in self._own.values():
            # A run that asks lives as long as its question is open, and would be lost without this process.
            process.wait()

    def _start(self, network: Network, attempt: int) -> None:
        # The call is synchronous here, because the flow is; its type does not say so.
        started = cast(
            "FlowRun",
            run_deployment(
                DEPLOYMENT,
                parameters={"config": str(network.config), "name": network.name, **self.parameters},
                flow_run_name=network.name,
                timeout=0,
                # With this key a retry of this run finds the runs that it has already started.
                idempotency_key=f"{self.key}:{network.name}:{attempt}",
            ),
        )
        self._under_way[started.id] = network, attempt

    def _look(self) -> None:
        wanted = FlowRunFilter(id=FlowRunFilterId(any_=list(self._under_way)))
        states = {run.id: run.state for run in self.client.read_flow_runs(flow_run_filter=wanted)}
        asking = self._asking()
        for run, (network, attempt) in list(self._under_way.items()):
            state = states.get(run)
            # A run that is missing was deleted.
            outcome = _outcome(state) if state else "cancelled"
            if outcome is None and state and _never_began(state):
                # Its worker was lost before it began the run, and no other worker takes the run over.
                lost: State[Any] = Crashed(message="its worker was lost before it began")
                self.client.set_flow_run_state(run, lost, force=True)
                outcome = "crashed"
            if outcome is None and run in asking:
                # The answer may take hours, so the other networks do not wait for it.
                outcome = "waiting for an answer"
            if outcome is None:
                continue
            del self._under_way[run]
            if outcome == "crashed" and attempt == 1:
                logger.warning("the run of '%s' crashed; starting it once more", network.name)
                self._waiting.append((network, 2))
                continue
            self.ended[network.name] = Ended(outcome, (state and state.message) or "", run)
        self._lend_a_hand([run for run in self._under_way if _is_waiting(states.get(run))])

    def _asking(self) -> set[UUID]:
        """The runs under way that wait for the user, because a run below them is paused."""
        below = FlowRunFilter(
            parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=list(self._under_way)),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED])),
        )
        paused = self.client.read_flow_runs(flow_run_filter=below)
        # A run is linked to the run above it by a task of the latter.
        ties = [run.parent_task_run_id for run in paused if run.parent_task_run_id]
        if not ties:
            return set()
        tied = self.client.read_task_runs(task_run_filter=TaskRunFilter(id=TaskRunFilterId(any_=ties)))
        return {task.flow_run_id for task in tied if task.flow_run_id}

    def _lend_a_hand(self, idle: list[UUID]) -> None:
        """Execute one run here if no worker takes any, because this run may occupy the pool's only slot."""
        if any(run in self._under_way and process.poll() is None for run, process in self._own.items()):
            return
        if len(idle) < len(self._under_way) or not idle:
            self._taken_at = time.monotonic()
        elif time.monotonic() - self._taken_at > _patience() and self._claimed(idle[0]):
            logger.info(
                "no worker has a free slot; this run executes '%s' itself", self._under_way[idle[0]][0].name
            )
            self._own[idle[0]] = _execute(idle[0])

    def _claimed(self, run: UUID) -> bool:
        return self.client.set_flow_run_state(run, Pending()).status == SetStateStatus.ACCEPT


def _outcome(state: State[Any]) -> Outcome | None:
    if state.type == StateType.FAILED and state.name == "Partial":
        return "partial"
    return _BY_STATE.get(state.type) if state.type else None


def _never_began(state: State[Any]) -> bool:
    return state.is_pending() and datetime.now(UTC) - state.timestamp > _BEGINS_WITHIN


def _is_waiting(state: State[Any] | None) -> bool:
    return state is not None and state.is_scheduled()


def _patience() -> float:
    """Seconds in which a worker with a free slot asks for runs several times."""
    return max(10.0, 4 * get_current_settings().worker.query_seconds)


def _execute(run: UUID) -> subprocess.Popen[bytes]:
    """Start a run in its own process, as a worker does."""
    # These variables describe this run, not the other one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT__")}
    words = [sys.executable, "-P", "-m", "prefect", "flow-run", "execute", str(run)]
    return subprocess.Popen(words, env=environment)  # noqa: S603 - our own interpreter


def _final_state(ended: dict[str, Ended]) -> State[Any]:
    """The state of this run, named after all outcomes; list the networks that need attention."""
    attention = {name: ended[name] for name in sorted(ended) if ended[name].outcome != "completed"}
    message = headline(ended)
    progress.rename(message)
    rows: list[dict[str, object]] = [
        {"network": name, "run": item.outcome, "why": one_line(item.message)[:200]}
        for name, item in attention.items()
    ]
    table("networks", message, rows or [{"none": "every network completed"}])
    if not any(item.outcome in ("completed", "partial") for item in ended.values()):
        return Failed(message=message)
    return red("Partial", message) if attention else Completed(message=message)


def headline(ended: dict[str, Ended]) -> str:
    """``20 networks · 18 completed · 1 failed: anna · 1 partial: ben``."""
    parts = [f"{len(ended)} network{'s' * (len(ended) != 1)}"]
    for outcome in get_args(Outcome):
        names = sorted(name for name, item in ended.items() if item.outcome == outcome)
        if names:
            shown = "" if outcome == "completed" else f": {', '.join(names)}"
            parts.append(f"{len(names)} {outcome}{shown}")
    return one_line(" · ".join(parts))
