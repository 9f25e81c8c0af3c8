"""While two records may be one person, a follow-up about either only asks to confirm who it is."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from people.store.resolving.decisions import OpenPair
from people.tasks import FollowUpWish
from people.text import one_line
from people.types import Contact

RULE = "confirm-who"
"""The rule name of these follow-ups. No rule file declares it."""


def ask_first(wishes: Iterable[FollowUpWish], pairs: Iterable[OpenPair]) -> list[FollowUpWish]:
    """Replace the wishes for people of an undecided pair by one wish per pair: confirm who this is.

    This prevents messages to the wrong person. The question takes day, priority and evidence from the most
    urgent wish of the pair. All other wishes pass unchanged.
    """
    pair_of: dict[str, OpenPair] = {}
    for pair in pairs:
        for person in (pair.person_a, pair.person_b):
            if person is not None and pair.person_a != pair.person_b:
                pair_of.setdefault(person, pair)
    clear: list[FollowUpWish] = []
    questions: dict[str, FollowUpWish] = {}
    for wish in wishes:
        undecided = pair_of.get(wish.person_id)
        if undecided is None:
            clear.append(wish)
            continue
        question = _question(wish, undecided)
        before = questions.get(question.occasion)
        if before is None or _urgency(question) < _urgency(before):
            questions[question.occasion] = question
    return [*clear, *questions.values()]


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
            "occasion": f"{pair.a.record} {pair.b.record}",
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
