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
from flows.cli.screens.run import summary
from flows.run.context import clock, network
from flows.run.outcome.document import RunDocument
from flows.settings.model import Settings
from people.store import follow_ups
from people.text import for_terminal
from people.wording import title_with_who, why_in_words


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
    """Show the run, the open follow-ups with their reasons, and where to look next."""
    yield from (click.style("What Touchbase found", bold=True), summary(document))
    with network(config) as (_settings, store), store.read() as connection:
        due = [item for item in follow_ups.listed(connection, closed=False) if item.status == "open"]
    yield from ("", click.style("What is due, and why", bold=True))
    for item in due:
        yield f"{item.due}  {for_terminal(title_with_who(item))}"
        yield f"    {for_terminal(why_in_words(item, item.due))}"
    program = "touchbase" if shutil.which("touchbase") else sys.argv[0]
    option = f"--config {config}"
    steps = [
        (f"{program} follow-ups {option}", "everything that is due or waits, and why"),
        (
            f"{program} explain 'Sofia Marino' {option}",
            "why she is stale: the rule's line and the meeting",
        ),
        (f"{program} people {option}", "all people, as known now"),
        (f"{program} groups {option}", "which group is worth its hours and fees"),
        (f"{program} report -o report.html {option}", "all of it as one page"),
        (f"{program} run {option}", "run again: nothing is created twice"),
        (str(config.parent / "tasks"), "the tasks; complete or delete one, then run again"),
        (str(config.parent / "rules"), "the rules; change one, then: touchbase rules diff"),
    ]
    yield from ("", click.style("Where to look next", bold=True))
    yield from (f"{step}\n    {what}" for step, what in steps)
