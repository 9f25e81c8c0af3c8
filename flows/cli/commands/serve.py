"""``touchbase serve``: server, UI, schedules and a worker in one command."""

from __future__ import annotations

from pathlib import Path

import click

from flows.cli.commands.demo import demo_network
from flows.cli.console import config_option, note
from flows.server.processes import Serving
from flows.server.served import prefect_home
from flows.settings.loading import load


@click.command(epilog="Example: touchbase serve, then open the address that it prints")
@config_option
@click.option(
    "--demo",
    is_flag=True,
    help="Serve the sample network in the folder demo; create it if needed.",
)
@click.option(
    "--in-container",
    is_flag=True,
    help="Listen on all addresses, for a container whose port is published to 127.0.0.1 only.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=4200, show_default=True)
def serve(config: Path, *, demo: bool, in_container: bool, port: int) -> int:
    """Run the Prefect server, its UI, the schedules and a worker on this machine until Ctrl-C.

    The printed address logs your browser in: the server has a password, in .prefect/serve.json while it runs.
    Prefect keeps its own data in .prefect beside the settings file, or in PREFECT_HOME.
    """
    if demo:
        config = demo_network(Path("demo"))
    settings = load(config)
    host = "0.0.0.0" if in_container else "127.0.0.1"  # noqa: S104 - the guard and the password stand before it
    Serving(config.absolute(), prefect_home(settings), port, note, host).run()
    return 0
