"""The daily run as commands start it: in this process, or as a flow run on a Prefect server."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.cli.console import error_text, note
from flows.cli.live import showing
from flows.cli.prefects_home import own_server, prefects_home
from flows.run.outcome.document import RunDocument
from flows.settings.loading import load
from flows.settings.model import Settings
from people.errors import TouchbaseError
from people.store import Store, open_store, runs

if TYPE_CHECKING:
    from flows.server.finding import Found

_LATEST = 50


def run_daily(
    config: Path,
    *,
    today: date | None = None,
    dry_run: bool = False,
    accept_removals: tuple[str, ...] = (),
    verbose: bool = False,
    flow: bool = False,
) -> RunDocument:
    """Do the daily run and return its document. Raises the errors of ``people.errors``.

    It is a flow run if a Prefect server is found for this network, or if ``flow`` asks for one; without a
    server Prefect then starts one for this run alone. Otherwise this process does it.
    """
    # A mistake in the settings, or a store that cannot be used, should show before anything slow starts.
    settings = load(config)
    with closing(open_store(settings.store_url)) as store:
        _check_sources(settings, store, accept_removals)
        store.check_writable()
        server = _server(config, settings)
        if server is None and not flow:
            return _in_process(settings, today, dry_run, accept_removals, verbose=verbose)
        config = config.absolute()
        with prefects_home(settings, server.environment if server else own_server(), verbose=verbose):
            return _as_flow(store, config, today, dry_run, accept_removals, verbose=verbose)


def _server(config: Path, settings: Settings) -> Found | None:
    # It needs HTTP, which takes longer to import than a command that only asks for help may take.
    from flows.server.finding import find  # noqa: PLC0415

    return find(config, settings, note)


def _in_process(
    settings: Settings, today: date | None, dry_run: bool, accepted: tuple[str, ...], *, verbose: bool
) -> RunDocument:
    # The steps need polars, and take half a second to import.
    from flows.conducting import in_process  # noqa: PLC0415
    from flows.run.steps import Job  # noqa: PLC0415

    job = Job(dry_run=dry_run, accept_removals=accepted)
    with showing(verbose=verbose):
        report = in_process.run(job, settings, today)
    if report.error is not None:
        if not isinstance(report.error, TouchbaseError):
            raise report.error
        note(error_text(report.error))
    return report.document()


def _as_flow(
    store: Store,
    config: Path,
    today: date | None,
    dry_run: bool,
    accepted: tuple[str, ...],
    *,
    verbose: bool,
) -> RunDocument:
    # Prefect takes seconds to import, and reads the environment that is set before.
    from flows.daily import daily  # noqa: PLC0415
    from flows.orchestration.progress import address  # noqa: PLC0415
    from flows.orchestration.red_states import NotWell  # noqa: PLC0415

    def begun(flow: object, flow_run: Any, state: object) -> None:  # noqa: ANN401, ARG001 - a hook
        if place := address(flow_run.id):
            note(f"Flow run: {place}")

    with showing(verbose=verbose):
        shown = daily.with_options(on_running=[begun])
        state: Any = shown(config, today, dry_run, accepted, return_state=True)
    if not os.environ.get("PREFECT_API_URL"):
        # Its server has ended with it, so this is all that can be seen of it.
        note(f"Flow run daily: {state.name}, {state.message}")
    result = state.result(raise_on_failure=False)
    if isinstance(result, NotWell) and result.document is not None:
        return result.document
    if not isinstance(result, BaseException):
        return RunDocument.model_validate(result)
    document = _of_failed_run(store, str(state.state_details.flow_run_id))
    if document is None or not isinstance(result, TouchbaseError):
        raise result
    note(error_text(result))
    return document


def _of_failed_run(store: Store, run_id: str) -> RunDocument | None:
    """Return what a failed run recorded before it ended."""
    with store.read() as connection:
        results = [run.result for run in runs.latest(connection, _LATEST) if run.id == run_id]
    return RunDocument.model_validate(results[0]) if results and results[0] else None


def _check_sources(settings: Settings, store: Store, accepted: tuple[str, ...]) -> None:
    with store.read() as connection:
        known = runs.source_names(connection)
    names = list(dict.fromkeys([*(source.name for source in settings.sources), *known, "tasks"]))
    for name in accepted:
        if name not in names:
            raise click.UsageError(f"There is no source '{name}'. Sources: {', '.join(names) or 'none'}.")
