"""``touchbase run``: the daily run, as a Prefect flow."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import click

from flows.cli.console import error_text, judging_options, note, show
from flows.cli.screens.run import summary
from flows.run.outcome.document import RunDocument
from flows.settings.loading import load
from flows.settings.model import Settings
from people.errors import TouchbaseError
from people.store import Store, open_store, runs

# Without these Prefect calls home at its start, and shows only its own log.
_PREFECT = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "connectors,people,rules,flows",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
}
_QUIET = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}


@click.command(epilog="Example: touchbase run --dry-run --today 2026-01-31")
@judging_options
@click.option("--dry-run", is_flag=True, help="Show what would happen, and change nothing.")
@click.option(
    "--accept-removals",
    multiple=True,
    metavar="NAME",
    help="Accept that most records of source NAME were really deleted (repeatable).",
)
@click.option("--verbose", "-v", is_flag=True, help="Show Prefect's log.")
def run(
    config: Path,
    today: date | None,
    *,
    as_json: bool,
    dry_run: bool,
    accept_removals: tuple[str, ...],
    verbose: bool,
) -> int:
    """Pull every source, apply the rules and deliver the follow-ups."""
    document = run_daily(
        config, today=today, dry_run=dry_run, accept_removals=accept_removals, verbose=verbose
    )
    show(document, lambda: summary(document), as_json=as_json)
    return 0 if document.status == "ok" else 1


def run_daily(
    config: Path,
    *,
    today: date | None = None,
    dry_run: bool = False,
    accept_removals: tuple[str, ...] = (),
    verbose: bool = False,
) -> RunDocument:
    """Run the flow in this process and return its document. Raises the errors of ``people.errors``."""
    # A mistake in the settings, or a store that cannot be used, should not wait for Prefect's start.
    settings = load(config)
    with closing(open_store(settings.store_url)) as store:
        _check_sources(settings, store, accept_removals)
        store.check_writable()
        _prepare_prefect(verbose=verbose)
        # Prefect takes seconds to import, and reads the environment set above.
        from flows.daily import daily  # noqa: PLC0415

        state: Any = daily(config.absolute(), today, dry_run, accept_removals, return_state=True)
        result = state.result(raise_on_failure=False)
        if not isinstance(result, BaseException):
            return RunDocument.model_validate(result)
        document = _of_failed_run(store, str(state.state_details.flow_run_id))
    if document is None or not isinstance(result, TouchbaseError):
        raise result
    note(error_text(result))
    return document


def _prepare_prefect(*, verbose: bool) -> None:
    for name, value in (_PREFECT if verbose else _PREFECT | _QUIET).items():
        os.environ.setdefault(name, value)
    if sys.stderr.isatty():
        note("Starting Prefect ...")


def _of_failed_run(store: Store, run_id: str) -> RunDocument | None:
    """Return what a failed run recorded before it ended."""
    with store.read() as connection:
        latest = runs.latest(connection, 1)
    if not latest or latest[0].id != run_id or latest[0].result is None:
        return None
    return RunDocument.model_validate(latest[0].result)


def _check_sources(settings: Settings, store: Store, accepted: tuple[str, ...]) -> None:
    with store.read() as connection:
        known = runs.source_names(connection)
    names = list(dict.fromkeys([*(source.name for source in settings.sources), *known, "tasks"]))
    for name in accepted:
        if name not in names:
            raise click.UsageError(f"There is no source '{name}'. Sources: {', '.join(names) or 'none'}.")
