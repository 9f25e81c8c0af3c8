"""What ``touchbase init`` asks on a terminal. An answer that cannot be right is asked for again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import click
import phonenumbers
from pydantic import ValidationError

from connectors import catalog
from connectors.base import Connector, Me, SinkSettings, SourceSettings, Surroundings
from connectors.questions import Question
from flows.cli.console import plural
from flows.cli.new_network import machine, paths
from flows.cli.new_network.template import Answers, Value, table
from people.errors import TouchbaseError
from people.text import for_terminal
from people.types import Change, Contact, Meeting, Message

_INTRODUCTION = "A few questions. Enter takes what stands in brackets, or skips. Ctrl-C writes nothing.\n"

T = TypeVar("T")


def ask(folder: Path) -> Answers:
    """Ask about the user, their sources, their tasks and the digest of the network in ``folder``."""
    click.echo(_INTRODUCTION)
    me = _me()
    mine = Me(emails=tuple(me.get("emails", ())), time_zone=str(me["time_zone"]))
    around = Surroundings(folder=folder.absolute(), today=datetime.now(mine.zone).date(), me=mine, environ={})
    click.echo("\nYour people and meetings. Enter skips what you do not have.")
    sources = {one: values for one in catalog.SOURCES if (values := _source(one, around)) is not None}
    tasks = _tasks(around)
    digest = _prompt("\nFolder for the digest, a page per day", _folder(around), "digest")
    return Answers(me, sources, tasks, digest)


def _me() -> dict[str, Value]:
    """Ask who the user is. A name and addresses that are left out keep their placeholders."""
    name = _prompt("Your name", _line)
    emails = _prompt("Your e-mail addresses, all of them", addresses)
    zone = _prompt("Your time zone", _zone, machine.time_zone())
    country = _prompt("Your country, for phone numbers and holidays", _country, machine.region(zone))
    currency = _prompt("Your currency", _currency, machine.currency(country))
    said: dict[str, Value] = {"name": name, "emails": emails}
    place: dict[str, Value] = {"time_zone": zone, "region": country, "currency": currency}
    return {key: value for key, value in said.items() if value} | place


def _source(source: type[SourceSettings], around: Surroundings) -> dict[str, Value] | None:
    """Ask about a source. None: the user does not have it."""
    if not source.title:
        return None
    if not source.asks:
        return {} if click.confirm(source.title, default=False) else None
    first, *others = source.asks
    check = _checked(source, first, {}, around)
    while True:
        answer = _prompt(first.text or source.title, lambda text: check(text) if text else "", first.default)
        if not answer:
            return None
        values = _answers(source, others, {first.key: answer}, around)
        if "path" not in values or _holds_something(source, values, around):
            return values


def _tasks(around: Surroundings) -> tuple[type[SinkSettings], dict[str, Value]]:
    """Ask where tasks go."""
    click.echo("\nYour follow-ups become tasks in")
    sinks = [sink for sink in catalog.SINKS if sink.title]
    for number, sink in enumerate(sinks, start=1):
        click.echo(f"  {number}  {sink.title}")
    chosen = sinks[click.prompt("Number", default=1, type=click.IntRange(1, len(sinks))) - 1]
    return chosen, _answers(chosen, chosen.asks, {}, around)


def _answers(
    connector: type[Connector],
    questions: Sequence[Question],
    known: Mapping[str, Value],
    around: Surroundings,
) -> dict[str, Value]:
    """Ask the questions, each with the answers before it."""
    values = dict(known)
    for question in questions:
        check = _checked(connector, question, values, around)
        values[question.key] = _prompt(question.text, check, question.default)
    return values


def _checked(
    connector: type[Connector], question: Question, known: Mapping[str, Value], around: Surroundings
) -> Callable[[str], str]:
    """Return what turns a typed answer into the value of the settings, or refuses it."""
    key = question.key

    def check(text: str) -> str:
        if not text:
            raise click.UsageError("an answer is needed here")
        value = _line(text)
        if key == "path":
            sink = issubclass(connector, SinkSettings)
            path = around.path(paths.typed(value)) if sink else paths.found(value, around.folder)
            value = paths.written(path, around.folder)
        settings = _settings(connector, key, {**known, key: value})
        found = settings.check(around)
        if key == "path" and found.status == "error":
            raise click.UsageError(found.message)
        return value

    return check


def _settings(connector: type[Connector], key: str, values: Mapping[str, Value]) -> Connector:
    """Return the connector's settings. Raises ``UsageError`` if the value of ``key`` does not fit."""
    try:
        return connector.model_validate(table(connector, values))
    except ValidationError as error:
        example = table(connector, {}).get(key, "")
        raise click.UsageError(f"that does not fit; write it like {example}") from error


def _holds_something(source: type[SourceSettings], values: Mapping[str, Value], around: Surroundings) -> bool:
    """Read the source and say what it holds. An empty one is taken only if the user insists."""
    settings = source.model_validate(table(source, values))
    click.echo("  reading ... ", nl=False)
    counts: Counter[str] = Counter()
    try:
        for page in settings.open(around).changes(None):
            counts.update(_noun(change) for change in page.changes)
    except (TouchbaseError, OSError) as error:
        click.echo(for_terminal(str(error)))
        return False
    read = [plural(count, noun) for noun, count in counts.items() if noun]
    click.echo(", ".join(read) or "nothing that this source can use")
    return bool(read) or click.confirm("  Use it all the same?", default=False)


def _noun(change: Change) -> str:
    if isinstance(change, Contact):
        return "" if change.rejected else "card"
    if isinstance(change, Message):
        return "mail"
    return "meeting" if isinstance(change, Meeting) else "line"


def _prompt(text: str, check: Callable[[str], T], default: str = "") -> T:
    """Ask until ``check`` accepts the answer. It gets "" if nothing was typed and there is no default."""

    def checked(typed: str) -> T:
        return check(typed.strip())

    answer: T = click.prompt(text, default=default, show_default=bool(default), value_proc=checked)
    return answer


def _line(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise click.UsageError("that is not valid UTF-8, so it cannot stand in the settings") from error
    return text


def addresses(text: str) -> tuple[str, ...]:
    """Split e-mail addresses at commas, semicolons and spaces.

    >>> addresses("alex@doe.example; <Alex@Example.com>")
    ('alex@doe.example', 'alex@example.com')
    """
    found = [part.strip("<>").lower() for part in re.split(r"[,;\s]+", _line(text)) if part]
    for address in found:
        if not re.fullmatch(r"[^@<>\"]+@[^@<>\".]+(\.[^@<>\".]+)+", address):
            raise click.UsageError(f"'{address}' is not an e-mail address; write it like alex@example.com")
    return tuple(dict.fromkeys(found))


def _zone(text: str) -> str:
    try:
        return Me(time_zone=text).time_zone
    except ValidationError as error:
        raise click.UsageError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error


def _country(text: str) -> str:
    if text.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise click.UsageError(f"'{text}' is not a country; use its two letters, such as GB or DE")
    return text.upper()


def _currency(text: str) -> str:
    if not re.fullmatch("[A-Za-z]{3}", text):
        raise click.UsageError(f"'{text}' is not a currency; use its three letters, such as GBP or EUR")
    return text.upper()


def _folder(around: Surroundings) -> Callable[[str], str]:
    def check(text: str) -> str:
        path = around.path(paths.typed(_line(text)))
        if path.exists() and not path.is_dir():
            raise click.UsageError(f"{path} is not a folder")
        return paths.written(path, around.folder)

    return check
