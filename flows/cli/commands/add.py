"""``touchbase add``: a new person in ten seconds."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import click

from connectors.vcard.settings import VCardSettings
from flows.cli.choosing import can_ask, choose, command_line
from flows.cli.console import DAY, config_option
from flows.cli.who import Candidate, listed, people_of
from flows.run.capture import new_people
from flows.run.capture.new_people import NewPerson
from flows.run.context import clock, network
from flows.settings.loading import load
from flows.settings.model import Settings
from people.errors import SettingsError, UserMustAct
from people.private_files import private_folder, replace_file
from people.regular_files import read_regular
from people.store import Store, lookup
from people.text import one_line


class Met(NamedTuple):
    """Where and when the user met somebody."""

    event: str
    day: date

    def command(self, who: str) -> str:
        """Return the command that records it for ``who``."""
        return command_line("log", who, "met", "--date", self.day.isoformat(), "--note", self.event)


@click.command(
    epilog="Example: touchbase add 'Freya Lind' --email freya@lind.example --firm 'Lind Interiors' "
    "--met 'Supper club' --needs 'a bookkeeper'"
)
@click.argument("name")
@config_option
@click.option(
    "--email", "emails", multiple=True, metavar="ADDRESS", help="An e-mail address; repeat it for more."
)
@click.option("--phone", "phones", multiple=True, metavar="NUMBER", help="A number; repeat it for more.")
@click.option("--firm", metavar="TEXT", help="Where they work.")
@click.option("--title", metavar="TEXT", help="Their job title.")
@click.option("--met", metavar="EVENT", help="Where you met. The journal gets a line.")
@click.option("--date", "day", type=DAY, help="The day you met (default: today).")
@click.option("--needs", multiple=True, metavar="TEXT", help="What they look for.")
@click.option("--offers", multiple=True, metavar="TEXT", help="What they offer.")
@click.option("--label", "labels", multiple=True, metavar="LABEL", help="A label, such as client.")
@click.option("--note", "remark", metavar="TEXT", help="Anything worth remembering.")
@click.option("--new", is_flag=True, help="Add the person even if somebody like that is known.")
@click.option("--yes", is_flag=True, help="Add the source for new people to the settings if it is missing.")
def add(  # noqa: PLR0917 - click passes them by keyword
    name: str,
    config: Path,
    emails: tuple[str, ...],
    phones: tuple[str, ...],
    firm: str | None,
    title: str | None,
    met: str | None,
    day: date | None,
    needs: tuple[str, ...],
    offers: tuple[str, ...],
    labels: tuple[str, ...],
    remark: str | None,
    *,
    new: bool,
    yes: bool,
) -> int:
    """Add a person: NAME is the full name. A card is written into the folder for new people.

    If somebody with this name, address or number is known, Touchbase shows who, and asks.
    """
    person = NewPerson(
        one_line(name), tuple(map(_address, emails)), phones, firm, title, needs, offers, labels, remark
    )
    if not person.name:
        raise click.UsageError("NAME is empty. Write the full name.")
    if day and not met:
        raise click.UsageError("--date says when you met, so it needs --met EVENT.")
    source = source_for_new_people(config, yes=yes)
    with network(config) as (settings, store):
        event = Met(one_line(met), day or clock(settings, None)[0]) if met else None
        if event:
            settings.journal_path()
        if new or _is_new(settings, store, source, person, event):
            write(settings, store, source, person, event)
    return 0


def _is_new(
    settings: Settings, store: Store, source: VCardSettings, person: NewPerson, met: Met | None
) -> bool:
    """Whether nobody like this is known; if somebody is, the user decides."""
    mine = new_people.own_card(settings, source, person)
    if mine is not None and person.is_on(mine, settings.me.region):
        click.echo(f"{mine.name} is in {source.path}/{mine.file} already. To add another person: --new")
        if met:
            click.echo(f"To record that you met: {met.command(person.name)}")
        return False
    known = people_of(settings, store, new_people.known_ids(store, person, settings.me.region))
    if known:
        return _resolve_doubt(settings, store, person, known, met)
    if mine is not None:
        raise UserMustAct(
            f"{source.path}/{mine.file} is a card of {one_line(mine.name or 'somebody')}, with other details",
            help="edit that file, or add another person: repeat it with --new",
        )
    return True


def source_for_new_people(config: Path, *, yes: bool) -> VCardSettings:
    """Return the source into which new people are written.

    If there is none, its lines are added to the settings: with ``yes``, or if the user agrees on a terminal.
    Otherwise ``SettingsError`` names the lines.
    """
    settings = load(config)
    source = settings.source_to_add_to()
    if source is not None:
        return source
    lines = VCardSettings.own_folder
    if not yes and can_ask():
        click.echo(f"{config} names no folder for new people yet. These lines do:\n\n{lines}")
        yes = click.confirm(f"Add them to {config}?", default=True)
    if not yes:
        raise SettingsError(
            f"{config} names no folder for new people",
            help=f"add these lines to it, or let --yes add them:\n{lines}",
        )
    _append(config, lines)
    source = load(config).source_to_add_to()
    if source is None:
        raise SettingsError(
            f"{config} still names no folder for new people", help="is it set by the environment?"
        )
    private_folder(settings.resolve(source.path))
    click.echo(f"Added the source '{source.name}' to {config}.")
    return source


def _append(config: Path, lines: str) -> None:
    """Add a source at the end of the settings file, if the file then still loads."""
    before = read_regular(config)
    after = before + (b"" if before.endswith(b"\n") else b"\n") + b"\n" + lines.encode()
    names = [one.get("name") for one in tomllib.loads(before.decode()).get("sources", ())]
    try:
        tomllib.loads(after.decode())
        taken = tomllib.loads(lines)["sources"][0]["name"] in names
    except tomllib.TOMLDecodeError:
        taken = True
    if taken:
        raise SettingsError(
            f"a source cannot be added at the end of {config}",
            help="set `add_here = true` for one source of type vcard whose path is a folder",
        )
    # A settings file may be a link to one among the user's dotfiles.
    replace_file(config.resolve(), after)


def write(
    settings: Settings, store: Store, source: VCardSettings, person: NewPerson, met: Met | None = None
) -> None:
    """Write the card of a new person, and a line of the journal if they met; say where."""
    path, card = new_people.write_card(settings, source, person)
    click.echo(f"Added {person.name}: {path}")
    if met:
        _write_met(settings, new_people.text_for_journal(store, person, card), met)
    click.echo("It counts from the next run: touchbase run")


def _write_met(settings: Settings, who: str, met: Met) -> None:
    path = new_people.write_met(settings, who, met.event, met.day)
    click.echo(f"Met at {met.event} on {met.day.isoformat()}: {path}")


def _resolve_doubt(
    settings: Settings, store: Store, person: NewPerson, known: Sequence[Candidate], met: Met | None
) -> bool:
    """Ask whether the person is one of the known ones. Raises ``UserMustAct`` where nobody can answer."""
    today = clock(settings, None)[0]
    message = f"somebody like {person.name} is known already"
    with store.read() as connection:
        texts = [lookup.text_of(connection, one.id) for one in known]
    if not can_ask():
        record = f"record that you met: {met.command(texts[0])}; or " if met else ""
        raise UserMustAct(
            f"{message}:\n{listed(known, today)}", help=f"{record}add another person: repeat it with --new"
        )
    click.echo(f"{message[0].upper()}{message[1:]}:\n{listed(known, today, numbered=True)}")
    answer = choose(known, {"n": "a new person", "q": "stop"})
    if isinstance(answer, Candidate) and met:
        _write_met(settings, texts[known.index(answer)], met)
    elif isinstance(answer, Candidate):
        click.echo(f"Nothing was added. What is known: {command_line('explain', answer.id)}")
    return answer == "n"


def _address(text: str) -> str:
    """Return an e-mail address in lower case."""
    address = text.strip().lower()
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or any(map(str.isspace, address)):
        raise click.UsageError(f"'{one_line(text)}' is not an e-mail address.")
    return address
