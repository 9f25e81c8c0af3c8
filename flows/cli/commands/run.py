"""``touchbase run``: the daily run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from flows.cli.console import judging_options, show
from flows.cli.daily_run import run_daily
from flows.cli.screens.run import screen


@click.command(epilog="Example: touchbase run --dry-run --today 2026-01-31")
@judging_options
@click.option("--dry-run", is_flag=True, help="Show what would happen, and change nothing.")
@click.option(
    "--accept-removals",
    multiple=True,
    metavar="NAME",
    help="Accept that most records of source NAME were really deleted (repeatable).",
)
@click.option("--verbose", "-v", is_flag=True, help="Show the log of the run.")
def run(
    config: Path,
    today: date | None,
    *,
    as_json: bool,
    dry_run: bool,
    accept_removals: tuple[str, ...],
    verbose: bool,
) -> int:
    """Pull every source, apply the rules and deliver the follow-ups.

    The run happens in this process. While touchbase serve runs for this network, or if PREFECT_API_URL or
    Prefect's active profile names a server, it is a flow run there, which you can watch in the UI. An empty
    PREFECT_API_URL keeps it in this process.
    """
    document = run_daily(
        config, today=today, dry_run=dry_run, accept_removals=accept_removals, verbose=verbose
    )
    show(document, lambda: screen(config, document), as_json=as_json)
    return 0 if document.status == "ok" else 1
