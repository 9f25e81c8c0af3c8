"""What ``touchbase init`` asks on a terminal. An answer that cannot be right is asked for again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path

import click

from connectors.base import FileSource, Me, SourceSettings, Surroundings
from connectors.google.settings import GoogleSettings
from flows.cli.new_network import machine, paths
from flows.cli.new_network.answers import checked, holds_something, or_nothing
from flows.cli.new_network.places import (
    Place,
    Topic,
    account_of,
    guess,
    others,
    places,
    tasks_address,
    variable,
    where_made,
)
from flows.cli.new_network.template import Answers, Block, Value
from flows.cli.new_network.typed import addresses, country, line, prompt, zone
from people.text import one_line

_INTRODUCTION = "Five questions. Enter takes what stands in brackets, or skips. Ctrl-C writes nothing.\n"
_TOPICS: tuple[tuple[Topic, str], ...] = (
    ("contacts", "Where are your contacts?"),
    ("meetings", "Where is your calendar?"),
    ("messages", "Where is your mail? Only its headers are read."),
)
_TASKS_TITLE = "Where do your tasks go?"


def ask(folder: Path) -> Answers:
    """Ask about the user, and where contacts, calendar, mail and tasks of the network in ``folder`` are."""
    click.echo(_INTRODUCTION)
    click.echo("1. Who are you?")
    me = _me()
    mine = Me(emails=_emails(me), time_zone=str(me["time_zone"]))
    around = Surroundings(folder=folder.absolute(), today=datetime.now(mine.zone).date(), me=mine, environ={})
    asking = _Asking(around)
    for number, (topic, title) in enumerate(_TOPICS, start=2):
        asking.sources(topic, f"{number}. {title}")
    for source in others():
        asking.other(source)
    tasks = asking.tasks(f"5. {_TASKS_TITLE}")
    return Answers(me, asking.blocks(), tasks, asking.passwords)


def _emails(me: Mapping[str, Value]) -> tuple[str, ...]:
    found = me.get("emails", ())
    return () if isinstance(found, str | bool) else tuple(found)


def _me() -> dict[str, Value]:
    """Ask who the user is. A name and addresses that are left out keep their placeholders."""
    name = prompt("Your name", line)
    emails = prompt("Your e-mail addresses, all of them", addresses)
    place = prompt("Your time zone", zone, machine.time_zone())
    region = machine.region(place) if "/" in place else prompt("Your country", country, machine.region(place))
    currency = machine.currency(region)
    click.echo(f"  Country {region}, currency {currency}: touchbase.toml has them under [me].")
    said: dict[str, Value] = {"name": name, "emails": emails}
    where: dict[str, Value] = {"time_zone": place, "region": region, "currency": currency}
    return {key: value for key, value in said.items() if value} | where


@dataclass
class _Asking:
    """What was answered so far: later questions offer the accounts of earlier ones.

    ``passwords`` maps variables to what belongs into them, and ``owners`` to their account and user.
    ``users`` and ``urls`` are what was answered last for an account.
    """

    around: Surroundings
    passwords: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    owners: dict[str, tuple[str, str]] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    chosen: list[Block] = field(default_factory=list)
    google: set[Topic] = field(default_factory=set)

    def blocks(self) -> list[Block]:
        """The blocks of the sources. One of Google reads all that was asked of it."""
        if not self.google:
            return self.chosen
        values: dict[str, Value] = {"token": "google.json"}
        if "contacts" not in self.google:
            values["contacts"] = False
        values["calendars"] = ("primary",) if "meetings" in self.google else ()
        if "messages" in self.google:
            values["mail"] = True
        return [*self.chosen, (GoogleSettings, values)]

    def sources(self, topic: Topic, title: str) -> None:
        """Ask about one kind of source, and once more after each answer."""
        offered = places(topic)
        if topic == "messages" and self.google:
            offered.insert(0, Place("Gmail, with the login of Google above", GoogleSettings))
        _list(title, offered)
        text = "Number, or a file"
        while True:
            place, path = prompt(text, self._choice(topic, offered))
            if place is None:
                return
            if self._source(topic, place, path):
                text = "Another one: number, or a file"

    def other(self, source: type[SourceSettings]) -> None:
        """Ask about a source that holds nothing of the usual kinds: yes or no, and then its questions."""
        if click.confirm(source.title, default=False):
            self._source("contacts", Place(source.title, source, asks=source.asks), "")

    def tasks(self, title: str) -> Block:
        """Ask where tasks go. The first place is taken without an answer."""
        offered = places("tasks")
        _list(title, offered)
        kind = click.IntRange(1, len(offered))
        place = offered[click.prompt("Number", default=1, type=kind) - 1]
        return place.connector, self._values(place) or {}

    def _source(self, topic: Topic, place: Place, path: str) -> bool:
        """Ask the rest about a place; whether it is used."""
        if place.connector is GoogleSettings:
            self.google.add(topic)
            return True
        values = self._values(place, path)
        if values is None:
            return False
        if "path" in values and not holds_something(place.connector, values, self.around):
            return False
        self.chosen.append((place.connector, values))
        return True

    def _choice(self, topic: Topic, offered: Sequence[Place]) -> Callable[[str], tuple[Place | None, str]]:
        """Return what reads a number, or a path that was typed or dropped."""

        def read(text: str) -> tuple[Place | None, str]:
            if not text:
                return None, ""
            if text.isdecimal():
                if not 1 <= int(text) <= len(offered):
                    raise click.UsageError(f"{text} is not in the range 1<=x<={len(offered)}.")
                return offered[int(text) - 1], ""
            path, connector = self._dropped(topic, line(text))
            place = next((one for one in offered if one.connector is connector and not one.fixed), None)
            if place is None:
                raise click.UsageError(f"nothing here reads {path}; type the number of its kind first")
            return place, text

        return read

    def _dropped(self, topic: Topic, text: str) -> tuple[Path, type[FileSource] | None]:
        """The file or folder that a text means, and what reads it."""
        try:
            path = paths.found(text, self.around.folder).expanduser().absolute()
            if not path.exists():
                raise click.UsageError(f"{path} does not exist")
            return path, guess(topic, path)
        except (OSError, RuntimeError, ValueError) as error:  # ~nobody, or a name that is too long
            raise click.UsageError(f"'{one_line(text)[:40]}' is neither a number nor a path") from error

    def _values(self, place: Place, path: str = "") -> dict[str, Value] | None:
        """Ask the questions of a place, each with the answers before it.

        None: the first question of a source was left empty, to choose again.
        """
        values = dict(place.fixed)
        source = issubclass(place.connector, SourceSettings)
        for at, question in enumerate(place.asks):
            check = checked(place, question, values, self.around)
            if question.key == "path" and path:
                values["path"] = check(path)
                continue
            default = question.default or self._offered(place, question.key)
            optional = source and at == 0 and not default
            text = question.text or place.title
            answer = prompt(text, or_nothing(check) if optional else check, default)
            if not answer:
                return None
            values[question.key] = answer
        return self._with_password(place, values)

    def _offered(self, place: Place, key: str) -> str:
        """What was answered before for the same account."""
        answered = {"user": self.users, "url": self.urls}.get(key, {})
        return answered.get(place.service, "")

    def _with_password(self, place: Place, values: dict[str, Value]) -> dict[str, Value]:
        """Name the variable of the password: one per account, whatever is read from it."""
        if "url_env" in values:
            self.passwords[str(values["url_env"])] = "the secret address of the calendar"
        account = account_of(place, values)
        if not account:
            return values
        user = str(values["user"])
        self.users[account] = user
        if "url" in values:
            self.urls[account] = str(values["url"])
            values["url"] = tasks_address(place, str(values["url"]))
        name = self._variable(account, user)
        made = where_made(place)
        password = "the app password" if made else "the password"
        self.passwords[name] = one_line(
            f"{password} of {user} at {account}{f', made at {made}' if made else ''}"
        )
        return values | {"password_env": name}

    def _variable(self, account: str, user: str) -> str:
        """The variable of an account, which no other account has."""
        for number in count(1):
            name = variable(account, number)
            if self.owners.setdefault(name, (account, user)) == (account, user):
                return name
        raise AssertionError


def _list(title: str, offered: Sequence[Place]) -> None:
    click.echo(f"\n{title}")
    for number, place in enumerate(offered, start=1):
        click.echo(f"  {number:2}  {place.title}")
