"""Forget a person: delete everything except hashes that keep a sync from bringing them back."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from people import mentions
from people.store import follow_ups, frame_cache
from people.store.db import schema, values
from people.store.db.bulk import among
from people.store.ingest.forgotten import marks_of, remember_to_forget
from people.store.one_person import traces
from people.store.one_person.tables import TABLES, Held, of_person
from people.store.one_person.traces import Traces
from people.tasks import FollowUp


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What was deleted, and what the caller must remove elsewhere.

    ``traces`` is what the person was known by. ``tasks`` are those about them. ``others`` are tasks about
    other people which named them, as they now read.
    """

    traces: Traces
    tasks: tuple[FollowUp, ...]
    others: tuple[FollowUp, ...]

    @property
    def records(self) -> int:
        """How many cards were deleted."""
        return len(self.traces.cards)


def forget(connection: sa.Connection, person: str, now: datetime, region: str = "") -> Forgetting:
    """Delete everything about ``person`` in the caller's transaction.

    ``region`` is for telephone numbers without a country. Texts about other people lose what names them.
    Afterwards ``Store.compact`` removes what the database has left in its file.
    """
    known = traces.of(connection, person, region)
    remember_to_forget(connection, _tombstones(known), now)
    tasks = follow_ups.delete_for(connection, known.ids, known.records)
    for held in TABLES:
        _delete(connection, held, known)
    silence = _silencer(known)
    before = {item.key: item for item in follow_ups.listed(connection, closed=True)}
    for held in TABLES:
        _silence(connection, held, silence, known)
    _edit_values(connection, silence, known)
    frame_cache.drop(connection)
    changed = [item for item in follow_ups.listed(connection, closed=True) if item != before[item.key]]
    return Forgetting(known, tuple(tasks), tuple(item for item in changed if item.ref))


def _tombstones(known: Traces) -> Iterator[str]:
    for card in known.cards:
        # A landline's mark has a word of the name behind the number.
        marks = marks_of(card, known.region)
        yield from (mark for mark in marks if known.shared.isdisjoint((mark, mark.partition(" ")[0])))
    yield from (f"record:{line}" for line in known.lines)
    yield from map(mentions.email_mark, known.emails)
    # A single word is too common to be looked for in later texts.
    yield from (mark for mark in known.marks() if mark.startswith("name:") and " " in mark)


def _delete(connection: sa.Connection, held: Held, known: Traces) -> None:
    for theirs in of_person(held, known):
        connection.execute(sa.delete(held.table).where(theirs))
    for name in held.clears:
        for theirs in among(held.table.c[name], sorted(known.emails)):
            connection.execute(sa.update(held.table).where(theirs).values({name: None}))


_Silence = Callable[[Any], Any]


def _silencer(known: Traces) -> _Silence:
    """Return what takes the person out of a text, or out of every text of a JSON value."""
    sought, keys = known.sought(), {*known.records, *known.ids}

    def silence(value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, str) and value in keys:
            return mentions.FORGOTTEN
        if isinstance(value, list):
            return [silence(one) for one in value]
        if isinstance(value, dict):
            return {silence(key): silence(one) for key, one in value.items()}
        return sought.without(value) if isinstance(value, str) else value

    return silence


def _silence(connection: sa.Connection, held: Held, silence: _Silence, known: Traces) -> None:
    """Take the person out of the texts of other people's rows."""
    columns = dict.fromkeys((*held.blanks, *held.texts, *held.docs, *held.pairs))
    if not columns:
        return
    table, keys = held.table, held.table.primary_key.columns
    query = sa.select(*keys, *(table.c[name] for name in columns))
    some = sa.or_(*(table.c[name].is_not(None) for name in columns))
    for row in connection.execute(query.where(some)).mappings().all():
        here = sa.and_(*(key == row[key.name] for key in keys))
        if any(row[name] and _names_record(row[name], known) for name in held.pairs):
            connection.execute(sa.delete(table).where(here))
            continue
        changes: dict[str, str | None] = {name: silence(row[name]) for name in held.texts if row[name]}
        changes |= {name: _silent_json(row[name], silence, held) for name in held.docs if row[name]}
        changes |= {name: None for name in held.blanks if row[name] and silence(row[name]) != row[name]}
        changes = {name: text for name, text in changes.items() if text != row[name]}
        # Two names may have become the same.
        changes |= {
            name: f"{text} {row[keys[0].name]}" for name, text in changes.items() if table.c[name].unique
        }
        if changes:
            connection.execute(sa.update(table).where(here).values(changes))


def _silent_json(text: str, silence: _Silence, held: Held) -> str:
    value = json.loads(text)
    if held.free is None:
        silent = silence(value)
    else:
        silent = {key: silence(one) if key in held.free else one for key, one in value.items()}
    return text if silent == value else json.dumps(silent, ensure_ascii=False)


def _names_record(text: str, known: Traces) -> bool:
    return any(json.dumps(record) in text for record in (*known.records, *known.ids))


_REVISIONS = (values.PEOPLE, values.CALENDAR, values.JOURNAL)


def _edit_values(connection: sa.Connection, silence: _Silence, known: Traces) -> None:
    """Drop from every stored value the entries about the person."""
    table = schema.meta
    for key, text in connection.execute(sa.select(table.c.key, table.c.value)).all():
        try:
            value = json.loads(text)
        except ValueError:
            continue
        kept = _without_entries(value, silence, {*known.records, *known.ids, *known.emails})
        if kept != value:
            values.put(connection, key, json.dumps(kept, ensure_ascii=False))
    for key in _REVISIONS:
        values.count_up(connection, key)
    values.put(connection, values.NAMED, "{}")


def _without_entries(value: Any, silence: _Silence, theirs: Collection[str]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return [one for one in value if not _mentions(one, silence, theirs)]
    if isinstance(value, dict):
        return {key: one for key, one in value.items() if not _mentions([key, one], silence, theirs)}
    return value


def _mentions(value: Any, silence: _Silence, theirs: Collection[str]) -> bool:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return any(_mentions(one, silence, theirs) for one in value)
    if isinstance(value, dict):
        return _mentions([*value, *value.values()], silence, theirs)
    return isinstance(value, str) and (value in theirs or silence(value) != value)
