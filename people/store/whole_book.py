"""Identity over everything the store holds: for a first import, and when most of it changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import sqlalchemy as sa

from people.identity.overrides import Overrides, RecordPair
from people.identity.record import Record, record_from_contact
from people.identity.resolve import resolve
from people.identity.result import Resolution
from people.memory import no_cycle_search
from people.store import rows, schema
from people.store.index import live, save_keys

_contacts, _people, _aliases = schema.contacts, schema.people, schema.person_aliases


def resolve_all(
    connection: sa.Connection, region: str, decisions: Overrides, released: Collection[RecordPair]
) -> Resolution:
    """Read all records, renew their block keys, and resolve them; nothing else is written."""
    with no_cycle_search():
        records = list(_records(connection, region))
        connection.execute(sa.delete(schema.contact_keys))
        save_keys(connection, records)
        query = sa.select(_contacts.c.source, _contacts.c.source_id, _contacts.c.person_id)
        before = connection.execute(query.where(_contacts.c.person_id.is_not(None)))
        return resolve(
            records,
            people={f"{row.source}:{row.source_id}": row.person_id for row in before},
            aliases=_ids_in_use(connection),
            born={row.id: row.born for row in connection.execute(sa.select(_people.c.id, _people.c.born))},
            overrides=decisions,
            released=released,
        )


def _records(connection: sa.Connection, region: str) -> Iterator[Record]:
    query = sa.select(_contacts.c.doc).where(live()).execution_options(yield_per=5000)
    for row in connection.execute(query):
        yield record_from_contact(rows.contact_of(row), region)


def _ids_in_use(connection: sa.Connection) -> dict[str, str]:
    """What each id that was ever given stands for: itself, or the one that it was merged into."""
    found = {person: person for person in connection.scalars(sa.select(_people.c.id))}
    merged = connection.execute(sa.select(_aliases.c.alias, _aliases.c.person_id))
    return found | {row.alias: row.person_id for row in merged}
