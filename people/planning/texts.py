"""Bring the words of planned follow-ups and of open tasks up to date, after planning. Pure.

Who a follow-up is about and why are worked out for what was chosen only, because a day takes a few of
thousands of wishes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from people.planning.model import CLOSED_BY_CONTACT, OPEN, Occasion, PastFollowUp, Plan
from people.tasks import About, Evidence, FollowUp, FollowUpWish
from people.text import one_line
from people.wording import LONGEST_WORDS, shortened, task_text, title_with_who


def people_of(plan: Plan, past: Iterable[PastFollowUp]) -> set[str]:
    """Return the ids of everybody whose follow-up is planned or open."""
    planned = (*plan.create, *plan.update, *plan.deferred)
    return {item.person_id for item in (*planned, *(one.follow_up for one in past if _is_open(one)))}


def with_words(
    plan: Plan,
    past: Iterable[PastFollowUp],
    wishes: Iterable[FollowUpWish],
    evidence: Callable[[FollowUpWish], tuple[Evidence, ...]],
    about: Mapping[str, About],
) -> Plan:
    """Return the plan with who and why in every follow-up; an open task whose text changed is an update.

    ``about`` is by person id. A task whose rule could not be judged keeps its reasons. One that waits to be
    moved in the task list is left alone until it was.
    """
    changing = {item.key for item in (*plan.update, *plan.withdraw)}
    staying = [
        one.follow_up
        for one in past
        if _is_open(one) and not one.untold and one.follow_up.key not in changing
    ]
    chosen = {_occasion(item) for item in (*plan.create, *plan.update, *plan.deferred, *staying)}
    wish_of = {name: wish for wish in wishes if (name := _occasion(wish)) in chosen}

    def told(item: FollowUp) -> FollowUp:
        wish = wish_of.get(_occasion(item))
        new: dict[str, object] = {"about": about.get(item.person_id, item.about)}
        if wish is not None:
            new |= {"because": evidence(wish), "notes": wish.notes}
        return item.model_copy(update=new)

    renewed = [new for item in staying if _text(new := told(item)) != _text(item)]
    return replace(
        plan,
        create=tuple(map(told, plan.create)),
        update=(*map(told, plan.update), *renewed),
        deferred=tuple(map(told, plan.deferred)),
        withdraw=tuple(_closed(item, about.get(item.person_id, About())) for item in plan.withdraw),
    )


def _closed(item: FollowUp, about: About) -> FollowUp:
    """Say by which contact a task was closed: a meeting, a mail, a line of the journal."""
    if not (item.reason.startswith(CLOSED_BY_CONTACT) and about.last_event):
        return item
    event = shortened(one_line(about.last_event), LONGEST_WORDS)
    return item.model_copy(update={"reason": f"{item.reason} ({event})"})


def _is_open(item: PastFollowUp) -> bool:
    return item.follow_up.status in OPEN


def _text(item: FollowUp) -> tuple[str, str]:
    """What the task list shows."""
    return title_with_who(item), task_text(item, item.due)


def _occasion(item: FollowUp | FollowUpWish) -> Occasion:
    return item.person_id, item.rule, item.occasion
