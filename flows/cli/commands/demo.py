"""``touchbase demo``: the whole daily run on the bundled sample network."""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

import click

from connectors.base import Me
from flows.cli.console import DAY, json_option, print_json
from flows.run.context import clock


@click.command(epilog="Example: touchbase demo --dir demo")
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to put the network (default: a new temporary folder).",
)
@click.option("--today", type=DAY, help="Put the network around this day instead of today.")
@click.option("--google", is_flag=True, help="Contacts, calendar and tasks at a stand-in for Google.")
@json_option
def demo(directory: Path | None, today: date | None, *, google: bool, as_json: bool) -> int:
    """Make a copy of the sample network, alive today, and run the daily run on it."""
    from flows.cli.commands.init import copy_rules  # noqa: PLC0415 - not needed for --help
    from flows.cli.commands.run import run_daily, summary  # noqa: PLC0415
    from flows.cli.demo.network import write_network  # noqa: PLC0415
    from flows.settings.model import Settings  # noqa: PLC0415

    target = directory or Path(tempfile.mkdtemp(prefix="touchbase-demo-"))
    london = Settings(me=Me(time_zone="Europe/London"))
    day = clock(london, today)[0]
    if google:
        from flows.cli.demo.google import demonstrate  # noqa: PLC0415

        document = demonstrate(target, day)
        if as_json:
            print_json(document)
        return 0 if document["status"] == "ok" else 1
    config = write_network(target, day)
    copy_rules(target / "rules", quiet=True)
    document = run_daily(config, today=day)
    if as_json:
        print_json(document)
        return 0 if document["status"] != "failed" else 1
    click.echo(click.style("What was found", bold=True))
    click.echo(summary(document))
    click.echo(_due(config))
    click.echo(_next_steps(config))
    return 0 if document["status"] != "failed" else 1


def _due(config: Path) -> str:
    """The open follow-ups with their why, a line each."""
    from flows.run.context import network  # noqa: PLC0415
    from people.store import follow_ups  # noqa: PLC0415
    from people.tasks import why  # noqa: PLC0415
    from people.text import for_terminal  # noqa: PLC0415

    with network(config) as (_settings, store), store.read() as connection:
        found = [item for item in follow_ups.listed(connection, closed=False) if item.status == "open"]
    lines = ["", click.style("What is due, and why", bold=True)]
    for item in found:
        lines += [f"{item.due}  {for_terminal(item.title)}", f"    {for_terminal(why(item))}"]
    return "\n".join(lines)


def _next_steps(config: Path) -> str:
    program = "touchbase" if shutil.which("touchbase") else sys.argv[0]
    shown = f"--config {config}"
    steps = [
        (f"{program} follow-ups {shown}", "all that is due or waits, and why"),
        (f"{program} explain 'Sofia Marino' {shown}", "why she is stale, to the line and the meeting"),
        (f"{program} people {shown}", "everybody, as known now"),
        (f"{program} groups {shown}", "which group is worth its hours and fees"),
        (f"{program} report -o report.html {shown}", "all of it as one page"),
        (f"{program} run {shown}", "again: nothing comes twice"),
        (str(config.parent / "tasks"), "the tasks; complete or delete one, then run again"),
        (str(config.parent / "rules"), "the rules; change one, then: touchbase rules diff"),
    ]
    lines = ["", click.style("Where to look next", bold=True)]
    for step, what in steps:
        lines += [step, f"    {what}"]
    return "\n".join(lines)
