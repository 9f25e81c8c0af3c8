"""``touchbase serve``: server, UI, schedules and a worker on one command."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from flows.cli.console import config_option, note


@click.command(epilog="Example: touchbase serve, then open http://127.0.0.1:4200")
@config_option
@click.option("--demo", is_flag=True, help="Serve the sample network in the folder demo, made if missing.")
@click.option("--port", type=click.IntRange(1, 65535), default=4200, show_default=True)
def serve(config: Path, *, demo: bool, port: int) -> int:
    """Run the Prefect server, its UI, the schedules and a worker on this machine until Ctrl-C.

    Prefect's own data is kept in .prefect beside the settings file, or in PREFECT_HOME.
    """
    from flows.server.processes import Serving  # noqa: PLC0415 - not needed for --help
    from flows.settings.loading import load  # noqa: PLC0415

    if demo:
        config = _demo(Path("demo"))
    settings = load(config)
    home = Path(os.environ.get("PREFECT_HOME") or settings.folder / ".prefect").absolute()
    Serving(config.absolute(), home, port, note).run()
    return 0


def _demo(folder: Path) -> Path:
    """The sample network's settings file; the network is made around today when it is not there."""
    from flows.cli.commands.init import copy_rules  # noqa: PLC0415
    from flows.cli.demo.network import write_network  # noqa: PLC0415

    config = folder / "touchbase.toml"
    if not config.exists():
        write_network(folder, datetime.now(UTC).date())
        copy_rules(folder / "rules", quiet=True)
    return config
