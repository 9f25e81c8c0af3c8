"""``touchbase contacts``: each card exactly as its source has it."""

from __future__ import annotations

from pathlib import Path

import click

from flows.cli.console import network_options, note, show
from flows.cli.table import table
from flows.pages.documents.people import Card
from flows.run.context import clock
from flows.settings.loading import load
from flows.settings.model import Settings
from people.errors import TouchbaseError
from people.types import Contact, Problem


@click.command(epilog="Example: touchbase contacts --source phone --json")
@network_options
@click.option("--source", "only", metavar="NAME", help="Only this source.")
def contacts(config: Path, *, as_json: bool, only: str | None) -> int:
    """Read the sources now, and show their cards with the problems in each."""
    cards, problems = _read(load(config), only)
    headers = ("source", "card", "name", "e-mail", "phone", "problems")
    show(
        [Card.filled(contact) for contact in cards], lambda: table(headers, map(_row, cards)), as_json=as_json
    )
    for problem in problems:
        note(f"{problem.where}: {problem.message}" + (f"\n  help: {problem.help}" if problem.help else ""))
    return 1 if problems or any(contact.rejected for contact in cards) else 0


def _read(settings: Settings, only: str | None) -> tuple[list[Contact], list[Problem]]:
    wanted = [settings.source(only)] if only else [s for s in settings.sources if s.tells != {"journal"}]
    around = settings.around(clock(settings, None)[0])
    cards: list[Contact] = []
    problems: list[Problem] = []
    for source in wanted:
        try:
            for page in source.open(around).changes(None):
                problems.extend(page.problems)
                cards.extend(change for change in page.changes if isinstance(change, Contact))
        except TouchbaseError as error:
            problems.append(Problem(where=f"source {source.name}", message=error.message, help=error.help))
    return cards, problems


def _row(contact: Contact) -> tuple[object, ...]:
    return (
        contact.source,
        f"{contact.file} #{contact.index}" if contact.file else contact.source_id,
        contact.name,
        ", ".join(contact.emails),
        ", ".join(contact.phones),
        "; ".join(issue.message for issue in contact.issues),
    )
