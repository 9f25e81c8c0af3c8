"""The run in Prefect's UI: its name, its progress, and events for the automations."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from datetime import date
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
from flows.settings.model import Settings
from people.store import Store, runs
from people.store.db import values

logger = logging.getLogger(__name__)

_TOLD = "alerts_told"
"""The key of the alerts of the last day on which there were any."""


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


def artifact_address(artifact: UUID) -> str | None:
    """Where the UI shows an artifact; None for a server that lives as long as this process."""
    settings = get_current_settings()
    # Prefect's ``url_for`` does not know artifacts.
    here = settings.ui_url if settings.api.url else None
    return f"{here}/artifacts/artifact/{artifact}" if here else None


def _emit(report: RunReport, context: Context, *, alert: bool) -> None:
    with context.store.read() as connection:
        named = {source.name for source in context.settings.sources}
        states = [state for state in runs.source_states(connection) if state.name in named]
    if report.dry_run:
        return
    payload = {"headline": report.headline()}
    emit_event(f"touchbase.run.{report.status}", _resource(context.settings), payload=payload)
    if alert:
        raised = alerts(report, health.stale(states, context.moment))
        emit_alerts(raised, context.settings, context.store, context.today)


def emit_alerts(raised: Sequence[Alert], settings: Settings, store: Store, today: date) -> None:
    """Send an event per alert, once per day. The automations build their messages from its payload."""
    for alert in _untold(raised, store, today):
        about = {**_resource(settings), "touchbase.subject": alert.subject}
        payload = {"subject": alert.subject, "message": alert.message, "next": alert.next}
        emit_event(f"touchbase.{alert.kind}", about, payload=payload)


def _untold(raised: Sequence[Alert], store: Store, today: date) -> list[Alert]:
    """The alerts that no run of ``today`` has sent; they count as sent from now on.

    The check of the rules and the daily run see the same mistakes, and a daily run may be started again.
    """
    with store.begin() as connection:
        last = json.loads(values.get(connection, _TOLD) or "{}")
        told = {tuple(one) for one in last["told"]} if last.get("day") == today.isoformat() else set()
        new = [alert for alert in raised if (alert.kind, alert.subject) not in told]
        told |= {(alert.kind, alert.subject) for alert in new}
        if new:
            values.put(connection, _TOLD, json.dumps({"day": today.isoformat(), "told": sorted(told)}))
    return new


def _resource(settings: Settings) -> dict[str, str]:
    name = settings.folder.name
    return {"prefect.resource.id": f"touchbase.network.{slug(name)}", "prefect.resource.name": name}
