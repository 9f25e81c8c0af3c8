"""The questions about who is who: about people, not cards, in the order in which an answer helps most."""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from people.identity.asking import together
from people.identity.namesakes import LISTED
from people.identity.worth import NAMES, in_common, worth
from people.store import follow_ups
from people.store.db import schema
from people.store.db import values as meta
from people.store.db.bulk import count, fetch_in, record_id, rows_of
from people.store.resolving.decisions import OpenPair, open_pairs
from people.store.resolving.index import live
from people.text import fold
from people.types import Contact

_LATER = "identity_later"
_LIST = ("", "")
"""The key of the list: it is put off as a whole, however it grows."""
_keys = schema.contact_keys


@dataclass(frozen=True, slots=True)
class Question:
    """Are these one person? ``pairs`` are all open pairs among ``people``, the likeliest first.

    ``waits`` are the titles of the open and deferred follow-ups. ``worth`` is the likelihood of the best pair
    in bits, by how rare its name is in this book. ``later`` is the day on which the user put it off, if any.
    ``rows`` are the questions of a list, which are answered together (see ``people.identity.namesakes``);
    ``pairs``, ``people`` and ``waits`` are then those of all rows.
    """

    pairs: tuple[OpenPair, ...]
    people: tuple[str, ...]
    waits: tuple[str, ...]
    worth: float
    later: date | None
    rows: tuple[Question, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """The record keys by which the question is remembered."""
        return _LIST if self.rows else (self.pairs[0].a.record, self.pairs[0].b.record)

    @property
    def cards(self) -> list[Contact]:
        """The cards to compare, each once."""
        held = {card.record: card for pair in self.pairs for card in (pair.a, pair.b)}
        return list(held.values())

    @property
    def sides(self) -> list[list[str]]:
        """The record keys of the cards, those of one person together."""
        held: dict[str, dict[str, None]] = {}
        for pair in self.pairs:
            for card, person in zip((pair.a, pair.b), _people(pair), strict=True):
                held.setdefault(person, {})[card.record] = None
        return [list(cards) for cards in held.values()]


def questions(connection: sa.Connection, who: str = "") -> list[Question]:
    """Return the open questions: the list, then those that hold back follow-ups, then the likeliest.

    What the user put off comes last. ``who`` keeps the questions with that text in a name, address or record.
    """
    pairs = [pair for pair in open_pairs(connection) if pair.person_a and pair.person_b]
    worths = _worths(connection, pairs)
    people = {person for pair in pairs for person in _people(pair)}
    waiting: dict[str, list[str]] = {}
    wished = [item for item in follow_ups.deferred(connection) if item.person_id in people]
    for item in [*follow_ups.open_of(connection, people), *wished]:
        waiting.setdefault(item.person_id, []).append(item.title)
    later = put_off(connection)
    groups, rows = together(pairs, _sides, lambda pair: LISTED in pair.evidence)
    found = [_question(group, worths, waiting, later) for group in groups]
    listed = [_question(group, worths, waiting, later) for group in rows]
    if who:
        found = [question for question in (*found, *listed) if _is_about(question, fold(who))]
    elif listed:
        found.append(_list(listed, later))
    return sorted(
        found, key=lambda one: (one.later is not None, not one.rows, not one.waits, -one.worth, one.key)
    )


def _list(rows: Sequence[Question], later: Mapping[tuple[str, str], date]) -> Question:
    ordered = tuple(sorted(rows, key=lambda one: (fold(one.cards[0].name or ""), one.key)))
    pairs = tuple(pair for row in ordered for pair in row.pairs)
    people = tuple(dict.fromkeys(person for row in ordered for person in row.people))
    waits = tuple(dict.fromkeys(title for row in ordered for title in row.waits))
    return Question(pairs, people, waits, min(row.worth for row in ordered), later.get(_LIST), ordered)


def is_open(connection: sa.Connection, question: Question) -> bool:
    """Whether a question still has no answer: an answer to another one may have settled it."""
    people = [person for person in question.people if person]
    left = {(pair.a.record, pair.b.record) for pair in open_pairs(connection, of=people)}
    return any((pair.a.record, pair.b.record) in left for pair in question.pairs)


def _question(
    pairs: Sequence[OpenPair],
    worths: Mapping[int, float],
    waiting: Mapping[str, Sequence[str]],
    later: Mapping[tuple[str, str], date],
) -> Question:
    ordered = sorted(pairs, key=lambda pair: (-worths[id(pair)], pair.a.record, pair.b.record))
    people = tuple(dict.fromkeys(person for pair in ordered for person in _people(pair)))
    waits = tuple(dict.fromkeys(title for person in people for title in waiting.get(person, ())))
    made = Question(tuple(ordered), people, waits, round(worths[id(ordered[0])], 1), None)
    return Question(made.pairs, people, waits, made.worth, later.get(made.key))


def _people(pair: OpenPair) -> tuple[str, str]:
    return pair.person_a or "", pair.person_b or ""


def _sides(pair: OpenPair) -> tuple[Hashable, Hashable]:
    """The two sides of a pair: people of one name hang together."""
    return _node(pair, 0), _node(pair, 1)


def _node(pair: OpenPair, side: int) -> tuple[str, str]:
    """One side of a pair; people of unlike names make no group."""
    names = [fold(card.name or "") for card in (pair.a, pair.b)]
    return _people(pair)[side], names[0] if names[0] == names[1] else f"{pair.a.record} {pair.b.record}"


def _worths(connection: sa.Connection, pairs: Iterable[OpenPair]) -> dict[int, float]:
    """The worth of each pair, by its ``id``."""
    listed = list(pairs)
    keys_of = _names_of(connection, {card.record for pair in listed for card in (pair.a, pair.b)})
    names = {
        id(pair): (pair.bits, in_common(keys_of.get(pair.a.record, ()), keys_of.get(pair.b.record, ())))
        for pair in listed
    }
    keys = sorted({key for _, found in names.values() for key in found})
    query = sa.select(_keys.c.key, sa.func.count().label("cards")).group_by(_keys.c.key)
    counts = {row.key: row.cards for row in fetch_in(connection, query, _keys.c.key, keys)}
    cards = count(connection, schema.contacts, live())
    return {
        at: worth(bits, found, lambda key: counts.get(key, 1), cards) for at, (bits, found) in names.items()
    }


def _names_of(connection: sa.Connection, records: Collection[str]) -> dict[str, set[str]]:
    """The block keys of the given and family names of records."""
    query = sa.select(_keys.c.source, _keys.c.source_id, _keys.c.key).where(
        sa.or_(*(_keys.c.key.startswith(name) for name in NAMES))
    )
    found: dict[str, set[str]] = {}
    for theirs in rows_of(_keys, map(record_id, sorted(records))):
        for row in connection.execute(query.where(theirs)):
            found.setdefault(f"{row.source}:{row.source_id}", set()).add(row.key)
    return found


def _is_about(question: Question, text: str) -> bool:
    return any(
        text in fold(" ".join(filter(None, (card.name, card.organisation, card.record, *card.emails))))
        for card in question.cards
    )


def put_off(connection: sa.Connection) -> dict[tuple[str, str], date]:
    """Return the questions that the user put off, by key, with the day."""
    rows = json.loads(meta.get(connection, _LATER) or "[]")
    return {(one, other): date.fromisoformat(day) for one, other, day in rows}


def answer_later(connection: sa.Connection, keys: Collection[tuple[str, str]], today: date) -> None:
    """Remember that the user said *later*: these questions come last from now on."""
    stored = put_off(connection) | dict.fromkeys(keys, today)
    rows = sorted((one, other, day.isoformat()) for (one, other), day in stored.items())
    meta.put(connection, _LATER, json.dumps(rows))
