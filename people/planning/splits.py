"""Assign follow-ups after one person turned out to be two. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from people.planning.model import Occasion, PastFollowUp
from people.tasks import FollowUp, FollowUpWish


def after_splits(
    past: Iterable[PastFollowUp], wishes: Iterable[FollowUpWish], parted: Mapping[str, Collection[str]]
) -> list[FollowUp]:
    """Return the follow-ups that belong to the other part of their person, with that part's id.

    A follow-up was created for both parts together, and its card alone does not say which part it was
    about. The rules do: if they wish it for the other part and no longer for its own, it moves there with
    its task, its key and its status. Otherwise one task would be closed and the same one created again.
    ``parted`` maps each person to those who were once the same person.
    """
    wanted = {(wish.person_id, wish.rule, wish.occasion) for wish in wishes}
    items = [item.follow_up for item in past if item.follow_up.status != "withdrawn"]
    taken = {_name(item, item.person_id) for item in items}
    moved = []
    for item in sorted(items, key=lambda one: one.key):
        if _name(item, item.person_id) in wanted:
            continue
        for other in sorted(parted.get(item.person_id, ())):
            name = _name(item, other)
            if name in wanted and name not in taken:
                taken.add(name)
                moved.append(item.model_copy(update={"person_id": other}))
                break
    return moved


def _name(item: FollowUp, person: str) -> Occasion:
    return person, item.rule, item.occasion
