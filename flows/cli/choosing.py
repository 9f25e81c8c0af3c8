"""Questions on a terminal: which person is meant, and yes or no."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence

import click

from flows.cli.who import MOST, Candidate


def can_ask() -> bool:
    """Whether somebody sits at a terminal and can answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def choose(people: Sequence[Candidate], others: Mapping[str, str]) -> Candidate | str:
    """Ask for the number of a person, or for one of the letters ``others`` with their meanings."""
    numbers = {str(at): one for at, one in enumerate(people[:MOST], start=1)}
    span = {0: "", 1: "[1] this person, "}.get(len(numbers), f"[1-{len(numbers)}] which person, ")
    words = ", ".join(f"[{letter}] {meaning}" for letter, meaning in others.items())
    answer = click.prompt(f"{span}{words}", type=click.Choice([*numbers, *others]), show_choices=False)
    return numbers.get(answer, answer)


def command_line(*words: str | None) -> str:
    """Return a command as it is typed in a shell. Options whose value is None are left out with their name.

    >>> command_line("log", "Tom Hale", "contact", "--note", None, "--hours", "1")
    "touchbase log 'Tom Hale' contact --hours 1"
    """
    kept = list(words)
    while None in kept:
        at = kept.index(None)
        del kept[at - 1 : at + 1]
    return shlex.join(["touchbase", *(word for word in kept if word is not None)])
