"""``touchbase demo``: the whole daily run on the bundled sample network."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from connectors.base import Me
from flows.cli.commands.init import copy_rules
from flows.cli.console import DAY, json_option, show
from flows.cli.daily_run import run_daily
from flows.cli.demo.network import write_network
from flows.cli.screens.run import screen
from flows.cli.table import Column, table
from flows.run.context import clock
from flows.run.outcome.document import RunDocument
from flows.settings.model import Settings


@click.command(epilog="Example: touchbase demo --dir demo")
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to put the network (default: a new temporary folder).",
)
@click.option("--today", type=DAY, help="Move the network's dates to this day instead of today.")
@click.option("--flow", is_flag=True, help="Do it as a Prefect flow run, on a server of its own (slower).")
@json_option
def demo(directory: Path | None, today: date | None, *, flow: bool, as_json: bool) -> int:
    """Copy the sample network, with its dates moved to today, and do the daily run on it.

    The run happens in this process. With --flow, as in make demo, it is a flow run on a Prefect server that
    lives as long as the run.
    """
    target = directory or Path(tempfile.mkdtemp(prefix="touchbase-demo-"))
    london = Settings(me=Me(time_zone="Europe/London"))
    day = clock(london, today)[0]
    config = write_network(target, day)
    copy_rules(target / "rules", quiet=True)
    document = run_daily(config, today=day, flow=flow)
    show(document, lambda: "\n".join(_lines(config, document)), as_json=as_json)
    return 0 if document.status != "failed" else 1


def _lines(config: Path, document: RunDocument) -> Iterator[str]:
    """Show the run, and where to look next."""
    yield from (screen(config, document), "", click.style("Where to look next", bold=True))
    yield from (f"  {step}" for step in [*_ready(), f"cd {config.parent}"])
    steps = [
        ("touchbase follow-ups", "all that is due or waits, and why"),
        ("touchbase explain 'Sofia Marino'", "why she goes cold: the rule and the meeting"),
        ("touchbase people", "all people, as known now"),
        ("touchbase groups", "which group is worth its hours and fees"),
        ("touchbase report -o report.html", "all of it as one page"),
        ("touchbase run", "run again: nothing is created twice"),
        ("ls tasks", "complete or delete one, then run again"),
        ("ls rules", "change one, then: touchbase rules diff"),
    ]
    yield table((Column(least=32), Column(least=20)), steps, indent="  ")


def _ready() -> list[str]:
    """The line that makes ``touchbase`` known to the shell, if it is not."""
    activate = Path(sys.argv[0]).absolute().parent / "activate"
    return [f"source {activate}"] if not shutil.which("touchbase") and activate.exists() else []
