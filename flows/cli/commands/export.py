"""``touchbase export``: your data is yours."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from flows.cli.console import config_option, note, plural, print_json, today_option

_COLUMNS = (
    "id", "name", "given_name", "family_name", "emails", "phones", "organisation", "title", "birthday",
    "labels", "groups", "tier", "tags", "segments", "stale", "cadence_days", "last_contact",
    "days_since_contact", "next_meeting", "balance", "records",
)  # fmt: skip


@click.command(epilog="Example: touchbase export --vcf -o people.vcf")
@click.option("--vcf", "form", flag_value="vcf", help="vCards, one a person.")
@click.option("--csv", "form", flag_value="csv", help="A table for a spreadsheet.")
@click.option("--json", "form", flag_value="json", help="All that 'people --json' tells.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file (default: the screen)."
)
@config_option
@today_option
def export(form: str | None, output: Path | None, config: Path, today: date | None) -> int:
    """Write out everybody with what is known of them."""
    from flows.cli.commands.people import find  # noqa: PLC0415 - not needed for --help

    if form is None:
        raise click.UsageError("Say in which form: --vcf, --csv or --json.")
    found = find(config, "", today)
    if form == "json" and output is None:
        print_json(found)
        return 0
    text = _written(form, found)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8", newline="")
        note(f"Wrote {plural(len(found), 'person', 'people')} to {output}.")
    return 0


def _written(form: str, found: Sequence[Mapping[str, Any]]) -> str:
    if form == "json":
        import json  # noqa: PLC0415

        return json.dumps(found, ensure_ascii=False, indent=2, default=str) + "\n"
    if form == "csv":
        return _csv(found)
    from connectors.vcard.write import write_cards  # noqa: PLC0415 - needs vobject

    return write_cards(found)


def _csv(found: Sequence[Mapping[str, Any]]) -> str:
    from people.text import for_csv  # noqa: PLC0415

    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    for person in found:
        writer.writerow(for_csv(_cell(person[name])) for name in _COLUMNS)
    return file.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(str(item) for item in value)
    return "" if value is None else str(value)
