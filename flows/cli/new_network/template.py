"""The commented settings file of a new network, with the user's answers filled in."""

from __future__ import annotations

import json
import re
import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors import catalog
from connectors.base import Connector, SourceSettings, type_of
from connectors.vcard.settings import VCardSettings
from flows.settings.model import PLACEHOLDER_EMAIL, PLACEHOLDER_NAME

Value = str | bool | Sequence[str]
Block = tuple[type[Connector], Mapping[str, "Value"]]
"""A connector, and the values of its table."""

_HEAD = """\
# Touchbase settings. Every key can also be set as TOUCHBASE_SECTION__KEY.
# Relative paths are relative to this file.

"""
_ME = f"""\
[me]
name = "{PLACEHOLDER_NAME}"
emails = ["{PLACEHOLDER_EMAIL}"]       # all your addresses: they are never contacts
time_zone = "Europe/London"        # days are judged here
region = "GB"                      # for phone numbers and public holidays
currency = "GBP"
"""
_STORE = """\
[store]
url = "sqlite:///touchbase.db"     # or postgresql+psycopg://user@host/name
# schema = "you"                   # Postgres: keeps this network apart from others in the database

[rules]
path = "rules"                     # your rule files; edit them freely
"""
_PLACES = f"""\
{_STORE}
# Where people and meetings come from. Remove the "# " before those that you have. Each has its own name:
# for a second file of a kind, copy the table and change its name.
"""
_TASKS = """\
# Where follow-ups become tasks: choose one.
"""
_BOUNDS = """\
capacity_per_day = 5               # new follow-ups per day; the rest wait
open_at_most = 15                  # while 15 are open, no new ones come
"""
_DIGEST = """\
[digest]
path = "digest"                    # a page per day: who you meet, what is due and why
"""
_TAIL = """\
# [calendar]
# closed = ["12-24/01-02"]         # days on which nothing is due: every year, or with a year in front

[budget]
hours_per_month = 12
money_per_month = 150

[approval]
enabled = false                    # true: a scheduled run asks in the Prefect UI before it delivers
hours = 8                          # without an answer, new follow-ups wait for the next run
"""


_EVERYTHING = """\
# What else can stand here: touchbase init --yes writes every table as a comment into an empty folder, and
# docs/setup.md says more.
"""


@dataclass(frozen=True)
class Answers:
    """What the user said. ``me`` has values of the table ``[me]``.

    ``sources`` and ``tasks`` are blocks with the values that differ from the defaults. ``passwords`` maps
    environment variables to what belongs into them, in words.
    """

    me: Mapping[str, Value] = field(default_factory=dict)
    sources: Sequence[Block] = ()
    tasks: Block | None = None
    passwords: Mapping[str, str] = field(default_factory=dict)


def settings_text(answers: Answers | None = None) -> str:
    """Return the settings file: the tables that the answers need.

    Without a source among the answers it offers each connector of the catalog as a comment.
    """
    said = answers or Answers()
    if said.sources:
        return _short(said)
    sink, values = said.tasks or (catalog.SINKS[0], {})
    chosen = _block(sink, values, said.passwords, {}) if values else sink.example
    return "\n".join(
        [
            _HEAD + filled(_ME, said.me),
            _PLACES,
            *(one.example if one.ready else _commented(one.example) for one in catalog.SOURCES),
            VCardSettings.own_folder,
            _TASKS + chosen + _BOUNDS,
            *(_commented(one.example) for one in catalog.SINKS if one is not sink),
            _DIGEST if answers else _commented(_DIGEST),
            _TAIL,
        ]
    )


def _short(said: Answers) -> str:
    """Only the tables that these answers need."""
    sink, values = said.tasks or (catalog.SINKS[0], {})
    names: dict[str, int] = {}
    return "\n".join(
        [
            _HEAD + filled(_ME, said.me),
            _STORE,
            *(_block(one, values, said.passwords, names) for one, values in said.sources),
            *(one.example for one in catalog.SOURCES if one.ready),
            VCardSettings.own_folder,
            _block(sink, values, said.passwords, names) + _BOUNDS,
            _DIGEST,
            _EVERYTHING,
        ]
    )


def _block(
    connector: type[Connector],
    values: Mapping[str, Value],
    passwords: Mapping[str, str],
    names: dict[str, int],
) -> str:
    """One table, with its own name, and with what belongs into the variable of its password."""
    example = table(connector, {})
    lines = ["[tasks]"]
    if issubclass(connector, SourceSettings):
        name = str(values.get("name", example["name"]))
        names[name] = names.get(name, 0) + 1
        lines = ["[[sources]]", f"name = {_toml(name if names[name] == 1 else f'{name}-{names[name]}')}"]
    lines.append(f"type = {_toml(type_of(connector))}")
    for key, value in values.items():
        if key != "name":
            secret = passwords.get(value, "") if isinstance(value, str) else ""
            lines.append(f"{key} = {_toml(value)}{f'  # {secret}' if secret else ''}")
    return "".join(f"{line}\n" for line in lines)


def table(connector: type[Connector], values: Mapping[str, Value]) -> dict[str, Any]:
    """Return the connector's example as data, with ``values`` filled in."""
    document = tomllib.loads(filled(connector.example, values))
    (found,) = document.values()
    return dict(found[0] if isinstance(found, list) else found)


def filled(text: str, values: Mapping[str, Value]) -> str:
    """Return a table of TOML with new values. Comments stay, and a key that is missing is added.

    >>> print(filled('path = "tasks"   # where', {"path": "to do", "list": "Mine"}), end="")
    path = "to do"   # where
    list = "Mine"
    """
    lines = text.splitlines()
    for key, value in values.items():
        at = next((at for at, line in enumerate(lines) if re.match(rf"{key}\s*=", line)), None)
        if at is None:
            lines.append(f"{key} = {_toml(value)}")
        else:
            comment = re.search(r"\s+#[^\"\]]*$", lines[at])
            lines[at] = f"{key} = {_toml(value)}{comment.group() if comment else ''}"
    return "".join(f"{line}\n" for line in lines)


def _toml(value: Value) -> str:
    """Write a value. A string of JSON is one of TOML, but for the sign DEL."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"[{', '.join(map(_toml, value))}]"


def _commented(text: str) -> str:
    return textwrap.indent(text, "# ")
