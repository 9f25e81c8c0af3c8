"""The screens of ``touchbase identity``: two cards side by side, what agrees, and what speaks against it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import click

from connectors.base import Me
from flows.cli.console import plural
from flows.cli.table import wrapped
from people.days import weekday_and_day
from people.phones import as_dialled
from people.store.resolving.decisions import HistoryEntry, OpenPair
from people.types import Contact

_TERM = re.compile(r"(?P<what>[^(]+?)(?P<values> \(.*\))? (?P<bits>[+-]\d+\.\d)")
"""A line of evidence as ``people.identity.weighing.scoring`` writes it."""
_PRIOR = "any two cards"
_CHANCES = (
    (13, "Almost certainly one person"),
    (6.6, "Very likely one person"),
    (3.3, "Likely one person"),
    (-3.3, "As likely one person as two"),
    (-6.6, "Unlikely to be one person"),
)
"""From how many bits on: 3.3 are odds of 10 to 1, 6.6 of 100 to 1, 13 of 8,000 to 1."""
_LEAST = "Very unlikely to be one person"
_INDENT = " " * 6


def pair(shown: OpenPair, region: str, *, figures: bool) -> str:
    """Return two cards that may be one person, and what speaks for and against it."""
    lines = [
        wrapped(f"{chance(shown)}."),
        _card(shown.a, "  A   ", region),
        _card(shown.b, "  B   ", region),
        *evidence(shown.evidence, figures=figures),
    ]
    return "\n".join(lines)


def chance(shown: OpenPair) -> str:
    """Return in words how likely it is that two cards are one person, and why Touchbase asks."""
    notes = [line for line in (shown.reason, *shown.evidence) if line and not _TERM.fullmatch(line)]
    words = next(
        (words for least, words in _CHANCES if shown.bits >= least), "Very unlikely to be one person"
    )
    if notes and shown.bits > 0:
        words = "Much agrees"
    return ", but ".join([words, *notes[:1]]) + "".join(f"; {note}" for note in notes[1:])


def evidence(lines: Sequence[str], *, figures: bool) -> Iterator[str]:
    """Yield what speaks for one person and what against; with ``figures`` each piece with its weight in bits.

    A bit more makes one person twice as likely.
    """
    if figures:
        yield from (wrapped(line, _INDENT) for line in lines)
        return
    terms = [found for line in lines if (found := _TERM.fullmatch(line)) and found["what"] != _PRIOR]
    for title, sign in (("For: ", "+"), ("Against: ", "-")):
        texts = [_words(found) for found in terms if found["bits"][0] == sign and float(found["bits"])]
        if texts:
            yield wrapped(title + ", ".join(texts), _INDENT, "  ")


def story(
    name: str,
    cards: Sequence[Contact],
    entries: Iterable[HistoryEntry],
    me: Me,
    today: date,
    *,
    figures: bool,
) -> Iterator[str]:
    """Yield the cards of a person, and each merge and split with its evidence."""
    yield click.style(wrapped(f"{name} is known from {plural(len(cards), 'card')}:"), bold=True)
    for card in cards:
        yield _card(card, "  ", me.region)
    for entry in entries:
        at = entry.at.astimezone(me.zone)
        when = f"{weekday_and_day(at.date(), today)} {at:%H:%M}"
        yield f"\n{wrapped(f'{when}: {_KINDS[entry.kind].format(entry)}')}"
        yield wrapped(", ".join(entry.records), _INDENT, "  ")
        for line in () if figures else entry.evidence:
            if not _TERM.fullmatch(line):
                yield wrapped(f"{line[:1].upper()}{line[1:]}.", _INDENT, "  ")
        yield from evidence(entry.evidence, figures=figures)


_KINDS = {
    "joined": "these cards are one person",
    "merged": "{0.other} became part of {0.person}",
    "split": "{0.person} was parted from {0.other}",
}


def _words(found: re.Match[str]) -> str:
    """``family name same (penrose)`` as ``same family name (penrose)``."""
    what = found["what"]
    for end, start in (("nearly same", "nearly the same"), ("same", "same"), ("differs", "different")):
        if what.endswith(f" {end}"):
            what = f"{start} {what.removesuffix(f' {end}')}"
            break
    return f"{what}{found['values'] or ''}"


def _card(card: Contact, first: str, region: str) -> str:
    """One card: who, how to reach them, and its record key, which the commands take."""
    phones = (as_dialled(phone, region) for phone in card.phones)
    parts = [card.name, card.organisation, card.title, *card.emails, *phones, card.birthday, card.record]
    return wrapped(", ".join(part for part in parts if part), _INDENT, first)
