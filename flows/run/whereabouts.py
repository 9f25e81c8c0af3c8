"""Where the delivered tasks are now: here, in another place, lost, or deleted by the user.

Absence is not a word. A task counts as deleted only if the sink says so, or if it was asked for by its ref
where it was delivered, and is gone.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from connectors.base import SinkSettings, type_of
from connectors.catalog import SINKS
from people.errors import SuspiciousEmptiness
from people.planning.model import OPEN, PastFollowUp
from people.planning.read_back import is_same_task
from people.store import Connection
from people.store.db import values
from people.tasks import FollowUp, PlacedSink, TaskState

TASKS = "tasks"
"""The name that ``--accept-removals`` takes when most tasks were really deleted."""
_NOT_THE_PLACE = {"capacity_per_day", "open_at_most", "allow_http"}


class TasksMissing(SuspiciousEmptiness):
    """All or most tasks are missing, and nobody said that they were deleted. ``read`` is other news."""

    read: Sequence[FollowUp] = ()


@dataclass(frozen=True, slots=True)
class Reached:
    """The settings with which the task list was last reached, and the address they led to.

    ``unread`` says that a run could not read it once more, after the settings named another place.
    """

    settings: Mapping[str, Any]
    address: str | None = None
    unread: bool = False

    def sink_settings(self) -> SinkSettings | None:
        """The settings as their connector reads them; None if there is no such connector any more."""
        kind = next((kind for kind in SINKS if type_of(kind) == self.settings.get("type")), None)
        try:
            return kind.model_validate(dict(self.settings)) if kind else None
        except ValueError:
            return None


def last_reached(connection: Connection) -> Reached | None:
    """Return how the task list was last reached; None before the first time."""
    stored = values.get(connection, values.TASKS)
    return Reached(**json.loads(stored)) if stored else None


def remember(connection: Connection, settings: SinkSettings, sink: PlacedSink) -> None:
    """Remember that ``settings`` led to ``sink``."""
    text = json.dumps({"settings": fingerprint(settings), "address": sink.address()}, sort_keys=True)
    if text != values.get(connection, values.TASKS):
        values.put(connection, values.TASKS, text)


def remember_unread(connection: Connection, reached: Reached) -> None:
    """Remember that the place of before could not be read once more."""
    values.put(connection, values.TASKS, json.dumps({**asdict(reached), "unread": True}, sort_keys=True))


def fingerprint(settings: SinkSettings) -> dict[str, Any]:
    """The part of the settings that decides where tasks are."""
    return settings.model_dump(mode="json", exclude=_NOT_THE_PLACE)


@dataclass
class Whereabouts:
    """What a sink knows of the delivered tasks.

    ``states`` are those of the tasks that are there. ``gone`` are the keys of the open ones that were deleted
    where they were delivered, ``lost`` of those that are not here for another reason. ``copies`` are
    the refs, by key, of tasks that are open here and were last used in another place. ``here`` are the keys
    of those that were delivered to this place, and ``aside`` of those that lie in another list of the same
    account or vault. ``total`` counts the open ones.
    """

    place: str | None
    states: dict[str, TaskState]
    gone: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    copies: dict[str, str] = field(default_factory=dict)
    here: set[str] = field(default_factory=set)
    total: int = 0
    aside: set[str] = field(default_factory=set)
    proven: bool = False

    def known(self, gone: Collection[str]) -> set[str]:
        """The keys of the tasks that are there, and of those that are taken as ``gone``."""
        return {*self.states, *gone}

    def is_most(self, missing: Collection[str]) -> bool:
        """Whether all or most open tasks are missing: that is rarely what the user did.

        A single one may be deleted, if anything of ours shows that this is the place.
        """
        return 2 * len(missing) > self.total and not (len(missing) == 1 == self.total and self.proven)


def strangers(sink: PlacedSink, past: Sequence[PastFollowUp]) -> set[str]:
    """The keys of the open tasks that were delivered to another place than this one."""
    place = sink.place()
    items = [item.follow_up for item in past if item.follow_up.ref is not None and _awaits_the_user(item)]
    return {item.key for item in items if not _is_here(sink, place, item, renamed=False)}


def look(sink: PlacedSink, past: Sequence[PastFollowUp], *, elsewhere: bool) -> Whereabouts:
    """Read the sink, and look for each open task that it does not list.

    ``elsewhere`` is whether the settings lead to another place than before.
    """
    place = sink.place()
    result = Whereabouts(place, {state.key: state for state in sink.states()})
    delivered = [item for item in past if item.follow_up.ref is not None]
    waiting = [item.follow_up for item in delivered if _awaits_the_user(item)]
    result.total = len(waiting)
    listed = sum(item.key in result.states for item in waiting)
    # A place that changed its name, as after a restored backup, still holds most of the tasks.
    renamed = not elsewhere and 2 * listed > len(waiting)
    same = {i.follow_up.key for i in delivered if _is_here(sink, place, i.follow_up, renamed=renamed)}
    result.here = same
    marked = sink.marks_its_place and any(place is not None and item.place == place for item in waiting)
    result.proven = marked or bool(result.states)
    for item in waiting:
        _look_for(sink, item, result, here=item.key in same)
    for past_one in past:
        # Also one that was closed before it was made in the new place.
        if past_one.follow_up.ref is not None or past_one.follow_up.left_behind:
            _compare_copy(past_one, result, elsewhere=elsewhere)
    return result


def _compare_copy(item: PastFollowUp, result: Whereabouts, *, elsewhere: bool) -> None:
    """What is open here and was delivered elsewhere is a copy that was left behind. It follows the store."""
    before, state = item.follow_up, result.states.get(item.follow_up.key)
    if before.key in result.here or not (elsewhere or before.left_behind):
        return
    if state is None or state.status != "open":
        return
    if not item.waits:
        result.copies[before.key] = state.ref
    if before.status in OPEN:
        result.states[before.key] = state.model_copy(update={"due": None})
    else:
        del result.states[before.key]


def _awaits_the_user(item: PastFollowUp) -> bool:
    """Whether the task should be in the sink. One that is still to be opened again need not be there."""
    return item.follow_up.status in OPEN and not (item.untold and item.follow_up.status == "open")


def _is_here(sink: PlacedSink, place: str | None, item: FollowUp, *, renamed: bool) -> bool:
    """Whether the task was delivered to this very place, as far as that is known."""
    if item.sink not in (None, sink.name):
        return False
    return item.place in (None, place) or renamed


def _look_for(sink: PlacedSink, item: FollowUp, result: Whereabouts, *, here: bool) -> None:
    state = result.states.get(item.key)
    if state is None and item.sink in (None, sink.name):
        state = sink.find(item)
        if state is not None and state.status != "lost":
            result.aside.add(item.key)
    elif state is not None and state.status == "open" and not is_same_task(item.ref, state.ref):
        # A copy with our mark. The task itself counts as long as it is there.
        state = (sink.find(item) if here else None) or state
    elif state is None:
        result.lost.add(item.key)
        return
    if state is None:
        (result.gone if here else result.lost).add(item.key)
    elif state.status == "lost" or (not here and state.status in ("deleted", "cancelled")):
        # In another place than that of the delivery, the user may have tidied up what was left behind.
        result.states.pop(item.key, None)
        result.lost.add(item.key)
    else:
        result.states[item.key] = state


def ask(sink: PlacedSink, missing: Collection[str], total: int) -> TasksMissing:
    """The question to the user, when all or most tasks are missing and nobody said that they were deleted."""
    are = "is" if len(missing) == 1 else "are"
    return TasksMissing(
        f"{len(missing)} of {total} open tasks {are} suddenly gone; none was taken as dismissed",
        help=f"{sink.where_to_look}; if you deleted them: touchbase run --accept-removals {TASKS}; "
        "to have them made again: touchbase reopen --missing",
    )
