"""While two records may be one person: which follow-ups stay, and which only ask to confirm who it is."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from people.identity.namesakes import LISTED
from people.store.resolving.decisions import OpenPair
from people.tasks import FollowUpWish
from people.text import one_line
from people.types import Contact

RULE = "confirm-who"
"""The rule name of these follow-ups. No rule file declares it."""


def ask_first(wishes: Iterable[FollowUpWish], pairs: Iterable[OpenPair]) -> list[FollowUpWish]:
    """Keep the wishes for people of an undecided pair, and ask first only if the pair's sides differ.

    If the two sides would be told different things, one wish per pair takes their place: confirm who this
    is. It takes day, priority and evidence from the most urgent wish. If both wish the same, the most urgent
    one stays. A wish that stays says in its notes who else it may be, unless the list of questions asks about
    the pair: nearly all of these are one person. All other wishes pass unchanged.
    """
    pair_of: dict[str, OpenPair] = {}
    for pair in pairs:
        for person in (pair.person_a, pair.person_b):
            if person is not None and pair.person_a != pair.person_b:
                pair_of.setdefault(person, pair)
    clear: list[FollowUpWish] = []
    undecided: dict[str, list[FollowUpWish]] = {}
    for wish in wishes:
        pair_or_none = pair_of.get(wish.person_id)
        if pair_or_none is None:
            clear.append(wish)
        else:
            undecided.setdefault(_occasion(pair_or_none), []).append(wish)
    for held in undecided.values():
        clear += _decided(sorted(held, key=_urgency), pair_of[held[0].person_id])
    return clear


def _decided(wishes: list[FollowUpWish], pair: OpenPair) -> list[FollowUpWish]:
    """What becomes of the wishes for an undecided pair, the most urgent first."""
    told = {wish.person_id: set[tuple[str, str]]() for wish in wishes}
    for wish in wishes:
        told[wish.person_id].add((wish.rule, wish.title))
    one, *others = told.values()
    if any(other != one for other in others):
        return [_question(wishes[0], pair)]
    kept = [wish for wish in wishes if wish.person_id == wishes[0].person_id]
    return kept if LISTED in pair.evidence else [_noted(wish, pair) for wish in kept]


def _noted(wish: FollowUpWish, pair: OpenPair) -> FollowUpWish:
    """A wish whose notes say who else its person may be."""
    other = pair.b if pair.person_a == wish.person_id else pair.a
    line = f"Perhaps the same person: {_card(other)}. Decide: touchbase identity review"
    return wish.model_copy(update={"notes": "\n".join(text for text in (wish.notes, line) if text)})


def _occasion(pair: OpenPair) -> str:
    return f"{pair.a.record} {pair.b.record}"


def _question(wish: FollowUpWish, pair: OpenPair) -> FollowUpWish:
    name = one_line(pair.a.name or pair.b.name or wish.person)
    # The user pastes these commands into a shell, and a card may come from anywhere.
    both = " ".join(shlex.quote(one_line(card.record)) for card in (pair.a, pair.b))
    notes = [
        "These two cards may be one person.",
        f"A: {_card(pair.a)}",
        f"B: {_card(pair.b)}",
        f"One person: touchbase identity same {both}",
        f"Two people: touchbase identity different {both}",
        f"Then: {one_line(wish.title)}",
    ]
    return wish.model_copy(
        update={
            "rule": RULE,
            "occasion": _occasion(pair),
            "person_id": min(p for p in (pair.person_a, pair.person_b) if p),
            "title": f"Confirm who this is: {name}",
            "notes": "\n".join(notes),
            "channel": "any",
            "cooldown_days": None,
            # If the user completes the task without a decision, the question comes again.
            "repeats": True,
            # Deciding who someone is does not contact them.
            "done_is_contact": False,
        }
    )


def _card(card: Contact) -> str:
    """What its user knows the card by. The evidence is for ``touchbase identity review``."""
    known = (card.name, card.organisation, card.title, *card.phones, *card.emails)
    return f"{', '.join(one_line(text) for text in known if text)} (from {card.source})"


def _urgency(wish: FollowUpWish) -> tuple[int, str, str]:
    return ("high", "medium", "low").index(wish.priority), wish.due.isoformat(), wish.person_id
