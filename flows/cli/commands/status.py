"""``touchbase status``: each source, its counts and problems, and the last runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from flows.cli.console import network_options, show
from flows.cli.screens.status import lines
from flows.pages.documents.status import StatusDocument
from flows.pages.documents.status import status as status_document
from flows.run.context import network


@click.command(epilog="Example: touchbase status --json")
@network_options
def status(config: Path, *, as_json: bool) -> int:
    """Show how each source, the rules and the last runs fared. Exits 1 when one needs attention."""
    now = datetime.now(UTC)
    with network(config) as (settings, store), store.read() as connection:
        document = status_document(settings, store, connection, now)
    show(document, lambda: "\n".join(lines(document, now, settings.me.zone)), as_json=as_json)
    failed = document.attention or document.rules or any(source.status != "ok" for source in document.sources)
    return 1 if failed or any(run.status not in ("ok", "running") for run in document.runs[:1]) else 0


def describe(config: Path) -> StatusDocument:
    """Return the document of ``status --json``."""
    with network(config) as (settings, store), store.read() as connection:
        return status_document(settings, store, connection, datetime.now(UTC))
