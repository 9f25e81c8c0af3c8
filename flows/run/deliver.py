"""The two steps that touch the task list: read what the user did there, and deliver what is planned.

Both work from the store: an intent is stored before the sink is called and marked as delivered after it,
so the next run completes whatever a crash interrupts (docs/decisions/0006-outbox.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flows.run.context import Context
from people.errors import SuspiciousEmptiness, TouchbaseError
from people.planning.model import OPEN
from people.planning.read_back import read_back
from people.store import follow_ups
from people.store.ingest import reading as pages
from people.tasks import FollowUp, TaskSink
from people.types import Problem


@dataclass
class Deliveries:
    """The tasks that were created, how many were updated and withdrawn, and what could not be delivered."""

    new: list[FollowUp] = field(default_factory=list)
    updated: int = 0
    withdrawn: int = 0
    problems: list[Problem] = field(default_factory=list)

    def plus(self, other: Deliveries) -> Deliveries:
        """The sum of both; the problems of ``other`` come first."""
        return Deliveries(
            [*other.new, *self.new],
            self.updated + other.updated,
            self.withdrawn + other.withdrawn,
            [*other.problems, *self.problems],
        )


_MAY_CHANGE = (*OPEN, "withdrawn")
"""The statuses that the user may still change. Completing a withdrawn task counts: the user did it."""


def read_tasks(context: Context) -> list[FollowUp]:
    """Record what the user did with the tasks; return those that are now done, snoozed or dismissed."""
    name = context.settings.tasks.type
    with context.store.begin() as connection:
        follow_ups.rehome(connection, name)
        waiting = [item.follow_up for item in follow_ups.past(connection, _MAY_CHANGE)]
    refs = {item.key for item in waiting if item.status in OPEN and item.ref is not None}
    if not waiting:
        return []
    sink = open_sink(context, delivered=len(refs))
    states = {state.key: state for state in sink.states()}
    if TASKS not in context.accept_removals:
        _check_tasks(len(refs), len(refs - states.keys()))
    with context.store.begin() as connection:
        follow_ups.adopt(connection, states, sink.name)
        before = follow_ups.past(connection, _MAY_CHANGE)
        changes = read_back(before, states, context.today, context.settings.me.zone)
        follow_ups.record_read_back(connection, changes)
    return [item for item, _day in changes]


def open_sink(context: Context, *, delivered: int = 0) -> TaskSink:
    """Open the task sink; ``delivered`` is how many open tasks it should hold."""
    return context.settings.tasks.open(replace(context.around(), delivered=delivered))


TASKS = "tasks"
"""The name that ``--accept-removals`` takes when most tasks were really deleted."""


def _check_tasks(open_before: int, missing: int) -> None:
    """Raise if most tasks are suddenly gone: that is rarely what the user did. Limits as for sources."""
    if missing > pages.BRAKE_GONE and (open_before - missing) * 2 < open_before:
        raise SuspiciousEmptiness(
            f"{missing} of {open_before} open tasks are suddenly gone; none was taken as dismissed",
            help=f"check the task list; if you deleted them: touchbase run --accept-removals {TASKS}",
        )


def deliver(context: Context, only: str | None = None) -> Deliveries:
    """Deliver what the sink does not know yet (``only``: of one key). What fails waits for the next run."""
    done = Deliveries()
    with context.store.read() as connection:
        waiting = [item for item in follow_ups.pending(connection) if only in (None, item[0].key)]
    if not waiting:
        return done
    try:
        sink = open_sink(context)
    except TouchbaseError as error:
        done.problems.append(Problem(where="tasks", message=error.message, help=error.help))
        return done
    for item, kind in waiting:
        try:
            ref = _deliver_one(sink, item, kind)
        except TouchbaseError as error:
            done.problems.append(
                Problem(where=f"task '{item.title}'", message=error.message, help=error.help)
            )
            continue
        with context.store.begin() as connection:
            follow_ups.delivered(connection, item.model_copy(update={"sink": sink.name, "ref": ref}))
        if kind == "create":
            done.new.append(item)
        done.updated += kind == "update"
        done.withdrawn += kind == "withdraw"
    return done


def _deliver_one(sink: TaskSink, item: FollowUp, kind: str) -> str | None:
    """Create, update, withdraw, complete or move one task; return its ref, None if it never existed."""
    if kind in ("create", "update"):
        return sink.ensure(item)
    # A killed run may have created the task without recording it.
    ref = item.ref or next((state.ref for state in sink.states() if state.key == item.key), None)
    if ref is None:
        return None
    if kind == "withdraw":
        sink.withdraw(ref, item.reason)
    elif kind == "complete":
        sink.complete(ref)
    else:
        sink.move(ref, item.due)
    return ref
