"""The screens of ``touchbase identity``: two cards side by side, what agrees, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import click

from connectors.base import Me
from flows.cli.console import plural
from flows.cli.table import Column, table, wrapped
from flows.pages.identity_words import TERM, chance, for_and_against
from people.days import weekday_and_day
from people.phones import as_dialled
from people.store.resolving.bulk import BulkMerge
from people.store.resolving.decisions import HistoryEntry, OpenPair
from people.store.resolving.questions import Question
from people.types import Contact

_INDENT = " " * 6
_MOST = 12
"""The most cards of one question that are shown."""


def question(asked: Question, region: str, *, figures: bool) -> str:
    """Return the cards in question, what speaks for one person and against, and what waits for the answer."""
    if asked.rows:
        lines = list(_listed(asked))
    elif len(asked.pairs) == 1:
        lines = [pair(asked.pairs[0], region, figures=figures)]
    else:
        shown = asked.cards[:_MOST]
        lines = [wrapped(f"{plural(len(asked.cards), 'card')} of one name: are they one person?")]
        lines += [_card(card, "  ·   ", region) for card in shown]
        if len(shown) < len(asked.cards):
            lines.append(f"{_INDENT}and {len(asked.cards) - len(shown)} more")
        lines += evidence(asked.pairs[0].evidence, figures=figures)
    if asked.waits:
        lines.append(wrapped(f"Waits for your answer: {', '.join(asked.waits)}", _INDENT, "  "))
    if asked.later:
        lines.append(wrapped(f"You put it off on {asked.later:%Y-%m-%d}.", _INDENT, "  "))
    return "\n".join(lines)


def _listed(asked: Question) -> Iterator[str]:
    """Yield the rows of a list, each with its number."""
    yield wrapped(
        f"{plural(len(asked.rows), 'name')} that each source has once, with nothing against it and little in "
        "common. Nearly all are one person each. Are they?"
    )
    rows = [
        (str(at), row.cards[0].name or "", "; ".join(map(_in_short, row.cards)))
        for at, row in enumerate(asked.rows, 1)
    ]
    yield table([Column(right=True), "", Column(drop=1)], rows, indent="  ")


def _in_short(card: Contact) -> str:
    """A card's key, and what it has besides the name, in a few words."""
    known = [text for text in (card.organisation, card.title, *card.emails, *card.phones) if text]
    return f"{card.record} ({', '.join(known[:2]) or 'only the name'})"


def pair(shown: OpenPair, region: str, *, figures: bool) -> str:
    """Return two cards that may be one person, and what speaks for and against it."""
    lines = [
        wrapped(f"{chance(shown)}."),
        _card(shown.a, "  A   ", region),
        _card(shown.b, "  B   ", region),
        *evidence(shown.evidence, figures=figures),
    ]
    return "\n".join(lines)


def evidence(lines: Sequence[str], *, figures: bool) -> Iterator[str]:
    """Yield what speaks for one person and what against; with ``figures`` each piece with its weight in bits.

    A bit more makes one person twice as likely.
    """
    if figures:
        yield from (wrapped(line, _INDENT) for line in lines)
        return
    yield from (wrapped(line, _INDENT, "  ") for line in for_and_against(lines))


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
            if not TERM.fullmatch(line):
                yield wrapped(f"{line[:1].upper()}{line[1:]}.", _INDENT, "  ")
        yield from evidence(entry.evidence, figures=figures)


_KINDS = {
    "joined": "these cards are one person",
    "merged": "{0.other} became part of {0.person}",
    "split": "{0.person} was parted from {0.other}",
}


def bulk(merged: Sequence[BulkMerge], *, undone: bool) -> Iterator[str]:
    """Yield the people who were merged in bulk, one a line with their cards, and how to take it back."""
    if undone:
        yield wrapped("Merging in bulk is off: touchbase identity review asks about each. Allow it again:")
        yield "  touchbase identity bulk --redo"
        return
    if not merged:
        yield "Nobody was merged in bulk."
        return
    heads = plural(len(merged), "person was", "people were")
    yield wrapped(f"{heads} merged because nobody else in your book has the name:")
    yield table(["", Column(drop=1)], [(one.name, ", ".join(one.records)) for one in merged], indent="  ")
    yield "Take all back:     touchbase identity bulk --undo"
    yield "Take one back:     touchbase identity different RECORD RECORD"


def _card(card: Contact, first: str, region: str) -> str:
    """One card: who, how to reach them, and its record key, which the commands take."""
    phones = (as_dialled(phone, region) for phone in card.phones)
    parts = [card.name, card.organisation, card.title, *card.emails, *phones, card.birthday, card.record]
    return wrapped(", ".join(part for part in parts if part), _INDENT, first)
