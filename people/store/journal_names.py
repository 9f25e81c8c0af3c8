"""Names in the journal: which person each line means, and what the user said of unclear lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import sqlalchemy as sa

from people.store.db import schema, values
from people.store.db.bulk import count
from people.store.lookup import exactly, nearest
from people.text import one_line
from people.types import Problem

OTHER = "#other"
"""Behind the record key of a journal line, it means the second party."""
_NAMING = 3
"""Increased when this module interprets names differently."""
_MOST_ROWS_FOR_HINTS = 250_000
"""The most rows that a run reads for hints: each hint searches everybody."""


class Unnamed(NamedTuple):
    """A journal line with a person, or a second party, who is not known.

    ``record`` is the line's record key, with ``OTHER`` behind it if the second party is meant. ``who`` is
    the unclear name, and ``text`` the line in short.
    """

    where: str
    record: str
    kind: str
    who: str
    text: str


def unnamed(connection: sa.Connection) -> list[Unnamed]:
    """Return the live lines that name somebody unclear, without those that the user set aside."""
    table = schema.journal.c
    no_other = table.other.is_not(None) & table.other_id.is_(None)
    # A line without a number was written by a machine, which knows many that you do not.
    query = sa.select(schema.journal).where(
        table.gone_at.is_(None), table.line.is_not(None), table.person_id.is_(None) | no_other
    )
    placed = _placed(connection)
    found = []
    for row in connection.execute(query.order_by(table.source, table.line)):
        record = f"{row.source}:{row.source_id}"
        if placed.get(record, "") is not None:
            second = row.person_id is not None
            said = (row.date.isoformat(), row.person, row.kind, row.other, row.note)
            found.append(
                Unnamed(
                    where=f"{row.file or row.source}:{row.line}",
                    record=f"{record}{OTHER if second else ''}",
                    kind=row.kind,
                    who=one_line(row.other if second else row.person),
                    text=one_line(", ".join(filter(None, said))),
                )
            )
    return found


def name_journal(connection: sa.Connection) -> list[Problem]:
    """Link every journal line to the people it names; return a problem for each unclear name.

    If neither the journal nor the people changed since the last call, its answer is reused.
    """
    key = [_NAMING, *(values.get(connection, key) for key in (values.PEOPLE, values.JOURNAL))]
    known = json.loads(values.get(connection, values.NAMED) or "{}")
    if known.get("mark") == key:
        return [Problem.model_validate(problem) for problem in known["problems"]]
    problems = _name(connection)
    answer = {"mark": key, "problems": [problem.model_dump() for problem in problems]}
    values.put(connection, values.NAMED, json.dumps(answer))
    return problems


def place(connection: sa.Connection, record: str, who: str | None) -> None:
    """Remember what the user says of a journal line: its person is ``who``; None sets the line aside.

    ``record`` is the line's record key; with ``OTHER`` behind it, its second party is meant.
    """
    known = _placed(connection) | {record: who}
    values.put(connection, values.PLACED, json.dumps(known))
    values.count_up(connection, values.JOURNAL)


def _placed(connection: sa.Connection) -> dict[str, str | None]:
    found: dict[str, str | None] = json.loads(values.get(connection, values.PLACED) or "{}")
    return found


def set_aside(connection: sa.Connection) -> set[str]:
    """Return the record keys of the lines that the user set aside."""
    return {record for record, who in _placed(connection).items() if who is None}


def _name(connection: sa.Connection) -> list[Problem]:
    table = schema.journal
    live = table.c.gone_at.is_(None)
    query = sa.select(
        table.c.source, table.c.source_id, table.c.person, table.c.other,
        table.c.person_id, table.c.other_id, table.c.file, table.c.line,
    ).where(live).order_by(table.c.source, table.c.line)  # fmt: skip
    lines = connection.execute(query).all()
    placed = _placed(connection)
    texts = {text for line in lines for text in (line.person, line.other) if text}
    known = exactly(connection, texts | {who for who in placed.values() if who})
    people = count(connection, schema.people) or 1
    naming = _Naming(connection, known, hints=max(3, _MOST_ROWS_FOR_HINTS // people))
    for line in lines:
        place = f"{line.file or line.source}:{line.line}"
        record = f"{line.source}:{line.source_id}"
        if placed.get(record, "") is None:
            person = other = None
        else:
            who = placed.get(record) or line.person
            person = naming.only(who, place) if line.line is not None else naming.quietly(who)
            second = placed.get(f"{record}{OTHER}") or line.other
            other = naming.only(second, place) if second else None
        if (person, other) != (line.person_id, line.other_id):
            same = (table.c.source == line.source) & (table.c.source_id == line.source_id)
            connection.execute(sa.update(table).where(same).values(person_id=person, other_id=other))
    return naming.problems


@dataclass
class _Naming:
    """Finds the people that the journal names. An unclear name is a problem; the first few get a hint."""

    connection: sa.Connection
    known: Mapping[str, set[str]]
    hints: int
    problems: list[Problem] = field(default_factory=list)

    def quietly(self, text: str) -> str | None:
        """Return the one person of this name or number; None if it is unclear."""
        ids = self.known.get(text, set())
        return next(iter(ids)) if len(ids) == 1 else None

    def only(self, text: str, place: str) -> str | None:
        """Return the one person of this name; None, with a problem, if it is unclear."""
        ids = self.known.get(text, set())
        if len(ids) == 1:
            return next(iter(ids))
        name = one_line(text)
        if ids:
            choices = ", ".join(sorted(ids))
            unclear = f"'{name}' may mean {len(ids)} people"
            advice = f"write the e-mail address or one of these ids instead: {choices}"
        else:
            found = nearest(self.connection, text, 3) if len(self.problems) < self.hints else []
            near = ", ".join(f"{one_line(c.name)} ({c.id})" for c in found)
            unclear = f"no one matches '{name}'"
            advice = (
                f"did you mean: {near}?" if near else "write the name as on the card, or an e-mail address"
            )
        message = f"{unclear}; the line is kept, but does not count yet"
        self.problems.append(Problem(where=place, message=message, help=advice, kind="journal name"))
        return None
