"""``touchbase init``: create a commented settings file, the starter rules and a journal."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path

import click

import rules
from connectors import catalog
from connectors.journal.source import HEADER
from connectors.vcard.settings import VCardSettings
from people.private_files import private_folder, private_opener

_HEAD = """# Touchbase settings. Every key can also be set as TOUCHBASE_SECTION__KEY.
# Relative paths are relative to this file.

[me]
name = "Your Name"
emails = ["you@example.com"]       # all your addresses: they are never contacts
time_zone = "Europe/London"        # days are judged here
region = "GB"                      # for phone numbers and public holidays
currency = "GBP"

[store]
url = "sqlite:///touchbase.db"     # or postgresql+psycopg://user@host/name
# schema = "you"                   # Postgres: keeps this network apart from others in the database

[rules]
path = "rules"                     # your rule files; edit them freely

# Where people and meetings come from. Remove the "# " before those that you have.
"""
_TASKS = """# Where follow-ups become tasks: choose one.
"""
_TAIL = """[budget]
hours_per_month = 12
money_per_month = 150

[approval]
enabled = false                    # true: a scheduled run asks in the Prefect UI before it delivers
hours = 8                          # without an answer, new follow-ups wait for the next run
"""


def settings_text() -> str:
    """The commented settings file; each connector of the catalog brings its own table."""
    sources = [one.example if one.ready else _commented(one.example) for one in catalog.SOURCES]
    sources.append(VCardSettings.own_folder)
    first, *others = catalog.SINKS
    tasks = _TASKS + first.example
    return "\n".join([_HEAD, *sources, tasks, *(_commented(one.example) for one in others), _TAIL])


def _commented(table: str) -> str:
    return textwrap.indent(table, "# ")


@click.command(epilog="Example: touchbase init mynetwork")
@click.argument(
    "directory", type=click.Path(path_type=Path, file_okay=False), default=Path(), metavar="[DIR]"
)
def init(directory: Path) -> int:
    """Set up a network in DIR (default: here). Files that exist stay as they are."""
    private_folder(directory)
    _write(directory / "touchbase.toml", settings_text())
    _write(directory / "journal.csv", ",".join(HEADER) + "\n")
    private_folder(directory / "people")
    copy_rules(directory / "rules")
    here = "" if directory == Path() else f"cd {directory} && "
    click.echo(f"Next: name your sources in {directory / 'touchbase.toml'}, then: {here}touchbase run")
    return 0


def copy_rules(target: Path, *, quiet: bool = False) -> None:
    """Copy the starter rules. Files that exist stay as they are."""
    private_folder(target)
    starter = Path(rules.__file__).parent
    for path in sorted([*starter.glob("*.yaml"), *starter.glob("*.schema.json")]):
        if not path.exists():
            continue
        kept = (target / path.name).exists()
        if not kept:
            shutil.copyfile(path, target / path.name)
        if not quiet:
            click.echo(f"{'kept ' if kept else 'wrote'}   {target / path.name}")


def _write(path: Path, text: str) -> None:
    try:
        with open(path, "x", encoding="utf-8", opener=private_opener) as file:
            file.write(text)
    except FileExistsError:
        click.echo(f"kept    {path}")
    else:
        click.echo(f"wrote   {path}")
