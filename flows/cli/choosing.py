"""Questions on a terminal: which person is meant, and yes or no."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import date

import click
from rich.cells import cell_len, set_cell_size

from flows.run.capture.candidates import Candidate
from people.days import short_day
from people.text import for_terminal


def can_ask() -> bool:
    """Whether somebody sits at a terminal and can answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def listed(people: Sequence[Candidate], today: date) -> str:
    """Return one numbered line per candidate: name, firm, tier, last contact, address."""
    return "\n".join(_fit(f"  {at}  {described(one, today)}") for at, one in enumerate(people, start=1))


def described(one: Candidate, today: date) -> str:
    """Return what tells this person from others, on one line."""
    last = (
        f"last contact {short_day(one.last_contact, today)}" if one.last_contact else "no contact on record"
    )
    parts = [one.name, one.organisation, one.tier, last, one.email or one.id]
    return for_terminal(" · ".join(part for part in parts if part))


def _fit(line: str) -> str:
    if not sys.stdout.isatty():
        return line
    width = shutil.get_terminal_size().columns
    return line if cell_len(line) <= width else set_cell_size(line, width - 1) + "…"


def choose(people: Sequence[Candidate], others: Mapping[str, str]) -> Candidate | str:
    """Ask for the number of a person, or for one of the letters ``others`` with their meanings."""
    numbers = {str(at): one for at, one in enumerate(people, start=1)}
    span = {0: "", 1: "[1] this person, "}.get(len(people), f"[1-{len(people)}] which person, ")
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
