"""Resolve all records of the store: for a first import, or if most records changed."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from itertools import chain

import sqlalchemy as sa

from people.identity.overrides import Overrides, RecordPair
from people.identity.resolve import resolve
from people.identity.result import Resolution
from people.parallel import Pool, in_chunks
from people.store.db import schema
from people.store.resolving.card_work import records_of, unpacked
from people.store.resolving.index import live, save_keys

_contacts, _people, _aliases = schema.contacts, schema.people, schema.person_aliases


def resolve_all(
    connection: sa.Connection,
    region: str,
    decisions: Overrides,
    released: Collection[RecordPair],
    pool: Pool | None,
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
    return resolve(
        records,
        people={f"{row.source}:{row.source_id}": row.person_id for row in before},
        aliases=_ids_in_use(connection),
        born={row.id: row.born for row in connection.execute(sa.select(_people.c.id, _people.c.born))},
        overrides=decisions,
        released=released,
    )


def _ids_in_use(connection: sa.Connection) -> dict[str, str]:
    """Map each id that was ever given to itself, or to the id that it was merged into."""
    found = {person: person for person in connection.scalars(sa.select(_people.c.id))}
    merged = connection.execute(sa.select(_aliases.c.alias, _aliases.c.person_id))
    return found | {row.alias: row.person_id for row in merged}
