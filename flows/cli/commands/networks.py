"""``touchbase networks``: many networks at a glance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from flows.cli.console import json_option, plural, print_json, table
from people.errors import TouchbaseError
from people.text import one_line


@click.command(epilog="Example: touchbase networks /srv/networks --json")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("networks"))
@json_option
def networks(folder: Path, *, as_json: bool) -> int:
    """Show the last run of each network in FOLDER, which holds a folder a network.

    Exits 1 when one needs attention. The deployment every-network runs them all.
    """
    document = describe(folder)
    if as_json:
        print_json(document)
    else:
        rows = [(item["name"], item["status"], item["last_run"], item["attention"]) for item in document]
        click.echo(table(("network", "status", "last run (UTC)", "needs attention"), rows))
        troubled = sum(bool(item["attention"]) for item in document)
        click.echo(f"\n{plural(len(document), 'network')}, {troubled} of them to look at")
        for item in [item for item in document if item["help"]][:1]:
            click.echo(f"next: {item['help']}")
    return 1 if any(item["attention"] for item in document) else 0


def describe(folder: Path) -> list[dict[str, Any]]:
    """The document of ``networks --json``. Raises ``SettingsError`` when the folder holds none."""
    from flows.settings.networks import listed, sharing  # noqa: PLC0415 - not needed for --help

    found = listed(folder)
    twins = sharing(found)
    return [_one(network.name, network.config, twins.get(network.name)) for network in found]


def _one(name: str, config: Path, twin: str | None) -> dict[str, Any]:
    from flows.cli.commands.status import describe as status_of  # noqa: PLC0415

    shown = {"name": name, "config": str(config), "status": "unknown", "last_run": None}
    if twin is not None:
        same = f"it has the same store as '{twin}', and is not run"
        return {**shown, "attention": same, "help": f"set another [store] schema or url in {config}"}
    try:
        status = status_of(config)
    except TouchbaseError as error:
        return {**shown, "attention": one_line(error.message), "help": error.help}
    last = status["runs"][0] if status["runs"] else {"status": "never ran", "started_at": None}
    said = [alert["message"] for alert in status["attention"]]
    said += [f"{source['name']}: {source['error']}" for source in status["sources"] if source["error"]]
    if last["status"] not in ("ok", "running") and not said:
        said.append(f"the last run was {last['status']}" if last["started_at"] else "it never ran")
    remedy = f"touchbase status --config {config}" if said else None
    shown |= {"status": last["status"], "last_run": last["started_at"]}
    return {**shown, "attention": "; ".join(said) or None, "help": remedy}
