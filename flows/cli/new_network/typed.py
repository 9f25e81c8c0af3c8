"""What people type into the questions of ``touchbase init``, checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

import click
import phonenumbers
from pydantic import ValidationError

from connectors.base import Me

T = TypeVar("T")


def prompt(text: str, check: Callable[[str], T], default: str = "") -> T:
    """Ask until ``check`` accepts the answer. It gets "" if nothing was typed and there is no default."""

    def checked(typed: str) -> T:
        return check(typed.strip())

    answer: T = click.prompt(text, default=default, show_default=bool(default), value_proc=checked)
    return answer


def line(text: str) -> str:
    """Return the text if it can be written to a file."""
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
    found = [part.strip("<>").lower() for part in re.split(r"[,;\s]+", line(text)) if part]
    for address in found:
        if not re.fullmatch(r"[^@<>\"]+@[^@<>\".]+(\.[^@<>\".]+)+", address):
            raise click.UsageError(f"'{address}' is not an e-mail address; write it like alex@example.com")
    return tuple(dict.fromkeys(found))


def zone(text: str) -> str:
    """Return the name of a time zone."""
    try:
        return Me(time_zone=text).time_zone
    except ValidationError as error:
        raise click.UsageError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error


def country(text: str) -> str:
    """Return a country as two letters."""
    if text.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise click.UsageError(f"'{text}' is not a country; use its two letters, such as GB or DE")
    return text.upper()
