"""The answers about a connector, checked: whether they fit, and what a file holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import click
from pydantic import ValidationError

from connectors.base import Connector, SinkSettings, SourceSettings, Surroundings, type_of
from connectors.questions import Question
from flows.cli.console import plural
from flows.cli.new_network import paths
from flows.cli.new_network.places import Place
from flows.cli.new_network.template import Value, table
from flows.cli.new_network.typed import line
from people.errors import TouchbaseError
from people.text import for_terminal, one_line
from people.types import Change, Contact, Meeting, Message


def checked(
    place: Place, question: Question, known: Mapping[str, Value], around: Surroundings
) -> Callable[[str], str]:
    """Return what turns a typed answer into the value of the settings, or refuses it."""
    key = question.key

    def check(text: str) -> str:
        if not text:
            raise click.UsageError("an answer is needed here")
        value = line(text)
        if key == "path":
            value = _path(place, value, around)
        settings = _settings(place, key, {**known, key: value})
        if key == "path" and (found := settings.check(around)).status == "error":
            raise click.UsageError(found.message)
        return value

    return check


def _path(place: Place, text: str, around: Surroundings) -> str:
    """A typed path as the settings write it. Raises ``UsageError`` if it is none."""
    try:
        sink = issubclass(place.connector, SinkSettings)
        path = around.path(paths.typed(text)) if sink else paths.found(text, around.folder)
        return paths.written(path, around.folder)
    except (OSError, RuntimeError, ValueError) as error:
        raise click.UsageError(f"'{one_line(text)[:40]}' is not a path") from error


def holds_something(connector: type[Connector], values: Mapping[str, Value], around: Surroundings) -> bool:
    """Read the source and say what it holds. An empty one is taken only if the user insists."""
    settings = connector.model_validate(_table(connector, values))
    if not isinstance(settings, SourceSettings):
        return True
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


def or_nothing(check: Callable[[str], str]) -> Callable[[str], str]:
    """Return a check that lets an empty answer pass."""
    return lambda text: check(text) if text else ""


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
