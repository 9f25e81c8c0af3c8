"""``touchbase follow-ups``: what is due, and why."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from flows.cli.console import judging_options, print_json
from flows.cli.screens.follow_ups import listing
from flows.cli.table import wrapped
from flows.pages.documents.follow_ups import FollowUpDocument
from flows.run.context import clock, network
from flows.run.outcome.first_step import first_step_now
from flows.settings.model import Settings
from people.store import Connection
from people.store import follow_ups as stored


@click.command("follow-ups", epilog="Example: touchbase follow-ups --all --json")
@judging_options
@click.option("--all", "everything", is_flag=True, help="Show all that wait, and the closed ones too.")
def follow_ups(config: Path, today: date | None, *, as_json: bool, everything: bool) -> int:
    """Show the follow-ups that are due, that come, and that wait, each with its key."""
    with network(config) as (settings, store), store.read() as connection:
        items = stored.listed(connection, closed=everything)
        short = stored.short_keys(connection, (item.key for item in items))
        nothing = "" if items else _nothing(settings, connection)
    day = clock(settings, today)[0]
    if as_json:
        print_json([FollowUpDocument.filled(item) for item in items])
    else:
        click.echo(nothing or "\n".join(listing(items, short, day, everything=everything)))
    return 0


def _nothing(settings: Settings, connection: Connection) -> str:
    """Say why nothing is due, and what comes next."""
    sentence = first_step_now(connection, {source.name for source in settings.sources})
    return wrapped(sentence or "Nothing is due. To see the closed ones: touchbase follow-ups --all")
