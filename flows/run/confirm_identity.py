"""While it is open whether two records are one person, a follow-up only asks who this is."""

from __future__ import annotations

from collections.abc import Iterable

from people.store.resolving.decisions import OpenPair
from people.tasks import FollowUpWish
from people.text import one_line
from people.types import Contact

RULE = "confirm-who"
"""The name under which these follow-ups are planned; it stands in no rule file."""


def ask_first(wishes: Iterable[FollowUpWish], pairs: Iterable[OpenPair]) -> list[FollowUpWish]:
    """Replace the wishes for people of an undecided pair by one wish a pair: confirm who this is.

    No message may go to the wrong person. The most urgent wish of the pair lends its day, priority
    and evidence; all others pass unchanged.
    """
    pair_of: dict[str, OpenPair] = {}
    for pair in pairs:
        for person in (pair.person_a, pair.person_b):
            if person is not None and pair.person_a != pair.person_b:
                pair_of.setdefault(person, pair)
    kept: list[FollowUpWish] = []
    asked: dict[str, FollowUpWish] = {}
    for wish in wishes:
        found = pair_of.get(wish.person_id)
        if found is None:
            kept.append(wish)
            continue
        question = _question(wish, found)
        before = asked.get(question.occasion)
        if before is None or _urgency(question) < _urgency(before):
            asked[question.occasion] = question
    return [*kept, *asked.values()]


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
            # Ticked off without a decision, the question comes again.
            "repeats": True,
            # Knowing who somebody is, is no word to them.
            "done_is_contact": False,
        }
    )


def _card(card: Contact) -> str:
    return f"{one_line(card.record)} ({', '.join(card.emails)})" if card.emails else one_line(card.record)


def _urgency(wish: FollowUpWish) -> tuple[int, str, str]:
    return ("high", "medium", "low").index(wish.priority), wish.due.isoformat(), wish.person_id
