"""While two records may be one person, a follow-up about either only asks to confirm who it is."""

from __future__ import annotations

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
    notes = [
        f"These may be one person: {_card(pair.a)} and {_card(pair.b)}.",
        *(one_line(text) for text in pair.evidence),
        f"Decide: touchbase identity same {pair.a.record} {pair.b.record}",
        f"    or: touchbase identity different {pair.a.record} {pair.b.record}",
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
    return f"{one_line(card.record)} ({', '.join(card.emails)})" if card.emails else one_line(card.record)


def _urgency(wish: FollowUpWish) -> tuple[int, str, str]:
    return ("high", "medium", "low").index(wish.priority), wish.due.isoformat(), wish.person_id
