"""Compare the delivered tasks with the task list: what did the user do? Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, tzinfo
from typing import Any

from people.days import short_day
from people.planning.model import OPEN, PastFollowUp
from people.tasks import FollowUp, TaskState
from people.text import fold
from people.wording import title_with_who

OPENED_AGAIN = "you opened it again"
CLOSED_HERE = "Touchbase had closed it before"
"""The reason of a task that we closed and no longer know of, as after a restored backup."""


def read_back(
    past: Iterable[PastFollowUp],
    states: Mapping[str, TaskState],
    today: date,
    zone: tzinfo,
    gone: Collection[str] | None = None,
) -> list[tuple[FollowUp, date]]:
    """Compare delivered tasks with the sink as it is now; return each change with its day.

    A task that is done counts as contact on that day, one whose due date the user moved is snoozed
    until then, one that was deleted or cancelled is dismissed. A closed one that is open in the sink is open
    again, and one that was completed after all is done. ``gone`` are the keys of those that the user
    deleted although the sink says nothing of them; None: of every one that is not in ``states``.
    """
    changes = []
    for item in past:
        before = item.follow_up
        # What is still to be opened again says nothing yet.
        if before.ref is None or (item.untold and before.status == "open"):
            continue
        state = states.get(before.key)
        if before.status in OPEN:
            if state is None and (gone is None or before.key in gone):
                changes.append((_dismissed(before), today))
            elif state is not None:
                changes += _of_open(item, state, today, zone)
        elif state is not None:
            changes += _of_closed(item, state, today, zone)
    return changes


def noted(before: FollowUp, state: TaskState | None, sink: str, place: str | None) -> FollowUp:
    """The follow-up with what is worth remembering of its task: its ref and place, and the user's title."""
    if state is None or before.ref is None or state.status == "lost":
        return before
    if before.status not in OPEN and not is_same_task(before.ref, state.ref):
        return before  # a copy of what is closed is the user's own
    new: dict[str, Any] = {"sink": sink, "ref": state.ref}
    if place is not None:
        new["place"] = place
    if state.completed_at is not None:
        new["ticked_at"] = state.completed_at
    ours = title_with_who(before.model_copy(update={"own_title": ""}))
    if state.retitled:
        new["own_title"] = state.title
    elif before.own_title and state.title and fold(state.title) == fold(ours):
        new["own_title"] = ""
    return before.model_copy(update=new)


def is_same_task(ref: str | None, other: str | None) -> bool:
    """Whether two refs name one task. Below its list, an id stays as it is if the task is moved."""
    return (ref or "").rpartition("/")[2] == (other or "").rpartition("/")[2]


def _of_open(item: PastFollowUp, state: TaskState, today: date, zone: tzinfo) -> list[tuple[FollowUp, date]]:
    before = item.follow_up
    if state.status in ("deleted", "cancelled"):
        if state.ours:
            closed = {"status": "withdrawn", "reason": CLOSED_HERE}
            return [(before.model_copy(update=closed), today)]
        return [(_dismissed(before), today)]
    if state.status == "done":
        return [(_done(before), _day(state, today, zone))]
    moved = not item.untold and state.due is not None and state.due != before.due
    if state.status == "open" and moved and state.due is not None:
        reason = f"you moved it to {short_day(state.due, today)}"
        snoozed = {"status": "snoozed", "due": state.due, "reason": reason}
        return [(before.model_copy(update=snoozed), today)]
    return []


def _of_closed(
    item: PastFollowUp, state: TaskState, today: date, zone: tzinfo
) -> list[tuple[FollowUp, date]]:
    """A task is looked at for as long as it exists, because a tick or a deletion may be a slip."""
    before = item.follow_up
    if state.status == "done":
        if before.status != "done":
            return [(_done(before), _day(state, today, zone))]
        day = _day(state, today, zone)
        if _later(state, before) and day != item.closed_on:
            return [(before, day)]
    if state.status == "open" and not item.waits and is_same_task(before.ref, state.ref):
        again = {
            "status": "open",
            "reason": OPENED_AGAIN,
            "reopened": True,
            "ending": None,
            "due": state.due or before.due,
        }
        return [(before.model_copy(update=again), today)]
    return []


def _later(state: TaskState, before: FollowUp) -> bool:
    """Whether the user ticked it once more. What the first tick meant was read already."""
    return (
        state.completed_at is not None
        and before.ticked_at is not None
        and state.completed_at > before.ticked_at
    )


def _dismissed(before: FollowUp) -> FollowUp:
    return before.model_copy(update={"status": "dismissed", "reason": "you deleted the task"})


def _done(before: FollowUp) -> FollowUp:
    return before.model_copy(update={"status": "done", "reason": "you completed the task"})


def _day(state: TaskState, today: date, zone: tzinfo) -> date:
    return min(state.completed_at.astimezone(zone).date(), today) if state.completed_at else today
