"""``touchbase contacts``: each card exactly as its source tells it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.cli.console import config_option, json_option, note, print_json, table
from flows.run.context import clock

if TYPE_CHECKING:
    from flows.settings.model import Settings
    from people.types import Contact, Problem

_FIELDS = (
    "record", "source", "file", "index", "name", "given_name", "family_name", "emails", "phones",
    "organisation", "title", "note", "birthday", "labels", "kind", "rejected",
)  # fmt: skip


@click.command(epilog="Example: touchbase contacts --source phone --json")
@config_option
@json_option
@click.option("--source", "only", metavar="NAME", help="Only this source.")
def contacts(config: Path, *, as_json: bool, only: str | None) -> int:
    """Read the sources now and show their cards, with the issues found in each."""
    from flows.settings.loading import load  # noqa: PLC0415 - not needed for --help

    settings = load(config)
    found, problems = _read(settings, only)
    if as_json:
        print_json([document(contact) for contact in found])
    else:
        rows = [
            (
                c.source,
                _place(c),
                c.name,
                ", ".join(c.emails),
                ", ".join(c.phones),
                "; ".join(i.message for i in c.issues),
            )
            for c in found
        ]
        click.echo(table(("source", "card", "name", "e-mail", "phone", "issues"), rows))
    for problem in problems:
        note(f"{problem.where}: {problem.message}" + (f"\n  help: {problem.help}" if problem.help else ""))
    return 1 if problems or any(contact.rejected for contact in found) else 0


def document(contact: Contact) -> dict[str, Any]:
    """One entry of ``contacts --json``."""
    values = {name: getattr(contact, name) for name in _FIELDS}
    return values | {"issues": [issue.model_dump() for issue in contact.issues]}


def _read(settings: Settings, only: str | None) -> tuple[list[Contact], list[Problem]]:
    from people.errors import TouchbaseError  # noqa: PLC0415
    from people.types import Problem  # noqa: PLC0415

    wanted = [settings.source(only)] if only else [s for s in settings.sources if s.tells != {"journal"}]
    around = settings.around(clock(settings, None)[0])
    found: list[Contact] = []
    problems: list[Problem] = []
    for source in wanted:
        try:
            for page in source.open(around).changes(None):
                problems.extend(page.problems)
                found.extend(_contacts(page.changes))
        except TouchbaseError as error:
            problems.append(Problem(where=f"source {source.name}", message=error.message, help=error.help))
    return found, problems


def _contacts(changes: tuple[object, ...]) -> Iterator[Contact]:
    from people.types import Contact  # noqa: PLC0415

    return (change for change in changes if isinstance(change, Contact))


def _place(contact: Contact) -> str:
    return f"{contact.file} #{contact.index}" if contact.file else contact.source_id
