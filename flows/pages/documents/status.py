"""The documents of ``status``, ``networks``, ``doctor``, ``automations`` and ``store``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from pydantic import Field

from flows.pages.documents.base import Document, Second
from flows.run.outcome import health
from flows.run.outcome.document import FollowUpCounts
from flows.settings.model import Settings
from people.store import Connection, Store, runs
from people.store.runs import Run, SourceState
from people.types import Problem


class StoredCounts(Document):
    """How many records the store holds from one source."""

    contacts: int
    meetings: int
    journal: int


class SourceStatus(Document):
    """One source: its last reads, what the store holds from it, and its problems."""

    name: str
    type: str
    status: str = Field(description="`ok`, `failed` or `never read`.")
    error: str | None
    help: str | None
    last_success: Second | None
    last_attempt: Second | None
    cursor_age: int | None = Field(description="The age of the cursor in seconds.")
    counts: StoredCounts
    problems: tuple[Problem, ...]


class LastRun(Document):
    """One of the last runs."""

    id: str
    started_at: Second
    today: date
    status: str = Field(description="`ok`, `partial`, `failed`, `running` or `crashed`.")
    follow_ups: FollowUpCounts | None = Field(description="As in `run --json`; null while it is under way.")


class Attention(Document):
    """One thing that needs attention."""

    kind: str = Field(description="`no-run` or `stale`.")
    message: str
    next: str = Field(description="The command that comes next.")


class StatusDocument(Document):
    """How each source and the last runs fared."""

    store: str = Field(description="The address of the store.")
    sources: tuple[SourceStatus, ...]
    runs: tuple[LastRun, ...] = Field(description="The last runs, newest first.")
    attention: tuple[Attention, ...]


def status(settings: Settings, store: Store, connection: Connection, now: datetime) -> StatusDocument:
    """Return the document of ``status``. ``now`` is UTC."""
    latest = runs.latest(connection)
    states = {state.name: state for state in runs.source_states(connection)}
    own = [states[source.name] for source in settings.sources if source.name in states]
    alerts = [*health.silent(latest, now), *health.stale(_by_name(own), now)]
    return StatusDocument(
        store=store.url,
        sources=tuple(
            _source(source.name, source.type, states.get(source.name), connection, now)
            for source in settings.sources
        ),
        runs=tuple(_run(run) for run in latest),
        attention=tuple(Attention(kind=a.kind, message=a.message, next=a.next) for a in alerts),
    )


def _by_name(states: Iterable[SourceState]) -> list[SourceState]:
    return sorted(states, key=lambda state: state.name)


def _source(
    name: str, kind: str, state: SourceState | None, connection: Connection, now: datetime
) -> SourceStatus:
    counts = StoredCounts.model_validate(runs.live_counts(connection, name))
    if state is None:
        return SourceStatus(
            name=name, type=kind, status="never read", error=None, help=None, last_success=None,
            last_attempt=None, cursor_age=None, counts=counts, problems=(),
        )  # fmt: skip
    return SourceStatus(
        name=name,
        type=kind,
        status=state.status or "never read",
        error=state.error,
        help=state.help,
        last_success=state.last_success,
        last_attempt=state.last_attempt,
        cursor_age=int((now - state.cursor_at).total_seconds()) if state.cursor_at else None,
        counts=counts,
        problems=state.problems,
    )


def _run(run: Run) -> LastRun:
    counts = (run.result or {}).get("follow_ups")
    return LastRun(
        id=run.id,
        started_at=run.started_at,
        today=run.today,
        status=run.status,
        follow_ups=None if counts is None else FollowUpCounts.model_validate(counts),
    )


class NetworkStatus(Document):
    """One network of a folder of networks."""

    name: str
    config: str = Field(description="The network's settings file.")
    status: str = Field(
        description="The status of the last run (`ok`, `partial`, `failed`, `running`, `crashed`), "
        "`never ran`, or `unknown` when the settings or the store cannot be read."
    )
    last_run: Second | None
    attention: str | None = Field(description="What needs attention; null when all is well.")
    help: str | None = Field(description="The command or change that comes next; null when all is well.")


class CheckDocument(Document):
    """One thing that `doctor` checked."""

    name: str
    status: Literal["ok", "warning", "error"]
    message: str
    help: str


class AutomationDocument(Document):
    """One automation at the Prefect server."""

    name: str
    outcome: str = Field(description="`made`, `changed` or `unchanged`.")
