"""The documents of ``status``, ``networks``, ``doctor``, ``automations`` and ``store``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from flows.pages.documents.base import Document, Second
from flows.run.outcome import health, sound_rules
from flows.run.outcome.document import FollowUpCounts, RunDocument
from flows.settings.model import Settings
from people.store import Connection, Store, runs
from people.store.runs import SourceState
from people.types import Problem


class StoredCounts(Document):
    """How many records the store holds from one source."""

    contacts: int
    meetings: int
    messages: int = 0
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
    rules: tuple[Problem, ...] = Field(
        description="Mistakes in the rule files; the rules with one are left out."
    )
    problems: tuple[Problem, ...] = Field(description="Everything that needed attention in the last run.")


def status(settings: Settings, store: Store, connection: Connection, now: datetime) -> StatusDocument:
    """Return the document of ``status``. ``now`` is UTC."""
    latest = runs.latest(connection)
    states = {state.name: state for state in runs.source_states(connection)}
    own = [states[name] for name in sorted(source.name for source in settings.sources) if name in states]
    alerts = [*health.silent(latest, now), *health.stale(own, now)]
    sources = [_source(one.name, one.type, states.get(one.name), connection, now) for one in settings.sources]
    last = [LastRun.filled(run, follow_ups=(run.result or {}).get("follow_ups")) for run in latest]
    result = latest[0].result if latest else None
    return StatusDocument.filled(
        {},
        store=store.url,
        sources=sources,
        runs=last,
        attention=alerts,
        rules=_rules(settings, connection),
        problems=RunDocument.model_validate(result).problems if result else (),
    )


def _rules(settings: Settings, connection: Connection) -> list[Problem]:
    """The mistakes in the rule files. Those that the last run found sound are not read again."""
    if sound_rules.known(connection, settings):
        return []
    from flows.run.rule_versions import load_rules, rule_problems  # noqa: PLC0415 - YAML takes a while

    return rule_problems(load_rules(settings).errors)


def _source(
    name: str, kind: str, state: SourceState | None, connection: Connection, now: datetime
) -> SourceStatus:
    counts = StoredCounts.model_validate(runs.live_counts(connection, name))
    age = int((now - state.cursor_at).total_seconds()) if state and state.cursor_at else None
    status = (state and state.status) or "never read"
    return SourceStatus.filled(
        state or _NEVER_READ, name=name, type=kind, status=status, cursor_age=age, counts=counts
    )


_NEVER_READ = {"error": None, "help": None, "last_success": None, "last_attempt": None, "problems": ()}


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
