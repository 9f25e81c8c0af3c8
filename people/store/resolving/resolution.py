"""Resolve the records that changed, and update everything that depends on people."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from people.identity.card_work import records_of, unpacked
from people.identity.keys import keys_of
from people.identity.overrides import Overrides, RecordPair
from people.identity.resolve import resolve, resolve_changes
from people.identity.result import Resolution
from people.identity.weighing.weights import VERSION
from people.parallel import Pool, in_chunks
from people.store import follow_ups, wanted
from people.store.db import schema
from people.store.db import values as meta
from people.store.db.bulk import among, count, execute_many, record_id, rows_of, update_each, upsert
from people.store.db.database import Store
from people.store.ingest.forgotten import Forgotten
from people.store.resolving import bulk, persons
from people.store.resolving.decisions import worth_asking
from people.store.resolving.index import StoreIndex, by_record, live, save_keys
from people.types import Problem

_contacts = schema.contacts
_GONE = "gone"
_MANY = 500
_VERSION = "identity_version"


def resolve_store(
    store: Store,
    *,
    region: str,
    overrides: Path,
    now: datetime,
    today: date | None = None,
    pool: Pool | None = None,
    in_bulk: bool = True,
) -> dict[str, Any]:
    """Resolve the records that changed since the last time, in one transaction.

    ``region`` is for phone numbers without a country, ``overrides`` the file of the user's decisions,
    ``today`` the day of ``now`` in the user's zone (None: in UTC). With ``in_bulk``, people whose name nobody
    else has are merged, unless the user took that back (see ``bulk``).
    Returns ``total`` (active people), ``merged`` (people with more than one card), ``to_review``
    (open pairs) and ``problems`` (of the decisions file).
    """
    decisions, problems = Overrides.load(overrides)
    with store.begin() as connection:
        decisions = _of_those_known(connection, decisions)
        reconsidered, released = _changed_decisions(connection, decisions)
        in_bulk = in_bulk and not bulk.is_undone(connection)
        upgraded = (meta.get(connection, _VERSION) or f"{VERSION}").split()[0] != f"{VERSION}"
        dirty = _dirty(connection, in_bulk=in_bulk)
        if dirty or reconsidered:
            if _is_most(connection, dirty):
                outcome = _resolve_all(connection, region, decisions, released, pool, in_bulk=in_bulk)
                everybody = None
            else:
                index = StoreIndex(connection, region)
                before = _renew_keys(connection, index, dirty | reconsidered)
                outcome = resolve_changes(before, index, decisions, released, bulk=in_bulk)
                earlier = index.people_of(outcome.touched)
                everybody = {*outcome.people.values(), *earlier.values(), *outcome.aliases}
            problems = [*problems, *outcome.problems]
            if upgraded and outcome.events:
                problems.append(_judged_again(outcome))
            _assign(connection, outcome)
            _save_aliases(connection, outcome.aliases)
            _save_events(connection, outcome, now)
            _replace_pairs(connection, outcome)
            persons.save_profiles(connection, everybody, region, pool, today or now.date())
            follow_ups.move(connection, outcome.people, outcome.aliases)
            wanted.move(connection, outcome.aliases)
            _mark_resolved(connection, dirty)
            meta.count_up(connection, meta.PEOPLE)
        meta.put(connection, "decisions", json.dumps(sorted(_decisions(decisions))))
        return {**_totals(connection), "problems": problems}


def _of_those_known(connection: sa.Connection, decisions: Overrides) -> Overrides:
    """Return the decisions without those on forgotten records, whose keys may name somebody."""
    forgotten = Forgotten.load(connection)
    if not forgotten.hashes:
        return decisions

    def kept(pairs: Mapping[RecordPair, int]) -> dict[RecordPair, int]:
        gone = {pair for pair in pairs for record in pair if forgotten.knows(f"record:{record}")}
        return {pair: line for pair, line in pairs.items() if pair not in gone}

    return replace(decisions, never=kept(decisions.never), always=kept(decisions.always))


def _resolve_all(
    connection: sa.Connection,
    region: str,
    decisions: Overrides,
    released: Collection[RecordPair],
    pool: Pool | None,
    *,
    in_bulk: bool,
) -> Resolution:
    """Read all records, replace their block keys, and resolve them. Nothing else is written."""
    docs = connection.scalars(sa.select(_contacts.c.doc).where(live())).all()
    packed = list(chain.from_iterable(in_chunks(partial(records_of, region=region), docs, pool)))
    del docs
    records = [unpacked(fields) for fields, _ in packed]
    connection.execute(sa.delete(schema.contact_keys))
    keyed = zip(records, packed, strict=True)
    save_keys(connection, ((record.key, keys) for record, (_, keys) in keyed))
    del packed
    query = sa.select(_contacts.c.source, _contacts.c.source_id, _contacts.c.person_id)
    before = connection.execute(query.where(_contacts.c.person_id.is_not(None)))
    ids = sa.select(schema.people.c.id, schema.people.c.born)
    born = {row.id: row.born for row in connection.execute(ids)}
    return resolve(
        records,
        people={f"{row.source}:{row.source_id}": row.person_id for row in before},
        # Each id that was ever given leads to itself, or to the id that it was merged into.
        aliases={**dict(zip(born, born, strict=True)), **persons.surviving(connection)},
        born=born,
        overrides=decisions,
        released=released,
        bulk=in_bulk,
    )


def _is_most(connection: sa.Connection, dirty: Collection[str]) -> bool:
    """Whether this many records changed that reading all of them is quicker than looking each one up.

    Both ways decide alike. Looking up a record costs some ten times as much as reading it among all
    the others (``benchmarks/identity_saved.py``).
    """
    return len(dirty) >= _MANY and len(dirty) * 10 > count(connection, _contacts, live())


def _dirty(connection: sa.Connection, *, in_bulk: bool) -> set[str]:
    """Return the keys of records that were added, edited, deleted or rejected since they were resolved."""
    version = f"{VERSION}" if in_bulk else f"{VERSION} without bulk"
    if meta.get(connection, _VERSION) != version:
        # Other weights: everything is judged afresh.
        connection.execute(sa.update(_contacts).values(resolved=None))
        meta.put(connection, _VERSION, version)
    query = sa.select(_contacts.c.source, _contacts.c.source_id).where(_is_dirty())
    return {f"{row.source}:{row.source_id}" for row in connection.execute(query)}


def _judged_again(outcome: Resolution) -> Problem:
    """What other weights changed, told once."""
    merged = len({event.person for event in outcome.events if event.kind != "split"})
    parted = sum(event.kind == "split" for event in outcome.events)
    told = [_people(merged, "merged"), _people(parted, "parted")]
    return Problem(
        where="identity",
        message=f"the cards were judged again by better rules: {', and '.join(told)}",
        help="your decisions hold; see touchbase identity bulk, and touchbase identity history WHO",
    )


def _people(count: int, done: str) -> str:
    return f"{count} people were {done}" if count > 1 else f"{'one person' if count else 'nobody'} was {done}"


def _is_dirty() -> sa.ColumnElement[bool]:
    column = _contacts.c.resolved
    changed = live() & sa.or_(column.is_(None), column != _contacts.c.hash)
    return changed | (~live() & column.is_not(None) & (column != _GONE))


def _renew_keys(
    connection: sa.Connection, index: StoreIndex, records: Collection[str]
) -> dict[str, list[str]]:
    """Update the block keys of ``records``; return the keys that they had before."""
    table = schema.contact_keys
    before: dict[str, list[str]] = {record: [] for record in records}
    for theirs in rows_of(table, map(record_id, records)):
        for row in connection.execute(sa.select(table).where(theirs)):
            before[f"{row.source}:{row.source_id}"].append(row.key)
        connection.execute(sa.delete(table).where(theirs))
    save_keys(connection, ((key, keys_of(record)) for key, record in index.records(records).items()))
    return before


def _save_events(connection: sa.Connection, outcome: Resolution, now: datetime) -> None:
    rows = [
        {
            "at": now,
            "person_id": event.person,
            "kind": event.kind,
            "doc": json.dumps({**event._asdict(), "evidence": outcome.explain(event)}),
        }
        for event in outcome.events
    ]
    if rows:
        execute_many(connection, sa.insert(schema.identity_events), rows)


def _assign(connection: sa.Connection, outcome: Resolution) -> None:
    """Write the person of each record whose person has changed."""
    query = sa.select(_contacts.c.source, _contacts.c.source_id, _contacts.c.person_id)
    if len(outcome.touched) < _MANY:
        found = by_record(connection, query, sorted(outcome.touched))
    else:
        found = connection.execute(query.where(_contacts.c.person_id.is_not(None)))
    before = {f"{row.source}:{row.source_id}": row.person_id for row in found}
    after = {record: outcome.people.get(record) for record in sorted(outcome.touched)}
    changed = {record_id(record): person for record, person in after.items() if person != before.get(record)}
    update_each(connection, _contacts, "person_id", changed)


def _save_aliases(connection: sa.Connection, aliases: Mapping[str, str]) -> None:
    table = schema.person_aliases
    for old, new in aliases.items():
        connection.execute(sa.update(table).where(table.c.person_id == old).values(person_id=new))
    upsert(connection, table, [{"alias": old, "person_id": new} for old, new in aliases.items()])


def _replace_pairs(connection: sa.Connection, outcome: Resolution) -> None:
    table = schema.open_pairs
    touched = sorted(outcome.touched)
    for theirs in (*among(table.c.a, touched), *among(table.c.b, touched)):
        connection.execute(sa.delete(table).where(theirs))
    rows: list[dict[str, Any]] = []
    for pair in outcome.open_pairs:
        row = {"a": pair.a, "b": pair.b, "bits": pair.bits}
        doc = json.dumps({**row, "evidence": outcome.explain(pair), "reason": pair.reason})
        rows.append({**row, "doc": doc})
    upsert(connection, table, rows)


def _mark_resolved(connection: sa.Connection, dirty: Collection[str]) -> None:
    now = sa.case((live(), _contacts.c.hash), else_=_GONE)
    if len(dirty) >= _MANY:
        connection.execute(sa.update(_contacts).where(_is_dirty()).values(resolved=now))
        return
    for theirs in rows_of(_contacts, map(record_id, dirty)):
        connection.execute(sa.update(_contacts).where(theirs).values(resolved=now))


def _changed_decisions(connection: sa.Connection, decisions: Overrides) -> tuple[set[str], list[RecordPair]]:
    """Return the records whose decisions changed since last time, and the ``always`` pairs taken back."""
    stored = json.loads(meta.get(connection, "decisions") or "[]")
    before = {(verdict, one, other) for verdict, one, other in stored}
    after = _decisions(decisions)
    records = {record for _verdict, *both in before ^ after for record in both}
    released = [(one, other) for verdict, one, other in before - after if verdict == "always"]
    return records, released


def _decisions(decisions: Overrides) -> set[tuple[str, str, str]]:
    never = {("never", one, other) for one, other in decisions.never}
    return never | {("always", one, other) for one, other in decisions.always}


def _totals(connection: sa.Connection) -> dict[str, int]:
    cards = sa.select(_contacts.c.person_id).where(
        live(), ~_contacts.c.derived, _contacts.c.kind == "person", _contacts.c.person_id.is_not(None)
    )
    several = cards.group_by(_contacts.c.person_id).having(sa.func.count() > 1).subquery()
    return {
        "total": count(connection, schema.people, schema.people.c.active),
        "merged": count(connection, several),
        "to_review": count(connection, schema.open_pairs, worth_asking(connection)),
    }
