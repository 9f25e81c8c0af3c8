"""``touchbase groups``: which group is worth its hours and fees."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from flows.cli.console import judging_options, show
from flows.cli.screens import groups as screen
from flows.pages.documents.groups import groups as groups_document
from flows.run.context import network
from flows.run.look import support_now


@click.command(epilog="Example: touchbase groups   then: touchbase explain group:bni-central")
@judging_options
def groups(config: Path, today: date | None, *, as_json: bool) -> int:
    """Compare your groups: cost, target people, business, and the rules' verdict."""
    with network(config) as (settings, store):
        document = groups_document(support_now(settings, store, today))
    folder = str(settings.rules.path)
    return show(document, lambda: "\n".join(screen.listing(document, folder)), as_json=as_json)
