"""The two steps that touch the task list: read what the user did there, and deliver what is planned.

Both work from the store: an intent is stored before the sink is called and marked as delivered after it,
so the next run completes whatever a crash interrupts (docs/decisions/0006-outbox.md).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from flows.run import whereabouts
from flows.run.context import Context
from flows.run.delivery.patience import PatientSink
from flows.run.delivery.stopping import Futile, Held, problems_of
from flows.run.whereabouts import Reached, Whereabouts
from people.errors import RetryLater, TouchbaseError, UserMustAct
from people.planning.model import OPEN
from people.planning.read_back import noted, read_back
from people.store import follow_ups
from people.tasks import FollowUp, PlacedSink, TaskSink, placed
from people.types import Problem


@dataclass
class Deliveries:
    """The tasks that were created, how many were updated and withdrawn, how many wait, and why."""

    new: list[FollowUp] = field(default_factory=list)
    updated: int = 0
    withdrawn: int = 0
    waiting: int = 0
    problems: list[Problem] = field(default_factory=list)

    def held_up(self, failures: Sequence[Held]) -> Deliveries:
        """Add what was not delivered, and return it all."""
        self.waiting = len(failures)
        self.problems += problems_of(failures)
        return self

    def plus(self, other: Deliveries) -> Deliveries:
        """The sum of both; the problems of ``other`` come first."""
        return Deliveries(
            [*other.new, *self.new],
            self.updated + other.updated,
            self.withdrawn + other.withdrawn,
            max(self.waiting, other.waiting),
            [*other.problems, *self.problems],
        )


TASKS = whereabouts.TASKS


def read_tasks(context: Context, *, again: bool = False) -> list[FollowUp]:
    """Record what the user did with the tasks; return those whose state is now another one.

    Tasks that are not where the settings now lead are made there once more: if the settings were changed, if
    a few were lost, or if the user wants it (``again``). Raises ``SuspiciousEmptiness`` if all or most are
    missing and nobody said that they were deleted; what else was read is recorded nevertheless.
    """
    settings = context.settings.tasks
    with context.store.read() as connection:
        past = follow_ups.past(connection)
        reached = whereabouts.last_reached(connection)
    if not any(item.follow_up.ref is not None or item.waits for item in past):
        return []
    elsewhere = reached is not None and reached.settings != whereabouts.fingerprint(settings)
    accepted = TASKS in context.accept_removals
    expected = sum(item.follow_up.ref is not None and item.follow_up.status in OPEN for item in past)
    sink = _patient(context, open_sink(context, delivered=0 if elsewhere or accepted or again else expected))
    changes: list[tuple[FollowUp, date]] = []
    if elsewhere and reached is not None and (strangers := whereabouts.strangers(sink, past)):
        changes = _read_once_more(context, reached, strangers)
        with context.store.read() as connection:
            past = follow_ups.past(connection)
    found = whereabouts.look(sink, past, elsewhere=elsewhere)
    missing = found.gone | found.lost
    asks = not (accepted or again) and found.is_most(found.gone if elsewhere else missing)
    again_here = _made_again(found, elsewhere=elsewhere, accepted=accepted, again=again, asks=asks)
    gone = set() if again or asks else missing - again_here
    changes += _record(context, sink, found, gone)
    with context.store.begin() as connection:
        follow_ups.rehome(connection, again_here)
        if elsewhere:
            follow_ups.give_up(connection, found.here)
        follow_ups.align(connection, found.copies, sink.name, found.place)
        if not asks:
            whereabouts.remember(connection, settings, sink)
    if again_here:
        context.notes.append(_moves(len(again_here)))
    elif elsewhere and not asks and found.total:
        context.notes.append(_stay(len(found.aside), found.total))
    if asks:
        question = whereabouts.ask(sink, found.gone if elsewhere else missing, found.total)
        question.read = [item for item, _day in changes]
        raise question
    return [item for item, _day in changes]


def _made_again(found: Whereabouts, *, elsewhere: bool, accepted: bool, again: bool, asks: bool) -> set[str]:
    """The keys of the open tasks that are made once more, where tasks are made now."""
    if again:
        return found.gone | found.lost
    if elsewhere or not (accepted or asks):
        return set(found.lost)
    return set()


def _read_once_more(context: Context, reached: Reached, keys: Collection[str]) -> list[tuple[FollowUp, date]]:
    """Read what the user did in the place that the settings named before. Return the changes.

    Raises ``RetryLater`` if it cannot be read. If the next run cannot read it either, it goes on without it.
    """
    before = reached.sink_settings()
    if before is None:
        return []
    with context.store.read() as connection:
        past = [item for item in follow_ups.past(connection) if item.follow_up.key in keys]
    try:
        around = replace(context.around(), delivered=len(past), address=reached.address)
        sink = _patient(context, before.open(around))
        found = whereabouts.look(sink, past, elsewhere=True)
    except TouchbaseError as error:
        if reached.unread:
            context.notes.append(f"The task list of before was not read once more: {error.message}.")
            return []
        with context.store.begin() as connection:
            whereabouts.remember_unread(connection, reached)
        raise RetryLater(
            f"the task list of before cannot be read for what you did there: {error.message}",
            help="the next run tries once more, and then moves the open tasks without it",
        ) from error
    found.states = {key: state for key, state in found.states.items() if key in keys}
    return _record(context, sink, found, set() if found.is_most(found.gone) else found.gone)


def _record(
    context: Context, sink: PlacedSink, found: Whereabouts, gone: Collection[str]
) -> list[tuple[FollowUp, date]]:
    """Store what was read in a sink; return what the user changed."""

    def note(item: FollowUp) -> FollowUp:
        return noted(item, found.states.get(item.key), sink.name, found.place)

    with context.store.begin() as connection:
        follow_ups.adopt(connection, found.states, sink.name)
        past = [item for item in follow_ups.past(connection) if item.follow_up.key in found.known(gone)]
        changes = read_back(past, found.states, context.today, context.settings.me.zone, gone)
        changes = [(note(item), day) for item, day in changes]
        changed = {item.key for item, _ in changes}
        others = [item.follow_up for item in past if item.follow_up.key not in changed]
        follow_ups.record_read_back(connection, changes, [new for one in others if (new := note(one)) != one])
    return changes


def _moves(number: int) -> str:
    tasks = "1 open task was" if number == 1 else f"{number} open tasks were"
    return f"{tasks} not in the task list, and will be made there; what is elsewhere stays as it is."


def _stay(aside: int, total: int) -> str:
    if not aside:
        tasks = "the open task is" if total == 1 else f"all {total} open tasks are"
        return f"The settings name another task list: {tasks} in it."
    tasks = "1 open task stays where it is, and is"
    if aside > 1:
        tasks = f"{aside} open tasks stay where they are, and are"
    return f"The settings name another task list: {tasks} read there; new ones go to the new list."


def open_sink(context: Context, *, delivered: int = 0) -> TaskSink:
    """Open the task sink; ``delivered`` is how many open tasks it should hold."""
    settings = context.settings.tasks
    with context.store.read() as connection:
        reached = whereabouts.last_reached(connection)
    same = reached is not None and reached.settings == whereabouts.fingerprint(settings)
    address = reached.address if reached is not None and same else None
    return settings.open(replace(context.around(), delivered=delivered, address=address))


def _patient(context: Context, sink: TaskSink) -> PlacedSink:
    return PatientSink(placed(sink), context.unanswered)


def deliver(context: Context, only: str | None = None) -> Deliveries:
    """Deliver what the sink does not know yet (``only``: of one key). What fails waits for the next run.

    It stops when the service refuses everything, or when one task after the other fails in the same way.
    """
    done = Deliveries()
    with context.store.read() as connection:
        waiting = [item for item in follow_ups.pending(connection) if only in (None, item[0].key)]
    if not waiting:
        return done
    try:
        sink = _patient(context, open_sink(context))
        place = sink.place()
    except TouchbaseError as error:
        return done.held_up([(item, error) for item, _ in waiting])
    failures: list[Held] = []
    futile = Futile(context.unanswered.clock)
    for at, (item, kind) in enumerate(waiting):
        futile.begin()
        try:
            _check_place(sink, place, item, kind)
            ref = _deliver_one(sink, item, kind)
            place = place or sink.place()
        except TouchbaseError as error:
            failures.append((item, error))
            if futile.after(error):
                failures += [(one, error) for one, _ in waiting[at + 1 :]]
                break
            continue
        futile.forget()
        with context.store.begin() as connection:
            follow_ups.delivered(connection, _at(item, sink, ref, place))
        if kind == "create":
            done.new.append(item)
        done.updated += kind == "update"
        done.withdrawn += kind == "withdraw"
    with context.store.begin() as connection:
        reached = whereabouts.last_reached(connection)
        # Another place is only taken for the list once the one of before was read (``read_tasks``).
        if reached is None or reached.settings == whereabouts.fingerprint(context.settings.tasks):
            whereabouts.remember(connection, context.settings.tasks, sink)
    return done.held_up(failures)


def _at(item: FollowUp, sink: PlacedSink, ref: str | None, place: str | None) -> FollowUp:
    return item.model_copy(update={"sink": sink.name, "ref": ref, "place": place or item.place})


def _check_place(sink: PlacedSink, place: str | None, item: FollowUp, kind: str) -> None:
    """Raise if the task is in another place: what is not found there would count as delivered."""
    known = item.ref is not None and item.place is not None
    if known and kind != "reopen" and (item.sink, item.place) != (sink.name, place):
        raise UserMustAct(
            "the task is in another place than the task list",
            help=f"{sink.where_to_look}; the next run tries again",
        )


def _deliver_one(sink: PlacedSink, item: FollowUp, kind: str) -> str | None:
    """Create, update, withdraw, complete or move one task; return its ref, None if it never existed."""
    if kind in ("create", "update"):
        return sink.ensure(item)
    if kind == "reopen":
        return sink.reopen(item)
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
