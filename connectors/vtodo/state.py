"""What a VTODO says: its state, and which of its fields still are what we wrote."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo

from connectors.shared.task_keys import token
from connectors.vtodo.text import UID_PREFIX, VtodoText
from people.errors import SkipThis
from people.tasks import TaskState

WROTE = "X-TOUCHBASE-WROTE"
WITHDRAWN = "X-TOUCHBASE-WITHDRAWN"
_RANK = {"done": 0, "open": 1, "cancelled": 2, "deleted": 3}

Value = str | date | datetime | list[str] | None


def outranks(state: TaskState, other: TaskState | None) -> bool:
    """Whether ``state`` counts, of two copies of one task: done before open, and the task we made first."""
    return other is None or _rank(state) < _rank(other)


def _rank(state: TaskState) -> tuple[int, bool]:
    return _RANK[state.status], state.ref != UID_PREFIX + token(state.key)


def read_state(text: str, zone: tzinfo) -> TaskState | None:
    """Read the state of the task; None if the text contains no complete task of ours.

    Floating times are in ``zone``.
    """
    try:
        todo = VtodoText(text)
    except SkipThis:
        return None
    ticked = [one for one in (todo, *todo.instances()) if one.status() == "done"]
    moments = [moment for one in ticked if (moment := _completed_at(one, zone)) is not None]
    wrote = remembered(todo)
    status = "done" if ticked else todo.status()
    return TaskState(
        key=todo.key,
        ref=todo.uid,
        status=status,
        due=todo.due(zone),
        completed_at=max(moments, default=None),
        ours=status == "cancelled" and todo.has(WITHDRAWN),
        title=todo.text("SUMMARY"),
        retitled="SUMMARY" in wrote and not still_ours(todo, "SUMMARY", wrote, zone),
    )


def _completed_at(todo: VtodoText, zone: tzinfo) -> datetime | None:
    """When the task was completed; without COMPLETED, when a client last changed it."""
    if todo.has("COMPLETED"):
        return todo.moment("COMPLETED", zone)
    changed = todo.moment("LAST-MODIFIED", zone)
    # A client that dropped our memory wrote the whole task.
    if changed is None or not todo.has(WROTE):
        return changed
    ours = remembered(todo).get("AT")
    return None if ours in (None, stamp(changed)) else changed


def still_ours(todo: VtodoText, name: str, wrote: Mapping[str, str], zone: tzinfo) -> bool:
    """Whether a field still is what we last wrote. Escaping and folding make no difference."""
    current: Value
    match name:
        case "DUE":
            current = todo.due(zone)
        case "CATEGORIES":
            current = sorted(todo.labels())
        case _:
            current = todo.text(name)
    return digest(current) == wrote.get(name)


def digest(value: Value) -> str:
    """A short digest that white space does not change."""
    text = "\n".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


def remembered(todo: VtodoText) -> dict[str, str]:
    """What we last wrote: the digest of each field, the alarm, and when."""
    return dict(item.split("=", 1) for item in todo.value(WROTE).split() if "=" in item)


def stamp(moment: datetime) -> str:
    """The instant as iCalendar writes it."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
