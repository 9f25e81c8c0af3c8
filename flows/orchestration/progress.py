"""The run in Prefect's UI: its name, its progress, and events for the automations."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import cast
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.runtime import flow_run
from prefect.settings import get_current_settings
from prefect.utilities.urls import url_for

from flows.conducting.progress import Pulling
from flows.run.context import Context
from flows.run.outcome import health
from flows.run.outcome.health import Alert
from flows.run.outcome.report import RunReport
from flows.run.outcome.run_name import alerts
from people.store import runs

logger = logging.getLogger(__name__)


def slug(text: str) -> str:
    """``text`` as the key of an artifact or a resource: lower case, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "touchbase"


class Progress:
    """The progress of one source's pull, on a terminal and as an artifact. Short pulls show none."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._artifact: UUID | None = None
        self._pulling = Pulling()

    def report(self, name: str, done: int, total: int) -> None:
        """Show ``done`` of ``total``, at most once per second. Problems with the display are ignored."""
        if not self._pulling.shows(name, done, total):
            return
        percent = round(100 * done / total, 1)
        try:
            if self._artifact is None:
                made = create_progress_artifact(
                    percent, key=f"pull-{slug(name)}", description=f"Reading {total:,} records of '{name}'"
                )
                # The call is synchronous here, because the task is; its type does not say so.
                self._artifact = cast("UUID", made)
            else:
                update_progress_artifact(self._artifact, percent)
        except Exception:
            logger.debug("the progress could not be shown", exc_info=True)


def show(report: RunReport, context: Context, name: str, *, alert: bool) -> None:
    """Name the run, and send the events for automations. A UI out of reach does not fail the run."""
    try:
        rename(name)
        _emit(report, context, alert=alert)
    except Exception:
        logger.warning("the run could not be shown in the UI", exc_info=True)


def rename(name: str) -> None:
    """Rename the current flow run; the list of runs shows at most 200 characters."""
    current = flow_run.get_id()
    if current:
        with get_client(sync_client=True) as client:
            client.update_flow_run(UUID(str(current)), name=name[:200])


def address(run: UUID) -> str | None:
    """Where the UI shows a flow run; None for a server that lives as long as this process."""
    return url_for("flow-run", run) if get_current_settings().api.url else None


def _emit(report: RunReport, context: Context, *, alert: bool) -> None:
    with context.store.read() as connection:
        named = {source.name for source in context.settings.sources}
        states = [state for state in runs.source_states(connection) if state.name in named]
    network = f"touchbase.network.{slug(context.settings.folder.name)}"
    resource = {"prefect.resource.id": network, "prefect.resource.name": context.settings.folder.name}
    if report.dry_run:
        return
    emit_event(f"touchbase.run.{report.status}", resource, payload={"headline": report.headline()})
    if alert:
        emit_alerts(alerts(report, health.stale(states, context.moment)), resource)


def emit_alerts(raised: Sequence[Alert], resource: dict[str, str]) -> None:
    """Send one event per alert. The automations build their messages from its payload."""
    for alert in raised:
        about = {**resource, "touchbase.subject": alert.subject}
        payload = {"subject": alert.subject, "message": alert.message, "next": alert.next}
        emit_event(f"touchbase.{alert.kind}", about, payload=payload)
