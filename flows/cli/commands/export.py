"""``touchbase export``: write out all people, or everything that is known of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from connectors.vcard.write import write_cards
from flows.cli.commands.people import find
from flows.cli.console import as_json, config_option, note, plural, today_option
from flows.cli.who import exactly
from flows.pages.documents.people import Person
from flows.pages.one_person import everything_of
from flows.run.context import network
from flows.server.served import prefect_home
from people.errors import UserMustAct
from people.private_files import write_output
from people.text import csv_table, for_terminal


@click.command(epilog="Example: touchbase export --vcf -o people.vcf   or: touchbase export --who 'Ann Lee'")
@click.option("--vcf", "form", flag_value="vcf", help="vCards, one per person.")
@click.option("--csv", "form", flag_value="csv", help="A table for a spreadsheet.")
@click.option("--json", "form", flag_value="json", help="The document of 'people --json'.")
@click.option("--who", help="Everything that is known of one person, as JSON.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file (default: the screen)."
)
@config_option
@today_option
def export(form: str | None, who: str | None, output: Path | None, config: Path, today: date | None) -> int:
    """Export all people, or with --who everything that is known of one person.

    The latter is for somebody who asks what you know about them: cards, meetings, mail, journal,
    follow-ups, decisions, tags with their reasons, and where each came from.
    """
    if who is not None:
        if form not in (None, "json"):
            raise click.UsageError("--who writes JSON; leave out --vcf and --csv.")
        return _export_one(who, output, config, today)
    if form is None:
        raise click.UsageError("Choose a format: --vcf, --csv or --json.")
    people = find(config, "", today)
    _write(_written(form, people), output, f"{plural(len(people), 'person', 'people')}")
    return 0


def _export_one(who: str, output: Path | None, config: Path, today: date | None) -> int:
    with network(config) as (settings, store):
        person, name = exactly(settings, store, who, "to export")
        prefect = prefect_home(settings)
        document = everything_of(settings, store, person, today, config=config, prefect=prefect)
    _write(as_json(document) + "\n", output, f"everything known of {for_terminal(name)}")
    note("Look through it before you hand it out: it also names others.")
    return 0


def _write(text: str, output: Path | None, what: str) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        write_output(output, text)
    except OSError as error:
        raise UserMustAct(
            f"the export cannot be written to {output}: {error.strerror}",
            help="name another file with -o",
        ) from error
    note(f"Wrote {what} to {output}.")


def _written(form: str, people: Sequence[Person]) -> str:
    if form == "json":
        return as_json(people) + "\n"
    if form == "csv":
        rows = [[_cell(value) for _name, value in person] for person in people]
        return csv_table([list(Person.model_fields), *rows])
    return write_cards([person.model_dump() for person in people])


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(str(item) for item in value)
    return "" if value is None else str(value)
