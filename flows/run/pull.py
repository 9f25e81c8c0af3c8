"""Read a source into the store, and remove sources that are no longer in the settings."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Literal

from connectors.base import SourceSettings
from flows.run.context import Context
from people.errors import (
    CursorExpired,
    LoginNeeded,
    RetryLater,
    SettingsError,
    SourceMissing,
    SuspiciousEmptiness,
    TouchbaseError,
)
from people.store import runs
from people.store.ingest import already_read
from people.store.ingest.reading import Counts, Reading
from people.types import Page, Problem, Source, Trust

logger = logging.getLogger(__name__)

Cause = Literal["login needed", "held back", "file missing", "not reachable", "settings", "failed"]
"""Why a source failed, in two words; the run's name shows it."""


@dataclass
class SourceReport:
    """How reading one source went. ``cause`` classifies a failure; ``counts`` are per kind of record."""

    name: str
    status: Literal["ok", "failed"] = "ok"
    error: str | None = None
    help: str | None = None
    cause: Cause | None = None
    counts: dict[str, Counts] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def failure(name: str, error: BaseException) -> SourceReport:
    """Return the report of a source that failed."""
    if isinstance(error, TouchbaseError):
        return SourceReport(name, "failed", error.message, error.help, cause(error))
    remedy = "see the run's log; please report this"
    return SourceReport(name, "failed", f"unexpected {type(error).__name__}", remedy, "failed")


def cause(error: BaseException) -> Cause:
    """Classify the error that made a source fail."""
    match error:
        case LoginNeeded():
            return "login needed"
        case SuspiciousEmptiness():
            return "held back"
        case SourceMissing():
            return "file missing"
        case RetryLater():
            return "not reachable"
        case SettingsError():
            return "settings"
    return "failed"


def pull(context: Context, source: SourceSettings) -> SourceReport:
    """Read one source into the store. Raises the errors of ``people.errors`` after recording them."""
    name = source.name
    reading = _reading(context, name)
    try:
        with context.store.read() as connection:
            state = runs.source_state(connection, name)
        if source.trust != (state.trust if state else Trust.OWN):
            with context.store.begin() as connection:
                runs.set_trust(connection, name, source.trust)
        _read(context, source, reading, state.cursor if state else None)
    except Exception as error:
        failed = failure(name, error)
        with context.store.begin() as connection:
            runs.record_failure(
                connection, name, context.moment, error=failed.error or "", help=failed.help or ""
            )
        raise
    reading.finish()
    with context.store.begin() as connection:
        runs.record_success(connection, name, context.moment, reading.problems)
    reading.counts[source.main_kind].problems += len(reading.problems)
    return SourceReport(name, counts=reading.counts, problems=reading.problems)


def retire(context: Context) -> list[Problem]:
    """Remove the records of sources that the settings no longer name.

    Otherwise a renamed journal would count each line twice. If many records would go, they stay until the
    user accepts it, as for a source that is suddenly empty.
    """
    named = {source.name for source in context.settings.sources}
    with context.store.read() as connection:
        left = [name for name in runs.source_names(connection) if name not in named]
    problems = []
    for name in left:
        reading = _reading(context, name)
        try:
            reading.apply(Page(complete=True))
        except SuspiciousEmptiness as error:
            message = f"'{name}' is no longer in the settings, but its records still count"
            problems.append(Problem(where=f"source {name}", message=message, help=error.help))
            continue
        with context.store.begin() as connection:
            runs.forget_source(connection, name)
    return problems


def _reading(context: Context, name: str) -> Reading:
    accepted = name in context.accept_removals
    me = context.settings.me
    return Reading(
        context.store,
        name,
        context.moment,
        accept_removals=accepted,
        region=me.region,
        my_emails=me.emails,
    )


def _read(context: Context, source: SourceSettings, reading: Reading, cursor: str | None) -> None:
    report = context.progress
    around = replace(
        context.around(),
        known_cards=already_read.hashes(context.store, source.name),
        known_events=already_read.events(context.store, source.name),
        known_days=already_read.days(context.store, source.name, context.moment),
        pool=context.pool,
        progress=(lambda done, total: report(source.name, done, total)) if report else None,
    )
    reader = source.open(around)
    try:
        _apply(reader, reading, cursor)
    except CursorExpired:
        logger.info("%s: the cursor has expired; reading everything once", source.name)
        _apply(reader, reading, None)
    except SourceMissing:
        if not reading.accept_removals:
            raise
        reading.apply(Page(complete=True))


def _apply(reader: Source, reading: Reading, cursor: str | None) -> None:
    for page in reader.changes(cursor):
        reading.apply(page)
