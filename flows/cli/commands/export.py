"""``touchbase export``: write out all people."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from connectors.vcard.write import write_cards
from flows.cli.commands.people import find
from flows.cli.console import as_json, config_option, note, plural, today_option
from flows.pages.documents.people import Person
from people.errors import UserMustAct
from people.private_files import write_private
from people.text import for_csv


@click.command(epilog="Example: touchbase export --vcf -o people.vcf")
@click.option("--vcf", "form", flag_value="vcf", help="vCards, one per person.")
@click.option("--csv", "form", flag_value="csv", help="A table for a spreadsheet.")
@click.option("--json", "form", flag_value="json", help="The document of 'people --json'.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file (default: the screen)."
)
@config_option
@today_option
def export(form: str | None, output: Path | None, config: Path, today: date | None) -> int:
    """Export all people, with everything that is known about them."""
    if form is None:
        raise click.UsageError("Choose a format: --vcf, --csv or --json.")
    people = find(config, "", today)
    text = _written(form, people)
    if output is None:
        click.echo(text, nl=False)
    else:
        try:
            write_private(output, text)
        except OSError as error:
            raise UserMustAct(
                f"the export cannot be written to {output}: {error.strerror}",
                help="name another file with -o",
            ) from error
        note(f"Wrote {plural(len(people), 'person', 'people')} to {output}.")
    return 0


def _written(form: str, people: Sequence[Person]) -> str:
    if form == "json":
        return as_json(people) + "\n"
    if form == "csv":
        return _csv(people)
    return write_cards([person.model_dump() for person in people])


def _csv(people: Sequence[Person]) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(Person.model_fields)
    for person in people:
        writer.writerow(for_csv(_cell(value)) for _name, value in person)
    return file.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(str(item) for item in value)
    return "" if value is None else str(value)
