"""The stages of the daily run as plain functions; ``flows.daily`` makes Prefect tasks of them.

pull (each source) -> read back (what the user did with tasks) -> resolve -> judge -> plan ->
deliver. Each stage reads from the store and writes to it, so that a crash between two stages costs
nothing but the time to run again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flows.run.fact_sources import sources_of, with_sources
from people.errors import SuspiciousEmptiness, TouchbaseError
from people.parallel import gc_paused
from people.planning.model import OPEN
from people.planning.plan import Plan, plan, read_back
from people.planning.splits import after_splits
from people.planning.working_days import WorkingDays
from people.store import follow_ups, runs
from people.store.ingest import reading as pages
from people.store.resolving import decisions
from people.tasks import FollowUp, TaskSink
from people.types import Problem

if TYPE_CHECKING:
    from flows.run.judge import Judged
from flows.run.context import Context


@dataclass
class Deliveries:
    """What delivering did, and what it could not do."""

    created: int = 0
    updated: int = 0
    withdrawn: int = 0
    problems: list[Problem] = field(default_factory=list)

    def plus(self, other: Deliveries) -> Deliveries:
        """Both together."""
        return Deliveries(
            self.created + other.created,
            self.updated + other.updated,
            self.withdrawn + other.withdrawn,
            [*other.problems, *self.problems],
        )


_MAY_CHANGE = (*OPEN, "withdrawn")
"""The statuses that a word of the user may still change: whoever ticks a task that we took back did it."""


def read_tasks(context: Context) -> dict[str, int]:
    """Bring home what the user did with the tasks; return how many of each."""
    counted = {"done": 0, "snoozed": 0, "dismissed": 0}
    name = context.settings.tasks.type
    with context.store.begin() as connection:
        follow_ups.rehome(connection, name)
        waiting = [item.follow_up for item in follow_ups.past(connection, _MAY_CHANGE)]
    refs = {item.key for item in waiting if item.status in OPEN and item.ref is not None}
    if not waiting:
        return counted
    sink = open_sink(context, delivered=len(refs))
    states = {state.key: state for state in sink.states()}
    if TASKS not in context.accept_removals:
        _check_tasks(len(refs), len(refs - states.keys()))
    with context.store.begin() as connection:
        follow_ups.adopt(connection, states, sink.name)
        before = follow_ups.past(connection, _MAY_CHANGE)
        changes = read_back(before, states, context.today, context.settings.me.zone)
        follow_ups.record_read_back(connection, changes)
    for item, _day in changes:
        counted[item.status] += 1
    return counted


def open_sink(context: Context, *, delivered: int = 0) -> TaskSink:
    """Open the task sink; ``delivered`` is how many open tasks it should hold."""
    return context.settings.tasks.open(replace(context.settings.around(context.today), delivered=delivered))


TASKS = "tasks"
"""The name under which ``--accept-removals`` believes that most tasks are gone."""


def _check_tasks(open_before: int, missing: int) -> None:
    """A list of tasks that is suddenly empty is no dismissal of everything (limits as for sources)."""
    if missing > pages.BRAKE_GONE and (open_before - missing) * 2 < open_before:
        raise SuspiciousEmptiness(
            f"{missing} of {open_before} open tasks are suddenly gone; none was taken as dismissed",
            help=f"check the task list; if you deleted them: touchbase run --accept-removals {TASKS}",
        )


def hold_back(decided: Plan, allowed: Collection[str], reason: str) -> Plan:
    """The plan with every new task deferred, for ``reason``, but those whose keys are ``allowed``."""
    held = [
        item.model_copy(update={"status": "deferred", "reason": reason})
        for item in decided.create
        if item.key not in allowed
    ]
    create = tuple(item for item in decided.create if item.key in allowed)
    return replace(decided, create=create, deferred=(*held, *decided.deferred))


def make_plan(context: Context, judged: Judged, narrow: Callable[[Plan], Plan] | None = None) -> Plan:
    """Decide the tasks of this run, let ``narrow`` take some back, and store them as intents."""
    with gc_paused(), context.store.begin() as connection:
        past = follow_ups.past(connection)
        follow_ups.hand_over(connection, after_splits(past, judged.wishes, decisions.parted(connection)))
        decided = plan(
            judged.wishes,
            follow_ups.past(connection),
            judged.standing,
            capacity=context.settings.tasks.capacity_per_day,
            today=context.today,
            days=WorkingDays(context.settings.me.region),
            judged=judged.rules,
            recent=runs.wanted_on_days(connection, context.today),
        )
        if judged.people is not None and decided.create:
            # Only what becomes a task needs its evidence named.
            ids = {item.person_id for item in decided.create}
            named = with_sources(
                decided.create,
                sources_of(
                    context.store, judged.people.happened, judged.people.met, ids, judged.people.ledger
                ),
            )
            decided = replace(decided, create=tuple(named))
        if narrow is not None:
            decided = narrow(decided)
        follow_ups.record_plan(connection, decided, context.today)
    return decided


def deliver(context: Context, only: str | None = None) -> Deliveries:
    """Tell the sink everything it does not know yet (``only``: of one key); what fails waits for a run."""
    done = Deliveries()
    with context.store.read() as connection:
        waiting = [found for found in follow_ups.pending(connection) if only in (None, found[0].key)]
    if not waiting:
        return done
    try:
        sink = open_sink(context)
    except TouchbaseError as error:
        done.problems.append(Problem(where="tasks", message=error.message, help=error.help))
        return done
    for item, kind in waiting:
        try:
            ref = _tell(sink, item, kind)
        except TouchbaseError as error:
            done.problems.append(
                Problem(where=f"task '{item.title}'", message=error.message, help=error.help)
            )
            continue
        with context.store.begin() as connection:
            follow_ups.delivered(connection, item.model_copy(update={"sink": sink.name, "ref": ref}))
        _count(done, kind)
    return done


def _tell(sink: TaskSink, item: FollowUp, kind: str) -> str | None:
    """Bring one follow-up to the sink; return the ref of its task, if it has one."""
    if kind in ("create", "update"):
        return sink.ensure(item)
    # A run that was killed may have made the task and not noted it.
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


def _count(done: Deliveries, kind: str) -> None:
    done.created += kind == "create"
    done.updated += kind == "update"
    done.withdrawn += kind == "withdraw"
