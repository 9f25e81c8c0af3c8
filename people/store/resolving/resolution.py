"""Resolve the records that changed, and update everything that depends on people."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from people.identity.keys import keys_of
from people.identity.overrides import Overrides, RecordPair
from people.identity.resolve import resolve_changes
from people.identity.result import Resolution
from people.identity.weighing.weights import VERSION
from people.parallel import Pool
from people.store import follow_ups
from people.store.db import schema
from people.store.db import values as meta
from people.store.db.bulk import chunks, execute_many, fetch_in, upsert
from people.store.db.database import Store
from people.store.resolving import persons
from people.store.resolving.decisions import worth_asking
from people.store.resolving.index import StoreIndex, by_record, live, save_keys
from people.store.resolving.resolve_all import resolve_all

_contacts = schema.contacts
_GONE = "gone"
_MANY = 500


def resolve_store(
    store: Store, *, region: str, overrides: Path, now: datetime, pool: Pool | None = None
) -> dict[str, Any]:
    """Resolve the records that changed since the last time, in one transaction.

    ``region`` is for phone numbers without a country, ``overrides`` the file of the user's decisions.
    Returns ``total`` (active people), ``merged`` (people with more than one card), ``to_review``
    (open pairs) and ``problems`` (of the decisions file).
    """
    decisions, problems = Overrides.load(overrides)
    with store.begin() as connection:
        reconsidered, released = _changed_decisions(connection, decisions)
        dirty = _dirty(connection)
        if dirty or reconsidered:
            if _is_most(connection, dirty):
                outcome = resolve_all(connection, region, decisions, released, pool)
                everybody = None
            else:
                index = StoreIndex(connection, region)
                before = _renew_keys(connection, index, dirty | reconsidered)
                outcome = resolve_changes(before, index, decisions, released)
                earlier = index.people_of(outcome.touched)
                everybody = {*outcome.people.values(), *earlier.values(), *outcome.aliases}
            problems = [*problems, *outcome.problems]
            _keep(connection, outcome, now)
            persons.save_profiles(connection, everybody, region, pool)
            follow_ups.move(connection, outcome.people, outcome.aliases)
            _mark_resolved(connection, dirty)
            meta.count_up(connection, meta.PEOPLE)
        _save_decisions(connection, decisions)
        return {**_totals(connection), "problems": problems}


def _is_most(connection: sa.Connection, dirty: Collection[str]) -> bool:
    """Whether so many records changed that reading all of them is quicker than looking each one up.

    Both ways decide alike. Looking up a record costs some ten times as much as reading it among all
    the others (``benchmarks/identity_saved.py``).
    """
    if len(dirty) < _MANY:
        return False
    there = connection.scalar(sa.select(sa.func.count()).select_from(_contacts).where(live())) or 0
    return len(dirty) * 10 > there


def _dirty(connection: sa.Connection) -> set[str]:
    """Return the keys of records that were added, edited, deleted or rejected since they were resolved."""
    if meta.get(connection, "identity_version") != str(VERSION):
        # Other weights: everything is judged afresh.
        connection.execute(sa.update(_contacts).values(resolved=None))
        meta.put(connection, "identity_version", str(VERSION))
    query = sa.select(_contacts.c.source, _contacts.c.source_id).where(_is_dirty())
    return {f"{row.source}:{row.source_id}" for row in connection.execute(query)}


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
    by_source: dict[str, list[str]] = {}
    for record in records:
        source, _, source_id = record.partition(":")
        by_source.setdefault(source, []).append(source_id)
    for source, ids in by_source.items():
        query = sa.select(table.c.source_id, table.c.key).where(table.c.source == source)
        for row in fetch_in(connection, query, table.c.source_id, ids):
            before[f"{source}:{row.source_id}"].append(row.key)
        for batch in chunks(ids):
            connection.execute(sa.delete(table).where(table.c.source == source, table.c.source_id.in_(batch)))
    save_keys(connection, ((key, keys_of(record)) for key, record in index.records(records).items()))
    return before


def _keep(connection: sa.Connection, outcome: Resolution, now: datetime) -> None:
    """Write a resolution: records, ids, aliases, history, open pairs."""
    _assign(connection, outcome)
    _save_aliases(connection, outcome.aliases)
    _save_events(connection, outcome, now)
    _replace_pairs(connection, outcome)


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
    statement = (
        sa.update(_contacts)
        .where(_contacts.c.source == sa.bindparam("s"), _contacts.c.source_id == sa.bindparam("i"))
        .values(person_id=sa.bindparam("p"))
    )
    values = []
    for record in sorted(outcome.touched):
        person = outcome.people.get(record)
        if person != before.get(record):
            source, _, source_id = record.partition(":")
            values.append({"s": source, "i": source_id, "p": person})
    if values:
        execute_many(connection, statement, values)


def _save_aliases(connection: sa.Connection, aliases: Mapping[str, str]) -> None:
    table = schema.person_aliases
    for old, new in aliases.items():
        connection.execute(sa.update(table).where(table.c.person_id == old).values(person_id=new))
    upsert(connection, table, [{"alias": old, "person_id": new} for old, new in aliases.items()])


def _replace_pairs(connection: sa.Connection, outcome: Resolution) -> None:
    table = schema.open_pairs
    for batch in chunks(sorted(outcome.touched)):
        connection.execute(sa.delete(table).where(table.c.a.in_(batch) | table.c.b.in_(batch)))
    rows = []
    for pair in outcome.open_pairs:
        doc = json.dumps(
            {
                "a": pair.a,
                "b": pair.b,
                "bits": pair.bits,
                "evidence": outcome.explain(pair),
                "reason": pair.reason,
            }
        )
        rows.append({"a": pair.a, "b": pair.b, "bits": pair.bits, "doc": doc})
    upsert(connection, table, rows)


def _mark_resolved(connection: sa.Connection, dirty: Collection[str]) -> None:
    now = sa.case((live(), _contacts.c.hash), else_=_GONE)
    if len(dirty) >= _MANY:
        connection.execute(sa.update(_contacts).where(_is_dirty()).values(resolved=now))
        return
    by_source: dict[str, list[str]] = {}
    for record in dirty:
        source, _, source_id = record.partition(":")
        by_source.setdefault(source, []).append(source_id)
    for source, ids in by_source.items():
        for batch in chunks(ids):
            connection.execute(
                sa.update(_contacts)
                .where(_contacts.c.source == source, _contacts.c.source_id.in_(batch))
                .values(resolved=now)
            )


def _changed_decisions(connection: sa.Connection, decisions: Overrides) -> tuple[set[str], list[RecordPair]]:
    """Return the records whose decisions changed since last time, and the ``always`` pairs taken back."""
    stored = json.loads(meta.get(connection, "decisions") or "[]")
    before = {(verdict, one, other) for verdict, one, other in stored}
    after = set(_decisions(decisions))
    records = {record for _verdict, *both in before ^ after for record in both}
    released = [(one, other) for verdict, one, other in before - after if verdict == "always"]
    return records, released


def _save_decisions(connection: sa.Connection, decisions: Overrides) -> None:
    meta.put(connection, "decisions", json.dumps(sorted(_decisions(decisions))))


def _decisions(decisions: Overrides) -> list[tuple[str, str, str]]:
    never = [("never", one, other) for one, other in decisions.never]
    return never + [("always", one, other) for one, other in decisions.always]


def _totals(connection: sa.Connection) -> dict[str, int]:
    active = sa.select(sa.func.count()).select_from(schema.people).where(schema.people.c.active)
    cards = sa.select(_contacts.c.person_id).where(
        live(), ~_contacts.c.derived, _contacts.c.kind == "person", _contacts.c.person_id.is_not(None)
    )
    several = cards.group_by(_contacts.c.person_id).having(sa.func.count() > 1).subquery()
    waiting = sa.select(sa.func.count()).select_from(schema.open_pairs).where(worth_asking(connection))
    return {
        "total": connection.scalar(active) or 0,
        "merged": connection.scalar(sa.select(sa.func.count()).select_from(several)) or 0,
        "to_review": connection.scalar(waiting) or 0,
    }
