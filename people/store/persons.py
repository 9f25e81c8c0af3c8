"""People as rows: the profile merged from their cards, and what leads to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from people.profile import Profile, merge_profile
from people.store import meta, rows, schema
from people.store.index import by_record, live
from people.store.tables_io import chunks, fetch_in, upsert
from people.text import fold
from people.types import Contact

_contacts, _people = schema.contacts, schema.people


def save_profiles(connection: sa.Connection, ids: Collection[str], region: str) -> None:
    """Merge the cards of each person anew; a person without cards stays, and is not active."""
    cards: dict[str, list[Contact]] = {}
    query = sa.select(_contacts.c.person_id, _contacts.c.doc).where(live(), _contacts.c.kind == "person")
    for row in fetch_in(connection, query, _contacts.c.person_id, sorted(ids)):
        cards.setdefault(row.person_id, []).append(rows.contact_of(row))
    run = int(meta.get(connection, "identity_runs") or 0) + 1
    meta.put(connection, "identity_runs", str(run))
    births = {
        row.id: row.born
        for row in fetch_in(connection, sa.select(_people.c.id, _people.c.born), _people.c.id, sorted(ids))
    }
    merged = {person: merge_profile(found, region) for person, found in sorted(cards.items())}
    upsert(
        connection,
        _people,
        [_person_row(person, profile, births.get(person, run)) for person, profile in merged.items()],
    )
    for batch in chunks(sorted(set(ids) - cards.keys())):
        connection.execute(sa.update(_people).where(_people.c.id.in_(batch)).values(active=False))
    _save_handles(connection, ids, cards, merged)


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


def _save_handles(
    connection: sa.Connection,
    ids: Collection[str],
    cards: Mapping[str, Iterable[Contact]],
    merged: Mapping[str, Profile],
) -> None:
    """Renew the tables that lead from an e-mail or a name to a person."""
    emails, names = schema.person_emails, schema.person_names
    for batch in chunks(sorted(ids)):
        connection.execute(sa.delete(emails).where(emails.c.person_id.in_(batch)))
        connection.execute(sa.delete(names).where(names.c.person_id.in_(batch)))
    for batch in chunks(merged):
        found = [{"email": e, "person_id": person} for person in batch for e in merged[person].emails]
        upsert(connection, emails, found)
        said = {
            (fold(text), person)
            for person in batch
            for text in (merged[person].name, *(card.name for card in cards[person]))
            if text
        }
        upsert(connection, names, [{"folded": text, "person_id": person} for text, person in sorted(said)])


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
