"""Compare the delivered tasks with the task list: what did the user do? Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, tzinfo

from people.days import short_day
from people.planning.model import OPEN, PastFollowUp
from people.tasks import FollowUp, TaskState


def read_back(
    past: Iterable[PastFollowUp], states: Mapping[str, TaskState], today: date, zone: tzinfo
) -> list[tuple[FollowUp, date]]:
    """Compare delivered tasks with the sink as it is now; return each change with its day.

    A task that is done counts as contact on that day, one whose due date the user moved is snoozed
    until then, one that was deleted or cancelled is dismissed. One that we withdrew after the user
    had completed it is done.
    """
    changes = []
    for item in past:
        before = item.follow_up
        state = states.get(before.key)
        late = before.status == "withdrawn" and state is not None and state.status == "done"
        if before.ref is None or not (late or before.status in OPEN):
            continue
        after = _as_now(before, state, today, zone, untold=item.untold)
        if after is not None:
            changes.append(after)
    return changes


def _as_now(
    before: FollowUp, state: TaskState | None, today: date, zone: tzinfo, *, untold: bool
) -> tuple[FollowUp, date] | None:
    if state is None or state.status in ("deleted", "cancelled"):
        return before.model_copy(update={"status": "dismissed", "reason": "you deleted the task"}), today
    if state.status == "done":
        day = min(state.completed_at.astimezone(zone).date(), today) if state.completed_at else today
        return before.model_copy(update={"status": "done", "reason": "you completed the task"}), day
    if not untold and state.due is not None and state.due != before.due:
        reason = f"you moved it to {short_day(state.due, today)}"
        return before.model_copy(update={"status": "snoozed", "due": state.due, "reason": reason}), today
    return None
