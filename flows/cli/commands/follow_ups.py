"""``touchbase follow-ups``: what is due, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.cli.console import config_option, json_option, print_json, table
from flows.run.context import network

if TYPE_CHECKING:
    from people.tasks import FollowUp

_FIELDS = (
    "key", "person_id", "person", "rule", "title", "notes", "channel", "priority", "due", "status",
    "sink", "ref", "reason", "value",
)  # fmt: skip


@click.command("follow-ups", epilog="Example: touchbase follow-ups --all --json")
@config_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Done, dismissed and withdrawn ones too.")
def follow_ups(config: Path, *, as_json: bool, everything: bool) -> int:
    """Show the follow-ups that are open, snoozed or deferred."""
    from people.store import follow_ups as stored  # noqa: PLC0415 - not needed for --help
    from people.tasks import why  # noqa: PLC0415

    with network(config) as (_settings, store), store.read() as connection:
        found = stored.listed(connection, closed=everything)
    if as_json:
        print_json([document(item) for item in found])
    elif found:
        rows = [
            (f.due, f.status, f.priority, f.person, f.title, f.reason or why(f), f.key[:8]) for f in found
        ]
        click.echo(table(("due", "status", "priority", "person", "what", "why", "key"), rows))
        click.echo("\nWhy in full: touchbase explain KEY")
    else:
        click.echo("Nothing is due. (touchbase follow-ups --all shows what was; touchbase run looks again)")
    return 0


def document(item: FollowUp) -> dict[str, Any]:
    """One entry of ``follow-ups --json``."""
    data = item.model_dump(mode="json")
    return {name: data[name] for name in _FIELDS} | {"because": data["because"]}
