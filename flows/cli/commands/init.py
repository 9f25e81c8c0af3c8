"""``touchbase init``: ask where things are; write settings, starter rules, a journal and .gitignore."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import click

import rules
from connectors.base import Connector, Surroundings
from connectors.journal.source import HEADER
from flows.cli.choosing import can_ask
from flows.cli.console import plural
from flows.cli.new_network import gitignore
from flows.cli.new_network.dialogue import ask
from flows.cli.new_network.template import settings_text
from flows.settings.loading import load
from flows.settings.model import PLACEHOLDER_EMAIL, Settings
from people.private_files import private_folder, private_opener


@click.command(epilog="Example: touchbase init mynetwork")
@click.argument(
    "directory", type=click.Path(path_type=Path, file_okay=False), default=Path(), metavar="[DIR]"
)
@click.option(
    "-y", "--yes", "--no-input", "no_input", is_flag=True, help="Ask nothing; the settings offer everything."
)
def init(directory: Path, *, no_input: bool) -> int:
    """Set up a network in DIR (default: here). Files that exist stay as they are.

    On a terminal, it asks who you are, and where your contacts, calendar, mail and tasks are.
    """
    config = directory / "touchbase.toml"
    asks = can_ask() and not no_input and not config.exists()
    answers = ask(directory) if asks else None
    private_folder(directory)
    _write(config, settings_text(answers))
    _write(directory / "journal.csv", ",".join(HEADER) + "\n")
    private_folder(directory / "people")
    copy_rules(directory / "rules")
    settings = load(config, {})
    _ignore(directory / ".gitignore", settings)
    click.echo("\nNext")
    for step in _next(directory, settings, answers.passwords if answers else {}):
        click.echo(f"  {step}")
    return 0


def _ignore(path: Path, settings: Settings) -> None:
    """Write .gitignore, or say what the one that is there lacks."""
    present = path.read_text("utf-8", "replace") if path.exists() else ""
    _write(path, gitignore.text(settings))
    if present and (lines := gitignore.missing(settings, present)):
        click.echo(f"        for git, add to it: {' '.join(lines)}")


def _lacks(
    connectors: Iterable[Connector], around: Surroundings, passwords: Mapping[str, str]
) -> Iterator[str]:
    """Yield what connectors still need. No server is asked."""
    for connector in connectors:
        variables = [secret.variable for secret in connector.secrets() if secret.file is None]
        for name in variables:
            if name not in around.environ:
                yield f"export {name}=...    {passwords.get(name, 'its password')}"
        if not variables and (check := connector.check(around)).status != "ok":
            yield check.help


def _next(directory: Path, settings: Settings, passwords: Mapping[str, str]) -> Iterator[str]:
    """Yield what is left to do, as these settings need it."""
    if directory.absolute() != Path.cwd():
        yield shlex.join(["cd", str(directory)])
    if PLACEHOLDER_EMAIL in settings.me.emails:
        yield "write your name and addresses into touchbase.toml, under [me]"
    own = settings.source_to_add_to()
    if not any(source.title and source is not own for source in settings.sources):
        yield 'name your contacts and your calendar in touchbase.toml: remove the "# " before those you have'
    around = settings.around(datetime.now(settings.me.zone).date())
    yield from dict.fromkeys(_lacks((*settings.sources, settings.tasks), around, passwords))
    yield "touchbase run --dry-run    shows what would happen, and changes nothing"
    yield "touchbase run"


def copy_rules(target: Path, *, quiet: bool = False) -> None:
    """Copy the starter rules. Files that exist stay as they are."""
    private_folder(target)
    starter, written = Path(rules.__file__).parent, 0
    for path in sorted([*starter.glob("*.yaml"), *starter.glob("*.schema.json")]):
        if not path.exists():
            continue
        if not (target / path.name).exists():
            shutil.copyfile(path, target / path.name)
            written += 1
    if not quiet:
        click.echo(f"wrote   {plural(written, 'file')} in {target}" if written else f"kept    {target}")


def _write(path: Path, text: str) -> None:
    try:
        with open(path, "x", encoding="utf-8", opener=private_opener) as file:
            file.write(text)
    except FileExistsError:
        click.echo(f"kept    {path}")
    else:
        click.echo(f"wrote   {path}")
