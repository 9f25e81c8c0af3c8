"""``touchbase demo``: the whole daily run on the bundled sample network."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from connectors.base import Me
from flows.cli.commands.init import copy_rules
from flows.cli.console import DAY, json_option, note, show
from flows.cli.daily_run import run_daily
from flows.cli.demo.network import is_demo, write_network
from flows.cli.screens.run import screen
from flows.cli.table import Column, table
from flows.run.context import clock
from flows.run.outcome.document import RunDocument
from flows.settings.model import Settings


@click.command(epilog="Example: touchbase demo --dir /tmp/demo")
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Where to put the network.",
)
@click.option("--today", type=DAY, help="Move the network's dates to this day instead of today.")
@click.option("--flow", is_flag=True, help="Do it as a Prefect flow run, on a server of its own (slower).")
@json_option
def demo(directory: Path, today: date | None, *, flow: bool, as_json: bool) -> int:
    """Copy the sample network, with its dates moved to today, and do the daily run on it.

    A demo network that is there already stays as it is, and one more run follows. The run happens in this
    process. With --flow, as in make demo, it is a flow run on a Prefect server that lives as long as the run.
    """
    if is_demo(directory):
        note(f"{directory} is there from an earlier demo: one more run. To begin again, delete it.")
    config = demo_network(directory, today)
    document = run_daily(config, today=today or _today(), flow=flow)
    show(document, lambda: "\n".join(_lines(config, document)), as_json=as_json)
    return 0 if document.status != "failed" else 1


def demo_network(folder: Path, today: date | None = None) -> Path:
    """Return the settings file of the demo network in ``folder``. If it is missing, write it around today."""
    if is_demo(folder):
        return folder / "touchbase.toml"
    config = write_network(folder, today or _today())
    copy_rules(folder / "rules", quiet=True)
    return config


def _today() -> date:
    return clock(Settings(me=Me(time_zone="Europe/London")), None)[0]


def _lines(config: Path, document: RunDocument) -> Iterator[str]:
    """Show the run, and where to look next."""
    yield from (screen(config, document), "", click.style("Where to look next", bold=True))
    yield from (f"  {step}" for step in [*_ready(), shlex.join(["cd", str(config.parent)])])
    steps = [
        ("touchbase follow-ups", "all that is due or waits, and why"),
        ("touchbase explain 'Sofia Marino'", "why she goes cold: the rule and the meeting"),
        ("touchbase waiting", "who waits for an answer, by your mail"),
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
    if shutil.which("touchbase") or not activate.exists():
        return []
    near = activate.is_relative_to(Path.cwd())
    return [shlex.join(["source", str(activate.relative_to(Path.cwd()) if near else activate)])]
