"""People as rows: the profile merged from their cards, and what leads to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from people.profile import Profile, merge_profile
from people.store import meta, rows, schema
from people.store.index import by_record, live
from people.store.tables_io import chunks, fetch_in, insert_tuples, upsert
from people.text import fold
from people.types import Contact

_contacts, _people = schema.contacts, schema.people


def save_profiles(connection: sa.Connection, ids: Collection[str] | None, region: str) -> None:
    """Merge the cards of each person anew (None: of everybody); who has no cards stays, and is not active."""
    run = int(meta.get(connection, "identity_runs") or 0) + 1
    meta.put(connection, "identity_runs", str(run))
    births = _births(connection, ids)
    _drop_handles(connection, ids)
    seen: set[str] = set()
    for batch in chunks(_cards(connection, ids), 2000):
        merged = {person: merge_profile(cards, region) for person, cards in batch}
        seen.update(merged)
        people = [_person_row(who, profile, births.get(who, run)) for who, profile in merged.items()]
        upsert(connection, _people, people)
        _save_handles(connection, dict(batch), merged)
    left = births.keys() - seen
    for lost in chunks(sorted(left)):
        connection.execute(sa.update(_people).where(_people.c.id.in_(lost)).values(active=False))


def _births(connection: sa.Connection, ids: Collection[str] | None) -> dict[str, int]:
    """The run in which each of these people was first known."""
    query = sa.select(_people.c.id, _people.c.born)
    found = (
        connection.execute(query) if ids is None else fetch_in(connection, query, _people.c.id, sorted(ids))
    )
    return {row.id: row.born for row in found}


def _cards(connection: sa.Connection, ids: Collection[str] | None) -> Iterator[tuple[str, list[Contact]]]:
    """Each person with the cards, by id."""
    column = _contacts.c.person_id
    query = sa.select(column, _contacts.c.doc).where(live(), _contacts.c.kind == "person").order_by(column)
    if ids is None:
        everybody = query.where(column.is_not(None)).execution_options(yield_per=5000)
        found: Iterable[sa.Row[Any]] = connection.execute(everybody)
    else:
        found = fetch_in(connection, query, column, sorted(ids))
    for person, held in groupby(found, key=lambda row: row.person_id):
        yield person, [rows.contact_of(row) for row in held]


def _person_row(person: str, profile: Profile, born: int) -> dict[str, Any]:
    searchable = [profile.name, profile.organisation, *profile.emails]
    return {
        "id": person,
        "profile": profile.model_dump_json(),
        "name": profile.name,
        "folded": fold(" ".join(text for text in searchable if text)),
        "anchor": profile.origin.get("name"),
        "born": born,
        "active": True,
    }


def _drop_handles(connection: sa.Connection, ids: Collection[str] | None) -> None:
    for table in (schema.person_emails, schema.person_names):
        if ids is None:
            connection.execute(sa.delete(table))
        else:
            for batch in chunks(sorted(ids)):
                connection.execute(sa.delete(table).where(table.c.person_id.in_(batch)))


def _save_handles(
    connection: sa.Connection, cards: Mapping[str, Iterable[Contact]], merged: Mapping[str, Profile]
) -> None:
    """Fill the tables that lead from an e-mail or a name to a person."""
    emails = [(email, person) for person, profile in merged.items() for email in profile.emails]
    insert_tuples(connection, schema.person_emails, emails)
    names = {
        (fold(text), person)
        for person, profile in merged.items()
        for text in (profile.name, *(card.name for card in cards[person]))
        if text
    }
    insert_tuples(connection, schema.person_names, sorted(names))


def records(connection: sa.Connection, ids: Collection[str] | None = None) -> dict[str, list[str]]:
    """The record keys of each person, sorted; of all, or of ``ids``."""
    query = sa.select(_contacts.c.person_id, _contacts.c.source, _contacts.c.source_id).where(live())
    column = _contacts.c.person_id
    found: dict[str, list[str]] = {}
    picked = (
        connection.execute(query.where(column.is_not(None)))
        if ids is None
        else fetch_in(connection, query, column, sorted(ids))
    )
    for row in picked:
        found.setdefault(row.person_id, []).append(f"{row.source}:{row.source_id}")
    return {person: sorted(keys) for person, keys in found.items()}


def contacts_of(connection: sa.Connection, person: str) -> list[Contact]:
    """The cards of one person, by record key."""
    query = sa.select(_contacts.c.doc).where(live(), _contacts.c.person_id == person)
    found = (rows.contact_of(row) for row in connection.execute(query))
    return sorted(found, key=lambda contact: contact.record)


def contacts_by_record(connection: sa.Connection, keys: Iterable[str]) -> dict[str, Contact]:
    """The cards with these record keys."""
    found = by_record(connection, sa.select(_contacts.c.doc), keys)
    return {contact.record: contact for row in found if (contact := rows.contact_of(row))}


def origins(connection: sa.Connection, ids: Collection[str]) -> dict[str, dict[str, str]]:
    """For each person the card that each field of the profile came from."""
    query = sa.select(_people.c.id, _people.c.profile)
    return {
        row.id: Profile.model_validate_json(row.profile).origin
        for row in fetch_in(connection, query, _people.c.id, sorted(ids))
    }


def name_of(connection: sa.Connection, person: str) -> str:
    """The person's name, or the id where no card gives one."""
    found: str | None = connection.scalar(sa.select(_people.c.name).where(_people.c.id == person))
    return found or person
