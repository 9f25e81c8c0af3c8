"""Rows of people: the profile merged from their cards, and the texts that lead to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from functools import partial
from itertools import groupby

import sqlalchemy as sa

from people.identity.card_work import Cards, merge
from people.identity.profile import Profile
from people.parallel import Pool, in_chunks
from people.store.db import schema, values
from people.store.db.bulk import among, fetch_in, insert_tuples, upsert
from people.store.ingest import rows
from people.store.resolving.index import by_record, live
from people.types import Contact, Trust

_contacts, _people = schema.contacts, schema.people


def save_profiles(
    connection: sa.Connection,
    ids: Collection[str] | None,
    region: str,
    pool: Pool | None,
    today: date,
) -> None:
    """Merge the cards of each person again (None: of everybody). People without cards become inactive.

    ``today`` is the day on which people who are new are first seen.
    """
    run = int(values.get(connection, "identity_runs") or 0) + 1
    values.put(connection, "identity_runs", str(run))
    query = sa.select(_people.c.id, _people.c.born, _people.c.first_seen)
    known = fetch_in(connection, query, _people.c.id, _in_order(ids))
    births = {row.id: {"born": row.born, "first_seen": row.first_seen} for row in known}
    birth = {"born": run, "first_seen": today}
    for table in (schema.person_emails, schema.person_names):
        for theirs in among(table.c.person_id, _in_order(ids)):
            connection.execute(sa.delete(table).where(theirs))
    seen: set[str] = set()
    for merged in in_chunks(partial(merge, region=region), list(_cards(connection, ids)), pool):
        people = [{**one.row, **births.get(one.row["id"], birth), "active": True} for one in merged]
        seen.update(row["id"] for row in people)
        upsert(connection, _people, people)
        emails = [(email, one.row["id"]) for one in merged for email in one.emails]
        insert_tuples(connection, schema.person_emails, emails)
        names = [(name, one.row["id"]) for one in merged for name in one.names]
        insert_tuples(connection, schema.person_names, names)
    for lost in among(_people.c.id, sorted(births.keys() - seen)):
        connection.execute(sa.update(_people).where(lost).values(active=False))


def _in_order(ids: Collection[str] | None) -> list[str] | None:
    return None if ids is None else sorted(ids)


def _cards(connection: sa.Connection, ids: Collection[str] | None) -> Iterator[Cards]:
    """Yield each person with their cards, by id."""
    table = _contacts.c
    column = table.person_id
    query = sa.select(column, table.source, table.source_id, table.derived, table.doc)
    query = query.where(live(), table.kind == "person").order_by(column)
    found = fetch_in(connection, query, column, _in_order(ids))
    by_source = rows.trusts(connection)
    for person, held in groupby(found, key=lambda row: row.person_id):
        docs: list[str] = []
        trust: dict[str, Trust] = {}
        for row in held:
            docs.append(row.doc)
            rank = Trust.GUEST_LIST if row.derived else by_source.get(row.source, Trust.OWN)
            if rank != Trust.OWN:
                trust[f"{row.source}:{row.source_id}"] = rank
        yield Cards(person, docs, trust)


def records(connection: sa.Connection, ids: Collection[str] | None = None) -> dict[str, list[str]]:
    """Map each person, or each of ``ids``, to their sorted record keys."""
    query = sa.select(_contacts.c.person_id, _contacts.c.source, _contacts.c.source_id).where(live())
    found: dict[str, list[str]] = {}
    for row in fetch_in(connection, query, _contacts.c.person_id, _in_order(ids)):
        found.setdefault(row.person_id, []).append(f"{row.source}:{row.source_id}")
    return {person: sorted(keys) for person, keys in found.items()}


def with_cards(connection: sa.Connection, ids: Collection[str]) -> set[str]:
    """Return those of ``ids`` who have a card. The others are known from guest lists alone."""
    query = sa.select(_contacts.c.person_id).where(live(), ~_contacts.c.derived).distinct()
    return {row.person_id for row in fetch_in(connection, query, _contacts.c.person_id, sorted(ids))}


def names_of(connection: sa.Connection, ids: Collection[str]) -> dict[str, str]:
    """Map these ids to the names of the people; one without a name has the id instead."""
    query = sa.select(_people.c.id, _people.c.name)
    return {row.id: row.name or row.id for row in fetch_in(connection, query, _people.c.id, sorted(ids))}


def contacts_of(connection: sa.Connection, person: str) -> list[Contact]:
    """Return the cards of one person, by record key."""
    query = sa.select(_contacts.c.doc).where(live(), _contacts.c.person_id == person)
    found = (rows.contact_of(row) for row in connection.execute(query))
    return sorted(found, key=lambda contact: contact.record)


def contacts_by_record(connection: sa.Connection, keys: Iterable[str]) -> dict[str, Contact]:
    """Map these record keys to their cards."""
    found = by_record(connection, sa.select(_contacts.c.doc), keys)
    return {contact.record: contact for row in found if (contact := rows.contact_of(row))}


def origins(connection: sa.Connection, ids: Collection[str]) -> dict[str, dict[str, str]]:
    """Map each person to the card that each field of the profile came from."""
    query = sa.select(_people.c.id, _people.c.profile)
    return {
        row.id: Profile.model_validate_json(row.profile).origin
        for row in fetch_in(connection, query, _people.c.id, sorted(ids))
    }


def ids_of(connection: sa.Connection, person: str) -> list[str]:
    """Return the person's id, and the ids that were merged into it."""
    table = schema.person_aliases.c
    return [person, *connection.scalars(sa.select(table.alias).where(table.person_id == person))]


def surviving(connection: sa.Connection) -> dict[str, str]:
    """Map every id that was merged away to the id that survived."""
    table = schema.person_aliases.c
    return {row.alias: row.person_id for row in connection.execute(sa.select(table.alias, table.person_id))}


def name_of(connection: sa.Connection, person: str) -> str:
    """Return the person's name, or the id if no card gives one."""
    found: str | None = connection.scalar(sa.select(_people.c.name).where(_people.c.id == person))
    return found or person
