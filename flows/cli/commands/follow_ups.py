"""``touchbase follow-ups``: what is due, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from flows.cli.console import network_options, show
from flows.cli.table import table
from flows.pages.documents.follow_ups import FollowUpDocument
from flows.run.context import network
from people.store import follow_ups as stored
from people.tasks import FollowUp
from people.wording import title_with_who, why_in_words


@click.command("follow-ups", epilog="Example: touchbase follow-ups --all --json")
@network_options
@click.option("--all", "everything", is_flag=True, help="Also show done, dismissed and withdrawn ones.")
def follow_ups(config: Path, *, as_json: bool, everything: bool) -> int:
    """Show the follow-ups that are open, snoozed or deferred."""
    with network(config) as (_settings, store), store.read() as connection:
        items = stored.listed(connection, closed=everything)
    documents = [FollowUpDocument.filled(item) for item in items]
    return show(documents, lambda: _shown(items), as_json=as_json)


def _shown(items: Sequence[FollowUp]) -> str:
    if not items:
        return "Nothing is due. To see closed ones: touchbase follow-ups --all. To look again: touchbase run"
    rows = [
        (f.due, f.status, f.priority, title_with_who(f), f.reason or why_in_words(f, f.due), f.key[:8])
        for f in items
    ]
    headers = ("due", "status", "priority", "what", "why", "key")
    return table(headers, rows) + "\n\nAll reasons for one: touchbase explain KEY"
