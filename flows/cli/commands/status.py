"""``touchbase status``: each source, its counts and problems, and the last runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from flows.cli.console import network_options, safe_lines, show
from flows.cli.table import table
from flows.pages.documents.status import LastRun, SourceStatus, StatusDocument
from flows.pages.documents.status import status as status_document
from flows.run.context import network
from people.types import RECORD_KINDS

_MOST_PROBLEMS = 10


@click.command(epilog="Example: touchbase status --json")
@network_options
def status(config: Path, *, as_json: bool) -> int:
    """Show how each source and the last runs fared. Exits 1 when one needs attention."""
    document = describe(config)
    show(document, lambda: "\n".join(_lines(document)), as_json=as_json)
    failed = document.attention or any(source.status != "ok" for source in document.sources)
    return 1 if failed or any(run.status not in ("ok", "running") for run in document.runs[:1]) else 0


def describe(config: Path) -> StatusDocument:
    """Return the document of ``status --json``."""
    with network(config) as (settings, store), store.read() as connection:
        return status_document(settings, store, connection, datetime.now(UTC))


def _lines(document: StatusDocument) -> Iterator[str]:
    headers = ("source", "status", "last success (UTC)", *RECORD_KINDS, "problems")
    yield table(headers, map(_source_row, document.sources))
    for source in document.sources:
        yield from _problems(source)
    for alert in document.attention:
        yield f"\n{alert.message}\n  next: {alert.next}"
    yield ""
    if document.runs:
        yield table(("last runs (UTC)", "for", "status", "follow-ups"), map(_run_row, document.runs))
    else:
        yield "There is no run yet. Next: touchbase run"


def _source_row(source: SourceStatus) -> tuple[object, ...]:
    success = source.last_success.isoformat(timespec="seconds") if source.last_success else "never"
    counts = [count or "" for _kind, count in source.counts]
    return (source.name, source.status, success, *counts, len(source.problems) or "")


def _problems(source: SourceStatus) -> Iterator[str]:
    if source.error:
        yield safe_lines(f"\n{source.name}: {source.error}\n  help: {source.help}")
    for problem in source.problems[:_MOST_PROBLEMS]:
        yield f"\n{problem.where}: {problem.message}\n  help: {problem.help}"
    if len(source.problems) > _MOST_PROBLEMS:
        yield f"... and {len(source.problems) - _MOST_PROBLEMS} more (touchbase status --json)"


def _run_row(run: LastRun) -> tuple[object, ...]:
    counts = ", ".join(run.follow_ups.words()) if run.follow_ups else ""
    return (run.started_at.isoformat(timespec="seconds"), run.today, run.status, counts or "none")
