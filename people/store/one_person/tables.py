"""THE list of tables with people in them: how a row is one person's, and which texts may name them.

To add a table, write one row here. Forgetting a person and the export of all that is known of them follow
it, and a test finds a table that is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import sqlalchemy as sa

from people.store.db import schema
from people.store.db.bulk import among, record_id, rows_of
from people.store.one_person.traces import Traces


class Parent(NamedTuple):
    """A row belongs to a person if the row of ``table`` does whose ``key`` is in ``column``."""

    column: str
    table: sa.Table
    key: str


class Along(NamedTuple):
    """The row of ``table`` that a row goes with, shown as ``name``: its columns, by those of this row."""

    name: str
    table: sa.Table
    columns: Mapping[str, str]


class Held(NamedTuple):
    """What a table holds of people.

    ``title`` names it in the export of a person; a table without one repeats what others say. A row goes
    ``along`` with another one, such as a guest with the meeting.

    A row is a person's if one of ``ids`` is their id, one of ``records`` the key of one of their records
    (``source:source_id``), one of ``emails`` their address, if it is one of their records itself
    (``is_record``), if its ``parent`` is theirs, or if it has ``children`` and all are theirs. Their rows
    are deleted. In the rows of others, ``clears`` are addresses and ``blanks`` names that are emptied,
    ``texts`` and ``docs`` (JSON; ``free`` names the keys that count, None: all) lose what names the person,
    and a row whose ``pairs`` (JSON) names one of their records is deleted.
    """

    table: sa.Table
    title: str = ""
    ids: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    is_record: bool = False
    parent: Parent | None = None
    children: Parent | None = None
    clears: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()
    free: frozenset[str] | None = None
    pairs: tuple[str, ...] = ()
    along: Along | None = None


_FREE = frozenset({"note", "related", "custom", "extra", "needs", "offers"})
"""Fields of other people's cards that may name the person. Their firm and labels are their own."""

TABLES = (
    Held(schema.contact_keys, is_record=True),
    Held(schema.contacts, "records", is_record=True, docs=("doc",), free=_FREE),
    Held(
        schema.attendees,
        "meetings",
        emails=("email",),
        blanks=("name",),
        along=Along("meeting", schema.meetings, {"source": "source", "source_id": "source_id"}),
    ),
    Held(
        schema.meetings,
        "organised",
        clears=("organizer",),
        texts=("title", "description", "location"),
        docs=("labels",),
    ),
    Held(
        schema.journal,
        "journal",
        ids=("person_id", "other_id"),
        is_record=True,
        texts=("note", "outcome", "grp"),
    ),
    Held(schema.people, "profiles", ids=("id",), docs=("profile",), free=_FREE),
    Held(schema.person_aliases, ids=("alias", "person_id")),
    Held(schema.person_emails, ids=("person_id",)),
    Held(schema.person_names, ids=("person_id",)),
    Held(schema.identity_events, "identity", ids=("person_id",), docs=("doc",), pairs=("doc",)),
    Held(schema.open_pairs, "possible_duplicates", records=("a", "b"), docs=("doc",)),
    Held(
        schema.follow_ups,
        "follow_ups",
        ids=("person_id",),
        records=("record",),
        texts=("title",),
        docs=("doc",),
    ),
    Held(schema.runs, docs=("doc",)),
    Held(schema.messages, children=Parent("id", schema.counterparts, "message"), texts=("subject",)),
    Held(
        schema.counterparts,
        "mail",
        parent=Parent("address", schema.mail_addresses, "id"),
        along=Along("message", schema.messages, {"message": "id"}),
    ),
    Held(schema.mail_addresses, emails=("email",), blanks=("name",)),
    Held(schema.mail_names, texts=("name",)),
    Held(schema.sources, texts=("error", "help"), docs=("problems",), blanks=("cursor",)),
)
"""What is found through another table stands before it."""

WITHOUT_PEOPLE = (schema.forgotten, schema.dismissed_threads)
"""Tables that name nobody."""

BY_HAND = (schema.kept_frames, schema.meta)
"""Tables that ``forgetting`` empties or edits with code of its own."""


def of_person(held: Held, known: Traces) -> Iterator[sa.ColumnElement[bool]]:
    """Yield conditions that together pick the person's rows of a table."""
    column = held.table.c
    for name in held.ids:
        yield from among(column[name], known.ids)
    for name in held.records:
        yield from among(column[name], sorted(known.records))
    for name in held.emails:
        yield from among(column[name], sorted(known.emails))
    if held.is_record:
        yield from rows_of(held.table, map(record_id, sorted(known.records)))
    if held.parent:
        keys = sa.select(held.parent.table.c[held.parent.key])
        for theirs in of_person(_of(held.parent.table), known):
            yield column[held.parent.column].in_(keys.where(theirs))
    if held.children:
        child, own = held.children.table.c[held.children.key], column[held.children.column]
        # An empty OR is False: with no addresses there are no children.
        theirs = sa.or_(sa.false(), *of_person(_of(held.children.table), known))
        yield own.in_(sa.select(child).where(theirs)) & ~sa.exists().where((child == own) & ~theirs)


def _of(table: sa.Table) -> Held:
    return next(one for one in TABLES if one.table is table)
