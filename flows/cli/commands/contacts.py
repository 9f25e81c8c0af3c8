"""``touchbase contacts``: each card exactly as its source has it."""

from __future__ import annotations

from pathlib import Path

import click

from flows.cli.console import network_options, note, print_json, safe_lines
from flows.cli.long_text import paged
from flows.cli.table import Column, table
from flows.pages.documents.people import Card
from flows.run.context import clock
from flows.settings.loading import load
from flows.settings.model import Settings
from people.errors import TouchbaseError
from people.types import Contact, Problem

_COLUMNS = (
    Column("", least=14),
    Column("e-mail", drop=2, least=20),
    Column("phone", drop=3, least=13),
    Column("card", drop=1, least=16),
    Column("problems", least=16),
)


@click.command(epilog="Example: touchbase contacts --source phone --json")
@network_options
@click.option("--source", "only", metavar="NAME", help="Only this source.")
def contacts(config: Path, *, as_json: bool, only: str | None) -> int:
    """Read the sources now, and show their cards with the problems in each."""
    cards, problems = _read(load(config), only)
    if as_json:
        print_json([Card.filled(contact) for contact in cards])
    else:
        paged(table(_COLUMNS, map(_row, cards)))
    for problem in problems:
        remedy = f"\n  help: {problem.help}" if problem.help else ""
        note(safe_lines(f"{problem.where}: {problem.message}{remedy}"))
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
    place = f"{contact.file} #{contact.index}" if contact.file else contact.source_id
    return (
        contact.name,
        ", ".join(contact.emails),
        ", ".join(contact.phones),
        f"{contact.source}: {place}",
        "; ".join(issue.message for issue in contact.issues),
    )
