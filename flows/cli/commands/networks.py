"""``touchbase networks``: many networks at a glance."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from flows.cli.commands.status import describe as status_of
from flows.cli.console import json_option, plural, print_json
from flows.cli.table import Column, table, wrapped
from flows.pages.documents.status import NetworkStatus, StatusDocument
from flows.settings.loading import load
from flows.settings.networks import listed, sharing
from people.days import short_day
from people.errors import SettingsError, TouchbaseError
from people.text import one_line

_COLUMNS = (
    Column("network", least=16),
    Column("status", least=9),
    Column("last run", drop=1, least=18),
    Column("needs attention", least=20),
)


@click.command(epilog="Example: touchbase networks /srv/networks --json")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("networks"))
@json_option
def networks(folder: Path, *, as_json: bool) -> int:
    """Show the last run of each network in FOLDER, which holds one folder per network.

    Exits 1 when a network needs attention. The deployment every-network runs all of them.
    """
    document = describe(folder)
    attention = [network for network in document if network.attention]
    if as_json:
        print_json(document)
    else:
        click.echo(table(_COLUMNS, [(one.name, one.status, _when(one), one.attention) for one in document]))
        needing = plural(len(attention), "needs attention", "need attention")
        click.echo(f"\n{plural(len(document), 'network')}; {needing}")
        for remedy in [network.help for network in attention if network.help][:1]:
            click.echo(wrapped(f"next: {remedy}"))
    return 1 if attention else 0


def _when(one: NetworkStatus) -> str:
    """The start of the last run, in the network's own zone."""
    if one.last_run is None:
        return ""
    zone = load(Path(one.config)).me.zone
    local = one.last_run.astimezone(zone)
    return f"{short_day(local.date(), datetime.now(zone).date())} {local:%H:%M}"


def describe(folder: Path) -> list[NetworkStatus]:
    """Return the document of ``networks --json``. Raises ``SettingsError`` when the folder has none."""
    networks = listed(folder)
    twins = sharing(networks)
    return [_one(network.name, network.config, twins.get(network.name)) for network in networks]


def _one(name: str, config: Path, twin: str | None) -> NetworkStatus:
    """Return the row of a network. Whatever is wrong with it, the other networks are shown."""
    try:
        if twin is not None:
            raise SettingsError(
                f"it has the same store as '{twin}', so it is not run",
                help=f"set another [store] schema or url in {config}",
            )
        status = status_of(config)
    except TouchbaseError as error:
        return _unknown(name, config, error.message, error.help)
    except Exception as error:  # noqa: BLE001 - one network must not hide the others
        return _unknown(
            name, config, f"unexpected {type(error).__name__}", f"touchbase status --config {config}"
        )
    last = status.runs[0] if status.runs else None
    attention = "; ".join(_attention(status)) or None
    return NetworkStatus(
        name=name,
        config=str(config),
        status=last.status if last else "never ran",
        last_run=last.started_at if last else None,
        attention=attention,
        help=f"touchbase status --config {config}" if attention else None,
    )


def _unknown(name: str, config: Path, message: str, remedy: str) -> NetworkStatus:
    return NetworkStatus(
        name=name,
        config=str(config),
        status="unknown",
        last_run=None,
        attention=one_line(message),
        help=remedy,
    )


def _attention(status: StatusDocument) -> list[str]:
    """Return what needs attention: late runs and stale sources, failed sources, or else the last run."""
    reasons = [alert.message for alert in status.attention]
    reasons += [f"{source.name}: {source.error}" for source in status.sources if source.error]
    if reasons:
        return reasons
    if not status.runs:
        return ["it never ran"]
    last = status.runs[0].status
    return [] if last in ("ok", "running") else [f"the last run was {last}"]
