"""The log of runs and of each source's reads, which ``touchbase status`` shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from people.store.db import schema
from people.store.ingest import messages, rows
from people.types import Problem, Trust


@dataclass(frozen=True, slots=True)
class SourceState:
    """The state of a source after its last reads. Instants are UTC."""

    name: str
    cursor: str | None
    cursor_at: datetime | None
    last_success: datetime | None
    last_attempt: datetime | None
    status: str | None
    error: str | None
    help: str | None
    problems: tuple[Problem, ...]
    trust: Trust = Trust.OWN


@dataclass(frozen=True, slots=True)
class Run:
    """One run; ``result`` is the document that ``run --json`` prints, None during the run."""

    id: str
    started_at: datetime
    ended_at: datetime | None
    today: date
    status: str
    result: dict[str, Any] | None


def start(connection: sa.Connection, run_id: str, now: datetime, today: date) -> None:
    """Record that a run began. Earlier runs that never ended were killed, and are marked as crashed."""
    table = schema.runs
    connection.execute(sa.update(table).where(table.c.status == "running").values(status="crashed"))
    connection.execute(
        sa.insert(table).values(id=run_id, started_at=now, today=today, status="running", doc=None)
    )


def end(connection: sa.Connection, run_id: str, now: datetime, status: str, result: dict[str, Any]) -> None:
    """Record how a run ended."""
    table = schema.runs
    values = {"ended_at": now, "status": status, "doc": json.dumps(result)}
    connection.execute(sa.update(table).where(table.c.id == run_id).values(**values))


def latest(connection: sa.Connection, limit: int = 5) -> list[Run]:
    """Return the last runs, newest first."""
    query = sa.select(schema.runs).order_by(schema.runs.c.started_at.desc()).limit(limit)
    return [
        Run(r.id, r.started_at, r.ended_at, r.today, r.status, json.loads(r.doc) if r.doc else None)
        for r in connection.execute(query)
    ]


def day_before(connection: sa.Connection, today: date) -> date | None:
    """Return the last day before ``today`` with a run that ended, or None."""
    run = schema.runs.c
    day: date | None = connection.scalar(
        sa.select(sa.func.max(run.today)).where(run.today < today, run.ended_at.is_not(None))
    )
    return day


def wanted_on_days(connection: sa.Connection, before: date, limit: int = 14) -> list[int]:
    """Return how many new follow-ups were wanted on each of the last days with a run, before a day.

    Of several runs on one day the largest number counts, because a later run does not want again what an
    earlier one created.
    """
    table = schema.runs
    query = sa.select(table.c.today, table.c.doc).where(table.c.today < before, table.c.doc.is_not(None))
    by_day: dict[date, int] = {}
    for row in connection.execute(query.order_by(table.c.started_at.desc()).limit(4 * limit)):
        counts = json.loads(row.doc).get("follow_ups", {})
        wanted = counts.get("created", 0) + counts.get("deferred", 0)
        by_day[row.today] = max(by_day.get(row.today, 0), wanted)
    return [by_day[day] for day in sorted(by_day, reverse=True)[:limit]]


def source_state(connection: sa.Connection, name: str) -> SourceState | None:
    """Return the state of one source; None before its first read."""
    row = connection.execute(sa.select(schema.sources).where(schema.sources.c.name == name)).first()
    return None if row is None else _state(row)


def source_states(connection: sa.Connection) -> list[SourceState]:
    """Return the states of all sources that were ever read, by name."""
    query = sa.select(schema.sources).order_by(schema.sources.c.name)
    return list(map(_state, connection.execute(query)))


def _state(row: sa.Row[Any]) -> SourceState:
    problems = tuple(Problem.model_validate(item) for item in json.loads(row.problems))
    return SourceState(**{**row._asdict(), "problems": problems, "trust": Trust(row.trust)})


def set_trust(connection: sa.Connection, name: str, trust: Trust) -> None:
    """Note how much a source is trusted; the profiles of its people are merged again."""
    rows.upsert_source(connection, name, {"trust": trust})
    table = schema.contacts
    connection.execute(sa.update(table).where(table.c.source == name).values(resolved=None))


def forget_cursor(
    connection: sa.Connection, name: str, *, keeping: Callable[[str], str | None] = lambda _: None
) -> None:
    """Make the next read of a source a full one, except for what ``keeping`` returns of the cursor."""
    state = source_state(connection, name)
    kept = keeping(state.cursor) if state and state.cursor else None
    rows.upsert_source(connection, name, {"cursor": kept})


def record_success(connection: sa.Connection, name: str, now: datetime, problems: Sequence[Problem]) -> None:
    """Record a read that was completed, with its problems."""
    listed = json.dumps([problem.model_dump() for problem in problems])
    values = {"last_success": now, "last_attempt": now, "status": "ok", "error": None, "help": None}
    rows.upsert_source(connection, name, {**values, "problems": listed})


def record_failure(connection: sa.Connection, name: str, now: datetime, *, error: str, help: str) -> None:  # noqa: A002 - the word of Problem.help
    """Record a read that failed. Cursor and data stay as they were."""
    values = {"last_attempt": now, "status": "failed", "error": error, "help": help}
    rows.upsert_source(connection, name, values)


def live_counts(connection: sa.Connection, name: str) -> dict[str, int]:
    """Count what the store holds from a source, by kind of record."""
    counts: dict[str, int] = {
        kind: rows.live_count(connection, table, name) for kind, table in schema.BY_KIND.items()
    }
    return {**counts, "messages": messages.live_count(connection, name)}


def source_names(connection: sa.Connection) -> list[str]:
    """Return every source that was ever read, by name."""
    return list(connection.scalars(sa.select(schema.sources.c.name).order_by(schema.sources.c.name)))


def forget_source(connection: sa.Connection, name: str) -> None:
    """Delete a source's state. Its records stay as tombstones."""
    connection.execute(sa.delete(schema.sources).where(schema.sources.c.name == name))
