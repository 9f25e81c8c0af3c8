"""Everything that the store holds of one person, for somebody who asks what is known about them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from people.store.db import schema
from people.store.db.bulk import among
from people.store.one_person import traces
from people.store.one_person.tables import TABLES, Along, Held, of_person
from people.store.one_person.traces import Traces

_NOT_SHOWN = frozenset({"hash", "raw_hash", "resolved", "folded", "anchor", "born", "delivery"})
Row = dict[str, Any]


class Mention(NamedTuple):
    """A text about somebody or something else that names the person, and the row where it stands."""

    table: str
    key: str
    text: str


@dataclass(frozen=True)
class Everything:
    """What leads to the person, their rows by title as JSON, and the texts of other rows that name them."""

    traces: Traces
    rows: dict[str, list[Row]]
    mentions: list[Mention]


def everything(connection: sa.Connection, person: str, region: str) -> Everything:
    """Gather all about ``person``. ``region`` is for telephone numbers without a country."""
    known = traces.of(connection, person, region)
    rows = {held.title: list(_rows(connection, held, known)) for held in TABLES if held.title}
    return Everything(
        known, rows, [mention for held in TABLES for mention in _mentions(connection, held, known)]
    )


def _rows(connection: sa.Connection, held: Held, known: Traces) -> Iterator[Row]:
    table = held.table
    theirs = [*of_person(held, known)]
    theirs += [one for name in held.clears for one in among(table.c[name], sorted(known.emails))]
    if not theirs:
        return
    query = sa.select(table).where(sa.or_(*theirs)).order_by(*table.primary_key.columns)
    for row in connection.execute(query).mappings().all():
        shown = _shown(connection, table, dict(row))
        if held.along:
            shown[held.along.name] = _row_along(connection, held.along, dict(row))
        yield shown


def _row_along(connection: sa.Connection, along: Along, row: Row) -> Row:
    same = (along.table.c[there] == row[here] for here, there in along.columns.items())
    found = connection.execute(sa.select(along.table).where(*same)).mappings().first()
    return _shown(connection, along.table, dict(found)) if found else {}


def _shown(connection: sa.Connection, table: sa.Table, row: Row) -> Row:
    """Return a row as JSON: documents opened, numbers of mails as what they stand for."""
    if table is schema.messages:
        names = {name: row[name] for name in ("source", "folder", "list")}
        row |= {name: _mail_name(connection, number) for name, number in names.items()}
        row["at"] = datetime.fromtimestamp(row["at"], UTC)
    if table is schema.counterparts:
        address = schema.mail_addresses
        found = connection.execute(sa.select(address).where(address.c.id == row["address"])).one()
        row |= {"address": found.email, "name": found.name}
    return {name: _plain(name, value) for name, value in row.items() if name not in _NOT_SHOWN}


def _mail_name(connection: sa.Connection, number: int | None) -> str | None:
    table = schema.mail_names.c
    found: str | None = connection.scalar(sa.select(table.name).where(table.id == number))
    return found


def _plain(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return json.loads(value) if name in ("doc", "profile", "labels") and value else value


def _mentions(connection: sa.Connection, held: Held, known: Traces) -> Iterator[Mention]:
    """Yield the texts of other people's rows that name the person. Logs of runs repeat what others say."""
    columns = [*held.blanks, *held.texts, *held.docs]
    if not columns or held.table in (schema.runs, schema.sources, schema.people):
        return
    table, sought = held.table, known.sought()
    query = sa.select(table)
    if theirs := [*of_person(held, known)]:
        # A column without a value is neither theirs nor not.
        query = query.where(sa.or_(*theirs).is_not(sa.true()))
    for row in connection.execute(query).mappings():
        key = ":".join(str(row[column.name]) for column in table.primary_key.columns)
        for name in columns:
            value = row[name]
            texts = _texts(json.loads(value)) if name in held.docs and value else [value or ""]
            yield from (Mention(table.name, key, text) for text in texts if sought.is_in(text))


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
