"""``touchbase run``: the daily run, as a Prefect flow."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.cli.console import config_option, json_option, note, plural, print_json, today_option
from flows.cli.main import sentence
from people.errors import TouchbaseError

if TYPE_CHECKING:
    from flows.settings.model import Settings
    from people.store import Store

# Prefect reaches out at its start unless told not to, and shows only its own log by itself.
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
@config_option
@today_option
@json_option
@click.option("--dry-run", is_flag=True, help="Show what would happen; touch no task and no cursor.")
@click.option(
    "--accept-removals",
    multiple=True,
    metavar="NAME",
    help="Believe source NAME that most of its records are gone (repeatable).",
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
    if as_json:
        print_json(document)
    else:
        click.echo(summary(document))
    return 0 if document["status"] == "ok" else 1


def run_daily(
    config: Path,
    *,
    today: date | None = None,
    dry_run: bool = False,
    accept_removals: tuple[str, ...] = (),
    verbose: bool = False,
) -> dict[str, Any]:
    """Run the flow in this process; return its document. Raises the errors of ``people.errors``."""
    from flows.settings.loading import load  # noqa: PLC0415
    from people.store import open_store  # noqa: PLC0415

    # A mistake in the settings, or a store that cannot be used, should not wait for Prefect's start.
    settings = load(config)
    store = open_store(settings.store_url)
    try:
        _check_sources(settings, store, accept_removals)
        store.check_writable()
        return _in_prefect(store, config, today, dry_run, accept_removals, verbose=verbose)
    finally:
        store.close()


def _in_prefect(
    store: Store,
    config: Path,
    today: date | None,
    dry_run: bool,
    accept_removals: tuple[str, ...],
    *,
    verbose: bool,
) -> dict[str, Any]:
    for name, value in (_PREFECT if verbose else _PREFECT | _QUIET).items():
        os.environ.setdefault(name, value)
    if sys.stderr.isatty():
        note("Starting Prefect ...")
    from flows.daily import daily  # noqa: PLC0415 - Prefect takes seconds to import

    state: Any = daily(config.absolute(), today, dry_run, accept_removals, return_state=True)
    result = state.result(raise_on_failure=False)
    if not isinstance(result, BaseException):
        found: dict[str, Any] = result
        return found
    document = _of_failed_run(store, str(state.state_details.flow_run_id))
    if document is None or not isinstance(result, TouchbaseError):
        raise result
    note(sentence(result))
    return document


def _of_failed_run(store: Store, run_id: str) -> dict[str, Any] | None:
    """What a run that failed on its way could still note down."""
    from people.store import runs  # noqa: PLC0415

    with store.read() as connection:
        latest = runs.latest(connection, 1)
    return latest[0].result if latest and latest[0].id == run_id else None


def _check_sources(settings: Settings, store: Store, accepted: tuple[str, ...]) -> None:
    from people.store import runs  # noqa: PLC0415

    with store.read() as connection:
        known = runs.source_names(connection)
    names = list(dict.fromkeys([*(source.name for source in settings.sources), *known, "tasks"]))
    for name in accepted:
        if name not in names:
            raise click.UsageError(f"There is no source '{name}'. Sources: {', '.join(names) or 'none'}.")


def summary(document: dict[str, Any]) -> str:
    """The document of a run for a person: what came in, what is due, what needs attention."""
    people, counts = document["people"], document["follow_ups"]
    lines = [_source_line(source) for source in document["sources"]]
    lines.append(
        f"{plural(people['total'], 'person', 'people')} known · {people['stale']} stale"
        f" · {document['rules']['rules']} rules"
    )
    created = "would be created" if document["dry_run"] else "created"
    told = [f"{counts['created']} follow-up{'s' * (counts['created'] != 1)} {created}"]
    told += [f"{counts[k]} {k}" for k in counts if k != "created" and counts[k]]
    lines.append(" · ".join(told))
    lines += [f"label: {change}" for change in document["labels"]] if document["dry_run"] else []
    if document["labels"] and not document["dry_run"]:
        lines.append(f"{plural(len(document['labels']), 'label change')} written back")
    for problem in document["problems"][:_SHOWN]:
        mark = click.style("needs attention:", fg="yellow")
        lines.append(f"{mark} {problem['where']}: {problem['message']}")
        if problem["help"]:
            lines.append(f"  help: {problem['help']}")
    if len(document["problems"]) > _SHOWN:
        lines.append(f"... and {len(document['problems']) - _SHOWN} more (touchbase run --json)")
    return "\n".join(lines)


_SHOWN = 12


def _source_line(source: dict[str, Any]) -> str:
    if source["status"] != "ok":
        return f"{source['name']}: {click.style('failed', fg='red')}"
    parts = []
    for kind, one in (("contacts", "contact"), ("meetings", "meeting"), ("journal", "journal line")):
        counts = source[kind]
        total = counts["added"] + counts["changed"] + counts["unchanged"]
        if total or counts["gone"]:
            news = [f"{counts[word]} {word}" for word in ("added", "changed", "gone") if counts[word]]
            news += [plural(counts["problems"], "problem")] if counts["problems"] else []
            parts.append(f"{plural(total, one)} ({', '.join(news) or 'unchanged'})")
    return f"{source['name']}: {'; '.join(parts) or 'empty'}"
