"""Follow-ups and their outbox.

The intent to create, update or withdraw a task is committed before the sink is called, and the answer
afterwards. A crash in between leaves a pending row. The next run repeats it, and the sink's ``ensure``
keeps it one task.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import takewhile
from typing import Any, Literal

import sqlalchemy as sa

from people.planning.model import OPEN
from people.planning.plan import PastFollowUp, Plan
from people.store.db import schema
from people.store.db.bulk import among, fetch_in, upsert
from people.tasks import FollowUp, TaskState

Delivery = Literal["none", "create", "update", "withdraw", "complete", "move", "reopen", "delivered"]
SHORTEST_KEY = 4
"""The fewest digits of a key that a screen shows."""
_PENDING = ("create", "update", "withdraw", "complete", "move", "reopen")
_COLUMNS = {"person_id", "rule", "title", "status", "due", "done_is_contact", "sink", "ref"}
_table = schema.follow_ups


def past(connection: sa.Connection, statuses: Collection[str] = ()) -> list[PastFollowUp]:
    """Return every follow-up that was to be a task (deferred ones were not), or those with ``statuses``."""
    query = sa.select(_table).where(_table.c.status != "deferred").order_by(_table.c.created_on, _table.c.key)
    if statuses:
        query = query.where(_table.c.status.in_(statuses))
    return [
        PastFollowUp(
            _of(row),
            row.created_on,
            row.closed_on,
            untold=row.delivery in ("move", "reopen"),
            waits=row.delivery in _PENDING,
        )
        for row in connection.execute(query)
    ]


def listed(connection: sa.Connection, *, closed: bool) -> list[FollowUp]:
    """Return open, snoozed and deferred follow-ups, or with ``closed`` all; by due date, then value."""
    query = sa.select(_table)
    if not closed:
        query = query.where(_table.c.status.in_(("open", "snoozed", "deferred")))
    found = [_of(row) for row in connection.execute(query)]
    order = ("open", "snoozed", "deferred", "done", "dismissed", "withdrawn")
    return sorted(found, key=lambda f: (order.index(f.status), f.due, -f.value, f.key))


def open_of(connection: sa.Connection, people: Collection[str]) -> list[FollowUp]:
    """Return the open and snoozed follow-ups of these people, by due date, then value."""
    query = sa.select(_table).where(_table.c.status.in_(OPEN))
    found = map(_of, fetch_in(connection, query, _table.c.person_id, sorted(people)))
    return sorted(found, key=lambda item: (item.due, -item.value, item.key))


def adopt(connection: sa.Connection, states: Mapping[str, TaskState], sink: str) -> None:
    """Record the refs of tasks that were created just before a crash."""
    query = sa.select(_table).where(_table.c.delivery == "create", _table.c.ref.is_(None))
    for row in connection.execute(query).all():
        state = states.get(row.key)
        if state is not None:
            delivered(connection, _of(row).model_copy(update={"sink": sink, "ref": state.ref}))


def rehome(connection: sa.Connection, keys: Collection[str]) -> None:
    """Store the intent to make the tasks of these follow-ups once more, where tasks are made now."""
    for row in list(fetch_in(connection, sa.select(_table), _table.c.key, sorted(keys))):
        item = _of(row)
        left = tuple(dict.fromkeys((*item.left_behind, *filter(None, [item.place]))))
        moved = item.model_copy(update={"sink": None, "ref": None, "place": None, "left_behind": left})
        _set(connection, moved, delivery="reopen")


def align(connection: sa.Connection, copies: Mapping[str, str], sink: str, place: str | None) -> None:
    """Store the intent to bring copies of tasks up to date, which were last used in another place.

    ``copies`` maps keys to the refs in ``sink``.
    """
    kinds = {"done": "complete", "snoozed": "move", "open": "update"}
    for row in list(fetch_in(connection, sa.select(_table), _table.c.key, sorted(copies))):
        item = _of(row).model_copy(update={"sink": sink, "ref": copies[row.key], "place": place})
        _set(connection, item, delivery=kinds.get(item.status, "withdraw"))


def give_up(connection: sa.Connection, here: Collection[str]) -> None:
    """Forget intents to close tasks in a place that is no longer used. Those of ``here`` stay."""
    closing = _table.c.delivery.in_(("withdraw", "complete"))
    for row in connection.execute(sa.select(_table.c.key).where(closing, _table.c.ref.is_not(None))).all():
        if row.key not in here:
            connection.execute(sa.update(_table).where(_table.c.key == row.key).values(delivery="delivered"))


def record_read_back(
    connection: sa.Connection,
    changes: Iterable[tuple[FollowUp, date]],
    noted: Iterable[FollowUp] = (),
) -> None:
    """Store what the user did with the tasks. A closed one needs no further delivery.

    One that is open again gets its fields brought up to date. In ``noted`` only what was read has changed.
    """
    for item, day in changes:
        if item.status in ("done", "dismissed", "withdrawn"):
            _set(connection, item, closed_on=day, delivery="delivered")
        elif item.status == "open":
            _set(connection, item, closed_on=None, delivery="update")
        else:
            _set(connection, item)
    for item in noted:
        _set(connection, item)


def record_plan(connection: sa.Connection, plan: Plan, today: date) -> None:
    """Store the plan as intents, in the caller's transaction."""
    connection.execute(sa.delete(_table).where(_table.c.status == "deferred"))
    _insert(connection, plan.create, "create", today)
    _insert(connection, plan.deferred, "none", today)
    _insert_missed(connection, plan.lapsed, today)
    for item in plan.update:
        # Without a ref it was never delivered: it still counts as new.
        _set(connection, item, delivery="update" if item.ref else "create")
    for item in plan.withdraw:
        # Also without a ref: a killed run may have created the task without recording it.
        _set(connection, item, delivery="withdraw", closed_on=today)


def deferred(connection: sa.Connection) -> list[FollowUp]:
    """Return the follow-ups that the last run deferred."""
    query = sa.select(_table).where(_table.c.status == "deferred").order_by(_table.c.key)
    return list(map(_of, connection.execute(query)))


def take(connection: sa.Connection, item: FollowUp, today: date) -> None:
    """Store the intent to make a task of a deferred follow-up now."""
    _set(connection, item, delivery="create", created_on=today)


def pending(connection: sa.Connection) -> list[tuple[FollowUp, str]]:
    """Return what must still be delivered to the sink, and how. Crashed runs are included."""
    query = sa.select(_table).where(_table.c.delivery.in_(_PENDING)).order_by(_table.c.due, _table.c.key)
    return [(_of(row), row.delivery) for row in connection.execute(query)]


def delivered(connection: sa.Connection, item: FollowUp) -> None:
    """Record that the sink has this state of the follow-up, with its ``sink`` and ``ref``."""
    _set(connection, item, delivery="delivered")


def decide(connection: sa.Connection, item: FollowUp, day: date) -> None:
    """Store the user's decision on a follow-up (status done, dismissed or snoozed) as an intent.

    A deferred one that is snoozed becomes a task. Status open opens it again.
    """
    row = connection.execute(sa.select(_table).where(_table.c.key == item.key)).one()
    if item.status == "open":
        _set(connection, item, delivery="reopen", closed_on=None)
    elif item.status == "snoozed":
        unmade = row.status == "deferred" or row.delivery == "create"
        _set(connection, item, delivery="create" if unmade else "move", closed_on=None)
    else:
        delivery = "complete" if item.status == "done" else "withdraw"
        _set(connection, item, delivery="delivered" if row.status == "deferred" else delivery, closed_on=day)


def short_keys(connection: sa.Connection, keys: Iterable[str]) -> dict[str, str]:
    """Map each key to the start of it that no other key shares, of at least ``SHORTEST_KEY`` digits."""
    wanted = set(keys)
    known = sorted({*connection.scalars(sa.select(_table.c.key)), *wanted})
    short = {}
    for before, key, after in zip(["", *known], known, [*known[1:], ""], strict=False):
        if key in wanted:
            short[key] = key[: max(SHORTEST_KEY, _shared(key, before) + 1, _shared(key, after) + 1)]
    return short


def _shared(one: str, other: str) -> int:
    """The number of first letters that both have."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def find(connection: sa.Connection, key: str) -> FollowUp | None:
    """Return the follow-up with ``key``, or the only one whose key starts with it."""
    rows = connection.execute(sa.select(_table).where(_table.c.key.startswith(key, autoescape=True)).limit(2))
    found = [_of(row) for row in rows]
    return found[0] if len(found) == 1 else None


def move(connection: sa.Connection, people: Mapping[str, str], aliases: Mapping[str, str]) -> None:
    """Move follow-ups with their people after merges and splits.

    ``aliases`` maps merged ids to surviving ones, ``people`` maps record keys to ids. The record that a
    follow-up is anchored to decides, so that it goes along in a split.
    """
    for row in list(fetch_in(connection, sa.select(_table), _table.c.person_id, sorted(aliases))):
        merged = _of(row).model_copy(update={"person_id": aliases[row.person_id]})
        _set(connection, merged, delivery=row.delivery)
    for row in list(fetch_in(connection, sa.select(_table), _table.c.record, sorted(people))):
        if row.person_id != people[row.record]:
            moved = _of(row).model_copy(update={"person_id": people[row.record]})
            _set(connection, moved, delivery=row.delivery)


def hand_over(connection: sa.Connection, items: Sequence[FollowUp]) -> None:
    """Store follow-ups under the people that they now name, and anchor them there."""
    anchors = _anchors(connection, items)
    for item in items:
        _set(connection, item, record=anchors.get(item.person_id))


def delete_for(
    connection: sa.Connection, people: Collection[str], records: Collection[str] = ()
) -> list[FollowUp]:
    """Delete all follow-ups of ``people``, and those anchored to ``records``; return those that are tasks.

    The caller then removes the tasks.
    """
    theirs = [*among(_table.c.person_id, sorted(people)), *among(_table.c.record, sorted(records))]
    rows = {row.key: row for one in theirs for row in connection.execute(sa.select(_table).where(one))}
    for one in among(_table.c.key, sorted(rows)):
        connection.execute(sa.delete(_table).where(one))
    return [_of(row) for row in rows.values() if row.ref is not None]


def _insert(connection: sa.Connection, items: Sequence[FollowUp], delivery: Delivery, today: date) -> None:
    anchors = _anchors(connection, items)
    fixed = {"delivery": delivery, "created_on": today, "closed_on": None}
    rows = [
        {"key": item.key, "record": anchors.get(item.person_id), **fixed, **_values(item)} for item in items
    ]
    upsert(connection, _table, rows)


def _insert_missed(connection: sa.Connection, items: Sequence[FollowUp], today: date) -> None:
    """Record what never became a task. It was created before today, so that it takes no place of the day."""
    for item in items:
        _insert(connection, [item], "delivered", item.useful_until or today)
        _set(connection, item, closed_on=today)


def _anchors(connection: sa.Connection, items: Iterable[FollowUp]) -> dict[str, str | None]:
    """Map the people of these follow-ups to the record that decides in a split."""
    table = schema.people
    query = sa.select(table.c.id, table.c.anchor)
    people = {item.person_id for item in items}
    return {row.id: row.anchor for row in fetch_in(connection, query, table.c.id, people)}


def _set(connection: sa.Connection, item: FollowUp, **values: Any) -> None:  # noqa: ANN401 - columns
    row = {**_values(item), **values}
    connection.execute(sa.update(_table).where(_table.c.key == item.key).values(**row))


def _values(item: FollowUp) -> dict[str, Any]:
    return item.model_dump(include=_COLUMNS) | {"doc": item.model_dump_json(exclude_defaults=True)}


def _of(row: sa.Row[Any]) -> FollowUp:
    return FollowUp.model_validate_json(row.doc)
