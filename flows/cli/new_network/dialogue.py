"""What ``touchbase init`` asks on a terminal. An answer that cannot be right is asked for again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path

import click
from pydantic import ValidationError

from connectors.base import Connector, Me, SinkSettings, SourceSettings, Surroundings, type_of
from connectors.google.settings import GoogleSettings
from connectors.questions import Question
from flows.cli.console import plural
from flows.cli.new_network import machine, paths
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
from flows.cli.new_network.template import Answers, Block, Value, table
from flows.cli.new_network.typed import addresses, country, line, prompt, zone
from people.errors import TouchbaseError
from people.text import for_terminal, one_line
from people.types import Change, Contact, Meeting, Message

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
        return place.connector, self._values(place, "")

    def _source(self, topic: Topic, place: Place, path: str) -> bool:
        """Ask the rest about a place; whether it is used."""
        if place.connector is GoogleSettings:
            self.google.add(topic)
            return True
        values = self._values(place, path)
        if "path" in values and not self._holds_something(place.connector, values):
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
            path = paths.found(line(text), self.around.folder).expanduser().absolute()
            if not path.exists():
                raise click.UsageError(f"{path} does not exist")
            connector = guess(topic, path)
            place = next((one for one in offered if one.connector is connector and not one.fixed), None)
            if place is None:
                raise click.UsageError(f"nothing here reads {path}; type the number of its kind first")
            return place, text

        return read

    def _values(self, place: Place, path: str) -> dict[str, Value]:
        """Ask the questions of a place, each with the answers before it."""
        values = dict(place.fixed)
        for question in place.asks:
            check = self._checked(place, question, values)
            if question.key == "path" and path:
                values["path"] = check(path)
                continue
            default = question.default or self._offered(place, question.key)
            values[question.key] = prompt(question.text or place.title, check, default)
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

    def _checked(self, place: Place, question: Question, known: Mapping[str, Value]) -> Callable[[str], str]:
        """Return what turns a typed answer into the value of the settings, or refuses it."""
        key, around = question.key, self.around

        def check(text: str) -> str:
            if not text:
                raise click.UsageError("an answer is needed here")
            value = line(text)
            if key == "path":
                sink = issubclass(place.connector, SinkSettings)
                path = around.path(paths.typed(value)) if sink else paths.found(value, around.folder)
                value = paths.written(path, around.folder)
            settings = _settings(place, key, {**known, key: value})
            if key == "path" and (found := settings.check(around)).status == "error":
                raise click.UsageError(found.message)
            return value

        return check

    def _holds_something(self, connector: type[Connector], values: Mapping[str, Value]) -> bool:
        """Read the source and say what it holds. An empty one is taken only if the user insists."""
        settings = connector.model_validate(_table(connector, values))
        if not isinstance(settings, SourceSettings):
            return True
        click.echo("  reading ... ", nl=False)
        counts: Counter[str] = Counter()
        try:
            for page in settings.open(self.around).changes(None):
                counts.update(_noun(change) for change in page.changes)
        except (TouchbaseError, OSError) as error:
            click.echo(for_terminal(str(error)))
            return False
        read = [plural(count, noun) for noun, count in counts.items() if noun]
        click.echo(", ".join(read) or "nothing that this source can use")
        return bool(read) or click.confirm("  Use it all the same?", default=False)


def _list(title: str, offered: Sequence[Place]) -> None:
    click.echo(f"\n{title}")
    for number, place in enumerate(offered, start=1):
        click.echo(f"  {number:2}  {place.title}")


def _table(connector: type[Connector], values: Mapping[str, Value]) -> dict[str, object]:
    """The table of a connector with these values alone, and a name where it needs one."""
    name = {"name": table(connector, {})["name"]} if issubclass(connector, SourceSettings) else {}
    return {"type": type_of(connector), **name, **values}


def _settings(place: Place, key: str, values: Mapping[str, Value]) -> Connector:
    """Return the connector's settings. Raises ``UsageError`` if the value of ``key`` does not fit."""
    unasked = {question.key for question in place.asks} - values.keys()
    example = {name: value for name, value in table(place.connector, {}).items() if name in unasked}
    try:
        return place.connector.model_validate(example | _table(place.connector, values))
    except ValidationError as error:
        hint = table(place.connector, {}).get(key, "")
        message = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise click.UsageError(f"that does not fit; write it like {hint}" if hint else message) from error


def _noun(change: Change) -> str:
    if isinstance(change, Contact):
        return "" if change.rejected else "card"
    if isinstance(change, Message):
        return "mail"
    return "meeting" if isinstance(change, Meeting) else "line"
